"""The resident's door: report without an account, add to it, rate it once."""

import datetime as dt
import re

import pytest

from core.errors import NotAllowedNow, NotPermitted
from personnel.jurisdiction import forget
from personnel.models import Post
from tests.workorders.acting import RESULT, TUESDAY, bring, check_event, do, last, report, running, told
from tests.workorders.clockwork import at
from workorders import audit, commands
from workorders.commands.public import FACES, grade_of, last4_hash
from workorders.models import PublicReport, Rating, WorkOrder

pytestmark = pytest.mark.django_db


def reported(town, status="reported", *, moment=TUESDAY):
    return bring(report(None, at=moment, reporter_phone="13912345678").order, town, status, at=moment)


def rate(order, *, moment=TUESDAY, resolved=True, satisfaction=5, **given):
    return commands.rate(order, at=moment, resolved=resolved, satisfaction=satisfaction, **given)


def not_now(code, *args, **given):
    with pytest.raises(NotAllowedNow) as refusal:
        rate(*args, **given)
    assert refusal.value.code == code and str(refusal.value)


def test_a_resident_gets_a_token_and_a_code(town):
    receipt = report(None, at=TUESDAY, reporter_name="王小明", reporter_phone="13912345678")
    order, kept = receipt.order, PublicReport.objects.get()
    assert (order.source, order.reporter, order.status) == ("public", None, "reported")
    assert len(receipt.token) >= 16 and re.fullmatch("[2-9A-HJ-NP-Z]{10}", receipt.code)
    assert (kept.order, kept.token, kept.code) == (order, receipt.token, receipt.code)
    assert kept.last4_hash == last4_hash("13912345678") == last4_hash("5678") != last4_hash("5679")
    assert "5678" not in kept.last4_hash and last4_hash("") == "" == last4_hash("678")
    check_event(order, "report", None, "reporter", "", "reported", source="public", category="0502", urgency="normal")
    assert told(order, "report") == {"acceptor", "clerk"}
    assert order.reporter_name_masked == "王*" and order.reporter_phone_masked == "139****5678"


def test_residents_do_not_speak_for_offices(town):
    for source in ("hotline", "leader", "department", "officer", "inspection", "patrol", "visit"):
        with pytest.raises(NotPermitted) as refusal:
            report(None, source=source)
        assert refusal.value.code == "source_not_yours"
    for source in ("public", "open311", "iot", "other"):
        assert report(None, source=source).order.source == source


# -- remarks


def test_a_remark_reaches_whoevers_turn_it_is(town):
    order = commands.remark(reported(town, "handling"), at=TUESDAY, text="还在漏水")
    check_event(order, "remarked", None, "reporter", "handling", "handling", text="还在漏水")
    assert told(order, "remarked") == {"handler", "head"}


def test_a_remark_on_a_merged_report_is_written_on_the_main_one(town):
    order, main = reported(town), report(town.officer, at=TUESDAY)
    do("merge", order, town.acceptor, at=TUESDAY, into=main.number)
    commands.remark(WorkOrder.objects.get(pk=order.pk), at=TUESDAY, text="还在")
    assert last(main).data == {"text": "还在", "through": order.number} and last(order).kind == "merge"
    do("decline", main, town.acceptor, at=TUESDAY, reason="不受理")
    with pytest.raises(NotAllowedNow) as refusal:
        commands.remark(WorkOrder.objects.get(pk=order.pk), at=TUESDAY, text="还在")
    assert refusal.value.code == "order_is_final"


# -- rating


def test_a_happy_rating_closes_what_is_being_revisited(town):
    order = rate(reported(town, "revisiting"), reasons=["slow"], note="谢谢")
    assert (order.status, order.satisfaction, order.resolved, order.closed_at) == ("closed", 5, True, TUESDAY)
    assert not running(order) and order.next_timer_at is None
    check_event(
        order, "rated", None, "reporter", "revisiting", "closed", resolved=True, satisfaction=5, reasons=["slow"],
        note="谢谢",
    )  # fmt: skip
    assert told(order, "rated") == {"handler", "head"}
    kept = Rating.objects.get()
    assert (kept.satisfaction, kept.resolved, kept.reasons, kept.note, kept.at) == (5, True, ["slow"], "谢谢", TUESDAY)


@pytest.mark.parametrize("answer", [{"resolved": False, "satisfaction": 5}, {"satisfaction": 2}, {"satisfaction": 1}])
def test_an_unhappy_rating_while_revisiting_asks_the_reviewer(town, answer):
    order = rate(reported(town, "revisiting"), **answer)
    assert (order.status, order.reopen_requested_at) == ("revisiting", TUESDAY)
    assert last(order).kind == "reopen_requested" and told(order, "reopen_requested") == {"reviewer"}


def test_an_unhappy_rating_after_the_close_asks_the_duty_leader(town):
    order = reported(town, "closed")
    order = rate(order, moment=TUESDAY + dt.timedelta(days=13), satisfaction=1)
    assert order.status == "closed" and order.reopen_requested_at and told(order, "reopen_requested") == {"duty"}
    order = do("reopen", order, town.duty, at=TUESDAY + dt.timedelta(days=13), reason="属实")
    assert order.reopen_requested_at is None and order.satisfaction is None


def test_three_is_satisfied(town):
    order = rate(reported(town, "closed"), satisfaction=3)
    assert (order.status, order.reopen_requested_at, order.satisfaction) == ("closed", None, 3)


def test_once_and_only_in_time(town):
    for status in ("reported", "filed", "dispatched", "handling", "fed_back"):
        not_now("rating_not_open", reported(town, status))
    moment = at("2026-03-10 10:00")
    order = reported(town, "closed", moment=moment)
    not_now("rating_not_open", order, moment=moment + dt.timedelta(days=14))
    rate(order, moment=moment + dt.timedelta(days=14) - dt.timedelta(seconds=1))
    not_now("rated_already", order, moment=moment)
    declined = do("decline", reported(town), town.acceptor, reason="不受理")
    not_now("rating_not_open", declined)


def test_a_reopened_order_is_not_rated_twice(town):
    order = rate(reported(town, "closed"), satisfaction=1)
    order = do("reopen", order, town.duty, at=TUESDAY, reason="属实")
    order = do("feedback", order, town.handler, at=TUESDAY, **RESULT)
    order = bring(order, town, "revisiting", at=TUESDAY)
    not_now("rated_already", order)


# -- the rating of a merged report


def merged(town, status):
    """A resident's report that was merged into another resident's, which is in that status."""
    main, own = reported(town), reported(town)
    do("merge", own, town.acceptor, at=TUESDAY, into=main.number)
    return bring(main, town, status, at=TUESDAY), WorkOrder.objects.get(pk=own.pk)


def test_a_resident_whose_report_was_merged_rates_the_result(town):
    main, own = merged(town, "revisiting")
    rate(own, satisfaction=5)
    main.refresh_from_db()
    assert (main.status, main.satisfaction) == ("revisiting", None), "its own reporter is asked"
    check_event(
        main, "rated", None, "reporter", "revisiting", "revisiting", resolved=True, satisfaction=5, through=own.number
    )
    assert Rating.objects.get().order == own and not Rating.objects.filter(order=main).exists()
    not_now("rated_already", own)
    assert rate(main, satisfaction=4).status == "closed"


def test_an_unhappy_resident_of_a_merged_report_asks_to_reopen_the_main_one(town):
    main, own = merged(town, "closed")
    later = TUESDAY + dt.timedelta(days=2)
    rate(own, resolved=False, satisfaction=1, moment=later)
    main.refresh_from_db()
    assert (main.status, main.satisfaction, main.reopen_requested_at) == ("closed", 5, later)
    assert told(main, "reopen_requested") == {"duty"}
    rate(main, satisfaction=1, moment=later + dt.timedelta(hours=1))
    main.refresh_from_db()
    assert main.reopen_requested_at == later and main.satisfaction == 1
    assert not list(audit.findings(WorkOrder.objects.filter(pk__in=[main.pk, own.pk])))


def test_a_merged_report_waits_for_the_main_one(town):
    for status in ("filed", "handling", "fed_back"):
        _main, own = merged(town, status)
        not_now("rating_not_open", own)


# -- by whom


def test_nobody_who_handled_it_rates_it(town):
    order = reported(town, "revisiting")
    for person in (town.handler, town.head):
        with pytest.raises(NotPermitted) as refusal:
            rate(order, rater=person)
        assert refusal.value.code == "handler_rates_not" and not Rating.objects.exists()
    assert rate(order, rater=town.officer2).status == "closed"


def test_whoever_left_the_unit_after_handling_still_does_not_rate(town):
    order = reported(town, "revisiting")
    Post.objects.filter(person=town.handler).delete()
    forget(town.handler)
    with pytest.raises(NotPermitted):
        rate(order, rater=town.handler)


def test_three_faces_stand_for_five_grades():
    found = {(face, solved): grade_of(face, resolved=solved) for face in FACES for solved in (True, False)}
    assert found == {
        ("good", True): 5, ("good", False): 4, ("fair", True): 3, ("fair", False): 3,
        ("bad", True): 2, ("bad", False): 1,
    }  # fmt: skip
