"""One order from report to close, in memory: each method is the command of the same name without the database.

A `Life` keeps the order's columns and the rows that hang on it; `loading` writes them. The judge is not asked: the
stories only tell what the people named in them may do, and check_orders looks at the result.
"""

from collections import namedtuple
from datetime import datetime

from core import clock
from core.events import digest
from workorders.commands.accepting import max_urgency
from workorders.models import WorkOrder
from workorders.simulation.ticking import Ticker
from workorders.vocabulary import FINAL, Status

S = Status
HANDLING_CLOCKS = ("contain", "restore", "handle")
CARD_RANK = {"": 0, "yellow": 1, "red": 2}
UPWARDS = {"community": "street", "street": "district", "district": "city"}
_STATUS_OF = {
    "accept": (S.REPORTED,),
    "verify": (S.VERIFYING,),
    "dispatch": (S.FILED,),
    "sign": (S.DISPATCHED,),
    "contain": (S.DISPATCHED, S.HANDLING),
    "restore": (S.DISPATCHED, S.HANDLING),
    "handle": (S.DISPATCHED, S.HANDLING),
    "check": (S.FED_BACK,),
    "revisit": (S.REVISITING,),
}

# Who acts: `name` as events keep it.
Person = namedtuple("Person", "id name")

COLUMNS = tuple(field.attname for field in WorkOrder._meta.concrete_fields)
_BLANK = {field.attname: field.get_default() for field in WorkOrder._meta.concrete_fields}


class Order:
    """The columns of one order, and what its clocks want to know of it."""

    def __init__(self):
        self.__dict__.update(_BLANK)
        self.category = None
        self.granted: list[tuple[datetime, datetime]] = []  # extensions: decided at, until
        self.settled_at: datetime | None = None


class Life:
    """One order and its rows. world: places, categories, calendar (`workorders.simulation.world.World`)."""

    def __init__(self, world, pk: int):
        self.world, self.order = world, Order()
        self.order.id = pk
        self.clocks = Ticker(self.order, world)
        self.events: list[dict] = []
        self.assignments: list[dict] = []
        self.extensions: list[dict] = []
        self.supervisions: list[dict] = []
        self.public: dict | None = None
        self.rating: dict | None = None
        self.area_name = ""

    # -- what every step does

    def record(self, kind: str, at: datetime, by: Person | None, role: str, before: str, **data):
        """Append the next event of the chain; what happened by itself before it must have been told already."""
        order = self.order
        values = {
            "kind": kind,
            "at": at,
            "recorded_at": at,
            "actor_id": by.id if by else None,
            "actor_name": by.name if by else "",
            "actor_role": role,
            "area_name": self.area_name,
            "before": str(before),
            "after": str(order.status),
            "data": {key: value for key, value in data.items() if value not in (None, "", [], {})},
            "sequence": order.version + 1,
            "previous_hash": order.last_hash,
            "order_id": order.id,
        }
        values["hash"] = digest(values)
        self.events.append(values)
        order.version, order.last_hash = values["sequence"], values["hash"]
        order.settled_at = at

    def _step(self, kind, at, by, role, target=None, **data):
        before, self.order.status = self.order.status, target or self.order.status
        self.record(kind, at, by, role, before, **data)

    def advance(self, until: datetime):
        """Let happen what happens by itself up to this moment: urging, overdue, cards, escalation, closing."""
        while self.order.status not in FINAL:
            timer = self.clocks.next_timer(self.order.settled_at, until)
            if timer is None:
                break
            moment, rule, kind = timer
            self.order.settled_at = moment
            if self.order.status in _STATUS_OF[kind]:
                _RULES[rule](self, moment, kind)
        self.order.settled_at = max(self.order.settled_at, until)

    @property
    def is_open(self) -> bool:
        """Whether anybody still has to act on it."""
        return self.order.status not in FINAL

    # -- report

    def report(self, site, at, *, by: Person | None, role: str, text, category, source, **fields):
        """A problem becomes an order at a site (a grid with its ancestors); text: (title, description)."""
        order = self.order
        self.area_name = site.name
        local = clock.local(at)
        order.number = f"{local:%Y%m%d}{order.id:06d}"
        order.area_id, order.community_id, order.street_id = site.id, site.community_id, site.street_id
        order.district_id, order.city_id, order.level = site.district_id, site.city_id, "district"
        order.title, order.description = text
        order.category, order.source = category, str(source)
        if category is not None:
            order.category_id = order.reported_category_id = category.pk
            order.urgency, order.difficulty = category.urgency, category.difficulty
            order.suggestion = self.world.suggestion(category, site, local.date())
        order.reporter_id, order.reported_at, order.settled_at = by.id if by else None, at, at
        order.status = S.REPORTED.value
        order.__dict__.update(fields)
        self.world.put_reporter(order, fields.get("reporter_name") or (by.name if by else ""), fields)
        self._put_public(source, fields)
        code = category.code if category else None
        self.record("report", at, by, role, "", source=order.source, category=code, urgency=order.urgency)

    def _put_public(self, source, fields):
        if source == "public":
            seed = self.world.secret(self.order.id)
            self.public = {"order_id": self.order.id, **seed, "last4_hash": self.world.last4(fields)}

    def starts_waiting(self, at):
        """The acceptance clock of an ordinary report."""
        self.clocks.start("accept", at)

    def settle_on_the_spot(self, at, by: Person, *, result: str, sampled: bool):
        """The officer kept it and fed it back within the report itself."""
        order = self.order
        order.self_handled, order.officer_id, order.sampled = True, by.id, sampled
        order.dispatched_at = order.signed_at = order.fed_back_at = at
        order.internal_result = order.public_answer = result
        order.resolved = True
        self.clocks.start("check", at)
        self._step("self_handle", at, by, "officer", S.HANDLING.value)
        self._step("feedback", at, by, "officer", S.FED_BACK.value, result=result, sampled=sampled)
        self._give("lead", at, officer=by.id, by=by, signed_at=at, ended_at=at, outcome="done")

    def void(self, at, by, reason):
        """Taken back by whoever reported it."""
        self.clocks.stop(at)
        self._step("void", at, by, "reporter", S.VOIDED.value, reason=reason)

    # -- the centre

    def verify(self, at, by, officer: Person):
        """Have an officer look first."""
        self.order.verify_officer_id = officer.id
        self.clocks.pause(at, "accept", reason="verify")
        self.clocks.start("verify", at)
        self._give("verify", at, officer=officer.id, by=by)
        self._step("verify", at, by, "acceptor", S.VERIFYING.value, officer=officer.id, officer_name=officer.name)

    def verified(self, at, by, outcome: bool, note: str):
        """The officer's answer."""
        self._end("verify", at, "done", note)
        self.order.verify_officer_id = None
        if outcome:
            self.clocks.stop(at, "verify")
            self.clocks.resume(at)
        else:
            self.clocks.stop(at)
            self.order.public_answer = note
        target = S.REPORTED.value if outcome else S.DECLINED.value
        self._step("verified", at, by, "officer", target, outcome=outcome, note=note)

    def accept(self, at, by, role, category, urgency=""):
        """File it under a category."""
        order = self.order
        was = order.category.code if order.category is not None and order.category is not category else None
        if not urgency:
            same = order.category is category
            urgency = order.urgency if same else max_urgency(order.urgency, category.urgency)
        order.category, order.category_id = category, category.pk
        order.urgency, order.difficulty, order.accepted_at = urgency, category.difficulty, at
        order.self_handled = False
        self.clocks.stop(at)
        self.clocks.start("dispatch", at)
        found = {"category": category.code, "reclassified_from": was, "urgency": urgency}
        self._step("accept", at, by, role, S.FILED.value, **found, difficulty=order.difficulty)

    def decline(self, at, by, reason):
        """Refuse it; the reason is public."""
        self.order.public_answer = reason
        self.clocks.stop(at)
        self._step("decline", at, by, "acceptor", S.DECLINED.value, reason=reason)

    def merge(self, at, by, main: Order):
        """Hang it onto its main order."""
        self.order.main_id = main.id
        self.clocks.stop(at)
        self._step("merge", at, by, "acceptor", S.MERGED.value, into=main.number)

    def dispatch(self, at, by, role, unit, *, note="", co_units=(), limit=None):
        """Give it to a unit; after two returns forced, with the handling clock running on."""
        self._dispatch("dispatch", at, by, role, unit, self.order.returns >= 2, note, co_units, limit)

    def decide(self, at, by, unit, note=""):
        """The instructor's binding decision."""
        self._dispatch("decide", at, by, "instructor", unit, True, note, (), None)

    def _dispatch(self, kind, at, by, role, unit, forced, note, co_units, limit):
        order, clocks = self.order, self.clocks
        order.lead_id, order.officer_id, order.forced = unit.id, None, forced
        order.dispatched_at, order.signed_at = at, None
        if forced and clocks.find("handle"):
            clocks.stop(at, "dispatch")
            clocks.resume(at)
        else:
            clocks.stop(at)
            clocks.start_handling(at, self._urgency_steps(), limit=limit, unit_id=unit.id)
        clocks.start("sign", at, unit_id=unit.id)
        self._give("lead", at, unit=unit.id, by=by, task=note, forced=forced)
        for other in co_units:
            order.co_units = [*order.co_units, other.id]
            self._give("co", at, unit=other.id, by=by, task=note, due_at=clocks.find("handle").due_at)
        self._step(
            kind,
            at,
            by,
            role,
            S.DISPATCHED.value,
            unit=unit.code,
            unit_name=unit.name,
            co_units=[other.code for other in co_units],
            note=note,
            limit=str(limit) if limit else None,
            forced=forced or None,
        )

    def follow(self, at, officer: Person, due):
        """Dual dispatch of a hotline order."""
        self.order.follow_officer_id = officer.id
        self._give("follow", at, officer=officer.id, due_at=due)
        self._step("followed", at, None, "system", officer=officer.id, officer_name=officer.name)

    def co_dispatch(self, at, by, role, unit, task):
        """Call a second unit in."""
        self.order.co_units = [*self.order.co_units, unit.id]
        self._give("co", at, unit=unit.id, by=by, task=task, due_at=self.clocks.find("handle").due_at)
        self._step("co_dispatch", at, by, role, unit=unit.code, unit_name=unit.name, task=task)

    def escalate(self, at, by, role, attempt):
        """Hand it to the next level up."""
        order = self.order
        came_from, order.level = order.level, UPWARDS[order.level]
        for row in self.assignments:
            if row["ended_at"] is None and row["kind"] != "follow":
                row.update(ended_at=at, outcome="taken_back")
        self._lapse(at)
        order.lead_id = order.officer_id = None
        order.accepted_at = order.dispatched_at = order.signed_at = None
        order.self_handled = order.forced = False
        self.clocks.stop(at)
        self.clocks.start("accept", at)
        levels = {"from_level": came_from, "to_level": order.level}
        self._step("escalate", at, by, role, S.REPORTED.value, attempt=attempt, **levels)

    # -- handling

    def self_handle(self, at, by: Person, role="officer"):
        """The officer keeps it."""
        order = self.order
        order.officer_id, order.lead_id, order.self_handled = by.id, None, True
        order.dispatched_at = order.signed_at = at
        self.clocks.stop(at)
        self.clocks.start_handling(at, self._urgency_steps())
        self._give("lead", at, officer=by.id, by=by, signed_at=at)
        self._step("self_handle", at, by, role, S.HANDLING.value)

    def pass_on(self, at):
        """The officer's own time is over."""
        officer = self.world.people[self.order.officer_id]
        self._end("lead", at, "taken_back")
        order = self.order
        order.officer_id, order.self_handled = None, False
        order.dispatched_at = order.signed_at = None
        self.clocks.stop(at)
        self.clocks.start("accept", at)
        self._step("pass_on", at, None, "system", S.REPORTED.value, officer_name=officer.name)

    def sign(self, at, by, role="handler"):
        """The unit takes it on."""
        self.order.signed_at = at
        self.clocks.stop(at, "sign")
        self._step("sign", at, by, role, S.HANDLING.value)

    def give_back(self, at, by, unit, reason, suggested=None, role="handler"):
        """Return it to the dispatcher."""
        order = self.order
        self._end("lead", at, "returned", reason)
        order.returned_units = [*order.returned_units, order.lead_id]
        order.lead_id = order.officer_id = None
        order.dispatched_at = order.signed_at = None
        order.returns += 1
        self.clocks.stop(at, "sign", returned=True)
        self.clocks.pause(at, *HANDLING_CLOCKS, reason="return")
        self.clocks.start("dispatch", at)
        self._lapse(at)
        names = {"unit": unit.code, "unit_name": unit.name}
        if suggested is not None:
            names |= {"suggested_unit": suggested.code, "suggested_unit_name": suggested.name}
        self._step("return", at, by, role, S.FILED.value, reason=reason, **names)

    def request_extension(self, at, by, until, reason, role="handler"):
        """Ask for more time."""
        due = self.clocks.find("handle").due_at
        self.order.extension_pending = True
        self.extensions.append(
            {
                "order_id": self.order.id,
                "state": "pending",
                "reason": reason,
                "due_before": due,
                "until": until,
                "granted_until": None,
                "asked_by_id": by.id,
                "asked_at": at,
                "decided_by_id": None,
                "decided_at": None,
                "note": "",
            }
        )
        self._step("request_extension", at, by, role, until=until.isoformat(), reason=reason)

    def decide_extension(self, at, by, role, approve: bool, note=""):
        """Grant or refuse it."""
        asked = self.extensions[-1]
        asked.update(decided_by_id=by.id, decided_at=at, note=note, state="granted" if approve else "refused")
        self.order.extension_pending = False
        if approve:
            asked["granted_until"] = asked["until"]
            self.order.extensions_granted += 1
            self.order.granted.append((at, asked["until"]))
            self.clocks.extend(asked["until"])
        until = asked["until"].isoformat() if approve else None
        self._step("decide_extension", at, by, role, approve=approve, until=until, note=note)

    def suspend(self, at, by, reason, review_on):
        """Put it into the problem store."""
        self.order.suspended_until = review_on
        self.clocks.pause(at, reason="suspend")
        review = review_on.isoformat()
        self._step("suspend", at, by, "duty_leader", S.SUSPENDED.value, reason=reason, review_on=review)

    def resume(self, at, by):
        """Take it up again."""
        self.order.suspended_until = None
        self.clocks.resume(at)
        self._step("resume", at, by, "duty_leader", S.HANDLING.value)

    def comment(self, at, by, role, text):
        """Say something; the handling unit's word ends containment."""
        present = self.clocks.present()
        if self.order.signed_at and role in ("handler", "unit_head") and present["due_kind"] == "contain":
            self.clocks.stop(at, "contain")
        self._step("comment", at, by, role, text=text)

    def feedback(self, at, by, role, result, answer, resolved=True, photos=()):
        """Report what was done."""
        order = self.order
        order.internal_result, order.public_answer, order.resolved = result, answer, resolved
        order.fed_back_at = at
        self._end("lead", at, "done", result)
        self._lapse(at)
        self.clocks.stop(at)
        self.clocks.start("check", at)
        said = {"internal_result": result, "public_answer": answer, "resolved": resolved, "photos": list(photos)}
        self._step("feedback", at, by, role, S.FED_BACK.value, **said)

    def attached(self, at, by, role, attachment: int, photo: str):
        """A photo was added."""
        self._step("attached", at, by, role, attachment=attachment, photo=photo)

    def co_feedback(self, at, by, unit, result):
        """A co-handler reports its part."""
        for row in self.assignments:
            if row["kind"] == "co" and row["unit_id"] == unit.id and row["ended_at"] is None:
                row.update(ended_at=at, outcome="done", result=result)
        self._step("co_feedback", at, by, "handler", unit_name=unit.name, result=result)

    # -- review

    def pass_check(self, at, by, role, note=""):
        """It was done."""
        self.order.checked_at = at
        self.clocks.stop(at)
        self.clocks.start("revisit", at)
        self._step("pass_check", at, by, role, S.REVISITING.value, note=note)

    def fail_check(self, at, by, role, reason):
        """It was not done."""
        self._rework(at, by)
        self._step("fail_check", at, by, role, S.HANDLING.value, reason=reason)
        self._card_for_rework(at)

    def revisit(self, at, by, *, reached, resolved=None, satisfaction=None, note="", rework=False):
        """Ask the reporter."""
        order = self.order
        order.revisits += 1
        data = {"reached": reached, "attempt": order.revisits, "note": note}
        if not reached:
            target = S.REVISITING.value if order.revisits < 3 else S.CLOSED.value
            if target == S.CLOSED:
                self._close(at)
            self._step("revisit", at, by, "reviewer", target, **data)
            return
        order.resolved, order.satisfaction = resolved, satisfaction
        data |= {"resolved": resolved, "satisfaction": satisfaction}
        if rework:
            self._rework(at, by)
            order.resolved = order.satisfaction = None
            self._step("revisit", at, by, "reviewer", S.HANDLING.value, rework=True, **data)
            self._card_for_rework(at)
            return
        self._close(at)
        self._step("revisit", at, by, "reviewer", S.CLOSED.value, **data)

    def close(self, at, by=None):
        """Close without an answer."""
        self._close(at)
        role = "duty_leader" if by else "system"
        self._step("close", at, by, role, S.CLOSED.value, automatic=None if by else True)

    def reopen(self, at, by, reason):
        """Take a closed order up again."""
        order = self.order
        order.reopens += 1
        order.reopen_requested_at = order.resolved = order.satisfaction = None
        self._start_rework(at, by)
        self._step("reopen", at, by, "duty_leader", S.HANDLING.value, reason=reason)

    def rate(self, at, resolved: bool, satisfaction: int, reasons=(), note=""):
        """The resident's answer."""
        order = self.order
        given = {"resolved": resolved, "satisfaction": satisfaction, "reasons": list(reasons), "note": note}
        self.rating = {"order_id": order.id, **given, "at": at}
        unhappy = not resolved or satisfaction <= 2
        order.resolved, order.satisfaction = resolved, satisfaction
        target = None
        if unhappy:
            order.reopen_requested_at = at
        elif order.status == S.REVISITING:
            target, order.closed_at = S.CLOSED.value, at
            self.clocks.stop(at)
        self._step("reopen_requested" if unhappy else "rated", at, None, "reporter", target, **given)

    # -- urging and cards

    def urge(self, at, by, role, note="", share=None, clock_kind=""):
        """Remind whoever's turn it is."""
        self.order.urges += 1
        if by is not None:
            self.order.urged_at = at
        self._step("urge", at, by, role, note=note, share=share, clock=clock_kind)

    def supervise(self, at, by, card, reason, answer_by):
        """An inspector's card."""
        self.order.card = card
        self._card_row(at, card, by=by, reason=reason, answer_by=answer_by)
        answer = answer_by.isoformat()
        self._step("supervise", at, by, "inspector", card=card, reason=reason, answer_by=answer)

    def give_card(self, at, card, rule):
        """The card a rule gives; the higher one stays."""
        if CARD_RANK[card] > CARD_RANK[self.order.card]:
            self.order.card = card
            self._card_row(at, card, rule=rule)
            self._step("carded", at, None, "system", card=card, rule=rule)

    def whistle(self, at, by, role, kind, units, due, note=""):
        """Call units to the spot."""
        for unit in units:
            self._give("whistle", at, unit=unit.id, by=by, task=note, whistle=kind, due_at=due)
        self.order.whistled_units = sorted({*self.order.whistled_units, *(unit.id for unit in units)})
        codes, names = [unit.code for unit in units], [unit.name for unit in units]
        self._step(
            "whistle", at, by, role, whistle=kind, units=codes, unit_names=names, note=note, due_at=due.isoformat()
        )

    def arrive(self, at, by, unit, point: dict, metres: int):
        """A whistled unit signs in."""
        calls = (row for row in self.assignments if row["kind"] == "whistle" and row["unit_id"] == unit.id)
        call = next(calls)
        call.update(arrived_at=at, arrived={**point, "metres": metres})
        self._step("arrive", at, by, "handler", unit_name=unit.name, metres=metres, late=at > call["due_at"])

    # -- the parts

    def _urgency_steps(self) -> int:
        return self.world.urgency_steps(self.order)

    def _give(self, kind, at, *, unit=None, officer=None, by=None, **more):
        row = dict(_PART)
        row.update(
            order_id=self.order.id,
            kind=kind,
            unit_id=unit,
            officer_id=officer,
            by_id=by.id if by else None,
            assigned_at=at,
            reported_at=self.order.reported_at,
        )
        row.update(more)
        self.assignments.append(row)

    def _end(self, kind, at, outcome, result=""):
        for row in self.assignments:
            if row["kind"] == kind and row["ended_at"] is None:
                row.update(ended_at=at, outcome=outcome, result=result)

    def _lapse(self, at):
        if self.order.extension_pending:
            self.extensions[-1].update(state="lapsed", decided_at=at)
            self.order.extension_pending = False

    def _rework(self, at, by):
        self.order.reworks += 1
        self.order.sampled = False
        self._start_rework(at, by)

    def _start_rework(self, at, by):
        order = self.order
        order.fed_back_at = order.checked_at = order.closed_at = None
        order.revisits = 0
        self.clocks.stop(at)
        self.clocks.start_handling(at, self._urgency_steps(), rework=True, unit_id=order.lead_id)
        self._give("lead", at, unit=order.lead_id, officer=order.officer_id, by=by, signed_at=at)

    def _card_for_rework(self, at):
        if self.order.reworks >= 2:
            self.give_card(at, "yellow" if self.order.reworks == 2 else "red", "rework")

    def _close(self, at):
        self.order.closed_at, self.order.reopen_requested_at = at, None
        self.clocks.stop(at)
        if self.order.follow_officer_id or self.order.co_units or self.order.whistled_units:
            for row in self.assignments:
                if row["ended_at"] is None:
                    row.update(ended_at=at, outcome="done")

    def _card_row(self, at, card, *, by=None, rule="", reason="", answer_by=None):
        self.supervisions.append(
            {
                "order_id": self.order.id,
                "card": card,
                "rule": rule,
                "reason": reason,
                "answer_by": answer_by,
                "unit_id": self.order.lead_id,
                "by_id": by.id if by else None,
                "at": at,
                "lifted_by_id": None,
                "lifted_at": None,
            }
        )

    def finish(self):
        """Put what follows from the clocks on the order; the rows are ready to be written."""
        self.order.__dict__.update(self.clocks.present())
        return self


_PART = {
    "order_id": None,
    "kind": "",
    "unit_id": None,
    "officer_id": None,
    "by_id": None,
    "task": "",
    "whistle": "",
    "forced": False,
    "assigned_at": None,
    "due_at": None,
    "signed_at": None,
    "arrived_at": None,
    "arrived": None,
    "ended_at": None,
    "outcome": "",
    "result": "",
    "score": None,
    "reported_at": None,
}


def _timer_urge(life, at, kind):
    running = life.clocks.find(kind)
    half = kind == "handle" and at < running.share_moment(0.8, life.world.calendar)
    life.urge(at, None, "system", share=0.5 if half else 0.8, clock_kind=kind)


def _timer_overdue(life, at, kind):
    due = life.clocks.find(kind).due_at.isoformat()
    life._step("overdue", at, None, "system", clock=kind, due_at=due)


def _timer_escalate(life, at, kind):
    if life.order.level != "city":
        life.escalate(at, None, "system", "not_accepted_in_time")


_RULES = {
    "urge": _timer_urge,
    "overdue": _timer_overdue,
    "yellow": lambda life, at, kind: life.give_card(at, "yellow", "overdue"),
    "red": lambda life, at, kind: life.give_card(at, "red", "overdue"),
    "escalate": _timer_escalate,
    "close": lambda life, at, kind: life.close(at),
    "pass_on": lambda life, at, kind: life.pass_on(at) if life.order.self_handled else None,
}
