"""Pages of lists: the same rows as `visible_to`, in every order, without holes or doubles, at a constant cost."""

import datetime as dt
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from personnel.jurisdiction import standing_of
from personnel.models import Post
from tests.workorders.acting import do, report
from workorders import finding, turns
from workorders.commands.reporting import put_places
from workorders.models import Assignment, WorkOrder
from workorders.reading import ORDERINGS, fetch_page

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 10, 9, 0, tzinfo=clock.ZONE)
ON = NOW.date()
READERS = (
    "officer",
    "chief",
    "clerk",
    "dispatcher",
    "handler",
    "handler2",
    "far_handler",
    "former",
    "admin",
    "informant",
)


def order_of(grid, number, *, hours=0, due=None, urgency="normal", **fields) -> WorkOrder:
    """A row as it lies in the table, without its story."""
    order = WorkOrder(
        number=f"T{number:06d}", area=grid, level="district", title=f"{number}", description="x", source="officer",
        reported_at=NOW - dt.timedelta(hours=hours), due_at=due and NOW + dt.timedelta(hours=due), urgency=urgency,
        **fields,
    )  # fmt: skip
    put_places(order)
    return order


def many(town, count=150, seed=7):
    """Orders in all grids with equal moments, missing due times, and parts of units and officers, several of one."""
    chance = random.Random(seed)
    rows = [
        order_of(
            chance.choice(town.grids), number, hours=chance.randrange(40), due=chance.choice([None, 1, 1, 2, 30]),
            urgency=chance.choice(["normal", "urgent", "emergency"]),
            reporter=chance.choice([None, town.officer, town.former, town.handler, town.informant]),
        )
        for number in range(count)
    ]  # fmt: skip
    WorkOrder.objects.bulk_create(rows)
    parts = []
    for row in rows:
        for _part in range(chance.randrange(4)):
            unit, officer = chance.choice([(town.um, None), (town.hc, None), (town.um2, None), (None, town.officer)])
            parts.append(part_of(row, unit=unit, officer=officer))
    Assignment.objects.bulk_create(parts)
    return rows


def part_of(order, **given) -> Assignment:
    return Assignment(order=order, kind="co", assigned_at=NOW, reported_at=order.reported_at, **given)


def values_of(row, ordering):
    return tuple(row[field.lstrip("-")] for field in ORDERINGS[ordering])


def walk(base, standing, *, ordering, size):
    """All pages forwards, then all pages backwards; returns both lists of ids."""
    forwards, after, more, last = [], None, True, None
    while more:
        page = fetch_page(base, standing, ordering=ordering, size=size, after=after)
        assert len(page.rows) <= size
        forwards += [row["id"] for row in page.rows]
        more = page.has_more
        if page.rows:
            last = page.rows[-1]
            after = values_of(last, ordering)
    backwards, more = [], last is not None
    while more:
        page = fetch_page(base, standing, ordering=ordering, size=size, after=after, backwards=True)
        backwards = [row["id"] for row in page.rows] + backwards
        more = page.has_more
        if page.rows:
            after = values_of(page.rows[0], ordering)
    return forwards, backwards + ([last["id"]] if last else [])


def expected(base, person, ordering):
    rows = list(base.visible_to(person, ON).values("id", "reported_at", "due_at", "urgency"))
    far = NOW + dt.timedelta(days=999)
    rank = {"normal": 0, "urgent": 1, "emergency": 2}
    keys = {
        "-reported_at": lambda row: (-row["reported_at"].timestamp(), -row["id"]),
        "due_at": lambda row: (row["due_at"] or far, row["id"]),
        "-urgency": lambda row: (-rank[row["urgency"]], -row["reported_at"].timestamp(), -row["id"]),
    }
    return [row["id"] for row in sorted(rows, key=keys[ordering])]


@pytest.mark.parametrize("ordering", sorted(ORDERINGS))
@pytest.mark.parametrize("size", [1, 7, 200])
def test_pages_have_no_holes_and_no_doubles(town, ordering, size):
    many(town, 60 if size == 1 else 150)
    readers = READERS if size == 7 else ("officer", "handler", "dispatcher")
    for name in readers:
        person = getattr(town, name)
        wanted = expected(WorkOrder.objects.all(), person, ordering)
        forwards, backwards = walk(WorkOrder.objects.all(), standing_of(person, ON), ordering=ordering, size=size)
        assert forwards == wanted, (name, ordering)
        assert backwards == wanted, (name, ordering)


def test_filters_hold_on_every_way(town):
    many(town)
    base = WorkOrder.objects.filter(urgency="urgent")
    for name in ("officer", "handler", "admin"):
        person = getattr(town, name)
        forwards, _back = walk(base, standing_of(person, ON), ordering="-reported_at", size=4)
        assert forwards == expected(base, person, "-reported_at") and forwards


def test_the_cost_does_not_grow(town):
    many(town, 150)
    for name in READERS:
        for ordering in ORDERINGS:
            standing = standing_of(getattr(town, name), ON)
            first = fetch_page(WorkOrder.objects.all(), standing, ordering=ordering, size=5)
            after = values_of(first.rows[-1], ordering) if first.rows else None
            for size in (5, 100):
                with CaptureQueriesContext(
                    connection,
                ) as seen:
                    fetch_page(WorkOrder.objects.all(), standing, ordering=ordering, size=size, after=after)
                assert len(seen) <= 2, (name, ordering, size)


def test_nothing_to_see_is_an_empty_page(town):
    page = fetch_page(WorkOrder.objects.all(), standing_of(town.officer, ON), size=5)
    assert page.rows == [] and page.has_more is False


involvements = st.lists(
    st.tuples(
        st.integers(0, 5),  # grid
        st.integers(0, 3),  # hours ago
        st.sampled_from([None, "officer", "handler", "former", "clerk"]),  # reporter
        st.lists(st.sampled_from(["um", "hc", "um2", "st", "officer", "former"]), max_size=3),  # parts
    ),
    max_size=14,
)
posts = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "city",
                "district",
                "district2",
                "street",
                "community",
                "community3",
                "main_grid",
                "far_grid",
                "um",
                "hc",
                "um2",
            ]
        ),
        st.sampled_from([(-9, None), (-9, 0), (0, None), (1, None), (-9, 5)]),  # days from and until
    ),
    max_size=3,
    unique_by=lambda post: post[0],
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(orders=involvements, held=posts, ordering=st.sampled_from(sorted(ORDERINGS)), size=st.integers(1, 6))
def test_whoever_reads_sees_what_reach_says(town, orders, held, ordering, size):
    """Lists, `visible_to` and the words of the contract agree for any involvement."""
    from django.db import transaction

    person = town.former
    try:
        with transaction.atomic():
            Post.objects.filter(person=person).delete()
            for place, (since, until) in held:
                where = getattr(town, place)
                kind = {"unit": where} if place in ("um", "hc", "um2") else {"area": where}
                Post.objects.create(
                    person=person, role="handler" if "unit" in kind else "chief", starts=ON + dt.timedelta(days=since),
                    ends=until if until is None else ON + dt.timedelta(days=until), **kind,
                )  # fmt: skip
            rows = [
                order_of(town.grids[grid], number, hours=hours, reporter=reporter and getattr(town, reporter))
                for number, (grid, hours, reporter, _parts) in enumerate(orders)
            ]
            WorkOrder.objects.bulk_create(rows)
            for row, (*_rest, parts) in zip(rows, orders, strict=True):
                for name in parts:
                    kind = "officer" if name in ("officer", "former") else "unit"
                    part_of(row, **{kind: getattr(town, name)}).save()
            reader = type(person).objects.get(pk=person.pk)
            wanted = {row.pk for row, facts in zip(rows, orders, strict=True) if reached(town, row, facts, held)}
            assert set(WorkOrder.objects.visible_to(reader, ON).values_list("pk", flat=True)) == wanted
            assert {row.pk for row in rows if finding.find(row.number, standing_of(reader, ON))} == wanted
            forwards, backwards = walk(WorkOrder.objects.all(), standing_of(reader, ON), ordering=ordering, size=size)
            assert len(forwards) == len(set(forwards)) and set(forwards) == wanted and backwards == forwards
            raise Undo
    except Undo:
        pass


class Undo(Exception):
    """Leave the example's transaction without a trace."""


def reached(town, order, facts, held) -> bool:
    """Contract §3, Reach, once more."""
    _grid, _hours, reporter, parts = facts
    today = [place for place, (since, until) in held if since <= 0 and (until is None or until > 0)]
    above = {order.area_id, order.community_id, order.street_id, order.district_id, order.city_id}
    by_area = any(getattr(town, place).pk in above for place in today if place not in ("um", "hc", "um2"))
    return by_area or reporter == "former" or "former" in parts or bool(set(today) & set(parts))


# -- whose turn it is


def waiting(person):
    """The orders that wait for this person (`mine=1`)."""
    rows = WorkOrder.objects.filter(turns.waiting_condition(standing_of(person, clock.today())))
    return set(rows.values_list("pk", flat=True))


def test_an_order_waits_for_whoever_acts_next(town):
    order = report(town.chief)
    names = "officer part_timer chief clerk instructor acceptor dispatcher duty reviewer handler handler2".split()
    people = {name: getattr(town, name) for name in names}
    waits = lambda: {name for name, person in people.items() if order.pk in waiting(person)}  # noqa: E731
    assert waits() == {"acceptor"}
    do("verify", order, town.acceptor)
    assert waits() == {"officer"}
    do("verified", order, town.officer, outcome=True)
    do("accept", order, town.acceptor, category="0502")
    assert waits() == {"dispatcher"}
    do("dispatch", order, town.dispatcher, unit="620105-UM", co_units=["620105-HC"])
    assert waits() == {"handler", "handler2"}
    do("return", order, town.handler, reason="不属于")
    assert waits() == {"dispatcher", "instructor", "handler2"}
    do("co_feedback", do("dispatch", order, town.dispatcher, unit="620105006-ST"), town.handler2, result="已办")
    assert waits() == set()
    do("whistle", order, town.chief, kind="daily", units=["620105-HC"])
    assert waits() == {"handler2"}
    do("arrive", order, town.handler2, location="103.7,36.1")
    assert waits() == set()


def test_papers_wait_for_whoever_decides(town):
    order = report(town.chief)
    status = lambda **fields: WorkOrder.objects.filter(pk=order.pk).update(**fields)  # noqa: E731
    status(status="handling", lead=town.co, extension_pending=True)
    assert order.pk in waiting(town.clerk) and order.pk in waiting(town.duty)
    assert order.pk not in waiting(town.instructor)
    status(lead=town.st)
    assert order.pk in waiting(town.instructor) and order.pk not in waiting(town.clerk)
    status(lead=None, officer=town.officer)
    assert order.pk in waiting(town.clerk) and order.pk in waiting(town.officer)
    status(status="fed_back", self_handled=True, extension_pending=False)
    assert order.pk in waiting(town.clerk) & waiting(town.part_timer) and order.pk not in waiting(town.officer)
    status(status="revisiting")
    assert order.pk in waiting(town.reviewer)
    status(status="suspended")
    assert order.pk in waiting(town.duty)
    status(status="closed", reopen_requested_at=NOW, follow_officer=town.officer)
    assert order.pk in waiting(town.duty) and order.pk not in waiting(town.officer)
    status(status="filed", level="city")
    assert order.pk not in waiting(town.dispatcher) and order.pk in waiting(town.officer)


def test_filters_that_join_and_filters_nothing_passes(town):
    rows = many(town, 40)
    rows[0].lead = town.um
    rows[0].save()
    for name in ("officer", "handler", "admin"):
        person = getattr(town, name)
        joined = WorkOrder.objects.filter(lead__kind="UM")
        forwards, _back = walk(joined, standing_of(person, ON), ordering="-reported_at", size=3)
        assert forwards == expected(joined, person, "-reported_at")
        nothing = fetch_page(WorkOrder.objects.filter(pk__in=[]), standing_of(person, ON), size=3)
        assert nothing.rows == [] and not nothing.has_more
