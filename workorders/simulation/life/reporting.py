"""Phase one in memory: the report, and what the centre does with it."""

from core import clock
from workorders.commands.accepting import max_urgency
from workorders.simulation.life.base import Order, Person
from workorders.vocabulary import Status

S = Status


class Reporting:
    """Report, verify, accept, decline, merge, void."""

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
            order.suggestion = self.world.suggestion(category, site)
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

    def settle_on_the_spot(self, at, by: Person, role="officer", *, result: str, sampled: bool):
        """The officer kept it and fed it back within the report itself."""
        order = self.order
        order.self_handled, order.officer_id, order.sampled = True, by.id, sampled
        order.dispatched_at = order.signed_at = order.fed_back_at = at
        order.internal_result = order.public_answer = result
        order.resolved = True
        self.clocks.start("check", at)
        self._step("self_handle", at, by, role, S.HANDLING.value)
        self._step("feedback", at, by, role, S.FED_BACK.value, result=result, sampled=sampled)
        self._give("lead", at, officer=by.id, by=by, signed_at=at, ended_at=at, outcome="done")

    def void(self, at, by, reason):
        """Taken back by whoever reported it."""
        self.clocks.stop(at)
        self._step("void", at, by, "reporter", S.VOIDED.value, reason=reason)

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
