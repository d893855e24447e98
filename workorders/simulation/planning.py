"""Which orders there are: how they begin, drawn by dice from the texts and from how problems reach a grid."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from random import Random

from core import clock
from workorders.simulation import texts
from workorders.simulation.course import Odds, Start
from workorders.simulation.life import Life, Order
from workorders.simulation.stories import Story
from workorders.simulation.world import Site, World
from workorders.vocabulary import Source, Status

# Nearly four in five are settled in the grid or the community; one in a hundred goes up to the city. Domain §5.3.
WAYS = {
    "spot": 0.58,
    "community": 0.19,
    "unit": 0.185,
    "city": 0.012,
    "declined": 0.018,
    "merged": 0.01,
    "voided": 0.005,
}
_FIELD_SOURCES = ((Source.OFFICER.value, 60), (Source.PATROL.value, 30), (Source.VISIT.value, 10))
_SOURCES = {
    "community": ((Source.OFFICER.value, 40), (Source.PUBLIC.value, 40), (Source.VISIT.value, 12), ("hotline", 8)),
    "unit": ((Source.OFFICER.value, 42), ("hotline", 30), (Source.PUBLIC.value, 22), (Source.INSPECTION.value, 6)),
    "city": ((Source.OFFICER.value, 50), ("hotline", 50)),
    "declined": ((Source.PUBLIC.value, 60), ("hotline", 40)),
    "merged": (("hotline", 50), (Source.PUBLIC.value, 50)),
}
# Reports by hour of the day, 0 to 23.
HOURS = (0, 0, 0, 0, 0, 1, 3, 8, 14, 16, 14, 9, 5, 6, 11, 13, 12, 9, 7, 5, 4, 2, 1, 0)
_SAMPLES_A_MONTH = 3


@dataclass
class Pool:
    """Texts to draw from, with their weights added up."""

    texts: list
    weights: list

    def draw(self, dice: Random) -> texts.Text:
        """One of them."""
        return dice.choices(self.texts, cum_weights=self.weights)[0]


class Planner:
    """Draws beginnings and tells their stories. One dice for all: the same seed gives the same lives.

    sampling: the share of items settled on the spot that the clerk looks at, where an officer's month is told in slices
    and cannot be counted.
    """

    def __init__(
        self,
        world: World,
        dice: Random,
        *,
        until: dt.datetime,
        odds: Odds | None = None,
        sampling: float | None = None,
    ):
        self.world, self.dice, self.until, self.odds = world, dice, until, odds or Odds()
        self.sampling = sampling
        self.photos = None
        self._samples: dict[tuple, int] = defaultdict(int)
        self._last: dict[int, tuple[dt.datetime, Order, texts.Text, str]] = {}
        self._pools: dict[tuple, Pool] = {}

    @cached_property
    def _ways(self) -> tuple[list[str], list[float]]:
        return list(WAYS), list(WAYS.values())

    def moment(self, day: dt.date) -> dt.datetime:
        """Some moment of a day, by the hours at which people report."""
        hour = self.dice.choices(range(24), HOURS)[0]
        since, _until = clock.day(day)
        return since + dt.timedelta(hours=hour, seconds=self.dice.randint(0, 3599))

    def life(self, pk: int, site: Site, at: dt.datetime, *, way: str = "", hold: str = "", **wanted) -> Life:
        """One order that begins at this moment. wanted: code, source, odds, and what the way takes."""
        dice = self.dice
        way = way or dice.choices(*self._ways)[0]
        officer = self.world.officer(site, clock.date_of(at))
        if way in ("spot", "self", "voided") and officer is None:
            way = "community"
        last = self._last.get(site.id)
        if way == "merged" and (last is None or not dt.timedelta() < at - last[0] < dt.timedelta(days=3)):
            way = "unit"
        if way == "merged":
            _at, main, text, place = last
            wanted = {**wanted, "main": main}
        else:
            code = wanted.pop("code", "")
            pool = self._pool(way, site.is_rural, code)
            text = pool.draw(dice)
            place = texts.spot(dice, text.code, rural=site.is_rural)
        source = wanted.pop("source", "") or self._source(way)
        odds = wanted.pop("odds", None) or self.odds
        pictured = wanted.pop("pictured", False)
        life = Life(self.world, pk)
        if way in ("spot", "self"):
            wanted["sampled"] = self._sampled(pk, officer[0].id, clock.local(at)) or hold == Status.FED_BACK
        story = Story(
            life, Start(at, site, text, source, way, place, pictured), dice, until=self.until, odds=odds, hold=hold
        )
        story.photos = self.photos
        story.tell(**wanted)
        if way in ("unit", "community") and life.order.status not in (Status.DECLINED, Status.MERGED):
            self._last[site.id] = (at, life.order, text, place)
        return life

    def _source(self, way: str) -> str:
        values, weights = zip(*_SOURCES.get(way, _FIELD_SOURCES), strict=True)
        return self.dice.choices(values, weights)[0]

    def _sampled(self, pk: int, officer_id: int, local: dt.datetime) -> bool:
        """Every tenth, and at least three of an officer's month."""
        if self.sampling is not None:
            return self.dice.random() < self.sampling
        key = (officer_id, local.year, local.month)
        if pk % 10 == 0 or self._samples[key] < _SAMPLES_A_MONTH:
            self._samples[key] += 1
            return True
        return False

    def _pool(self, way: str, rural: bool, code: str) -> Pool:
        key = (way, rural, code)
        if key not in self._pools:
            found = [text for text in texts.all_texts() if self._fits(text, way, rural, code)]
            total, weights = 0, []
            for text in found:
                total += text.weight
                weights.append(total)
            self._pools[key] = Pool(found, weights)
        return self._pools[key]

    def _fits(self, text: texts.Text, way: str, rural: bool, code: str) -> bool:
        category = self.world.categories[text.code]
        if code:
            return text.code == code
        if text.code.startswith("15") and not rural:
            return False
        if way == "self":
            return category.self_rule == "Y" and category.urgency == "normal"
        if way == "spot":
            return category.self_rule in ("Y", "T")
        if way == "community":
            return category.lead == "CO"
        if way == "city":
            return category.difficulty >= 2 and category.urgency != "emergency" and category.lead not in ("CO", "ST")
        return category.lead != "CO"
