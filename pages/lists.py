"""Lists of orders for the desk, the inbox, the board and the phone: rows, the filter above, pages by cursor.

shown = fetch(request, WorkOrder.objects.filter(…), url=room.detail, ordering="due_at")
shown.rows, shown.next, shown.previous
"""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core import clock, vault
from grids.directory import Place, directory
from grids.levels import Level
from pages import base, callers, options
from pages.fields import QuickSelect
from personnel.jurisdiction import Standing, units_directory
from workorders import catalogue, reading, searching, workflow
from workorders.models import WorkOrder
from workorders.models.reach import area_condition
from workorders.vocabulary import FINAL, ClockKind, Source, Status, Urgency

SIZE = 30
_LEVELS = (Level.DISTRICT, Level.STREET, Level.COMMUNITY)
MOST_AREAS = 600


@dataclass(frozen=True)
class Row:
    """One order in a list. `place`: community and grid; `flags`: what is unusual about it, in words."""

    number: str
    url: str
    title: str
    status: str
    urgency: str
    card: str
    category: str
    area: str
    place: str
    address: str
    source: str
    lead: str
    lamp: str | None
    due_at: dt.datetime | None
    due_kind: str
    reported_at: dt.datetime
    flags: tuple[str, ...] = ()
    moves: tuple = field(default=())
    id: int = 0
    lon: float | None = None
    lat: float | None = None

    def __getitem__(self, name: str):
        """Templates ask for `row["title"]` before `row.title`; answering at once halves what a long list costs."""
        return getattr(self, name)


@dataclass(frozen=True)
class Listing:
    """A page of rows and the addresses of its neighbours, empty at the ends."""

    rows: list[Row]
    previous: str = ""
    next: str = ""


def lamp_of(row: dict, now: dt.datetime) -> str | None:
    """green, amber, red or paused; None when no clock runs."""
    if row["due_at"] is None:
        return None
    if row["clock_paused"]:
        return "paused"
    if row["due_at"] < now:
        return "red"
    return "amber" if row["amber_at"] and row["amber_at"] <= now else "green"


def row_of(row: dict, *, url: str, now: dt.datetime, moves: tuple = ()) -> Row:
    """What a list shows of one order, from `reading.LIST_FIELDS`; no statement is sent."""
    path = directory().path(row["area_id"])
    lead = units_directory().by_id.get(row["lead_id"])
    return Row(
        number=row["number"],
        url=url,
        title=row["title"],
        status=row["status"],
        urgency=row["urgency"],
        card=row["card"],
        category=catalogue.category(row["category_id"]).label if row["category_id"] else _("No category yet"),
        area=path[-1].name,
        place=" · ".join(place.name for place in path[-2:]),
        address=row["address"],
        source=str(Source(row["source"]).label),
        lead=lead.name if lead else (_("An officer") if row["dispatched_at"] else ""),
        lamp=lamp_of(row, now),
        due_at=row["due_at"],
        due_kind=str(ClockKind(row["due_kind"]).label) if row["due_kind"] else "",
        reported_at=row["reported_at"],
        flags=_flags(row),
        moves=moves,
        id=row["id"],
        lon=row["lon"],
        lat=row["lat"],
    )


def _flags(row: dict) -> tuple[str, ...]:
    found = []
    if row["returns"]:
        found.append(_("Returned ×%(count)d") % {"count": row["returns"]})
    if row["reworks"]:
        found.append(_("Rework ×%(count)d") % {"count": row["reworks"]})
    if row["urges"]:
        found.append(_("Urged ×%(count)d") % {"count": row["urges"]})
    return tuple(found)


# -- pages ---------------------------------------------------------------------------------------------------------


def fetch(
    request: HttpRequest,
    orders: QuerySet,
    *,
    url: Callable[[str], str],
    ordering: str = "-reported_at",
    size: int = SIZE,
    offers: Callable | None = None,
    at: str = "",
) -> Listing:
    """The page of `orders` the address asks for, within the reader's reach.

    url: number → address. offers: order → the moves to show on its row; costs one statement for the page.
    at: the address of the list, when it stands on another page.
    """
    standing, now = base.standing(request), clock.now()
    after, backwards = _cursor(request, ordering)
    page = reading.fetch_page(orders, standing, ordering=ordering, size=size, after=after, backwards=backwards)
    if after is not None and not page.rows:
        after, backwards = None, False
        page = reading.fetch_page(orders, standing, ordering=ordering, size=size)
    whole = _whole(page.rows) if offers else {}
    rows = [
        row_of(row, url=url(row["number"]), now=now, moves=tuple(offers(whole[row["id"]])) if offers else ())
        for row in page.rows
    ]
    has_next = page.has_more if not backwards else True
    has_previous = page.has_more if backwards else after is not None
    return Listing(
        rows=rows,
        next=_address(request, at, "after", page.rows[-1], ordering) if rows and has_next else "",
        previous=_address(request, at, "before", page.rows[0], ordering) if rows and has_previous else "",
    )


def _whole(rows: list[dict]) -> dict[int, WorkOrder]:
    """The full orders of a page that was already restricted to the reader."""
    orders = WorkOrder.objects.select_related("lead").filter(pk__in=[row["id"] for row in rows])
    return {order.pk: order for order in orders}


def _names(ordering: str) -> list[str]:
    return [name.lstrip("-") for name in reading.ORDERINGS[ordering]]


def _address(request: HttpRequest, at: str, direction: str, row: dict, ordering: str) -> str:
    values = [row[name].isoformat() if isinstance(row[name], dt.datetime) else row[name] for name in _names(ordering)]
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    query[direction] = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    return f"{at or request.path}?{query.urlencode()}"


def _cursor(request: HttpRequest, ordering: str) -> tuple[tuple | None, bool]:
    """The sort values the page starts behind, and whether it is read backwards. A spoilt mark means the first page."""
    for direction, backwards in (("after", False), ("before", True)):
        written = request.GET.get(direction)
        if written:
            try:
                values = json.loads(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
                return tuple(_value(name, one) for name, one in zip(_names(ordering), values, strict=True)), backwards
            except (ValueError, TypeError, binascii.Error):
                return None, False
    return None, False


def _value(name: str, written):
    if name in ("id", "urgency_rank"):
        if isinstance(written, bool) or not isinstance(written, int) or not 0 <= written < 2**63:
            raise ValueError(name)
        return written
    if written is None and name == "due_at":
        return None
    moment = dt.datetime.fromisoformat(written)
    clock.local(moment)
    return moment


# -- the filter ----------------------------------------------------------------------------------------------------


class FilterForm(forms.Form):
    """The bar above a list. Whatever is not understood narrows nothing."""

    q = forms.CharField(required=False, max_length=80, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(required=False, widget=QuickSelect)
    category = forms.ChoiceField(required=False, widget=QuickSelect)
    area = forms.ChoiceField(required=False, widget=QuickSelect)
    urgency = forms.ChoiceField(required=False, widget=QuickSelect)
    source = forms.ChoiceField(required=False, widget=QuickSelect)
    overdue = forms.BooleanField(required=False)
    ordering = forms.ChoiceField(required=False, widget=QuickSelect)
    caller = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    def __init__(self, data, *, standing: Standing):
        """caller: a phone number as `callers.sealed` writes it; it finds the orders of whoever has it."""
        super().__init__(data, auto_id="filter_%s")
        self.standing = standing
        labels = {
            "q": _("Number or words"),
            "caller": _("Phone"),
            "status": _("Status"),
            "category": _("Category"),
            "area": _("Area"),
            "urgency": _("Urgency"),
            "source": _("Source"),
            "overdue": _("Overdue only"),
            "ordering": _("Sorted by"),
        }
        for name, label in labels.items():
            self.fields[name].label = label
        anything = [("", _("All"))]
        self.fields["status"].choices = anything + list(Status.choices)
        self.fields["category"].choices = anything + options.categories(with_majors=True)
        self.fields["area"].choices = anything + areas_of(standing)
        self.fields["urgency"].choices = anything + list(Urgency.choices)
        self.fields["source"].choices = anything + list(Source.choices)
        self.fields["ordering"].choices = [
            ("", _("As the view sorts")),
            ("-reported_at", _("Newest first")),
            ("due_at", _("Due first")),
            ("-urgency", _("Most urgent first")),
        ]
        self.is_valid()
        token = self.chosen.get("caller")
        self.phone = callers.opened(token, by=standing.user, at=clock.now()) if token else ""

    @property
    def chosen(self) -> dict:
        """What was entered and understood."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def narrows(self) -> bool:
        """Whether the list is filtered at all."""
        return bool(set(self.chosen) - {"ordering"})

    @property
    def described(self) -> list[str]:
        """What narrows the list, in words: "Area: …"."""
        found = []
        for name, value in self.chosen.items():
            if name == "ordering":
                continue
            field = self.fields[name]
            if name == "caller":
                words = vault.mask_phone(self.phone) or _("search for it again")
            else:
                words = _label_of(field.choices, value) if hasattr(field, "choices") else "" if value is True else value
            found.append(_("%(field)s: %(value)s") % {"field": field.label, "value": words} if words else field.label)
        return found

    def apply(self, orders: QuerySet) -> QuerySet:
        """The orders that match; none behind the sealed number of somebody else, or of yesterday."""
        found = searching.containing(orders.filter(self.condition()), self.chosen.get("q", ""), self.standing)
        if "caller" not in self.chosen:
            return found
        return searching.containing(found, self.phone, self.standing, phones=True) if self.phone else found.none()

    def condition(self) -> Q:
        """What is asked of an order, the words apart."""
        return condition_of(self.chosen)


def condition_of(chosen: dict) -> Q:
    """What a filter that was understood asks of an order, the words apart."""
    found = Q()
    for name in ("status", "urgency", "source"):
        if name in chosen:
            found &= Q(**{name: chosen[name]})
    if "category" in chosen:
        category = catalogue.find(chosen["category"])
        inside = [one.pk for one in catalogue.categories() if category.pk in (one.pk, one.parent_id)]
        found &= Q(category_id__in=inside)
    if "area" in chosen:
        found &= area_condition(directory().by_code[chosen["area"]].id)
    if "overdue" in chosen:
        found &= ~Q(status__in=sorted(FINAL)) & Q(due_at__lt=clock.now(), clock_paused=False)
    return found


def _label_of(choices, value: str) -> str:
    for key, label in choices:
        if isinstance(label, list | tuple):
            found = _label_of(label, value)
            if found:
                return found
        elif key == value:
            return str(label).strip()
    return ""


def tops_of(standing: Standing) -> list:
    """The topmost areas a person works for: those of area posts, else those of units; cities for superusers."""
    known = directory().by_id
    if standing.is_superuser:
        return directory().worked_out("tops", lambda: [one for one in known.values() if one.parent_id is None])
    units = units_directory().by_id
    held = set(standing.area_ids) or {units[pk].area_id for pk in standing.unit_ids if pk in units}
    return [known[pk] for pk in sorted(held) if pk in known and not held.intersection(known[pk].path[:-1])]


def areas_of(standing: Standing) -> list[tuple[str, str]]:
    """The areas a filter offers to a reader."""
    return areas_below(tops_of(standing))


def areas_below(places: Iterable[Place]) -> list[tuple[str, str]]:
    """The districts, streets and communities in these areas, for a filter; fewer levels where they are many."""
    tops, today = frozenset(place.id for place in places), clock.today()
    return directory().worked_out(("areas_below", tops, today), lambda: _areas_below(tops, today))


def _areas_below(tops: frozenset[int], today: dt.date) -> list[tuple[str, str]]:
    found = [
        place
        for place in directory().by_id.values()
        if place.level in _LEVELS and place.is_active(today) and not tops.isdisjoint(place.path)
    ]
    for level in reversed(_LEVELS):
        if len(found) <= MOST_AREAS:
            break
        found = [place for place in found if place.level != level]
    indent = {Level.DISTRICT: "", Level.STREET: "\u3000", Level.COMMUNITY: "\u3000\u3000"}
    return [(place.code, f"{indent[Level(place.level)]}{place.name}") for place in found]


# -- moves on rows -------------------------------------------------------------------------------------------------


def moves_of(order: WorkOrder, *, standing: Standing, at: dt.datetime, names: Iterable[str]) -> list[workflow.Move]:
    """Those of the named moves this person may do now, in the order of the names."""
    allowed = {move.name: move for move in workflow.allowed_moves(order, standing=standing, at=at)}
    return [allowed[name] for name in names if name in allowed]
