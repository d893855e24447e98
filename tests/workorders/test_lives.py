"""Lives made in memory are the lives the commands make: the same columns, clocks, parts and hashes."""

import datetime as dt

import pytest

from core import clock, vault
from personnel.jurisdiction import standing_of
from workorders import catalogue, commands, intake
from workorders.deadlines import Limit
from workorders.models import Clock, WorkOrder, WorkOrderEvent
from workorders.simulation import loading
from workorders.simulation.life import COLUMNS, Life, Person
from workorders.simulation.world import Site, World

pytestmark = pytest.mark.django_db

BEGIN = dt.datetime(2026, 3, 2, 9, 0, tzinfo=clock.ZONE)  # a Monday
UNTOLD = {"suggestion"}  # written by the worker after the report


class Pair:
    """One order twice: `real` in the database by the commands, `life` in memory."""

    def __init__(self, town, *, category="0502", by="officer", source="officer", urgency=None, **fields):
        self.town, self.at, self.exactly = town, BEGIN, True
        self.world = World(town.city.pk, on=BEGIN.date())
        self.units = {unit.code: unit for unit in self.world.units.values()}
        person = getattr(town, by)
        raw = {
            "description": "楼下堆了建筑垃圾",
            "category": category,
            "area": town.grid.code,
            "source": source,
            **fields,
        }
        standing = standing_of(person, BEGIN.date())
        self.real = commands.report(intake.read(raw, standing=standing, at=self.at), by=person, at=self.at)
        self.life = Life(self.world, self.real.pk)
        site = Site(
            town.grid.pk, town.grid.code, town.grid.name, "urban", town.community.pk, town.street.pk,
            town.district.pk, town.city.pk, (),
        )  # fmt: skip
        text = ("楼下堆了建筑垃圾", "楼下堆了建筑垃圾")
        told = {name: fields[name] for name in ("reporter_name", "reporter_phone", "external_id") if name in fields}
        role = next(iter(standing.roles))
        self.life.report(
            site, self.at, by=self.person(by), role=role, text=text, category=catalogue.find(category), source=source,
            **told,
        )  # fmt: skip
        if fields.get("self_handled"):
            self.life.settle_on_the_spot(self.at, self.person(by), result=fields["result"], sampled=self.real.sampled)
        else:
            self.life.starts_waiting(self.at)

    def person(self, username):
        user = getattr(self.town, username)
        return Person(user.pk, user.name)

    def later(self, **delta):
        """Go on in time; what happens by itself happens on both sides, at its own moments."""
        until = self.at + dt.timedelta(**delta)
        self.real.refresh_from_db()
        while self.real.next_timer_at and self.real.next_timer_at <= until:
            commands.fire(self.real, at=self.real.next_timer_at)
            self.real = WorkOrder.objects.get(pk=self.real.pk)
        self.life.advance(until)
        self.at = until
        return self

    def real_move(self, name, username, **given):
        person = getattr(self.town, username)
        self.real = commands.perform(name, WorkOrder.objects.get(pk=self.real.pk), by=person, at=self.at, given=given)

    def compare(self):
        """Nothing may differ."""
        life = self.life.finish()
        real = WorkOrder.objects.get(pk=self.real.pk)
        stored = {name: getattr(real, name) for name in COLUMNS if name not in UNTOLD}
        made = {name: getattr(life.order, name) for name in COLUMNS if name not in UNTOLD}
        events = list(real.events.all())
        fields = [name for name in WorkOrderEvent.sealed_fields() if name not in ("previous_hash", "recorded_at")]
        assert [_plain({name: getattr(event, name) for name in fields}) for event in events] == [
            _plain({name: event[name] for name in fields}) for event in life.events
        ]
        if self.exactly:
            assert [event.hash for event in events] == [event["hash"] for event in life.events]
        last = {"last_hash"} if not self.exactly else set()
        assert _plain({k: v for k, v in stored.items() if k not in last}) == _plain(
            {k: v for k, v in made.items() if k not in last}
        )
        assert [_clock(one) for one in Clock.objects.filter(order=real).order_by("pk")] == [
            _ticking(one) for one in life.clocks.clocks
        ]
        names = ("kind", "unit_id", "officer_id", "by_id", "task", "forced", "assigned_at", "due_at", "signed_at",
                 "arrived_at", "ended_at", "outcome", "result", "reported_at", "whistle")  # fmt: skip
        parts = [{name: getattr(one, name) for name in names} for one in real.assignments.order_by("pk")]
        assert parts == [{name: one[name] for name in names} for one in life.assignments]
        for rows, mine in (
            (real.extensions.order_by("pk"), life.extensions),
            (real.supervisions.order_by("pk"), life.supervisions),
        ):
            assert [{name: getattr(one, name) for name in row} for one, row in zip(rows, mine, strict=True)] == mine


def _plain(value):
    """Moments written with different offsets are the same moments."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, str) and "T" in value and ":" in value:
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _clock(one):
    stops = [(pause.since, pause.until, pause.reason) for pause in one.pauses.order_by("pk")]
    return (one.kind, one.unit_id, one.limit, one.own_limit, one.urgency_steps, one.since, one.due_at, one.stopped_at,
            one.paused_at, one.is_rework, one.was_returned, one.was_paused, stops)  # fmt: skip


def _ticking(one):
    return (one.kind, one.unit_id, one.limit.to_json(), one.own_limit.to_json(), one.urgency_steps, one.since,
            one.due_at, one.stopped_at, one.paused_at, one.is_rework, one.was_returned, bool(one.pauses),
            [tuple(pause) for pause in one.pauses])  # fmt: skip


def accepted(pair, category="0502"):
    pair.later(minutes=20).real_move("accept", "acceptor", category=category)
    pair.life.accept(pair.at, pair.person("acceptor"), "acceptor", catalogue.find(category))


def dispatched(pair, unit="620105-UM"):
    pair.later(minutes=15).real_move("dispatch", "dispatcher", unit=unit)
    pair.life.dispatch(pair.at, pair.person("dispatcher"), "dispatcher", pair.units[unit])


def signed(pair, by="handler"):
    pair.later(minutes=30).real_move("sign", by)
    pair.life.sign(pair.at, pair.person(by))


def fed_back(pair, by="handler"):
    given = {"internal_result": "已清运", "public_answer": "已清理", "resolved": True}
    pair.real_move("feedback", by, **given)
    pair.life.feedback(pair.at, pair.person(by), "handler", "已清运", "已清理")


def test_the_straight_way(town):
    pair = Pair(town)
    accepted(pair)
    dispatched(pair)
    signed(pair)
    pair.later(hours=3)
    fed_back(pair)
    pair.compare()
    pair.later(minutes=40).real_move("pass_check", "officer", note="已清")
    pair.life.pass_check(pair.at, pair.person("officer"), "officer", "已清")
    pair.later(minutes=5).real_move("revisit", "reviewer", reached=False)
    pair.life.revisit(pair.at, pair.person("reviewer"), reached=False)
    pair.later(hours=2).real_move("revisit", "reviewer", reached=True, resolved=True, satisfaction=4, note="满意")
    pair.life.revisit(pair.at, pair.person("reviewer"), reached=True, resolved=True, satisfaction=4, note="满意")
    pair.compare()


def test_settled_on_the_spot(town):
    pair = Pair(town, category="0501", self_handled=True, result="已清扫")
    pair.compare()
    pair.later(hours=1).real_move("pass_check", "clerk")
    pair.life.pass_check(pair.at, pair.person("clerk"), "clerk")
    pair.later(days=6)  # closes by itself on the third working day
    assert pair.life.order.status == "closed"
    pair.compare()


def test_returned_decided_extended_and_suspended(town):
    pair = Pair(town, category="0702")
    accepted(pair, "0702")
    dispatched(pair, "620105-HC")
    pair.later(hours=1).real_move("return", "handler2", reason="不属于", suggested_unit="620105-UM")
    hc, um = pair.units["620105-HC"], pair.units["620105-UM"]
    pair.life.give_back(pair.at, pair.person("handler2"), hc, "不属于", um)
    pair.compare()
    pair.later(minutes=70).real_move("decide", "instructor", unit="620105-UM", note="请办理")
    pair.life.decide(pair.at, pair.person("instructor"), um, "请办理")
    signed(pair)
    pair.compare()
    pair.exactly = False  # a granted moment is told with the offset it was read with
    until = dt.datetime(2026, 3, 12, 17, 30, tzinfo=clock.ZONE)
    pair.later(hours=6).real_move("request_extension", "handler", until=until.isoformat(), reason="等配件")
    pair.life.request_extension(pair.at, pair.person("handler"), until, "等配件")
    pair.later(hours=16).real_move("decide_extension", "duty", approve=True, note="同意")
    pair.life.decide_extension(pair.at, pair.person("duty"), "duty_leader", True, "同意")
    pair.compare()
    pair.later(hours=5).real_move("suspend", "duty", reason="等专题会", review_on="2026-03-20")
    pair.life.suspend(pair.at, pair.person("duty"), "等专题会", dt.date(2026, 3, 20))
    pair.compare()
    pair.later(days=4).real_move("resume", "duty")
    pair.life.resume(pair.at, pair.person("duty"))
    pair.compare()
    pair.later(days=2)
    fed_back(pair)
    pair.compare()


def test_late_with_cards_rework_and_reopening(town):
    pair = Pair(town, source="officer")
    accepted(pair)
    dispatched(pair)
    signed(pair)
    pair.exactly = False  # an event of a timer tells the due moment with the offset it was read with
    pair.later(days=9)  # urged twice, overdue, yellow, red
    assert [row["card"] for row in pair.life.supervisions] == ["yellow", "red"]
    pair.compare()
    fed_back(pair)
    for _round in range(2):
        pair.later(minutes=50).real_move("fail_check", "officer", reason="还有一半")
        pair.life.fail_check(pair.at, pair.person("officer"), "officer", "还有一半")
        pair.later(hours=2)
        fed_back(pair)
    pair.compare()
    pair.later(minutes=30).real_move("pass_check", "officer")
    pair.life.pass_check(pair.at, pair.person("officer"), "officer")
    pair.later(days=8).real_move("reopen", "duty", reason="又堆满了")
    pair.life.reopen(pair.at, pair.person("duty"), "又堆满了")
    pair.compare()


def test_the_hotline_way_with_co_handlers_whistle_and_urging(town):
    pair = Pair(
        town, by="acceptor", source="hotline", external_id="12345-1", reporter_name="王女士",
        reporter_phone="13800000001",
    )  # fmt: skip
    accepted(pair)
    pair.later(minutes=15).real_move("dispatch", "dispatcher", unit="620105-UM", co_units=["620105-HC"], note="请配合")
    um, hc = pair.units["620105-UM"], pair.units["620105-HC"]
    pair.life.dispatch(pair.at, pair.person("dispatcher"), "dispatcher", um, co_units=[hc], note="请配合")
    pair.later(seconds=2)
    commands.follow(pair.real, at=pair.at)
    pair.life.follow(pair.at, pair.person("officer"), pair.real.assignments.get(kind="follow").due_at)
    signed(pair)
    pair.compare()
    pair.later(minutes=10).real_move("whistle", "chief", kind="joint", units=["620105-HC"], note="请到场")
    due = clock.local(pair.real.assignments.get(kind="whistle").due_at)
    pair.life.whistle(pair.at, pair.person("chief"), "chief", "joint", [hc], due, "请到场")
    pair.later(minutes=90).real_move("arrive", "handler2", location={"lon": 103.705, "lat": 36.105})
    pair.life.arrive(pair.at, pair.person("handler2"), hc, {"lon": 103.705, "lat": 36.105}, None)
    pair.later(minutes=10).real_move("co_feedback", "handler2", result="已配合")
    pair.life.co_feedback(pair.at, pair.person("handler2"), hc, "已配合")
    pair.real_move("urge", "manager", note="抓紧")
    pair.life.urge(pair.at, pair.person("manager"), "manager", "抓紧")
    pair.compare()
    pair.later(minutes=10)
    fed_back(pair)
    pair.later(minutes=10).real_move("pass_check", "officer")
    pair.life.pass_check(pair.at, pair.person("officer"), "officer")
    pair.later(hours=1).real_move("revisit", "reviewer", reached=True, resolved=True, satisfaction=5)
    pair.life.revisit(pair.at, pair.person("reviewer"), reached=True, resolved=True, satisfaction=5)
    pair.compare()
    assert pair.life.order.reporter_phone_hash == vault.keyed_hash("13800000001")


def test_upwards_after_verification(town):
    pair = Pair(town)
    pair.later(minutes=10).real_move("verify", "acceptor")
    pair.life.verify(pair.at, pair.person("acceptor"), pair.person("officer"))
    pair.compare()
    pair.later(hours=1).real_move("verified", "officer", outcome=True, note="属实")
    pair.life.verified(pair.at, pair.person("officer"), True, "属实")
    pair.compare()
    accepted(pair)
    pair.later(minutes=5).real_move("escalate", "dispatcher", attempt="协调两次")
    pair.life.escalate(pair.at, pair.person("dispatcher"), "dispatcher", "协调两次")
    pair.compare()


def test_an_emergency_goes_up_by_itself(town):
    pair = Pair(town, category="0306")
    pair.exactly = False
    pair.later(minutes=12)  # overdue and on its way to the city at the same moment
    assert [event["kind"] for event in pair.life.events] == ["report", "urge", "overdue", "escalate"]
    pair.compare()


def test_rework_halves_the_limit_the_dispatcher_set(town):
    pair = Pair(town)
    accepted(pair)
    pair.later(minutes=15).real_move("dispatch", "dispatcher", unit="620105-UM", limit="6wh")
    um = pair.units["620105-UM"]
    pair.life.dispatch(pair.at, pair.person("dispatcher"), "dispatcher", um, limit=Limit(6, "wh"))
    signed(pair)
    fed_back(pair)
    pair.later(minutes=20).real_move("fail_check", "officer", reason="还有一半")
    pair.life.fail_check(pair.at, pair.person("officer"), "officer", "还有一半")
    assert pair.life.clocks.find("handle").limit == Limit(3, "wh")
    pair.compare()


def test_every_column_of_the_tables_is_written(town):
    """A column somebody adds later must find its place here as well."""
    pair = Pair(town)
    batch = loading.batch_of([pair.life.finish()])
    assert batch.rows == 3 and batch.texts[0].count("\t") == len(COLUMNS) - 1
    assert len(COLUMNS) == len(WorkOrder._meta.concrete_fields)
