"""History is written once, and what is changed behind its back is found. Tried on the events of posts."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from core import clock
from core.events import GENESIS, digest, verify
from personnel.models import Post, PostEvent


def write(post, number, **fields):
    """A chain of so many events for one post."""
    previous, rows = GENESIS, []
    for sequence in range(1, number + 1):
        event = PostEvent(
            post=post,
            kind="appointed",
            at=clock.now(),
            actor_name="王小梅",
            data={"day": dt.date(2026, 3, 1)},
            **fields,
        )
        event.seal(previous, sequence).save()
        previous = event.hash
        rows.append(event)
    return rows


def chain():
    return PostEvent.objects.order_by("post", "sequence")


def problems():
    return [(problem.sequence, problem.what) for problem in verify(chain())]


def tamper(statement, *values):
    """What somebody with the rights of the table's owner could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE personnel_postevent DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE personnel_postevent ENABLE TRIGGER USER")


@pytest.fixture
def post(town):
    return Post.objects.get(person=town.officer)


@pytest.mark.django_db
def test_sound_chains_have_no_problems(town, post, django_assert_num_queries):
    write(post, 3)
    write(Post.objects.get(person=town.chief), 2)
    assert problems() == []


@pytest.mark.django_db
def test_an_event_costs_one_statement(post, django_assert_num_queries):
    with django_assert_num_queries(1):
        write(post, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE personnel_postevent SET actor_name = 'x'",
        "DELETE FROM personnel_postevent",
        "TRUNCATE personnel_postevent",
    ],
)
def test_database_refuses_changes(post, statement):
    write(post, 1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert problems() == [] and PostEvent.objects.count() == 1


@pytest.mark.django_db
def test_code_refuses_changes(post):
    (event,) = write(post, 1)
    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    with pytest.raises(TypeError):
        PostEvent.objects.get().save()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "relieved"),
        ("at", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        ("recorded_at", dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        ("actor_name", "王小海"),
        ("actor_role", "x"),
        ("area_name", "x"),
        ("before", "x"),
        ("after", "x"),
        ("data", '{"day": "2026-03-02"}'),
        ("hash", "0" * 64),
    ],
)
def test_one_changed_field_is_found(post, column, value):
    write(post, 3)
    tamper(f"UPDATE personnel_postevent SET {column} = %s WHERE sequence = 2", value)
    found = problems()
    assert (2, "hash") in found
    assert set(found) <= {(2, "hash"), (3, "link")}


@pytest.mark.django_db
def test_actor_put_on_somebody_else_is_found(town, post):
    write(post, 2, actor=town.admin)
    assert problems() == []
    tamper("UPDATE personnel_postevent SET actor_id = %s WHERE sequence = 2", town.auditor.pk)
    assert problems() == [(2, "hash")]


@pytest.mark.django_db
def test_event_moved_to_another_subject_is_found(town, post):
    write(post, 1)
    tamper("UPDATE personnel_postevent SET post_id = %s", Post.objects.get(person=town.chief).pk)
    assert problems() == [(1, "hash")]


@pytest.mark.django_db
def test_removed_event_is_found(post):
    write(post, 4)
    tamper("DELETE FROM personnel_postevent WHERE sequence = 2")
    assert problems() == [(3, "sequence"), (3, "link")]


@pytest.mark.django_db
def test_rewritten_event_with_a_fitting_hash_breaks_the_link(post):
    write(post, 3)
    forged = PostEvent.objects.get(sequence=2)
    forged.actor_name = "somebody else"
    tamper(
        "UPDATE personnel_postevent SET actor_name = %s, hash = %s WHERE sequence = 2",
        forged.actor_name,
        forged.digest(),
    )
    assert problems() == [(3, "link")]


@pytest.mark.django_db
def test_problem_names_the_day(post):
    write(post, 1)
    tamper("UPDATE personnel_postevent SET kind = 'x', at = '2026-03-05T02:00:00Z'")
    (problem,) = verify(chain())
    assert "2026-03-05" in str(problem) and "hash" in str(problem)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc姓", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(data=st.dictionaries(st.text("abcé", max_size=4), json_values, max_size=4))
def test_any_data_has_the_same_hash_after_a_stay_in_the_database(data):
    before = digest({"data": data})
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb", [PostEvent._meta.get_field("data").get_db_prep_value(data, connection)])
        stored = PostEvent._meta.get_field("data").from_db_value(cursor.fetchone()[0], None, connection)
    assert digest({"data": stored}) == before


def test_hash_depends_on_every_value_and_not_on_their_order():
    at = dt.datetime(2026, 3, 1, 8, tzinfo=clock.ZONE)
    assert digest({"a": 1, "b": at}) == digest({"b": at.astimezone(dt.UTC), "a": 1.0})
    assert digest({"a": 1}) != digest({"a": "1"}) != digest({"a": True})
    assert digest({"a": Decimal("1.50")}) == digest({"a": "1.50"})
    assert digest({"a": None}) == digest({})
    with pytest.raises(TypeError):
        digest({"a": object()})
