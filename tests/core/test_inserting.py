"""New rows by a statement of our own are the rows Django would have written."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy

from core import clock
from core.inserting import insert, insert_all, insert_together
from core.models import IdempotencyKey, Outbox, Pulse

pytestmark = pytest.mark.django_db


def stored(model, pk):
    """The columns as the database holds them, the number left out."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s", [pk])  # noqa: S608
        names = [column.name for column in cursor.description]
        return {name: value for name, value in zip(names, cursor.fetchone(), strict=True) if name != "id"}


def test_a_row_is_the_one_save_writes():
    at = clock.now()
    fields = {"topic": "x", "payload": {"a": [1, None, "姓"]}, "created_at": at, "next_at": at}
    ours, theirs = Outbox(**fields), Outbox(**fields)
    insert(ours)
    theirs.save()
    assert ours.pk and ours.pk != theirs.pk and not ours._state.adding
    assert stored(Outbox, ours.pk) == stored(Outbox, theirs.pk)
    ours.refresh_from_db()
    assert ours.payload == fields["payload"]
    ours.attempts = 3
    ours.save()
    assert Outbox.objects.get(pk=ours.pk).attempts == 3


def test_encrypted_values_stay_encrypted():
    row = IdempotencyKey(key="k", scope="s", request_hash="h", status=200, body="13800000000")
    insert(row)
    assert "138" not in stored(IdempotencyKey, row.pk)["body"]
    assert IdempotencyKey.objects.get(pk=row.pk).body == "13800000000"


def test_a_key_of_ones_own_is_kept():
    insert(Pulse(name="here", at=clock.now()))
    assert Pulse.objects.get().name == "here"


def test_several_rows_are_one_statement(django_assert_num_queries):
    rows = [Outbox(topic=f"t{number}", payload={}) for number in range(5)]
    with django_assert_num_queries(1):
        insert_all(rows)
    assert [Outbox.objects.get(topic=row.topic).pk for row in rows] == [row.pk for row in rows]
    with django_assert_num_queries(0):
        insert_all([])


def test_the_databases_refusals_are_djangos():
    insert(Pulse(name="once", at=clock.now()))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Pulse(name="once", at=clock.now() + dt.timedelta(1)))


def test_rows_of_several_models_are_one_statement(django_assert_num_queries):
    at = clock.now()
    key = IdempotencyKey(key="k", scope="s", request_hash="h", status=200, body="13800000000")
    with django_assert_num_queries(1):
        insert_together([Pulse(name="here", at=at)], [], [key], [Outbox(topic=str(number)) for number in range(2)])
    assert Pulse.objects.get().at == at and IdempotencyKey.objects.get().body == "13800000000"
    assert list(Outbox.objects.values_list("topic", flat=True)) == ["0", "1"]
    with django_assert_num_queries(0):
        insert_together([], ())


def test_of_rows_stored_together_one_refusal_leaves_none():
    insert(Pulse(name="once", at=clock.now()))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_together([Outbox(topic="x")], [Pulse(name="once", at=clock.now())])
    assert not Outbox.objects.exists()


def test_values_that_are_not_plain_go_the_way_of_their_field():
    row = Outbox(topic=gettext_lazy("Report"), created_at="2026-11-22T08:00:00+08:00")
    insert_together([row])
    stored_row = Outbox.objects.get()
    assert stored_row.topic and stored_row.created_at == dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
