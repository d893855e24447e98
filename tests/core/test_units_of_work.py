"""A command happens wholly or not at all, alone or inside another."""

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from core import clock
from core.models import Pulse
from core.transactions import command, current, unit_of_work


def put(name):
    Pulse.objects.create(name=name, at=clock.now())


def names():
    return sorted(Pulse.objects.values_list("name", flat=True))


@command
def write(name, *, fail=False):
    put(name)
    if fail:
        raise ValueError(name)


@pytest.mark.django_db
def test_refused_command_leaves_nothing_and_the_connection_usable():
    with pytest.raises(ValueError):
        write("a", fail=True)
    assert names() == []


@pytest.mark.django_db
def test_commands_inside_one_another_open_no_savepoint_of_their_own():
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        unit_of_work(),
    ):
        write("a")
        with unit_of_work():
            write("b")
    assert sum("SAVEPOINT" in query["sql"] for query in queries) == 2  # the outermost one, begun and released
    assert names() == ["a", "b"]


@pytest.mark.django_db
def test_failure_of_the_inner_one_undoes_the_outer_one():
    with pytest.raises(ValueError), unit_of_work():
        write("a")
        write("b", fail=True)
    assert names() == []


@pytest.mark.django_db
def test_swallowed_failure_cannot_be_written_over():
    with pytest.raises(TransactionManagementError), unit_of_work():
        put("a")
        try:
            write("b", fail=True)
        except ValueError:
            put("c")
    assert names() == []


@pytest.mark.django_db
def test_own_savepoint_lets_the_rest_go_on():
    with unit_of_work():
        put("a")
        try:
            with transaction.atomic():
                write("b", fail=True)
        except ValueError:
            put("c")
    assert names() == ["a", "c"]


@pytest.mark.django_db
def test_current_unit_is_known_inside_only():
    assert current() is None
    with unit_of_work() as outer:
        with unit_of_work() as inner:
            assert inner is outer is current()
    assert current() is None
    with unit_of_work() as other:
        assert other is not outer


@pytest.mark.django_db(transaction=True)
def test_outermost_one_commits():
    seen = []
    with unit_of_work():
        transaction.on_commit(lambda: seen.append("committed"))
        with unit_of_work():
            write("a")
        assert not seen
    assert seen == ["committed"]
