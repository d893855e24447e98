"""Copies in memory are never older than promised, and never hold what was not committed."""

import threading

import pytest
from django.db import connection

from core import clock, revisions
from core.models import Pulse
from core.revisions import Cached, bump
from core.transactions import unit_of_work

NAME = "test rows"


@pytest.fixture
def cached(monkeypatch):
    """A copy of all pulses' names that counts its loads."""
    monkeypatch.setattr(revisions, "_registry", {})
    loads = []

    def load():
        loads.append(1)
        return sorted(Pulse.objects.values_list("name", flat=True))

    copy = Cached(NAME, load, ttl=60)
    copy.loads = loads
    return copy


def put(name):
    Pulse.objects.create(name=name, at=clock.now())
    bump(NAME)


def elsewhere(work):
    """Do it in a thread with a connection of its own; returns what it returned."""
    result = []

    def run():
        result.append(work())
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return result[0]


@pytest.mark.django_db
def test_second_look_costs_nothing(cached, django_assert_num_queries):
    assert cached.get() == []
    with django_assert_num_queries(0):
        assert cached.get() == []
    with django_assert_num_queries(1):
        assert cached.get(force=True) == []
    assert len(cached.loads) == 1


@pytest.mark.django_db
def test_own_change_is_seen_at_once_inside_and_after_the_unit_of_work(cached):
    cached.get()
    with unit_of_work():
        put("a")
        assert cached.get() == ["a"] == cached.get()
        put("b")
        assert cached.get() == ["a", "b"]
    assert cached.get() == ["a", "b"]


@pytest.mark.django_db
def test_refused_change_is_forgotten(cached):
    cached.get()
    with pytest.raises(ZeroDivisionError), unit_of_work():
        put("a")
        assert cached.get() == ["a"]
        raise ZeroDivisionError
    assert cached.get() == []


@pytest.mark.django_db
def test_change_outside_a_unit_of_work_is_seen_too(cached):
    cached.get()
    put("a")
    assert cached.get() == ["a"]


@pytest.mark.django_db(transaction=True)
def test_other_threads_see_a_change_after_the_commit_and_not_before(cached):
    assert cached.get() == []
    with unit_of_work():
        put("a")
        assert cached.get() == ["a"]
        assert elsewhere(cached.get) == []
        assert elsewhere(lambda: cached.get(force=True)) == []
    assert elsewhere(cached.get) == ["a"]
    assert cached.get() == ["a"]


@pytest.mark.django_db(transaction=True)
def test_other_process_sees_it_when_it_looks_again(cached):
    other = Cached("other process", cached.loader, ttl=60)
    other.name = NAME  # not registered under the name: as in another process, nobody tells it
    assert other.get() == []
    with unit_of_work():
        put("a")
    assert other.get() == []
    assert other.get(force=True) == ["a"]


@pytest.mark.django_db(transaction=True)
def test_numbers_differ_also_after_a_change_that_was_undone(cached):
    def number():
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM core_revision WHERE name = %s", [NAME])
            return (cursor.fetchone() or (0,))[0]

    seen = [number()]
    for fail in (True, False, True, False):
        try:
            with unit_of_work():
                bump(NAME)
                seen.append(number())
                if fail:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            pass
    assert len(set(seen)) == len(seen)


@pytest.mark.django_db
def test_reset_forgets_everything(cached):
    cached.get()
    revisions.reset_all()
    cached.get()
    assert len(cached.loads) == 2
