"""How an order's life goes: who acts when, told step by step with dice until the present moment.

Each way is a plausible course of the workflow; a step's moment is a share of the limit of the clock that runs. A story
ends when its next step would lie in the future, or where `hold` says that nobody acts any more.
"""

import datetime as dt

from core import clock
from personnel.roles import Role
from workorders import deadlines, worktime
from workorders.simulation import texts
from workorders.simulation.course import CALM, Course, Over
from workorders.simulation.life import Life, Person
from workorders.vocabulary import Source, Status

S = Status
REPORTED, VERIFYING, FILED = S.REPORTED.value, S.VERIFYING.value, S.FILED.value
DISPATCHED, HANDLING, FED_BACK = S.DISPATCHED.value, S.HANDLING.value, S.FED_BACK.value
REVISITING, CLOSED = S.REVISITING.value, S.CLOSED.value
OUTSIDE = (Source.PUBLIC.value, Source.HOTLINE.value)
# Beside a status: hold the story where more time was asked for, or where the order came back.
ASKED, RETURNED = "asked", "returned"
SATISFACTION = (5,) * 45 + (4,) * 36 + (3,) * 12 + (2,) * 5 + (1,) * 2


class Story(Course):
    """Drives one life. until: the present; hold: the status in which nobody acts any more."""

    def tell(self, **more) -> Life:
        """Run the way to its end or to the present."""
        try:
            _WAYS[self.start.way](self, **more)
        except Over:
            pass
        if self.life.order.settled_at < self.until:
            self.life.advance(self.until)
        return self.life.finish()

    # -- ways

    def on_the_spot(self, sampled: bool):
        """The officer settles it and reports it in one go; one in ten waits for the clerk."""
        self.begin()
        life, at = self.life, self.start.at
        officer = Person(self.order.reporter_id, life.events[0]["actor_name"])
        role, result = life.events[0]["actor_role"], self.start.text.result
        life.settle_on_the_spot(at, officer, role, result=result, sampled=sampled)
        self.settled(sampled)

    def settled(self, sampled: bool):
        """What an officer handled himself: the system passes and closes it, unless the clerk looks at it."""
        life = self.life
        if not sampled:
            at = self.order.fed_back_at + dt.timedelta(seconds=self.dice.randint(1, 4))
            if at > self.until or self.hold == FED_BACK:
                raise Over
            life.pass_check(at, None, "system")
            life.close(at, settled=True)
            return
        clerk = self.clerk()
        at = self.step(self.share("check", 0.1, 0.75), FED_BACK)
        life.pass_check(at, clerk, "clerk", self.dice.choice(texts.CHECKED))
        self.review()

    def self_handled(self, sampled: bool, late_minutes: int = 0):
        """The officer keeps a reported item and feeds back with a photo; late when told so."""
        self.waiting_report()
        life, (officer, role) = self.life, self.world.officer(self.site, self.day)
        at = self.step(self.in_post(self.after(self.start.at, 3, 12), officer, role), REPORTED)
        life.self_handle(at, officer, role)
        if late_minutes:
            due = life.clocks.find("handle").due_at
            at = worktime.add_working(self.world.calendar, due, late_minutes * 60)
        else:
            at = self.share("handle", 0.15, 0.7)
        at = self.step(self.in_post(at, officer, role), HANDLING)
        photo = self.photos.take(life, at, officer, role, "after")
        at = self.step(at + dt.timedelta(seconds=self.dice.randint(30, 200)), HANDLING)
        result = self.start.text.result
        if late_minutes:
            result = f"{result}（{self.dice.choice(texts.LOST_TIME)}）"
        life.feedback(at, officer, role, result, self.start.text.answer, photos=[photo], sampled=sampled)
        self.settled(sampled)

    def in_the_community(self):
        """Accepted by the clerk, given to the committee by the grid leader, settled there."""
        self.waiting_report()
        clerk = self.clerk()
        at = self.step(self.share("accept", 0.05, 0.6), REPORTED)
        self.life.accept(at, clerk, "clerk", self.category)
        at = self.step(self.share("dispatch", 0.05, 0.6), FILED)
        unit = self.world.unit(self.site.community_id, "CO")
        chief = self.world.chief(self.site, self.day)
        by, role = (chief, "chief") if chief and self.chance(0.8) else (self.centre(Role.DISPATCHER), "dispatcher")
        self.life.dispatch(at, by, role, unit)
        self.after_dispatch(unit)

    def by_a_unit(self, returns: int | None = None):
        """Accepted and dispatched by the centre, settled by a department or the street."""
        self.waiting_report()
        self.verification()
        acceptor = self.centre(Role.ACCEPTOR)
        at = self.step(self.share("accept", 0.05, 0.7), REPORTED)
        self.life.accept(at, acceptor, "acceptor", self.category)
        unit = self.unit_here()
        self.dispatching(unit, returns)

    def up_to_the_city(self):
        """The district cannot solve it: reported up, settled by a unit of the city."""
        self.waiting_report()
        life, acceptor = self.life, self.centre(Role.ACCEPTOR)
        at = self.step(self.share("accept", 0.05, 0.5), REPORTED)
        life.accept(at, acceptor, "acceptor", self.category)
        at = self.step(self.share("dispatch", 0.2, 0.7), FILED)
        life.escalate(at, self.centre(Role.DISPATCHER), "dispatcher", self.dice.choice(texts.ATTEMPTS))
        at = self.step(self.share("accept", 0.1, 0.7), REPORTED)
        life.accept(at, self.centre(Role.ACCEPTOR), "acceptor", self.category)
        self.dispatching(self.world.unit(self.site.city_id, self.category.lead) or self.unit_here(), 0)

    def declined(self):
        """Not filed."""
        self.waiting_report()
        if self.odds is not CALM and self.chance(0.4):
            self.verification(true=False)
        at = self.step(self.share("accept", 0.2, 0.9), REPORTED)
        self.life.decline(at, self.centre(Role.ACCEPTOR), self.dice.choice(texts.DECLINES))

    def merged(self, main):
        """A duplicate."""
        self.waiting_report()
        at = self.step(self.share("accept", 0.1, 0.8), REPORTED)
        self.life.merge(at, self.centre(Role.ACCEPTOR), main)

    def voided(self):
        """Taken back within the half hour."""
        self.waiting_report()
        if self.order.reporter_id is None:
            raise Over
        reporter = Person(self.order.reporter_id, self.life.events[0]["actor_name"])
        at = self.step(self.after(self.start.at, 1, 20), REPORTED)
        self.life.void(at, reporter, self.dice.choice(texts.VOIDS))

    # -- parts of ways

    def unit_here(self):
        """The unit of the category's department at the place; the story ends where there is none."""
        unit = self.world.unit_for(self.category, self.site)
        if unit is None:
            raise Over
        return unit

    def verification(self, true: bool | None = None):
        """Perhaps an officer looks first."""
        wanted = true is not None or self.hold == VERIFYING
        if self.start.source not in OUTSIDE and not wanted:
            return
        if not wanted and not self.chance(self.odds.verified):
            return
        officer = self.world.officer(self.site, self.day)
        if officer is None or self.order.urgency == "emergency":
            return
        at = self.step(self.share("accept", 0.02, 0.3), REPORTED)
        self.life.verify(at, self.centre(Role.ACCEPTOR), officer[0])
        at = self.step(self.in_post(self.share("verify", 0.1, 0.7), *officer), VERIFYING)
        outcome = True if true is None else true
        note = "现场查看属实" if outcome else "到场查看，未发现所反映的情况"
        self.life.verified(at, officer[0], outcome, note)
        if not outcome:
            raise Over

    def dispatching(self, unit, returns: int | None):
        """Give it out, perhaps several times."""
        life = self.life
        if self.hold == RETURNED:
            returns = 1
        if returns is None:
            returns = int(self.chance(self.odds.returned))
            returns += int(bool(returns) and self.chance(self.odds.returned_again))
        if self.order.urgency == "emergency":
            returns = 0
        others = self.wrong_units(unit)
        for other in others[:returns]:
            self.give(other)
            at = self.step(self.share("sign", 0.2, 0.8), DISPATCHED)
            life.give_back(at, self.handler(other), other, self.dice.choice(texts.RETURNS), unit)
        if self.hold == RETURNED:
            raise Over
        if 0 < returns and self.chance(0.3):
            instructor = self.world.one(self.dice, Role.INSTRUCTOR, self.day, area_id=self.site.street_id)
            if instructor is not None:
                at = self.step(self.share("dispatch", 0.2, 0.7), FILED)
                life.decide(at, instructor, unit, "权属已会商明确，请主责办理")
                self.after_dispatch(unit)
                return
        self.give(unit)
        self.after_dispatch(unit)

    def wrong_units(self, unit) -> list:
        """Units of the same area an order may land at by mistake."""
        found = [self.world.unit(unit.area_id, kind) for kind in ("HC", "UM", "PS", "WA", "EE")]
        return [one for one in found if one is not None and one.id != unit.id]

    def give(self, unit):
        """One dispatch by the centre, with a follow-up for the hotline."""
        at = self.step(self.share("dispatch", 0.05, 0.7), FILED)
        others = [one for one in self.wrong_units(unit) if one.id not in self.order.co_units]
        co_units = others[:1] if self.chance(self.odds.co_handled) else ()
        self.life.dispatch(at, self.centre(Role.DISPATCHER), "dispatcher", unit, co_units=co_units)
        officer = self.world.officer(self.site, self.day)
        if self.order.source == Source.HOTLINE and officer and self.order.follow_officer_id is None:
            at = at + dt.timedelta(seconds=self.dice.randint(1, 3))
            if at <= self.until:
                due = deadlines.due_at(deadlines.clock("follow", "normal"), at, self.world.calendar)
                self.life.follow(at, officer[0], due)

    def after_dispatch(self, unit):
        """Sign, handle, check, review."""
        life, odds = self.life, self.odds
        handler = self.handler(unit)
        at = self.step(self.share("sign", 0.05, 0.75), DISPATCHED)
        life.sign(at, handler)
        self.on_site(handler)
        if self.chance(odds.whistled):
            self.whistling()
        if self.chance(odds.supervised):
            self.supervision()
        if (self.chance(odds.extension) or self.hold == ASKED) and self.order.urgency == "normal":
            self.more_time(unit, handler)
        if self.chance(odds.suspended) or self.hold == S.SUSPENDED:
            self.suspension()
        at = self.step(self.handled_at(), HANDLING)
        text, photos = self.start.text, []
        if self.start.pictured:
            photos.append(self.photos.take(life, at, handler, "handler", "after"))
            at = self.step(at + dt.timedelta(seconds=30), HANDLING)
        for co in [self.world.units[pk] for pk in self.order.co_units]:
            life.co_feedback(at, self.handler(co), co, self.dice.choice(texts.CO_RESULTS))
            at = self.step(self.after(at, 5, 50), HANDLING)
        life.feedback(at, handler, "handler", text.result, text.answer, photos=photos)
        self.check(handler)

    def on_site(self, handler):
        """A word from the spot, where the category wants containment within minutes."""
        if self.life.clocks.find("contain"):
            at = self.step(self.share("contain", 0.4, 0.8), HANDLING, held=False)
            self.life.comment(at, handler, "handler", "已到场设置警戒，正在处置")
        elif self.chance(self.odds.commented):
            at = self.step(self.after(self.order.settled_at, 5, 60), HANDLING)
            self.life.comment(at, handler, "handler", self.dice.choice(texts.COMMENTS))

    def handled_at(self) -> dt.datetime:
        """When the work is done: mostly in time, sometimes not."""
        clocks, calendar = self.life.clocks, self.world.calendar
        due = clocks.find("handle").due_at
        if self.chance(self.odds.very_late):
            return worktime.add_working(calendar, due, self.dice.randint(8, 30) * 3600)
        if self.chance(self.odds.late):
            return worktime.add_working(calendar, due, self.dice.randint(15, 300) * 60)
        if self.chance(self.odds.urged):
            self.urging()
        kind = "restore" if clocks.find("restore") else "handle"
        return self.share(kind, 0.15, 0.78)

    def urging(self):
        """The street's manager asks how it goes."""
        manager = self.world.one(self.dice, Role.MANAGER, self.day, area_id=self.site.street_id)
        if manager is not None:
            at = self.step(self.share("handle", 0.3, 0.5), HANDLING)
            self.life.urge(at, manager, "manager", self.dice.choice(texts.URGES))

    def supervision(self):
        """The inspector gives a yellow card."""
        inspector = self.world.one(self.dice, Role.INSPECTOR, self.day, area_id=self.site.district_id)
        if inspector is not None:
            at = self.step(self.share("handle", 0.2, 0.4), HANDLING)
            answer_by = worktime.nth_workday_end(self.world.calendar, at, 2)
            self.life.supervise(at, inspector, "yellow", self.dice.choice(texts.SUPERVISIONS), answer_by)

    def whistling(self):
        """The community calls a department to the spot."""
        unit = next(iter(self.wrong_units(self.unit_here())), None)
        chief = self.world.chief(self.site, self.day)
        if unit is None or chief is None or not self.site.points:
            return
        at = self.step(self.after(self.order.settled_at, 10, 90), HANDLING)
        due = deadlines.due_at(deadlines.clock("whistle_joint", "normal"), at, self.world.calendar)
        self.life.whistle(at, chief, "chief", "joint", [unit], due, self.dice.choice(texts.WHISTLES))
        arrived = worktime.add_working(self.world.calendar, at, self.dice.randint(30, 200) * 60)
        at = self.step(arrived, HANDLING)
        lon, lat = self.site.points[0]
        point = {"lon": round(lon + 0.0002, 6), "lat": lat}
        self.life.arrive(at, self.handler(unit), unit, point, self.dice.randint(5, 60))

    def more_time(self, unit, handler):
        """An extension is asked for and decided."""
        running = self.life.clocks.find("handle")
        if running.limit.unit != "wd":
            return
        at = self.step(self.share("handle", 0.3, 0.6), HANDLING)
        days = max(1, running.limit.amount // 2)
        until = worktime.nth_workday_end(self.world.calendar, running.due_at, days)
        self.life.request_extension(at, handler, until, self.dice.choice(texts.EXTENSIONS))
        if self.hold == ASKED:
            raise Over
        role, area_id = {
            "CO": (Role.CLERK, self.site.community_id),
            "ST": (Role.INSTRUCTOR, self.site.street_id),
        }.get(unit.kind, (Role.DUTY_LEADER, self.site.district_id))
        decider = self.world.one(self.dice, role, self.day, area_id=area_id)
        if decider is None:
            raise Over
        at = self.step(self.share("handle", 0.65, 0.75), HANDLING)
        self.life.decide_extension(at, decider, role.value, self.chance(0.8), "同意，请按期办结")

    def suspension(self):
        """Into the problem store, and mostly out of it again."""
        duty = self.world.one(self.dice, Role.DUTY_LEADER, self.day, area_id=self.site.district_id)
        if duty is None:
            return
        at = self.step(self.share("handle", 0.2, 0.5), HANDLING)
        review_on = clock.date_of(at) + dt.timedelta(days=self.dice.randint(12, 28))
        self.life.suspend(at, duty, self.dice.choice(texts.SUSPENSIONS), review_on)
        at = self.step(self.after(at, 3 * 1440, 11 * 1440), S.SUSPENDED.value)
        self.life.resume(at, duty)

    def check(self, handler):
        """The grid's officer looks, else the clerk; sometimes it has to be done again."""
        life = self.life
        failed = self.chance(self.odds.failed_check)
        again = failed and self.chance(0.25)
        while True:
            at = self.step(self.share("check", 0.1, 0.8), FED_BACK)
            by, role = self.checker()
            if not failed:
                break
            life.fail_check(at, by, role, self.dice.choice(texts.REWORKS))
            failed, again = again, False
            at = self.step(self.share("handle", 0.2, 0.75), HANDLING)
            life.feedback(at, handler, "handler", "已返工：" + self.start.text.result, self.start.text.answer)
        life.pass_check(at, by, role, self.dice.choice(texts.CHECKED))
        self.review()

    def checker(self) -> tuple[Person, str]:
        """Whoever checks here, never the one who handled it."""
        found = self.world.officer(self.site, self.day)
        if found and found[0].id != self.order.officer_id:
            return found
        return self.centre(Role.DISPATCHER), "dispatcher"

    def review(self):
        """The reporter is asked; whoever is not, is left to the third working day."""
        life = self.life
        if self.hold == REVISITING:
            raise Over
        if self.chance(self.odds.unanswered):
            life.advance(self.until)
        elif life.public and self.chance(self.odds.rated):
            self.rating(self.share("revisit", 0.05, 0.9), REVISITING)
        if life.is_open:
            self.revisits()
        if life.order.closed_at and life.public and life.rating is None and self.chance(self.odds.rated):
            self.rating(self.after(life.order.closed_at, 60, 5 * 1440), CLOSED)
        if life.order.reopen_requested_at and life.order.status == CLOSED and self.chance(0.6):
            self.reopening()

    def revisits(self):
        """The reviewer calls, more than once where nobody answers."""
        life, reviewer = self.life, self.centre(Role.REVIEWER)
        low = 0.1
        while self.chance(self.odds.not_reached) and low < 0.7:
            at = self.step(self.share("revisit", low, low + 0.2), REVISITING)
            life.revisit(at, reviewer, reached=False, note="电话无人接听")
            low += 0.3
        at = self.step(self.share("revisit", low, 0.85), REVISITING)
        grade = self.dice.choice(SATISFACTION) if self.odds is not CALM else self.dice.choice((5, 5, 4))
        note = self.dice.choice(texts.NOTES if grade > 2 else texts.UNHAPPY)
        life.revisit(at, reviewer, reached=True, resolved=grade > 2, satisfaction=grade, note=note)

    def rating(self, at, status):
        """The resident says it himself."""
        at = self.step(at, status)
        grade = self.dice.choice(SATISFACTION)
        unhappy = grade <= 2
        self.life.rate(at, not unhappy, grade, ("not_solved",) if unhappy else (), "问题没有解决好" if unhappy else "")

    def reopening(self):
        """The duty leader takes it up again; it is done once more and closed."""
        duty = self.world.one(self.dice, Role.DUTY_LEADER, self.day, area_id=self.site.district_id)
        handler = self.world.one(self.dice, Role.HANDLER, self.day, unit_id=self.order.lead_id)
        if duty is None or handler is None:
            return
        at = self.step(self.after(self.order.settled_at, 120, 1440), CLOSED)
        self.life.reopen(at, duty, "反映人不满意，经核实需重新处理")
        at = self.step(self.share("handle", 0.2, 0.7), HANDLING)
        self.life.feedback(at, handler, "handler", "已重新处理：" + self.start.text.result, self.start.text.answer)
        at = self.step(self.share("check", 0.1, 0.7), FED_BACK)
        by, role = self.checker()
        self.life.pass_check(at, by, role, self.dice.choice(texts.CHECKED))
        self.revisits()


_WAYS = {
    "spot": Story.on_the_spot,
    "self": Story.self_handled,
    "community": Story.in_the_community,
    "unit": Story.by_a_unit,
    "city": Story.up_to_the_city,
    "declined": Story.declined,
    "merged": Story.merged,
    "voided": Story.voided,
}
