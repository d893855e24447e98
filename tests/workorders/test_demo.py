"""The demo city, loaded once for this file: what the contract promises of it, and that it is true throughout."""

import datetime as dt
from collections import Counter, defaultdict

import pytest
import shapely
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.db import transaction
from django.db.models import F

from core import clock
from core.models import Outbox
from grids.geometry import area_m2
from grids.levels import Kind
from grids.locate import grid_at
from grids.models import Area, Boundary
from personnel.models import Post, Unit, User
from personnel.roles import Role
from workorders import audit, catalogue, demo
from workorders.commands.attaching import path_of
from workorders.models import Attachment, Clock, Notice, StandardText, Supervision, WorkOrder, WorkOrderEvent
from workorders.simulation import texts
from workorders.vocabulary import FINAL, Status

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 5, 20, 15, 0, tzinfo=clock.ZONE)  # a Wednesday
TODAY = NOW.date()
ANNING, CHENGGUAN = "620105000000", "620102000000"
MAIN = "620105006001001"
LAST_MONTH = clock.month(2026, 4)
PAST = [clock.month(2026, month) for month in (2, 3, 4)]


@pytest.fixture(scope="module", autouse=True)
def city(django_db_setup, django_db_blocker):
    """The demo as it stood that Wednesday afternoon; undone at the end of the file."""
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
        try:
            demo.load(NOW)
            yield
        finally:
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)


def grids(district):
    return Area.objects.under(Area.objects.get(code=district)).of_level("grid")


def test_at_least_two_grids_stand_in_every_community_of_the_two_districts():
    for district in (ANNING, CHENGGUAN):
        communities = Area.objects.under(Area.objects.get(code=district)).of_level("community")
        counts = Counter(grids(district).values_list("parent_id", flat=True))
        assert communities.count() > 80 and all(counts[community.pk] >= 2 for community in communities)
    kinds = Counter(grids(ANNING).values_list("kind", flat=True))
    assert set(kinds) == {Kind.URBAN, Kind.RURAL, Kind.DEDICATED}
    assert not grids(ANNING).exclude(households__range=(300, 500)).exists()
    phones = list(grids(ANNING).values_list("phone", flat=True))
    assert len(set(phones)) == len(phones) and all(phone.startswith("0931-000") for phone in phones)


def test_grids_tile_their_district():
    for district in (ANNING, CHENGGUAN):
        whole = shapely.from_wkb(bytes(Boundary.objects.get(area__code=district).wkb))
        parts = Boundary.objects.filter(area__in=grids(district)).values_list("wkb", flat=True)
        shapes = [shapely.from_wkb(bytes(wkb)) for wkb in parts]
        assert len(shapes) == grids(district).count()
        assert abs(sum(map(area_m2, shapes)) / area_m2(whole) - 1) < 1e-6
    inside = shapely.point_on_surface(shapely.from_wkb(bytes(Boundary.objects.get(area__code=MAIN).wkb)))
    assert grid_at(inside.x, inside.y, TODAY).code == MAIN


@pytest.mark.parametrize(
    ("username", "role", "place"),
    [
        ("officer", "officer", MAIN),
        ("chief", "chief", MAIN),
        ("instructor", "instructor", "620105006000"),
        ("manager", "manager", "620105006000"),
        ("clerk", "clerk", "620105006001"),
        *((name, name, ANNING) for name in "acceptor dispatcher reviewer assessor inspector auditor".split()),
        ("duty", "duty_leader", ANNING),
        ("dispatcher2", "dispatcher", CHENGGUAN),
        ("handler", "handler", "620105-UM"),
        ("handler2", "handler", "620105-HC"),
    ],
)
def test_the_cast_holds_its_posts(username, role, place):
    user = User.objects.get(username=username)
    assert user.is_demo and user.is_active
    [post] = Post.objects.on(TODAY).filter(person=user)
    assert (post.role, (post.area or post.unit).code) == (role, place)


def test_everybody_logs_in_with_the_same_password():
    assert check_password("gridgov-demo", User.objects.get(username="officer2").password)
    assert User.objects.values("password").distinct().count() == 1
    assert not User.objects.filter(is_demo=False).exists()
    assert User.objects.get(username="admin").is_superuser and User.objects.filter(is_superuser=True).count() == 1
    second = Post.objects.on(TODAY).get(person__username="officer2")
    assert second.area.code.startswith("620102")


def test_units_and_routes_are_those_of_the_taxonomy():
    for code in ("620105-UM", "620105-CC", "620102-PS", "620100-UT", "620105006-ST", "620105006001-CO"):
        assert Unit.objects.get(code=code).is_active(TODAY)
    main = Area.objects.get(code=MAIN)
    for code, unit in (("0502", "620105-UM"), ("0302", "620105006001-CO"), ("1401", "620105006-ST")):
        routed = catalogue.routed_unit(catalogue.find(code).pk, main.pk, on=TODAY)
        assert Unit.objects.get(pk=routed).code == unit


def test_nearly_every_grid_has_an_officer_and_some_changed_places():
    for district in (ANNING, CHENGGUAN):
        held = Post.objects.on(TODAY).filter(area__in=grids(district), role__in=("officer", "part_time_officer"))
        staffed = held.values("area").distinct().count()
        assert 0.9 * grids(district).count() < staffed < grids(district).count()
    gone = Post.objects.filter(area__in=grids(ANNING), role=Role.OFFICER, ends__isnull=False)
    assert gone.count() > 5
    before = Post.objects.get(area__code=MAIN, ends__isnull=False).person
    assert Post.objects.on(TODAY).get(person=before).area.code == "620105006001002"


def test_orders_are_many_and_spread():
    counts = defaultdict(Counter)
    for number, (since, until) in enumerate(PAST):
        rows = WorkOrder.objects.filter(district__code=ANNING, reported_at__gte=since, reported_at__lt=until)
        counts[number].update(rows.values_list("area_id", flat=True))
    whole = grids(ANNING).count()
    assert sum(map(sum, (count.values() for count in counts.values()))) >= max(1500, whole * 15)
    for count in counts.values():
        assert sum(number >= 5 for number in count.values()) >= 0.95 * whole
    assert 300 <= WorkOrder.objects.filter(district__code=CHENGGUAN).count() <= 3000
    first, last = WorkOrder.objects.order_by("reported_at").first(), WorkOrder.objects.order_by("reported_at").last()
    assert first.reported_at >= PAST[0][0] and last.reported_at < NOW


def test_all_statuses_cards_and_ways_are_there():
    recent = WorkOrder.objects.filter(reported_at__gte=NOW - dt.timedelta(days=30))
    assert set(recent.values_list("status", flat=True)) == set(Status.values)
    assert set(WorkOrder.objects.values_list("card", flat=True)) == {"", "yellow", "red"}
    kinds = set(WorkOrderEvent.objects.values_list("kind", flat=True).distinct())
    assert kinds >= {
        "return", "decide", "fail_check", "decide_extension", "suspend", "resume", "whistle", "arrive", "co_feedback",
        "escalate", "followed", "urge", "supervise", "carded", "rated", "reopen", "reopen_requested", "attached",
    }  # fmt: skip
    assert WorkOrder.objects.filter(extension_pending=True).exists()


def test_most_is_settled_in_the_grid_and_the_community():
    done = WorkOrder.objects.filter(status="closed")
    local = done.filter(self_handled=True).count() + done.filter(lead__kind="CO").count()
    assert 0.7 < local / done.count() < 0.86
    assert done.filter(level="city").count() < 0.03 * done.count()
    handling = Clock.objects.filter(kind="handle", stopped_at__isnull=False, is_rework=False)
    late = handling.filter(stopped_at__gt=F("due_at")).count()
    assert 0.02 < late / handling.count() < 0.1


def test_last_months_officer_has_exactly_two_orders_she_finished_late():
    since, until = LAST_MONTH
    officer = User.objects.get(username="officer")
    month = WorkOrder.objects.filter(area__code=MAIN, reported_at__gte=since, reported_at__lt=until)
    late = Clock.objects.filter(order__area__code=MAIN, stopped_at__gte=since, stopped_at__lt=until)
    late = late.filter(stopped_at__gt=F("due_at"))
    assert [clock.kind for clock in late] == ["handle", "handle"]
    orders = WorkOrder.objects.filter(clocks__in=late)
    assert orders.count() == 2 and all(order.officer_id == officer.pk for order in orders)
    assert all(order.pk in set(month.values_list("pk", flat=True)) for order in orders)
    overdue = WorkOrderEvent.objects.filter(order__in=month, kind="overdue").values_list("order_id", flat=True)
    assert sorted(overdue) == sorted(order.pk for order in orders)
    assert not Supervision.objects.filter(order__in=month).exists()
    assert not month.filter(reworks__gt=0).exists() and not month.exclude(status__in=FINAL).exists()
    assert all(order.attachments.filter(kind="after").exists() for order in orders)
    # She held the grid the whole month.
    assert Post.objects.get(person=officer).starts <= since.astimezone(clock.ZONE).date()


def test_everybody_acted_in_a_post_held_that_day():
    held = defaultdict(list)
    for post in Post.objects.all():
        held[post.person_id, post.role].append((post.starts, post.ends))
    events = WorkOrderEvent.objects.filter(actor__isnull=False).exclude(actor_role="reporter")
    for event in events.values_list("kind", "at", "actor_id", "actor_role").iterator():
        kind, at, actor, role = event
        on = clock.date_of(at)
        # An officer who was asked, or who keeps an order, acts as officer whatever his post is called.
        roles = (role, "part_time_officer") if role == "officer" else (role,)
        spans = [span for one in roles for span in held[actor, one]]
        assert any(starts <= on and (ends is None or on < ends) for starts, ends in spans), event


def test_the_handler_never_checks_himself():
    checks = WorkOrderEvent.objects.filter(kind__in=("pass_check", "fail_check"), actor__isnull=False)
    assert not checks.filter(order__officer=F("actor")).exists()
    members = set(Post.objects.filter(unit__isnull=False).values_list("person_id", "unit_id"))
    assert not members & set(checks.filter(order__lead__isnull=False).values_list("actor_id", "order__lead_id"))


def test_every_order_agrees_with_its_events():
    assert list(audit.findings()) == []


def test_only_recent_open_orders_have_notices():
    orders = WorkOrder.objects.filter(pk__in=Notice.objects.values("order"))
    assert 20 < orders.count() < 400 and not orders.filter(status__in=FINAL).exists()
    assert Notice.objects.filter(person__username="acceptor").exists()
    assert not Outbox.objects.exists()


def test_photos_lie_where_their_rows_say():
    photos = list(Attachment.objects.all())
    assert len(photos) > 10
    assert all(path_of(photo.key).is_file() and path_of(photo.key, thumbnail=True).is_file() for photo in photos)


def test_texts_are_many_and_of_known_categories():
    assert len(texts.all_texts()) >= 60
    known = {category.code for category in catalogue.categories() if category.is_minor}
    assert {text.code for text in texts.all_texts()} <= known
    assert not WorkOrder.objects.filter(description__contains="{").exists()
    phones = {order.reporter_phone for order in WorkOrder.objects.exclude(reporter_phone_hash="")[:200]}
    assert all(phone.startswith("138000") for phone in phones)


def test_a_second_call_changes_nothing(capsys):
    before = WorkOrder.objects.count()
    call_command("load_demo")
    assert WorkOrder.objects.count() == before and capsys.readouterr().out.strip()


def test_there_are_standard_texts_for_every_state_in_which_somebody_writes():
    found = set(StandardText.objects.values_list("status", flat=True))
    assert found >= {"reported", "filed", "dispatched", "handling", "fed_back", "revisiting"}
    assert StandardText.objects.exclude(category=None).exists() and StandardText.objects.exclude(unit=None).exists()
