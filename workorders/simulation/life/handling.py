"""Phases three and four in memory: whoever got it handles it, asks for time, feeds back."""

from workorders.simulation.life.base import Person
from workorders.vocabulary import Status

S = Status
HANDLING_CLOCKS = ("contain", "restore", "handle")


class Handling:
    """Keep, sign, return, extend, suspend, feed back."""

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
        order.self_handled = False
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
        if role in ("handler", "unit_head"):
            self._on_the_spot(at, "contain")
        self._step("comment", at, by, role, text=text)

    def feedback(self, at, by, role, result, answer, resolved=True, photos=(), sampled=False):
        """Report what was done. sampled: of what an officer handled himself, whether the clerk looks at it."""
        order = self.order
        order.internal_result, order.public_answer, order.resolved = result, answer, resolved
        order.fed_back_at = at
        self._end("lead", at, "done", result)
        self._lapse(at)
        if order.self_handled:
            order.sampled = order.reworks + order.reopens > 0 or sampled
        self.clocks.stop(at)
        self.clocks.start("check", at)
        said = {
            "sampled": order.sampled or None,
            "internal_result": result,
            "public_answer": answer,
            "resolved": resolved,
            "photos": list(photos),
        }
        self._step("feedback", at, by, role, S.FED_BACK.value, **said)

    def attached(self, at, by, role, attachment: int, photo: str):
        """A photo was added; the handler's shows that he is on the spot, one taken afterwards that it is repaired."""
        if self.order.status == S.HANDLING and role != "reporter":
            self._on_the_spot(at, "contain", *(("restore",) if photo == "after" else ()))
        self._step("attached", at, by, role, attachment=attachment, photo=photo)

    def _on_the_spot(self, at, *met: str):
        if self.order.signed_at and self.clocks.present()["due_kind"] in met:
            self.clocks.stop(at, *met)

    def co_feedback(self, at, by, unit, result):
        """A unit that helps, called in or whistled to the spot, reports its part."""
        for row in self.assignments:
            helps = row["kind"] == "co" or (row["kind"] == "whistle" and row["arrived_at"] is not None)
            if helps and row["unit_id"] == unit.id and row["ended_at"] is None:
                row.update(ended_at=at, outcome="done", result=result)
        self._step("co_feedback", at, by, "handler", unit_name=unit.name, result=result)
