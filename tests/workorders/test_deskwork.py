"""What helps the desk: leases, steps that can be taken back, suggestions, usual texts, bulk work, rules."""

import datetime as dt

import pytest

from core import clock, outbox
from core.errors import DomainError
from core.models import Outbox
from core.revisions import bump
from personnel.jurisdiction import standing_of
from personnel.models import Unit
from tests.workorders.acting import bring, do, last, queued, report
from workorders import seeding
from workorders.deskwork import bulk, claims, holding, live, suggesting, texts
from workorders.models import AutoDispatch, BulkJob, BulkRow, Category, Notice, StandardText, WorkOrder
from workorders.similar import similar_to

pytestmark = pytest.mark.django_db
UM = "620105-UM"


@pytest.fixture(autouse=True)
def _routed(town):
    seeding.seed_routes(town.district, on=clock.today() - dt.timedelta(days=1))
    bump("routes")


def standing(person):
    return standing_of(person, clock.today())


# -- leases --------------------------------------------------------------------------------------------------------


def test_whoever_opens_first_holds_the_order_for_two_minutes(town):
    order, at = bring(report(town.officer), town, "filed"), clock.now()
    assert claims.claim(order, by=town.dispatcher, at=at) is None
    holder = claims.claim(order, by=town.duty, at=at + dt.timedelta(seconds=20))
    assert (holder.person_id, holder.name, holder.seconds(at + dt.timedelta(seconds=20))) == (
        town.dispatcher.pk,
        town.dispatcher.name,
        20,
    )
    assert claims.claim(order, by=town.dispatcher, at=at + dt.timedelta(seconds=100)) is None
    later = at + dt.timedelta(seconds=219)
    assert claims.claim(order, by=town.duty, at=later).seconds(later) == 219
    assert claims.claim(order, by=town.duty, at=at + dt.timedelta(seconds=220)) is None


def test_an_order_can_be_taken_over_and_given_up(town):
    order, at = bring(report(town.officer), town, "filed"), clock.now()
    claims.claim(order, by=town.dispatcher, at=at)
    assert claims.claim(order, by=town.duty, at=at, force=True) is None
    assert claims.held_by_others([order.pk], me=town.dispatcher.pk, at=at)[order.pk].person_id == town.duty.pk
    claims.release(order, by=town.dispatcher, at=at)
    assert claims.held_by_others([order.pk], me=town.dispatcher.pk, at=at)
    claims.release(order, by=town.duty, at=at)
    assert claims.held_by_others([order.pk], me=town.dispatcher.pk, at=at) == {}


def test_opening_the_next_order_gives_the_last_one_up(town):
    one, other, at = report(town.officer), report(town.officer), clock.now()
    claims.claim(one, by=town.dispatcher, at=at)
    claims.claim(other, by=town.dispatcher, at=at)
    assert claims.claim(one, by=town.duty, at=at) is None


# -- steps that can be taken back ----------------------------------------------------------------------------------


def test_a_held_step_changes_nothing_until_it_is_due(town):
    order = bring(report(town.officer), town, "filed")
    outbox.drain()
    at, version = clock.now(), order.version
    held = holding.hold("dispatch", order, by=town.dispatcher, at=at, given={"unit": UM})
    outbox.drain()
    order.refresh_from_db()
    assert (order.status, order.version) == ("filed", version)
    assert holding.waiting_of(town.dispatcher) == held
    outbox.relay(at=at + holding.HELD_FOR)
    order.refresh_from_db()
    assert (order.status, order.lead.code, last(order).at) == ("dispatched", UM, at)
    held.refresh_from_db()
    assert (held.state, holding.waiting_of(town.dispatcher)) == ("done", None)
    outbox.drain()
    assert Notice.objects.filter(order=order, kind="dispatch", person=town.handler).count() == 1


def test_taken_back_in_time_nothing_ever_happens(town):
    order = bring(report(town.officer), town, "filed")
    outbox.drain()
    at, version = clock.now(), order.version
    held = holding.hold("dispatch", order, by=town.dispatcher, at=at, given={"unit": UM})
    holding.take_back(held.pk, by=town.dispatcher, at=at)
    outbox.relay(at=at + holding.HELD_FOR)
    order.refresh_from_db()
    assert (order.status, order.version, queued()) == ("filed", version, [])
    again = holding.hold("dispatch", order, by=town.dispatcher, at=at, given={"unit": "620105-HC"})
    assert again.pk != held.pk


def test_who_may_take_back_and_until_when(town):
    order, at = bring(report(town.officer), town, "filed"), clock.now()
    held = holding.hold("dispatch", order, by=town.dispatcher, at=at, given={"unit": UM})
    with pytest.raises(DomainError) as refusal:
        holding.take_back(held.pk, by=town.duty, at=at)
    assert refusal.value.code == "not_your_step"
    holding.carry_out(held.pk, at=at)
    holding.carry_out(held.pk, at=at)
    with pytest.raises(DomainError) as refusal:
        holding.take_back(held.pk, by=town.dispatcher, at=at)
    assert refusal.value.code == "step_was_done"
    assert order.events.filter(kind="dispatch").count() == 1


@pytest.mark.parametrize(
    ("person", "given", "code"),
    [
        ("handler", {"unit": UM}, "not_your_move"),
        ("dispatcher", {"unit": "nobody"}, "invalid"),
        ("dispatcher", {}, "unit_or_officer"),
        ("dispatcher", {"unit": "620102-UM"}, "unit_elsewhere"),
    ],
)
def test_what_would_be_refused_is_refused_at_once(town, person, given, code):
    order = bring(report(town.officer), town, "filed")
    version = order.version
    with pytest.raises(DomainError) as refusal:
        holding.hold("dispatch", order, by=getattr(town, person), at=clock.now(), given=given)
    assert refusal.value.code == code
    order.refresh_from_db()
    assert (order.status, order.version, holding.held_on([order.pk])) == ("filed", version, {})
    assert not Outbox.objects.filter(topic=holding.TOPIC).exists()


def test_a_second_dispatcher_is_told_who_was_first(town):
    order, at = bring(report(town.officer), town, "filed"), clock.now()
    holding.hold("dispatch", order, by=town.dispatcher, at=at, given={"unit": UM})
    second = town.duty
    with pytest.raises(DomainError) as refusal:
        holding.hold("supervise", order, by=second, at=at, given={})
    assert refusal.value.code == "held_already" and town.dispatcher.name in str(refusal.value)


def test_a_step_that_became_impossible_is_kept_for_whoever_decided(town):
    order, at = bring(report(town.officer), town, "filed"), clock.now()
    held = holding.hold("dispatch", order, by=town.dispatcher, at=at, given={"unit": UM})
    main = report(town.officer)
    do("merge", order, town.acceptor, into=main.number)
    holding.carry_out(held.pk, at=at + holding.HELD_FOR)
    _waiting, [refused] = holding.own_of(town.dispatcher)
    assert refused.number == order.number and len(refused.reason) > 10
    holding.seen(town.dispatcher)
    assert holding.own_of(town.dispatcher) == (None, [])
    order.refresh_from_db()
    assert order.status == "merged"


def test_after_something_else_happened_the_step_counts_from_when_it_is_done(town):
    order, at = bring(report(town.officer), town, "filed"), clock.now()
    held = holding.hold("dispatch", order, by=town.dispatcher, at=at, given={"unit": UM})
    do("comment", order, town.duty, at=at + dt.timedelta(seconds=3), text="报告人又来电")
    later = at + holding.HELD_FOR
    holding.carry_out(held.pk, at=later)
    order.refresh_from_db()
    assert (order.status, last(order).at) == ("dispatched", later)


# -- suggestions ---------------------------------------------------------------------------------------------------


def proposals(order, person):
    order.refresh_from_db()
    return suggesting.proposals(order, similar=similar_to(order, standing=standing(person)), at=clock.now())


def test_the_routing_table_speaks_first_with_its_reason(town):
    order = bring(report(town.officer), town, "filed")
    first, *rest = proposals(order, town.dispatcher)
    assert first.unit.code == UM and len(first.reasons) == 1 and len(first.reasons[0]) > 8
    assert [one.unit.kind for one in rest] == ["ST"]


def test_recent_orders_of_the_place_count_and_so_do_similar_ones_and_the_load(town):
    for _n in range(3):
        bring(report(town.officer), town, "dispatched", unit="620105-HC", handler=town.handler2)
    order = bring(report(town.officer), town, "filed")
    found = {one.unit.code: one for one in proposals(order, town.dispatcher)}
    assert list(found)[:2] == [UM, "620105-HC"]
    assert found["620105-HC"].load == 3 and len(found["620105-HC"].reasons) == 2
    assert "3" in found["620105-HC"].reasons[0]


def test_a_unit_that_returned_it_is_not_proposed(town):
    order = bring(report(town.officer), town, "dispatched")
    order = do("return", order, town.handler, reason="不归我们管")
    assert UM not in [one.unit.code for one in proposals(order, town.dispatcher)]


# -- usual texts ---------------------------------------------------------------------------------------------------


def test_texts_by_category_status_and_unit_the_finest_first_then_the_most_used(town):
    order = bring(report(town.officer), town, "filed")
    minor = Category.objects.get(code="0502")
    unit = Unit.objects.get(code=UM)
    plain = StandardText.objects.create(text="请尽快处理", uses=9)
    often = StandardText.objects.create(text="请今日处理", uses=20)
    major = StandardText.objects.create(text="清运后拍照", category=minor.parent)
    exact = StandardText.objects.create(text="建筑垃圾请覆盖", category=minor, status="filed")
    StandardText.objects.create(text="别的类别", category=Category.objects.get(code="0102"))
    StandardText.objects.create(text="别的状态", status="closed")
    StandardText.objects.create(text="别的单位", unit=unit)
    StandardText.objects.create(text="停用", is_active=False)
    assert texts.texts_for(order, standing(town.dispatcher)) == [exact, major, often, plain]
    texts.used(plain.pk)
    plain.refresh_from_db()
    assert plain.uses == 10


# -- bulk ----------------------------------------------------------------------------------------------------------


def test_the_preview_says_what_goes_and_why_not(town):
    filed = [bring(report(town.officer), town, "filed") for _n in range(2)]
    closed = bring(report(town.officer), town, "closed")
    numbers = [one.number for one in (filed[0], closed, filed[1])]
    orders = bulk.visible([*numbers, numbers[0], "20260101000000"], standing(town.dispatcher))
    assert [one.number for one in orders] == numbers
    rows = bulk.preview("dispatch", orders, standing=standing(town.dispatcher), at=clock.now(), given={"unit": UM})
    assert [row.goes for row in rows] == [True, False, True] and len(rows[1].refusal) > 10
    given = {"unit": "620102-UM"}
    far = bulk.preview("dispatch", orders, standing=standing(town.dispatcher), at=clock.now(), given=given)
    assert not any(row.goes for row in far)
    assert not BulkJob.objects.exists()
    assert bulk.visible(numbers, standing(town.dispatcher2)) == []


def test_each_row_has_its_own_result_and_twice_is_once(town):
    filed = [bring(report(town.officer), town, "filed") for _n in range(3)]
    closed = bring(report(town.officer), town, "closed")
    holding.hold("dispatch", filed[2], by=town.dispatcher, at=clock.now(), given={"unit": UM})
    job = bulk.start("dispatch", [*filed, closed], by=town.dispatcher, at=clock.now(), given={"unit": UM})
    assert bulk.carry_out(job.pk) == 4
    assert bulk.carry_out(job.pk) == 0
    rows = {row.order_id: row for row in BulkRow.objects.filter(job=job)}
    assert [rows[one.pk].state for one in filed] == ["done", "done", "refused"]
    assert rows[closed.pk].state == "refused" and len(rows[closed.pk].reason) > 10
    job.refresh_from_db()
    assert job.done_at is not None
    for order in filed[:2]:
        order.refresh_from_db()
        assert (order.status, order.events.filter(kind="dispatch").count()) == ("dispatched", 1)


def test_a_job_whose_worker_died_is_taken_up_again(town):
    order, at = bring(report(town.officer), town, "filed"), clock.now()
    job = bulk.start("dispatch", [order], by=town.dispatcher, at=at, given={"unit": UM})
    assert bulk.left_behind(at) == []
    assert bulk.left_behind(at + dt.timedelta(minutes=2)) == [job.pk]
    bulk.carry_out(job.pk)
    assert bulk.left_behind(at + dt.timedelta(hours=1)) == []


@pytest.mark.parametrize("orders", [[], "too many"])
def test_a_bulk_job_has_one_to_five_hundred_orders(town, orders):
    chosen = [WorkOrder()] * (bulk.MOST + 1) if orders else []
    with pytest.raises(DomainError):
        bulk.start("dispatch", chosen, by=town.dispatcher, at=clock.now(), given={"unit": UM})


def test_rows_out_of_reach_by_then_are_refused(town):
    order = bring(report(town.officer), town, "filed")
    job = bulk.start("dispatch", [order], by=town.dispatcher2, at=clock.now(), given={"unit": UM})
    bulk.carry_out(job.pk)
    assert BulkRow.objects.get(job=job).state == "refused"


# -- rules ---------------------------------------------------------------------------------------------------------


def test_nothing_goes_by_itself_unless_its_category_is_switched_on(town):
    category = Category.objects.get(code="0502")
    rule = AutoDispatch.objects.create(category=category)
    bump("automatic_dispatch")
    order = bring(report(town.officer), town, "filed")
    outbox.drain()
    order.refresh_from_db()
    assert order.status == "filed"
    rule.is_active = True
    rule.save()
    bump("automatic_dispatch")
    order = bring(report(town.officer), town, "filed")
    outbox.drain()
    order.refresh_from_db()
    event = order.events.get(kind="dispatch")
    assert (order.status, order.lead.code) == ("dispatched", UM)
    assert (event.actor, event.actor_role, event.data["rule"]) == (None, "system", "0502")


# -- news ----------------------------------------------------------------------------------------------------------


def test_news_reach_whom_the_order_reaches(town):
    order = bring(report(town.officer), town, "dispatched")
    news = live._news(last(order), order)
    assert live.News.read(news.text()) == news
    seers = [name for name in vars(town) if _sees(town, name, order)]
    told = [name for name in vars(town) if _is_person(town, name) and news.reaches(standing(getattr(town, name)))]
    assert sorted(told) == sorted(seers) and "dispatcher" in told and "dispatcher2" not in told


def _is_person(town, name):
    return hasattr(getattr(town, name), "username")


def _sees(town, name, order):
    if not _is_person(town, name):
        return False
    return WorkOrder.objects.visible_to(getattr(town, name), clock.today()).filter(pk=order.pk).exists()


def test_a_screen_that_was_away_hears_what_it_missed(town):
    first = report(town.officer)
    seen = last(first).pk
    for _n in range(2):
        bring(report(town.officer), town, "filed")
    missed = live.since(seen + live.OVERLAP, standing(town.dispatcher))
    assert [one.kind for one in missed] == ["report", "accept", "report", "accept"]
    assert live.since(seen + live.OVERLAP, standing(town.dispatcher2)) == []
    assert live.since(-live.FAR, standing(town.dispatcher)) is None
