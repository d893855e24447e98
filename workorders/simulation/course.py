"""What every story is told with: the dice, the present, the people at hand, and the moments of the clocks."""

import datetime as dt
from dataclasses import dataclass
from random import Random

from core import clock
from personnel.roles import Role
from workorders.intake import made_title
from workorders.simulation import texts
from workorders.simulation.life import Life, Person
from workorders.simulation.world import Site
from workorders.vocabulary import Source, Status


class Over(Exception):
    """The story has come to the present, or to where it is held."""


@dataclass(frozen=True)
class Odds:
    """How often things go another way than straight, as shares of the orders that could."""

    late: float = 0.04
    very_late: float = 0.012
    returned: float = 0.05
    returned_again: float = 0.12
    failed_check: float = 0.035
    extension: float = 0.05
    suspended: float = 0.01
    verified: float = 0.05
    co_handled: float = 0.04
    whistled: float = 0.015
    urged: float = 0.03
    supervised: float = 0.008
    not_reached: float = 0.12
    unanswered: float = 0.12
    commented: float = 0.06
    rated: float = 0.45


CALM = Odds(**dict.fromkeys(Odds.__dataclass_fields__, 0.0))


@dataclass(frozen=True)
class Start:
    """How a story begins. pictured: with photos of the spot."""

    at: dt.datetime
    site: Site
    text: texts.Text
    source: str
    way: str
    place: str
    pictured: bool = False


class Course:
    """Drives one life. until: the present; hold: the status in which nobody acts any more."""

    def __init__(self, life: Life, start: Start, dice: Random, *, until: dt.datetime, odds: Odds, hold: str = ""):
        self.life, self.order, self.world, self.start = life, life.order, life.world, start
        self.site, self.dice, self.until, self.odds, self.hold = start.site, dice, until, odds, hold
        self.day = clock.date_of(start.at)
        self.category = self.world.categories[start.text.code]
        self.photos = None

    # -- time

    def chance(self, share: float) -> bool:
        """Whether something of this likelihood happens."""
        return self.dice.random() < share

    def step(self, at: dt.datetime, status: str, *, held: bool = True) -> dt.datetime:
        """The moment of the next step, when it comes to it: what happens by itself goes first.

        held False: also where the story is held at this status.
        """
        at = max(at, self.order.settled_at + dt.timedelta(seconds=self.dice.randint(15, 240)))
        at = at.replace(microsecond=0)
        if (held and self.order.status == self.hold) or at > self.until:
            raise Over
        self.life.advance(at)
        if self.order.status != status:
            raise Over
        self.day = clock.date_of(at)
        return at

    def share(self, kind: str, low: float, high: float) -> dt.datetime:
        """A moment within the running clock of a kind, by shares of its limit; nights are slept through."""
        running = self.life.clocks.find(kind)
        at = running.share_moment(self.dice.uniform(low, high), self.world.calendar)
        hour = clock.local(at).hour
        if hour < 7 and self.order.urgency != "emergency":
            awake = clock.local(at).replace(hour=7, minute=self.dice.randint(10, 59))
            at = awake if awake < running.due_at else at
        return at

    def after(self, at: dt.datetime, low: int, high: int) -> dt.datetime:
        """Some minutes later."""
        return at + dt.timedelta(seconds=self.dice.randint(low * 60, high * 60))

    def in_post(self, at: dt.datetime, officer: Person, role: str) -> dt.datetime:
        """The moment, or earlier: whoever leaves the grid finishes on the last day there."""
        leaves = self.world.leaves(officer, role, self.day, area_id=self.site.id)
        if leaves is None or clock.date_of(at) < leaves:
            return at
        return clock.day(leaves)[0] - dt.timedelta(minutes=self.dice.randint(10, 240))

    # -- people

    def centre(self, role: str) -> Person:
        """Somebody at the responsible level's centre; the story ends where nobody is there."""
        area_id = self.site.city_id if self.order.level == "city" else self.site.district_id
        person = self.world.one(self.dice, role, self.day, area_id=area_id)
        if person is None:
            raise Over
        return person

    def handler(self, unit) -> Person:
        """Somebody of a unit."""
        person = self.world.one(self.dice, Role.HANDLER, self.day, unit_id=unit.id)
        if person is None:
            raise Over
        return person

    def clerk(self) -> Person:
        """The clerk of the community."""
        person = self.world.one(self.dice, Role.CLERK, self.day, area_id=self.site.community_id)
        if person is None:
            raise Over
        return person

    # -- report

    def begin(self) -> None:
        """The report itself, by the officer, a resident, the hotline."""
        start, world = self.start, self.world
        officer = world.officer(self.site, self.day)
        by, role, fields = None, "reporter", {}
        if start.source == Source.HOTLINE:
            by, role = self.centre(Role.ACCEPTOR), Role.ACCEPTOR.value
            fields = {**world.resident(self.dice), "external_id": f"12345-{self.order.id:08d}"}
        elif start.source == Source.INSPECTION:
            by, role = self.centre(Role.INSPECTOR), Role.INSPECTOR.value
        elif start.source == Source.PUBLIC or officer is None:
            fields = world.resident(self.dice) if self.chance(0.7) else {}
        else:
            by, role = officer
        if self.site.points and not self.chance(0.15):
            lon, lat = self.dice.choice(self.site.points)
            fields |= {"lon": lon, "lat": lat, "address": start.place}
        description = start.text.description.format(p=start.place)
        source = Source.PUBLIC.value if by is None else start.source
        title = made_title(description)
        text = (title, description)
        self.life.report(
            self.site, start.at, by=by, role=role, text=text, category=self.category, source=source, **fields
        )

    def waiting_report(self):
        """An ordinary report: its acceptance clock starts."""
        self.begin()
        self.life.starts_waiting(self.start.at)
        if self.start.pictured:
            first = self.life.events[0]
            by = Person(first["actor_id"], first["actor_name"]) if first["actor_id"] else None
            at = self.step(self.after(self.start.at, 0, 2), Status.REPORTED, held=False)
            self.photos.take(self.life, at, by, first["actor_role"], "report")
