"""What kind of problem a text may be about: a match of its words with the names in the taxonomy, open to inspection."""

from dataclasses import dataclass

from workorders import catalogue
from workorders.models import Category

MOST = 5
# A name that stands in the text word for word counts more than its letter pairs found here and there.
_WHOLE_NAME = 2.0


@dataclass(frozen=True)
class Guess:
    """A category and how likely it is among those that match at all; probabilities add up to 1 at most."""

    category: Category
    probability: float


def guess(text: str) -> list[Guess]:
    """The categories whose names share words with the text, the likeliest first; none when nothing matches.

    Each name's score is the share of its letter pairs that occur in the text, squared so that chance hits weigh
    little; the probability is the score's share of all scores.
    """
    present, lowered = _pairs(text), text.lower()
    scores = {}
    for category in catalogue.categories():
        if category.is_minor and category.is_active:
            score = max(_score(category.name, present, lowered), _score(category.name_en, present, lowered))
            if score:
                scores[category] = score
    total = sum(scores.values())
    likeliest = sorted(scores, key=lambda one: (-scores[one], one.code))[:MOST]
    return [Guess(category, round(scores[category] / total, 3)) for category in likeliest]


def _score(name: str, present: set, text: str) -> float:
    pairs = _pairs(name)
    if not pairs:
        return 0.0
    shared = len(pairs & present) / len(pairs)
    whole = _WHOLE_NAME if name.lower() in text else 0.0
    # English shares letter pairs with every text: only whole words of a name count there.
    if name.isascii():
        words = [word for word in name.lower().replace(",", " ").replace("/", " ").split() if len(word) > 3]
        found = sum(1 for word in words if word.rstrip("s") in text)
        shared = found / len(words) if words else 0.0
    return shared**2 + whole


def _pairs(text: str) -> set[str]:
    """The pairs of neighbouring letters and digits: serves Chinese without cutting words."""
    plain = "".join(letter for letter in text.lower() if letter.isalnum())
    return {plain[place : place + 2] for place in range(len(plain) - 1)}
