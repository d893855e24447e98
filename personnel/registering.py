"""Accounts for people who get one from their administrator: opened, corrected, closed as if it had never been used."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.errors import Invalid
from core.transactions import command
from personnel.administration import Kind, changes, record
from personnel.models import User

PHONE_LENGTH = 30


def check_account(*, username: str, name: str, phone: str) -> None:
    """Raises Invalid naming the fields that cannot be used; asks nothing of the database."""
    errors: dict[str, list[str]] = {}
    try:
        User(username=username, name=name).clean_fields(
            exclude=[field.name for field in User._meta.fields if field.name not in ("username", "name")]
        )
    except ValidationError as error:
        errors = {field: list(texts) for field, texts in error.message_dict.items()}
    if phone and (len(phone) > PHONE_LENGTH or not phone.isprintable() or sum(map(str.isdigit, phone)) < 3):
        errors["phone"] = [_("“%(phone)s” is no phone number.") % {"phone": phone[:40]}]
    if errors:
        raise Invalid(errors=errors)


@command
def open_account(*, by: User | None, username: str, name: str, phone: str, at: dt.datetime) -> User:
    """A person with an account and no password yet; an administrator sets the first one. Raises Invalid."""
    check_account(username=username, name=name, phone=phone)
    if User.objects.filter(username=username).exists():
        raise Invalid(errors={"username": [_("This account is there already.")]})
    person = User(username=username, name=name, phone=phone)
    person.set_unusable_password()
    person.save()
    record(f"person:{person.pk}", Kind.ADDED, by=by, at=at, data={"username": username})
    return person


@command
def correct_account(person: User, *, by: User | None, name: str, phone: str, at: dt.datetime) -> User:
    """Give a person another name or phone number. Raises Invalid."""
    check_account(username=person.username, name=name, phone=phone)
    found = changes(name=(person.name, name))
    if person.phone != phone:
        found["phone"] = True  # that it changed; the numbers themselves stay out of the events
    person.name, person.phone = name, phone
    person.save(update_fields=["name", "phone"])
    if found:
        record(f"person:{person.pk}", Kind.CHANGED, by=by, at=at, data=found)
    return person


@command
def withdraw_account(person: User, *, by: User | None, at: dt.datetime) -> User:
    """Close an account nobody ever used, so that its log-in name is free again; the person stays in the records."""
    before = person.username
    person.username, person.is_active = f"{before[:120]}.withdrawn{person.pk}", False
    person.save(update_fields=["username", "is_active"])
    record(f"person:{person.pk}", Kind.ENDED, by=by, at=at, data={"username": before})
    return person
