"""Places with a sign of their own inside a grid, and the short codes on the signs.

A code is seven figures and two check digits (ISO/IEC 7064, MOD 97-10: every single wrong figure and every two swapped
ones show). Areas have 12, 15 or 17 figures, so a code of nine is always a place.
"""

import datetime as dt

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.utils.translation import gettext as _

from core.errors import Invalid, NotAllowedNow
from core.transactions import command

from . import tree
from .events import Kind as Happened
from .events import record
from .levels import Level
from .models import Area, Spot

LENGTH = 9
NAME_LENGTH = 60
_MODULUS = 97


def code_of(serial: int) -> str:
    """The code with this serial: 12 → 000001276."""
    return f"{serial:07}{98 - serial * 100 % _MODULUS:02}"


def looks_like_code(text: str) -> bool:
    """Whether somebody meant the code of a place: nine figures, right or mistyped."""
    return len(text) == LENGTH and text.isascii() and text.isdigit()


def is_code(text: str) -> bool:
    """Whether the check digits fit."""
    return looks_like_code(text) and int(text) % _MODULUS == 1


def spoken(code: str) -> str:
    """In groups of three, as it is printed and read out."""
    return " ".join(code[place : place + 3] for place in range(0, len(code), 3))


def find(code: str) -> Spot | None:
    """The place with that code, retired ones included; a mistyped code asks no database."""
    return Spot.objects.select_related("area").filter(code=code).first() if is_code(code) else None


@command
def open_spot(
    area: Area,
    *,
    name: str,
    on: dt.date,
    lon: float | None = None,
    lat: float | None = None,
    by: AbstractBaseUser | None = None,
) -> Spot:
    """A new place with a sign of its own. Raises Invalid (no grid, no name, a name that is taken, half a position)."""
    tree.lock()
    area = Area.objects.get(pk=area.pk)
    name = name.replace("\x00", "").strip()
    if area.level not in (Level.GRID, Level.MICRO) or not area.is_active(on):
        raise Invalid("not_a_grid", _("Signs hang in grids that are in use. Choose one."))
    if not name or len(name) > NAME_LENGTH:
        words = _("Name the spot in 1 to %(most)d characters.") % {"most": NAME_LENGTH}
        raise Invalid("bad_name", words, {"name": [words]})
    if Spot.objects.filter(area=area, name=name, ends=None).exists():
        words = _("The grid already has a spot of this name.")
        raise Invalid("name_taken", words, {"name": [words]})
    if (lon is None) != (lat is None):
        words = _("A position has a longitude and a latitude.")
        raise Invalid("half_position", words, {"lon": [words]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('grids_spot', 'id'))")
        serial = cursor.fetchone()[0]
    spot = Spot.objects.create(pk=serial, code=code_of(serial), area=area, name=name, lon=lon, lat=lat, starts=on)
    record(Happened.SPOT_OPENED, area, by=by, code=spot.code, name=name)
    return spot


@command
def close_spot(spot: Spot, *, on: dt.date, by: AbstractBaseUser | None = None) -> Spot:
    """The sign was taken down; its code leads to the grid from now on. Raises NotAllowedNow."""
    tree.lock()
    spot = Spot.objects.select_related("area").get(pk=spot.pk)
    if spot.ends is not None:
        raise NotAllowedNow("closed_already", _("This spot was given up already."))
    spot.ends = max(on, spot.starts)
    spot.save(update_fields=["ends"])
    record(Happened.SPOT_CLOSED, spot.area, by=by, code=spot.code, name=spot.name)
    return spot


@command
def move_spot(spot: Spot, *, to: Area, by: AbstractBaseUser | None = None) -> Spot:
    """The sign hangs in another grid from now on, its code stays; a name that is taken there gets the old grid's."""
    tree.lock()
    before, spot.area = spot.area, Area.objects.get(pk=to.pk)
    if Spot.objects.filter(area=to, name=spot.name, ends=None).exclude(pk=spot.pk).exists():
        spot.name = f"{before.name} {spot.name}"[:NAME_LENGTH]
    spot.save(update_fields=["area", "name"])
    record(Happened.SPOT_MOVED, spot.area, by=by, code=spot.code, name=spot.name, before=before.code)
    return spot
