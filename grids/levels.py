"""The levels of the tree, the kinds of grid, and which level may stand under which (pure)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Level(TextChoices):
    """A floor of the tree, top-down."""

    CITY = "city", _("City")
    DISTRICT = "district", _("District")
    STREET = "street", _("Street")
    COMMUNITY = "community", _("Community")
    GRID = "grid", _("Grid")
    MICRO = "micro", _("Micro-grid")


class Kind(TextChoices):
    """What a grid is made of. Levels above the grid have no kind. A field of its own, never read from the code."""

    URBAN = "urban", _("Urban grid")
    RURAL = "rural", _("Rural grid")
    DEDICATED = "dedicated", _("Dedicated grid")
    MICRO = "micro", _("Micro-grid")


# child level -> the one level it may stand under; None = a root
PARENT_LEVEL: dict[Level, Level | None] = {
    Level.CITY: None,
    Level.DISTRICT: Level.CITY,
    Level.STREET: Level.DISTRICT,
    Level.COMMUNITY: Level.STREET,
    Level.GRID: Level.COMMUNITY,
    Level.MICRO: Level.GRID,
}

# level -> the kinds an area of that level may have; empty = none
KINDS: dict[Level, tuple[Kind, ...]] = {
    Level.CITY: (),
    Level.DISTRICT: (),
    Level.STREET: (),
    Level.COMMUNITY: (),
    Level.GRID: (Kind.URBAN, Kind.RURAL, Kind.DEDICATED),
    Level.MICRO: (Kind.MICRO,),
}

# kind -> (fewest, most) households that raise no eyebrow; division norms, docs/glossary.md. Warnings, never refusals.
USUAL_HOUSEHOLDS: dict[Kind, tuple[int, int]] = {
    Kind.URBAN: (200, 600),
    Kind.MICRO: (0, 20),
}


def may_stand_under(child: str, parent: str | None) -> bool:
    """Whether an area of level `child` may be placed directly under one of level `parent` (None = as a root)."""
    return PARENT_LEVEL[Level(child)] == (None if parent is None else Level(parent))


def kind_fits(level: str, kind: str) -> bool:
    """Whether an area of this level may carry this kind; the empty kind belongs to the levels above the grid."""
    allowed = KINDS[Level(level)]
    return kind in allowed if allowed else kind == ""


def household_norm_broken(kind: str, households: int | None) -> tuple[int, int] | None:
    """The usual (fewest, most) households when the figure lies outside them, else None."""
    norm = USUAL_HOUSEHOLDS.get(kind) if kind else None
    if norm is None or households is None or norm[0] <= households <= norm[1]:
        return None
    return norm
