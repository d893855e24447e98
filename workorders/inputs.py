"""Reading the inputs of a move from what a form or a JSON body holds, by the types the workflow table names."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid
from personnel.jurisdiction import units_directory
from personnel.models import Unit, User
from workorders import catalogue
from workorders.deadlines import Limit
from workorders.models import Attachment, WorkOrder
from workorders.vocabulary import YEARS

LONGEST_TEXT = 4000


class _Fault(Exception):
    """One input cannot be used."""


def read(move, given: Mapping, *, order: WorkOrder, by, at: datetime) -> dict:
    """The keyword arguments of the move's command. Raises Invalid naming every input at fault, unknown ones too."""
    found, errors = {}, {}
    known = {spec.name for spec in move.inputs}
    for name in given:
        if name not in known:
            errors[name] = [_("This step takes no such input.")]
    for spec in move.inputs:
        value = given.get(spec.name)
        if isinstance(value, str):
            value = value.replace("\x00", "").strip()
        if value is None or value == "" or value == []:
            if spec.required:
                errors[spec.name] = [_("Please fill this in.")]
            continue
        try:
            found[spec.name] = _READERS[spec.type](value, spec, order, by)
        except _Fault as fault:
            errors[spec.name] = [str(fault)]
    if errors:
        raise Invalid("invalid", next(iter(errors.values()))[0] if len(errors) == 1 else None, errors=errors)
    return found


def _text(value, spec, order, by) -> str:
    if not isinstance(value, str):
        raise _Fault(_("This must be text."))
    if len(value) > LONGEST_TEXT:
        raise _Fault(
            _("This may have %(most)d characters; yours has %(count)d. Please shorten it.")
            % {"most": LONGEST_TEXT, "count": len(value)}
        )
    return value


def _bool(value, spec, order, by) -> bool:
    if value in (True, "true", "True", "1", "on", "yes"):
        return True
    if value in (False, "false", "False", "0", "off", "no"):
        return False
    raise _Fault(_("This must be true or false."))


def _choice(value, spec, order, by) -> str:
    if value not in spec.choices:
        raise _Fault(
            _("“%(value)s” is not one of: %(choices)s.")
            % {"value": str(value)[:40], "choices": ", ".join(map(str, spec.choices))}
        )
    return value


def _number_choice(value, spec, order, by) -> int:
    number = None if isinstance(value, (bool, float)) else str(value)
    if number is None or not number.isascii() or not number.isdigit() or len(number) > 3:
        raise _Fault(
            _("“%(value)s” is not one of: %(choices)s.")
            % {"value": str(value)[:40], "choices": ", ".join(map(str, spec.choices))}
        )
    return _choice(int(number), spec, order, by)


def _category(value, spec, order, by):
    category = catalogue.find(value) if isinstance(value, str) else None
    if category is None or not category.is_active:
        raise _Fault(_("There is no such category. Choose one from the list."))
    if not category.is_minor:
        raise _Fault(_("This is a group of categories. Choose one inside it."))
    return category


def _unit(value, spec, order, by) -> Unit:
    known = units_directory().by_code
    if isinstance(value, str) and value not in known:  # it may have been opened a moment ago
        known = units_directory(force=True).by_code
    unit = known[value].as_model() if isinstance(value, str) and value in known else None
    if unit is None:
        raise _Fault(_("There is no unit with the code “%(code)s”.") % {"code": str(value)[:40]})
    return unit


def _units(value, spec, order, by) -> list[Unit]:
    codes = value if isinstance(value, (list, tuple)) else [value]
    return [
        _unit(code, spec, order, by)
        for code in dict.fromkeys(code if isinstance(code, str) else str(code) for code in codes)
        if code
    ]


def _officer(value, spec, order, by) -> User:
    text = "" if isinstance(value, (bool, float)) else str(value)
    user = (
        User.objects.filter(pk=int(text), is_active=True).first()
        if text.isascii() and text.isdigit() and len(text) < 19
        else None
    )
    if user is None:
        raise _Fault(_("There is no such person."))
    return user


def _order(value, spec, order, by) -> WorkOrder:
    found = (
        WorkOrder.objects.visible_to(by, on=clock.today()).filter(number=value).first()
        if isinstance(value, str)
        else None
    )
    if found is None:
        raise _Fault(_("You see no order with the number “%(number)s”.") % {"number": str(value)[:40]})
    return found


def _datetime(value, spec, order, by) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise _Fault(_("Write date and time as 2026-11-21T09:30:00+08:00."))
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.ZONE)


def _date(value, spec, order, by) -> date:
    try:
        day = value if isinstance(value, date) else parse_date(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None:
        raise _Fault(_("Write the date as 2026-11-21."))
    return day


def _limit(value, spec, order, by) -> Limit:
    try:
        return Limit.from_json(value) if isinstance(value, Mapping) else Limit.parse(value)
    except (Invalid, KeyError, ValueError, TypeError):
        raise _Fault(_("Write a number and a unit, for example 4wh.")) from None


def _point(value, spec, order, by) -> dict:
    if isinstance(value, str):
        pieces = value.split(",")
        value = {"lon": pieces[0], "lat": pieces[1]} if len(pieces) == 2 else None
    try:
        point = {name: float(value[name]) for name in ("lon", "lat")}
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _Fault(_("A place has lon and lat.")) from None
    if not (-180 <= point["lon"] <= 180 and -90 <= point["lat"] <= 90):
        raise _Fault(_("Longitude lies between -180 and 180, latitude between -90 and 90."))
    return point


def _attachments(value, spec, order, by) -> list[Attachment]:
    values = value if isinstance(value, (list, tuple)) else [value]
    ids = [
        int(item)
        for item in values
        if not isinstance(item, (bool, float)) and str(item).isascii() and str(item).isdigit() and len(str(item)) < 19
    ]
    found = list(Attachment.objects.filter(order=order, pk__in=ids))
    if len(ids) != len(values) or len(found) != len(set(ids)):
        raise _Fault(_("A photo named here does not belong to this order. Attach it first."))
    return found


def _attachment(value, spec, order, by) -> Attachment:
    return _attachments([value], spec, order, by)[0]


_READERS = {
    "text": _text,
    "bool": _bool,
    "choice": _choice,
    "number_choice": _number_choice,
    "category": _category,
    "unit": _unit,
    "units": _units,
    "officer": _officer,
    "order": _order,
    "datetime": _datetime,
    "date": _date,
    "limit": _limit,
    "point": _point,
    "attachments": _attachments,
    "attachment": _attachment,
}
