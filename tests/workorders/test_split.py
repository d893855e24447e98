"""Splitting: parts at the same place and of the same reporter, linked both ways; refused once somebody acts."""

import pytest

from core import clock
from core.errors import Invalid, NotAllowedNow, NotPermitted
from personnel.jurisdiction import standing_of
from tests.pages.staff import pages_of
from tests.workorders.acting import TUESDAY, bring, last, report, told
from workorders import audit, figures
from workorders.commands.splitting import MOST, Share, split
from workorders.figures import checking
from workorders.models import Category, OrderPart, WorkOrder
from workorders.similar import similar_to

pytestmark = pytest.mark.django_db


def parts_of(order, by, *texts, category=None):
    return split(order, by=by, at=TUESDAY, shares=[Share(text, category) for text in texts])


def test_parts_keep_place_and_reporter_and_go_their_own_way(town):
    order = report(town.acceptor, at=TUESDAY, source="hotline", reporter_name="李明", reporter_phone="13812345678")
    kind = Category.objects.get(code="0501")
    lamp, waste = parts_of(order, town.acceptor, "路灯不亮", "垃圾满溢", category=kind)
    for one in (lamp, waste):
        one = WorkOrder.objects.get(pk=one.pk)
        assert (one.status, one.area_id, one.source, one.category) == ("reported", order.area_id, "hotline", kind)
        assert (one.reporter_id, one.reporter_phone) == (order.reporter_id, "13812345678")
        assert one.part_of.origin_id == order.pk
    event = last(order)
    assert (event.kind, event.actor_role, event.data) == ("split", "acceptor", {"parts": [lamp.number, waste.number]})
    assert WorkOrder.objects.get(pk=order.pk).status == "reported"
    told(order)
    figures.count(TUESDAY)
    assert list(audit.findings()) == [] == list(checking.findings())


def test_who_may_split_and_until_when(town):
    order = report(town.officer, at=TUESDAY)
    with pytest.raises(NotPermitted):
        parts_of(order, town.handler, "路灯不亮")
    with pytest.raises(NotPermitted):
        parts_of(order, town.dispatcher2, "路灯不亮")
    [part] = parts_of(order, town.dispatcher, "路灯不亮")
    with pytest.raises(NotAllowedNow, match="a part itself|拆分"):
        parts_of(part, town.dispatcher, "井盖松动")
    bring(order, town, "dispatched", at=TUESDAY)
    with pytest.raises(NotAllowedNow):
        parts_of(order, town.dispatcher, "井盖松动")


def test_not_into_nothing_and_not_without_end(town):
    order = report(town.officer, at=TUESDAY)
    with pytest.raises(Invalid):
        parts_of(order, town.acceptor)
    parts_of(order, town.acceptor, *["路灯不亮"] * (MOST - 1))
    with pytest.raises(Invalid):
        parts_of(order, town.acceptor, "井盖松动", "垃圾满溢")
    assert OrderPart.objects.count() == MOST - 1


def test_both_pages_lead_to_each_other(town, client):
    client.cookies["gridgov_language"] = "en"
    order = report(town.officer, at=TUESDAY)
    client.force_login(town.acceptor)
    empty = client.post(f"/desk/{order.number}/split/", {"text_1": ""})
    assert empty.status_code == 400 and OrderPart.objects.count() == 0
    answer = client.post(
        f"/desk/{order.number}/split/", {"text_1": "路灯不亮", "category_1": "0501", "text_2": "垃圾满溢"}
    )
    assert answer.status_code == 302
    numbers = list(WorkOrder.objects.filter(part_of__origin=order).values_list("number", flat=True))
    page = pages_of(client, town.acceptor, f"/desk/{order.number}/")
    assert len(numbers) == 2 and all(f'href="/desk/{one}/"' in page for one in numbers)
    part = pages_of(client, town.acceptor, f"/desk/{numbers[0]}/")
    assert "Part of" in part and f'href="/desk/{order.number}/"' in part
    assert "/split/" not in pages_of(client, town.inspector, f"/board/{order.number}/")


def test_a_part_is_no_duplicate_of_its_origin_and_is_not_split_again(town, client):
    order = report(town.acceptor, description="路灯不亮，垃圾满溢")
    shares = [Share("路灯不亮", None), Share("垃圾满溢，路灯不亮", None)]
    part, _other = split(order, by=town.acceptor, at=clock.now(), shares=shares)
    twin = report(town.acceptor, description="路灯不亮，垃圾满溢")

    def likely(one):
        return {found.number for found in similar_to(one, standing=standing_of(town.acceptor, clock.today()))}

    assert likely(order) == likely(part) == {twin.number}
    assert f"/desk/{order.number}/split/" in pages_of(client, town.acceptor, f"/desk/{order.number}/")
    assert f"/desk/{part.number}/split/" not in pages_of(client, town.acceptor, f"/desk/{part.number}/")
