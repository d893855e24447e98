"""Who hears of an event, once, in words, and by which channels outside the site."""

import datetime as dt

import pytest
from django.utils import translation

from core import clock, outbox
from core.models import Outbox
from personnel.models import Post
from tests.workorders.acting import TUESDAY, bring, do, last, report, told
from workorders import channels, commands, sentences, tasks, telling, workflow
from workorders.models import Delivery, Notice, WorkOrder

pytestmark = pytest.mark.django_db


def test_the_nearest_holders_from_the_responsible_level_upwards(town):
    order = report(town.officer, at=TUESDAY)

    def nearest(role, level):
        return telling.nearest_holders(role, WorkOrder(area_id=order.area_id, level=level), on=TUESDAY.date())

    Post.objects.create(person=town.manager, role="acceptor", area=town.street, starts=dt.date(2026, 1, 1))
    Post.objects.create(person=town.auditor, role="acceptor", area=town.city, starts=dt.date(2026, 1, 1))
    assert nearest("acceptor", "community") == [town.manager.pk]  # nobody there, the street is next
    assert nearest("acceptor", "street") == [town.manager.pk]
    assert nearest("acceptor", "district") == [town.acceptor.pk]
    assert nearest("acceptor", "city") == [town.auditor.pk]
    assert nearest("reviewer", "city") == []
    assert nearest("reviewer", "unknown") == [town.reviewer.pk]
    Post.objects.filter(person=town.acceptor).update(ends=TUESDAY.date())
    assert nearest("acceptor", "district") == [town.auditor.pk]  # a post that ends that day is over


def test_extensions_go_to_the_duty_leader_where_nobody_else_decides(town):
    Post.objects.filter(role="instructor").delete()
    Post.objects.create(person=town.neighbour, role="handler", unit=town.st, starts=dt.date(2026, 1, 1))
    order = bring(report(town.officer), town, "handling", unit="620105006-ST", handler=town.neighbour)
    until = (clock.now() + dt.timedelta(days=9)).isoformat()
    order = do("request_extension", order, town.neighbour, until=until, reason="等配件")
    assert told(order, "request_extension") == {"duty"}


def test_two_ways_to_hear_of_it_make_one_notice(town):
    Post.objects.create(person=town.clerk, role="acceptor", area=town.district, starts=dt.date(2026, 1, 1))
    order = report(town.officer)
    outbox.drain()
    assert Notice.objects.filter(order=order, person=town.clerk).count() == 1


def test_notices_are_made_once_however_often_the_worker_runs(town):
    order = bring(report(town.acceptor, source="hotline"), town, "revisiting")
    outbox.drain()
    before = list(Notice.objects.order_by("pk").values_list("pk", flat=True))
    Outbox.objects.update(done_at=None)
    outbox.drain()
    assert list(Notice.objects.order_by("pk").values_list("pk", flat=True)) == before and len(before) > 5
    assert not Outbox.objects.filter(done_at=None).exists() and order.pk


def test_inactive_people_hear_nothing(town):
    town.acceptor.is_active = False
    town.acceptor.save()
    assert told(report(town.officer)) == {"clerk"}


def test_every_notice_has_its_sentence(town):
    heard = {move.name for move in workflow.MOVES if move.tells} | set(telling.BESIDES)
    others = {kind for kind in sentences.NOTICES if kind.startswith(("assessment_", "export_"))}  # told by others
    assert heard == set(sentences.NOTICES) - others
    audiences = {name for move in workflow.MOVES for name in move.tells} | {
        name for names in telling.BESIDES.values() for name in names
    }
    assert audiences <= set(telling._AUDIENCES)


def test_a_notice_says_what_it_is_about_in_the_readers_language(town):
    order = do("decline", report(town.officer, title="100%的垃圾"), town.acceptor, reason="不属于受理范围")
    outbox.drain()
    notice = Notice.objects.get(kind="decline")
    assert notice.data == {"number": order.number, "title": "100%的垃圾", "reason": "不属于受理范围"}
    with translation.override("en"):
        assert sentences.notice_text(notice) == f"{order.number} was declined: 不属于受理范围"
        notice.data = {}
        assert sentences.notice_text(notice) == "– was declined: –"
    assert str(notice) and str(Delivery(notice=notice, channel="console"))


def test_events_nobody_has_to_hear_of(town):
    order = report(town.officer)
    event = last(order)
    event.kind = "imported"
    assert telling.tell(event) == 0


# -- channels


@pytest.fixture
def sent(settings, monkeypatch):
    """A channel that keeps what it was given; `sent.fails` lets it refuse."""

    class Sent(list):
        fails = 0

    box = Sent()

    def carry(notice, text):
        if box.fails:
            box.fails -= 1
            raise OSError("the gateway is away")
        box.append((notice.person.username, text))

    monkeypatch.setitem(channels.CHANNELS, "box", carry)
    settings.NOTICE_CHANNELS = ["box"]
    return box


def later():
    """Pretend that the waiting time of every message is over."""
    Outbox.objects.filter(done_at=None).update(next_at=clock.now() - dt.timedelta(seconds=1))
    outbox.drain()


def test_a_notice_goes_out_once_in_the_readers_language(town, sent):
    type(town.acceptor).objects.filter(pk=town.acceptor.pk).update(language="en")
    order = report(town.officer)
    outbox.drain()
    assert sorted(name for name, _text in sent) == ["acceptor", "clerk"]
    assert dict(sent)["acceptor"] == f"New report {order.number} waits for acceptance: {order.title}"
    Outbox.objects.update(done_at=None)
    outbox.drain()
    assert len(sent) == 2
    assert Delivery.objects.filter(sent_at__isnull=False, attempts=1, channel="box").count() == 2


def test_a_failing_channel_is_asked_again_and_blocks_nobody(town, sent):
    sent.fails = 3
    order = report(town.officer)
    assert told(order) == {"acceptor", "clerk"}  # the notices themselves are there at once
    assert sent == []
    waiting = Outbox.objects.get(done_at=None)
    assert waiting.topic == "workorders.deliver" and waiting.next_at > clock.now() + dt.timedelta(seconds=4)
    assert order.events.count() == 1
    later()
    assert len(sent) == 1
    later()
    assert len(sent) == 2 and not Outbox.objects.filter(done_at=None).exists()
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) in ([2, 3], [3, 3])
    assert {"the gateway is away" in error for error in Delivery.objects.values_list("last_error", flat=True)} == {True}


def test_after_five_tries_it_is_left(town, sent):
    sent.fails = 10**6
    report(town.officer)
    outbox.drain()
    for _try in range(8):
        later()
    assert list(Delivery.objects.values_list("attempts", "sent_at")) == [(5, None), (5, None)]
    assert not Outbox.objects.filter(done_at=None).exists()


def test_a_channel_nobody_knows_fails_like_one_that_is_away(town, settings):
    settings.NOTICE_CHANNELS = ["pigeon"]
    order = report(town.officer)
    assert told(order) == {"acceptor", "clerk"}
    assert Delivery.objects.filter(sent_at=None, attempts=1).count() == 2


def test_the_console_writes_into_the_log(town, settings, caplog):
    settings.NOTICE_CHANNELS = ["console"]
    town.acceptor.phone = "13912345678"
    town.acceptor.save()
    order = report(town.officer)
    with caplog.at_level("INFO", logger="gridgov.notices"):
        outbox.drain()
    assert sum(order.number in record.getMessage() for record in caplog.records) == 2
    assert "13912345678" not in caplog.text
    tasks.deliver(notices=[])


def test_routing_is_proposed_for_the_dispatcher(town):
    from workorders import seeding

    seeding.seed_routes(town.district, on=TUESDAY.date())
    order = report(town.officer, at=TUESDAY)
    outbox.drain()
    order.refresh_from_db()
    assert order.suggestion == {"unit": "620105-UM", "name": town.um.name, "reason": "routing"}
    bare = report(town.officer, at=TUESDAY, category=None)
    outbox.drain()
    assert WorkOrder.objects.get(pk=bare.pk).suggestion is None
    commands.comment(bare, by=town.officer, at=TUESDAY, text="补充")


def test_a_unit_called_in_at_the_dispatch_is_told_so_and_not_asked_to_sign(town):
    Post.objects.create(person=town.neighbour, role="handler", unit=town.hc, starts=dt.date(2026, 1, 1))
    order = bring(report(town.officer), town, "filed")
    order = do("dispatch", order, town.dispatcher, unit="620105-UM", co_units=["620105-HC"])
    outbox.drain()
    kinds = dict(Notice.objects.filter(event=last(order)).values_list("person__username", "kind"))
    assert kinds[town.neighbour.username] == "co_dispatch" and kinds[town.handler.username] == "dispatch"
