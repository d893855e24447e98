"""New rows by a statement of our own are the rows Django would have written."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from core import clock
from core.inserting import insert, insert_all
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
