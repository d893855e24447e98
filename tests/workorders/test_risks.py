"""Signs of trouble: each found for what it rests on, told in a sentence, and forgotten when it no longer holds."""

import datetime as dt

import pytest
from django.utils import translation

from grids.geometry import metres_per_degree
from tests.workorders.acting import RESULT, bring, do, photo_of, report
from tests.workorders.clockwork import at
from workorders import figures, risks
from workorders.figures import Scope, checking
from workorders.models import Attachment, Risk, WorkOrder

pytestmark = pytest.mark.django_db
NOW = at("2026-03-10 09:00")
K = Risk.Kind


def found(order, moment):
    """{kind: the sentence} after the worker has counted at that moment."""
    figures.count(moment)
    order = WorkOrder.objects.get(pk=order.pk)
    with translation.override("en"):
        return {one.kind: risks.why(one, order, moment) for one in Risk.objects.filter(order=order)}


def test_overdue_appears_by_itself_and_goes_with_the_answer(town):
    order = bring(report(town.officer, at=NOW), town, "handling", at=NOW)
    assert found(order, NOW) == {}
    late = WorkOrder.objects.get(pk=order.pk).due_at + dt.timedelta(hours=5)
    assert found(order, late) == {K.OVERDUE: "Overdue by 5 hours."}
    assert found(order, late + dt.timedelta(days=3)) == {K.OVERDUE: "Overdue by 3 days."}
    do("feedback", order, town.handler, at=late, **RESULT)
    assert found(order, late) == {}


def test_returned_twice_and_to_be_decided(town):
    order = bring(report(town.officer, at=NOW), town, "dispatched", at=NOW, unit="620105-HC")
    order = do("return", order, town.handler2, at=NOW, reason="不属于本单位")
    assert found(order, NOW) == {K.DISPUTED: "A unit returned it and nobody has it now."}
    order = do("dispatch", order, town.dispatcher, at=NOW, unit="620105-UM")
    assert found(order, NOW) == {}
    order = do("return", order, town.handler, at=NOW, reason="不属于本单位")
    assert found(order, NOW)[K.RETURNED] == "Units returned it 2 times."


def test_closed_but_not_satisfied(town):
    order = bring(report(town.officer, at=NOW), town, "dispatched", at=NOW)
    later = NOW + dt.timedelta(hours=2)
    order = bring(order, town, "revisiting", at=later)
    order = do("revisit", order, town.reviewer, at=later, reached=True, resolved=True, satisfaction=2)
    assert found(order, later) == {K.UNHAPPY: "Said to be handled; the reporter gave 2 of 5."}
    assert risks.counts([Scope(town.district.pk)]) == {K.UNHAPPY: 1}
    figures.count_everything(later + dt.timedelta(days=31))
    assert risks.counts([Scope(town.district.pk)]) == {}


def test_answered_within_a_minute(town):
    order = bring(report(town.officer, at=NOW), town, "handling", at=NOW)
    do("feedback", order, town.handler, at=NOW + dt.timedelta(seconds=41), **RESULT)
    assert found(order, NOW + dt.timedelta(minutes=2)) == {K.RUSHED: "Answered 41 seconds after it was dispatched."}
    patient = bring(report(town.officer, at=NOW), town, "handling", at=NOW)
    do("feedback", patient, town.handler, at=NOW + dt.timedelta(seconds=61), **RESULT)
    assert found(patient, NOW + dt.timedelta(minutes=2)) == {}


def test_a_photo_used_before(town):
    first, second, third = (report(town.officer, at=NOW) for _order in range(3))
    for minute, (order, bits) in enumerate(((first, 0x0F0F_1234_5678_9ABC), (second, 0x0F0F_1234_5678_9ABF),
                                            (third, 0xF0F0_1234_5678_9ABC))):  # fmt: skip
        photo = photo_of(order, at=NOW + dt.timedelta(minutes=minute))
        Attachment.objects.filter(pk=photo.pk).update(perceptual_hash=f"{bits:016x}")
    assert found(first, NOW + dt.timedelta(hours=1)) == {}
    assert found(second, NOW) == {K.PHOTO: f"Nearly the same photo as with order {first.number}."}
    assert found(third, NOW) == {}


@pytest.mark.parametrize(("metres", "told"), [(290, False), (320, True)])
def test_a_photo_away_from_the_place(town, metres, told):
    lon, lat = town.inside(town.main_grid)
    order = report(town.officer, at=NOW, area=None, lon=lon, lat=lat)
    east, _north = metres_per_degree(lat)
    photo = photo_of(order, at=NOW)
    Attachment.objects.filter(pk=photo.pk).update(lon=lon + metres / east, lat=lat)
    assert (K.FAR in found(order, NOW)) is told


def test_a_unit_that_signs_in_far_away(town):
    lon, lat = town.inside(town.main_grid)
    order = bring(report(town.officer, at=NOW, area=None, lon=lon, lat=lat), town, "handling", at=NOW)
    do("whistle", order, town.chief, at=NOW, kind="joint", units=["620105-HC"])
    do("arrive", order, town.handler2, at=NOW, location=f"{lon},{lat + 0.01}")
    [words] = found(order, NOW).values()
    assert words.startswith("The unit signed in 11") and words.endswith("m from the place reported.")


def test_an_officer_who_closes_own_reports_is_named_once(town):
    for _report in range(12):
        report(town.officer, at=NOW, category="0501", self_handled=True, result="已清理")
    figures.count(NOW)
    [one] = Risk.objects.filter(kind=K.OWN)
    assert (one.data["own"], one.data["reports"]) == (12, 12)
    assert list(checking.findings()) == []


def test_risks_stay_within_the_scope(town):
    order = bring(report(town.officer, at=NOW), town, "handling", at=NOW)
    late = WorkOrder.objects.get(pk=order.pk).due_at + dt.timedelta(hours=5)
    figures.count(late)
    for scope, count in (
        (Scope(town.city.pk), 1),
        (Scope(town.main_grid.pk), 1),
        (Scope(town.district2.pk), 0),
        (Scope(town.city.pk, unit_id=town.um.pk), 1),
        (Scope(town.city.pk, unit_id=town.hc.pk), 0),
    ):
        assert risks.counts([scope]).get(K.OVERDUE, 0) == count
    assert risks.counts([]) == {}
