"""Phase five in memory: check, revisit, rating, closing; and the urging and the cards on the way."""

from workorders.vocabulary import Status

S = Status
CARD_RANK = {"": 0, "yellow": 1, "red": 2}


class Reviewing:
    """Check, revisit, rate, close, reopen, urge, supervise."""

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
            order.reopen_requested_at = order.resolved = order.satisfaction = None
            self._step("revisit", at, by, "reviewer", S.HANDLING.value, rework=True, **data)
            self._card_for_rework(at)
            return
        self._close(at)
        self._step("revisit", at, by, "reviewer", S.CLOSED.value, **data)

    def close(self, at, by=None, *, settled=False):
        """Close without an answer, or what was settled on the spot."""
        self._close(at)
        role = "duty_leader" if by else "system"
        automatic = by is None and not settled or None
        self._step("close", at, by, role, S.CLOSED.value, settled=settled or None, automatic=automatic)

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
