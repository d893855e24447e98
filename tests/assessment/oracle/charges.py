"""What costs or earns a grid something, one order after the other, and the caps."""

from collections import defaultdict
from decimal import Decimal

from core import clock
from tests.assessment.oracle.rows import Rows


class Charges(Rows):
    """Deductions, bonuses and vetoes."""

    # -- deductions and bonuses of a grid: (item, moment, order, manual item) and full points

    def charges(self, grid, orders) -> list:
        found = []
        for order in orders:
            found += self._late(order) + self._reworks(order) + self._card(order) + self._merit(order)
        found += self._spots(orders)
        for record in self.records[grid.pk]:
            if record.kind == "visit" and not record.done:
                at = clock.day(record.on)[0]
                found.append(("K12", at, 0, 0, self.cost("K12", record.level)))
        return found + self._by_hand(grid)

    def cost(self, code: str, case: str = "") -> Decimal:
        item = self.body["items"][code]
        return Decimal(item["points"].get(case, 0)) if item.get("on", True) else Decimal(0)

    def _dearest(self, order, at, choices: dict) -> list:
        code = min(choices, key=lambda one: (choices[one], list(choices).index(one)))
        return [(code, at, order.pk, 0, choices[code])] if choices[code] else []

    def _late(self, order) -> list:
        due, handled = self.due(order), self.handled(order)
        if not (self.counts(order) and self.here(order) and self.in_month(self.first_of(due, handled))):
            return []
        if due is None or (handled is not None and handled <= due):
            return []
        choices = {}
        cards = [one.card for one in self.cards[order.pk] if one.rule == "overdue"]
        if cards:
            choices["K05"] = self.cost("K05", "red" if "red" in cards else "yellow")
        since = self.handling_clock(order).since
        if order.officer_id is not None and (handled is None or handled > due + (due - since)):
            choices["K03"] = self.cost("K03")
        choices["K04"] = self.cost("K04")
        return self._dearest(order, due, choices)

    def _reworks(self, order) -> list:
        found, number = [], 0
        if not self.here(order):
            return []
        for event in self.events[order.pk]:
            again = event.kind == "fail_check" or (event.kind == "revisit" and event.data.get("rework"))
            if not again:
                continue
            number += 1
            if not self.in_month(event.at):
                continue
            cards = [one.card for one in self.cards[order.pk] if one.rule == "rework" and one.at == event.at]
            choices = {"K05": self.cost("K05", max(cards))} if cards else {}
            if event.kind == "revisit" and event.data.get("satisfaction", 5) <= 2:
                choices["K10"] = self.cost("K10")
            choices["K06"] = self.cost("K06", "third" if number >= 3 else "first")
            found += self._dearest(order, event.at, choices)
        return found

    def _card(self, order) -> list:
        given = [one for one in self.cards[order.pk] if one.rule == "" and self.in_month(one.at)]
        if not given or not self.here(order):
            return []
        card = "red" if any(one.card == "red" for one in given) else "yellow"
        return [("K05", max(one.at for one in given), order.pk, 0, self.cost("K05", card))]

    def _merit(self, order) -> list:
        closed, due, handled = self.closed(order), self.due(order), self.handled(order)
        if order.difficulty < 3 or not self.counts(order) or not self.here(order) or not self.in_month(closed):
            return []
        if not self.in_month(self.first_of(self.closing_due(order), closed)):
            return []
        on_time = handled is not None and (due is None or handled <= due)
        if order.difficulty < 4 and not on_time:
            return []
        amount = self.cost("B02", "backlog" if order.difficulty >= 4 else "")
        return [("B02", closed, order.pk, 0, amount)]

    def _spots(self, orders) -> list:
        spots = defaultdict(list)
        for order in orders:
            complaint = order.source in ("hotline", "public") and order.status not in ("declined", "voided")
            if complaint and self.in_month(order.reported_at) and order.lon is not None:
                spots[order.category_id, round(order.lon, 3), round(order.lat, 3)].append(order)
        return [
            ("K11", max(one.reported_at for one in rows), min(one.pk for one in rows), 0, self.cost("K11"))
            for rows in spots.values()
            if len(rows) >= 3
        ]

    def _by_hand(self, grid) -> list:
        found, false_reports, now, last = [], 0, 0, None
        quarter = range((self.first.month - 1) // 3 * 3 + 1, self.first.month + 1)
        for one in self.items[grid.pk]:
            spec = self.body["items"][one.code]
            valid = one.withdrawn_at is None and (one.confirmed_by_id is not None or not spec.get("two"))
            if not valid or not spec.get("on", True):
                continue
            year, month = map(int, one.period.split("-"))
            this_month = (year, month) == (self.first.year, self.first.month)
            if one.code == "K07" and year == self.first.year and month in quarter:
                false_reports += one.count
                now, last = now + (one.count if this_month else 0), one.entered_at if this_month else last
            if this_month:
                amount = self.cost(one.code, one.variant) * one.count
                found.append((one.code, one.entered_at, one.order_id or 0, one.pk, amount))
        if now and false_reports >= 3:
            found.append(("V03", last, 0, 0, Decimal(0)))
        return found

    def applied(self, charges: list) -> list:
        """[(item, points)] under the caps of the items and of the month; caps are used up in order of time."""
        rows = []
        for code in sorted({one[0] for one in charges}):
            cap = self.body["items"][code].get("cap")
            left = None if cap is None else Decimal(cap)
            for one in sorted(row for row in charges if row[0] == code):
                amount = abs(one[4]) if left is None else min(abs(one[4]), left)
                left = None if left is None else left - amount
                rows.append((code, amount.copy_sign(one[4])))
        for sign, cap in ((1, "bonus_cap"), (-1, "deduction_cap")):
            left = Decimal(self.body[cap])
            for place, (code, amount) in enumerate(rows):
                if amount * sign > 0:
                    given = min(abs(amount), left)
                    left -= given
                    rows[place] = (code, given * sign)
        return rows
