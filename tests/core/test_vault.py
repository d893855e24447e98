"""Personal data is unreadable at rest, masked on the way out, and every look at it is noted."""

import datetime as dt
import threading

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import DatabaseError, connection, transaction

from core import clock, vault
from core.errors import Invalid, TooMany
from core.models import RevealLog
from personnel.models import User

PHONE = "13912345678"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*"),
        ("欧阳娜", "欧阳*"),
        ("欧阳", "欧*"),
        ("李", "李*"),
        ("", ""),
        (" 司马 光", "司马*"),
        ("Li Wei", "L*"),
    ],
)
def test_names_keep_the_surname(name, masked):
    assert vault.mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+8613812345678", "+86*******5678"),
        ("09311234567", "093****4567"),
        ("7654321", "*****21"),
        ("110", "*"),
        ("", ""),
    ],
)
def test_phones_lose_their_middle(phone, masked):
    assert vault.mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("number", "detail", "brief"),
    [
        ("11010519491231002X", "110105********002X", "1****************X"),
        ("110105491231002", "110105*****1002", "1*************2"),
        ("E1234567", "E******7", "E******7"),
        ("12", "**", "**"),
        ("", "", ""),
    ],
)
def test_identity_numbers_keep_their_ends(number, detail, brief):
    assert vault.mask_id(number) == detail
    assert vault.mask_id(number, brief=True) == brief


@pytest.mark.django_db
def test_field_reads_back_and_is_unreadable_in_the_table(town):
    User.objects.filter(pk=town.officer.pk).update(phone=PHONE)
    assert User.objects.get(pk=town.officer.pk).phone == PHONE
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM personnel_user WHERE id = %s", [town.officer.pk])
        stored = cursor.fetchone()[0]
    assert PHONE not in stored and len(stored) > 50


@pytest.mark.django_db
def test_encrypted_field_cannot_be_searched(town):
    with pytest.raises(FieldError):
        User.objects.filter(phone=PHONE).exists()
    assert User.objects.filter(phone__isnull=False).exists()


def test_equal_values_have_equal_hashes_under_one_key_only(settings):
    first = vault.keyed_hash(PHONE)
    assert vault.keyed_hash(PHONE) == first and vault.keyed_hash("13912345679") != first
    assert len(first) == 64
    settings.VAULT_KEY = "another key"
    assert vault.keyed_hash(PHONE) != first


def test_key_of_its_own_outlives_the_secret_key(settings):
    settings.VAULT_KEY = vault.root_key()
    token = vault.encrypt(PHONE)
    settings.SECRET_KEY = "x" * 60
    assert vault.decrypt(token) == PHONE


def test_old_key_still_reads_and_new_one_writes(settings):
    settings.VAULT_KEY, old = "first", None
    old = vault.encrypt(PHONE)
    settings.VAULT_KEY, settings.VAULT_KEY_FALLBACKS = "second", ["first"]
    assert vault.decrypt(old) == PHONE
    settings.VAULT_KEY_FALLBACKS = []
    assert vault.decrypt(vault.encrypt(PHONE)) == PHONE
    with pytest.raises(ValueError):
        vault.decrypt(old)


def test_foreign_token_is_refused():
    with pytest.raises(ValueError):
        vault.decrypt(Fernet(Fernet.generate_key()).encrypt(b"x").decode())


def reveal(person, at, **more):
    given = {"kind": "order", "subject_id": 1, "field": "phone", "purpose": "call back", **more}
    return vault.log_reveal(person, at=at, **given)


@pytest.mark.django_db
def test_every_look_is_noted(town):
    at = clock.now()
    row = reveal(town.acceptor, at)
    assert (row.actor, row.subject_kind, row.subject_id, row.field, row.purpose, row.at) == (
        town.acceptor, "order", 1, "phone", "call back", at,
    )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", ["", "   ", "x" * 201])
def test_look_without_a_purpose_is_refused(town, purpose):
    with pytest.raises(Invalid) as refused:
        reveal(town.acceptor, clock.now(), purpose=purpose)
    assert "purpose" in refused.value.errors
    assert not RevealLog.objects.exists()


@pytest.mark.django_db
def test_thirty_an_hour_and_no_more(town):
    at = clock.now()
    for minute in range(vault.REVEALS_PER_HOUR):
        reveal(town.acceptor, at + dt.timedelta(minutes=minute))
    with pytest.raises(TooMany) as refused:
        reveal(town.acceptor, at + dt.timedelta(minutes=59, seconds=59))
    assert refused.value.status == 429
    reveal(town.dispatcher, at + dt.timedelta(minutes=59))
    reveal(town.acceptor, at + dt.timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_looks_side_by_side(town):
    at, results = clock.now(), []
    barrier = threading.Barrier(8)

    def look():
        barrier.wait()
        for _ in range(5):
            try:
                results.append(bool(reveal(town.acceptor, at)))
            except TooMany:
                results.append(False)
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert results.count(True) == vault.REVEALS_PER_HOUR


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_reveallog SET purpose = 'x'",
        "DELETE FROM core_reveallog",
        "TRUNCATE core_reveallog",
    ],
)
def test_log_of_looks_cannot_be_changed(town, statement):
    reveal(town.acceptor, clock.now())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert RevealLog.objects.count() == 1
