"""One row of history, judged: the values as our fields hold them, or everything that is wrong with it in words."""

import datetime as dt
import math
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from grids.coordinates import point_to_wgs84
from grids.directory import Place, directory
from personnel.jurisdiction import UnitRef, units_directory
from workorders import catalogue
from workorders.history.mapping import MOMENTS, Mapping
from workorders.history.places import LEVELS, Atlas
from workorders.intake import DESCRIPTION_LENGTH, TITLE_LENGTH, made_title
from workorders.models import Category
from workorders.vocabulary import FINAL, Source, Status, Urgency

S = Status
# What a status says has happened, for orders whose file tells no status.
_FURTHEST = (
    ("closed_at", S.CLOSED),
    ("fed_back_at", S.FED_BACK),
    ("dispatched_at", S.DISPATCHED),
    ("accepted_at", S.FILED),
)
_NEEDS_CATEGORY = frozenset({S.FILED, S.DISPATCHED, S.HANDLING, S.SUSPENDED, S.FED_BACK, S.REVISITING})
_ORDER = ("reported_at", "accepted_at", "dispatched_at", "fed_back_at", "closed_at")
_YES, _NO = ("true", "1", "yes", "y", "是"), ("false", "0", "no", "n", "否")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a row. column: theirs, where the field has one, else our field."""

    line: int
    column: str
    reason: str


@dataclass
class Record:
    """A row that can be brought over."""

    line: int
    external_id: str
    source: str
    status: str
    description: str
    title: str
    place: Place
    category: Category | None = None
    lon: float | None = None
    lat: float | None = None
    address: str = ""
    urgency: str = Urgency.NORMAL.value
    lead: UnitRef | None = None
    satisfaction: int | None = None
    resolved: bool | None = None
    moments: dict[str, dt.datetime] = field(default_factory=dict)


class _Bad(Exception):
    """One value cannot be used."""


class Judge:
    """Judges rows by one map. now: the present, nothing but a due moment lies behind it."""

    def __init__(self, mapping: Mapping, *, now: dt.datetime):
        self.mapping, self.now = mapping, now
        self.atlas = Atlas()

    def read(self, line: int, cells: dict[str, str]) -> tuple[Record | None, list[Fault]]:
        """The row as a record, or what is wrong with it."""
        faults: list[Fault] = []
        found = {}
        for name, reader in _READERS.items():
            text = self.mapping.value(name, cells) or self.mapping.defaults.get(name, "")
            try:
                found[name] = reader(self, text) if text else None
            except _Bad as bad:
                faults.append(self._fault(line, name, str(bad)))
        if not found.get("external_id") and not any(fault.column == self._column("external_id") for fault in faults):
            faults.append(self._fault(line, "external_id", _("The row has no number of its own.")))
        if found.get("lon") is not None and found.get("lat") is not None:
            found["lon"], found["lat"] = point_to_wgs84(found["lon"], found["lat"], self.mapping.coordinates)
        moments = self._moments(line, cells, faults)
        place = self._place(line, cells, found, faults)
        record = None if faults else self._record(line, found, moments, place, faults)
        return (None, faults) if faults else (record, [])

    def _record(self, line, found, moments, place, faults) -> Record | None:
        status = found["status"] or next((s for name, s in _FURTHEST if name in moments), S.REPORTED)
        category = found["category"]
        description = found["description"] or found["title"] or ""
        if not description:
            faults.append(self._fault(line, "description", _("The row says nothing; give [defaults] a description.")))
        if category is None and status in _NEEDS_CATEGORY:
            words = _('An order that is “%(status)s” needs a category; give [values.category] a "*".')
            faults.append(self._fault(line, "category", words % {"status": S(status).label}))
        if "closed_at" in moments and status not in FINAL:
            words = _("It has a closing time, but is “%(status)s”.") % {"status": S(status).label}
            faults.append(self._fault(line, "status", words))
        if found["lead"] is not None and place is not None and found["lead"].area_id not in place.path:
            words = _("%(unit)s is not responsible for this area.") % {"unit": found["lead"].name}
            faults.append(self._fault(line, "lead", words))
        if faults:
            return None
        urgency = found["urgency"] or (category.urgency if category else Urgency.NORMAL.value)
        return Record(
            line=line,
            external_id=found["external_id"],
            source=found["source"] or Source.OTHER.value,
            status=str(status),
            description=description,
            title=found["title"] or made_title(description),
            place=place,
            category=category,
            lon=found["lon"] if found["lat"] is not None else None,
            lat=found["lat"] if found["lon"] is not None else None,
            address=found["address"] or "",
            urgency=str(urgency),
            lead=found["lead"],
            satisfaction=found["satisfaction"],
            resolved=found["resolved"],
            moments=moments,
        )

    def _column(self, name: str) -> str:
        return self.mapping.columns.get(name, name)

    def _fault(self, line: int, name: str, reason: str) -> Fault:
        return Fault(line, self._column(name), reason)

    # -- where

    def _place(self, line, cells, found, faults) -> Place | None:
        """The area the row names, else the grid of its point, else the area of the defaults."""
        named = self.mapping.value("area", cells)
        lon, lat = found.get("lon"), found.get("lat")
        if not {"lon", "lat"} <= found.keys():
            return None  # the point has a fault of its own
        try:
            if named:
                return _area(named)
            if lon is not None and lat is not None:
                place = self.atlas.grid_at(lon, lat)
                if place is not None:
                    return place
                if "area" not in self.mapping.defaults:
                    raise _Bad(_("The point %(lon)s, %(lat)s lies outside all grids.") % {"lon": lon, "lat": lat})
            if "area" in self.mapping.defaults:
                return _area(self.mapping.defaults["area"])
            raise _Bad(_("The row says neither area nor point."))
        except _Bad as bad:
            faults.append(self._fault(line, "area", str(bad)))
            return None

    # -- when

    def _moments(self, line, cells, faults) -> dict[str, dt.datetime]:
        found: dict[str, dt.datetime] = {}
        days: set[str] = set()
        for name in MOMENTS:
            text = self.mapping.value(name, cells) or self.mapping.defaults.get(name, "")
            if not text:
                continue
            try:
                found[name], is_day = self._moment(name, text)
                if is_day:
                    days.add(name)
                if found[name] > self.now and name != "due_at":
                    raise _Bad(_("%(moment)s lies in the future.") % {"moment": text[:40]})
                if not 1949 <= found[name].year <= self.now.year + 50:
                    raise _Bad(_("The year of “%(text)s” cannot be right.") % {"text": text[:40]})
            except _Bad as bad:
                found.pop(name, None)
                faults.append(self._fault(line, name, str(bad)))
        if "reported_at" not in found:
            if not any(fault.column == self._column("reported_at") for fault in faults):
                faults.append(self._fault(line, "reported_at", _("The row does not say when it was reported.")))
            return found
        self._in_order(line, found, days, faults)
        return found

    def _in_order(self, line, found, days, faults) -> None:
        """Times run forwards. A day without an hour is taken as early as the moment before it allows."""
        before = "reported_at"
        for name in _ORDER[1:]:
            if name not in found:
                continue
            if name in days and found[name].date() == found[before].astimezone(self.mapping.zone).date():
                found[name] = max(found[name], found[before])
            if found[name] < found[before]:
                words = _("%(later)s lies before %(earlier)s: the times run backwards.")
                names = {"later": self._column(name), "earlier": self._column(before)}
                faults.append(self._fault(line, name, words % names))
                return
            before = name
        if "due_at" in found and found["due_at"] < found["reported_at"] and "due_at" not in days:
            faults.append(self._fault(line, "due_at", _("It was due before it was reported: the times run backwards.")))

    def _moment(self, name: str, text: str) -> tuple[dt.datetime, bool]:
        """The moment, and whether the file says only the day."""
        pattern = self.mapping.formats.get(name)
        try:
            found = dt.datetime.strptime(text, pattern) if pattern else dt.datetime.fromisoformat(text)  # noqa: DTZ007
        except ValueError:
            like = pattern or "2026-11-21 09:30:00"
            raise _Bad(_("“%(text)s” is not a time like %(like)s.") % {"text": text[:40], "like": like}) from None
        is_day = "%H" not in pattern and "%I" not in pattern if pattern else len(text) <= len("2026-11-21")
        if found.tzinfo is None:
            found = found.replace(tzinfo=self.mapping.zone)
        return found, is_day


def _area(code: str) -> Place:
    place = directory().by_code.get(code)
    if place is None:
        raise _Bad(_("There is no area with the code “%(code)s”.") % {"code": code[:40]})
    if place.level not in LEVELS:
        raise _Bad(_("%(name)s is neither a grid nor a community.") % {"name": place.name})
    return place


def _text(longest: int):
    def read(judge, text: str) -> str:
        text = text.replace("\x00", "").strip()
        if len(text) > longest:
            words = _("This may have %(most)d characters; it has %(count)d.")
            raise _Bad(words % {"most": longest, "count": len(text)})
        return text

    return read


def _choice(choices):
    def read(judge, text: str) -> str:
        if text not in choices.values:
            words = _("“%(value)s” is not one of: %(choices)s.")
            raise _Bad(words % {"value": text[:40], "choices": ", ".join(choices.values)})
        return text

    return read


def _status(judge, text: str) -> str:
    status = _choice(Status)(judge, text)
    if status == S.VERIFYING:
        raise _Bad(_("Who is verifying it is not known here; bring it over as reported."))
    return status


def _category(judge, text: str) -> Category:
    found = catalogue.find(text)
    if found is None:
        raise _Bad(_("There is no category with the code “%(code)s”.") % {"code": text[:40]})
    if not found.is_minor:
        raise _Bad(_("%(code)s is a group of categories; name one inside it.") % {"code": text})
    return found


def _lead(judge, text: str) -> UnitRef:
    unit = units_directory().by_code.get(text)
    if unit is None:
        raise _Bad(_("There is no unit with the code “%(code)s”.") % {"code": text[:40]})
    return unit


def _number(low: float, high: float):
    def read(judge, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            words = _("“%(text)s” is not a number from %(low)s to %(high)s.")
            raise _Bad(words % {"text": text[:40], "low": low, "high": high})
        return number

    return read


def _satisfaction(judge, text: str) -> int:
    if text not in ("1", "2", "3", "4", "5"):
        raise _Bad(_("Satisfaction is a number from 1 to 5, not “%(text)s”.") % {"text": text[:40]})
    return int(text)


def _yes_or_no(judge, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise _Bad(_("“%(text)s” is neither true nor false.") % {"text": text[:40]})


_READERS = {
    "external_id": _text(80),
    "description": _text(DESCRIPTION_LENGTH),
    "title": _text(TITLE_LENGTH),
    "address": _text(200),
    "category": _category,
    "lon": _number(-180, 180),
    "lat": _number(-90, 90),
    "source": _choice(Source),
    "urgency": _choice(Urgency),
    "status": _status,
    "lead": _lead,
    "satisfaction": _satisfaction,
    "resolved": _yes_or_no,
}
