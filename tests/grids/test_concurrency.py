"""Many at once on a real PostgreSQL, each with a connection of its own."""

import random
import threading

import pytest
from django.db import connection, transaction

from core.errors import DomainError, NotAllowedNow
from grids import commands, tree
from grids.imports import import_grids
from grids.models import Area
from tests import town as cast

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works):
    """Run the works in threads that start at the same moment; raises what any of them raised."""
    start, failures = threading.Barrier(len(works)), []

    def run(work):
        try:
            start.wait(timeout=20)
            work()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if failures:
        raise failures[0]


def test_concurrent_changes_leave_a_sound_tree():
    town = cast.build()
    communities = [town.community, town.community2, town.community3, town.community4]
    streets = [town.street, town.street2, town.street3]

    def work(number):
        def run():
            dice = random.Random(number)
            home = communities[number]
            for serial in range(100, 112):
                commands.create_area(code=f"{home.code}{serial}", name=f"{serial}", parent=home, kind="urban")
                commands.move_area(dice.choice(communities), to=dice.choice(streets))
                if serial % 4 == 0:
                    grids = Area.objects.filter(parent=home, ends=None, code__endswith=str(serial))
                    commands.retire_area(grids.get(), on=town.on)

        return run

    together(*(work(number) for number in range(4)))
    assert tree.check() == []
    assert Area.objects.count() == len(cast.AREAS) + 4 * 12
    assert Area.objects.under(town.city).count() == Area.objects.count()


def test_new_cities_and_imports_beside_moves_leave_a_sound_tree(tmp_path):
    town = cast.build()

    def cities():
        for number in range(10, 22):
            commands.create_area(code=f"11{number}00000000", name=f"{number}", parent=None)

    def moves():
        for number in range(12):
            commands.move_area(town.community, to=(town.street3, town.street)[number % 2])

    def files():
        for number in range(4):
            rows = [
                f"{town.community2.code}{number}{serial:02},新,rural,{town.community2.code}" for serial in range(50, 90)
            ]
            path = tmp_path / f"{number}.csv"
            path.write_text("\n".join(["code,name,kind,parent_code", *rows]), encoding="utf-8")
            assert import_grids(path).created == 40

    together(cities, moves, files)
    assert tree.check() == []
    assert Area.objects.count() == len(cast.AREAS) + 12 + 160


def test_one_code_is_given_once():
    town = cast.build()
    outcomes = []

    def work():
        try:
            commands.create_area(code="620105006001050", name="五十", parent=town.community, kind="urban")
            outcomes.append("made")
        except DomainError as error:
            outcomes.append(error.code)

    together(work, work, work)
    assert sorted(outcomes) == ["code_taken", "code_taken", "made"]


def test_nothing_is_put_under_a_parent_that_closes_meanwhile():
    """One retires the parent while the other puts a child under it: one of them must be refused."""
    town = cast.build()
    outcomes = []

    def retire():
        try:
            commands.retire_area(town.grid3, on=town.on)
            commands.retire_area(town.community2, on=town.on)
            outcomes.append("retired")
        except DomainError as error:
            outcomes.append(error.code)

    def create():
        try:
            commands.create_area(code="620105006002050", name="五十", parent=town.community2, kind="rural")
            outcomes.append("made")
        except DomainError as error:
            outcomes.append(error.code)

    together(retire, create)
    assert sorted(outcomes) in (["children_active", "made"], ["parent_closed", "retired"])


def test_who_waits_too_long_is_told_to_come_back():
    town = cast.build()
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            tree.lock()
            held.set()
            done.wait(timeout=20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(timeout=20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        with pytest.raises(NotAllowedNow) as caught:
            commands.rename_area(town.street, name="新")
        assert caught.value.code == "tree_busy"
    finally:
        done.set()
        thread.join()
        connection.close()
    commands.rename_area(town.street, name="新")
