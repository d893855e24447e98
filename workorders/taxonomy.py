"""The default taxonomy, departments and working calendar that ship with the product (pure: read from `data/`).

The database is filled from here once; after that the administrators' rows count. Source: docs/workflow.md, taxonomy.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from workorders.deadlines import STAGE_KINDS, URGENCIES, Limit

DATA = Path(__file__).resolve().parent / "data"

CLASSES = ("M", "S")
SELF_RULES = ("Y", "T", "N")


@dataclass(frozen=True)
class Department:
    """A kind of unit; a unit's code is its area's code, a hyphen and this code."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class CategoryRow:
    """A major (two digits, only names) or a minor (four digits) of the taxonomy.

    stages: ((kind, limit), …), the last one is `handle`. self_limit: the officer's own time, with the self rule T only.
    """

    code: str
    name: str
    name_en: str
    klass: str = ""
    difficulty: int = 1
    urgency: str = "normal"
    stages: tuple[tuple[str, Limit], ...] = ()
    lead: str = ""
    self_rule: str = "N"
    self_limit: Limit | None = None

    @property
    def is_minor(self) -> bool:
        return len(self.code) == 4

    @property
    def major(self) -> str:
        """The two-digit code it stands under; its own for a major."""
        return self.code[:2]

    def stages_json(self) -> list[dict]:
        """[{"kind", "amount", "unit"}], as stored."""
        return stages_to_json(self.stages)


def stages_to_json(stages: Iterable[tuple[str, Limit]]) -> list[dict]:
    """Stages as stored: [{"kind", "amount", "unit"}]."""
    return [{"kind": kind, **limit.to_json()} for kind, limit in stages]


def parse_stages(text: str) -> tuple[tuple[str, Limit], ...]:
    """Read "contain 3h; restore 8h; handle 5wd". Raises ValueError or Invalid."""
    stages = []
    for part in text.split(";"):
        kind, _space, limit = part.strip().partition(" ")
        stages.append((kind, Limit.parse(limit)))
    kinds = [kind for kind, _limit in stages]
    places = [STAGE_KINDS.index(kind) for kind in kinds if kind in STAGE_KINDS]
    if len(places) != len(kinds) or places != sorted(set(places)) or kinds[-1] != "handle":
        raise ValueError(f"stages are contain, restore, handle in this order and end with handle, not {text!r}")
    return tuple(stages)


def initials(name: str) -> str:
    """First letters of the pinyin, for finding a category by typing: "bllj" for 暴露垃圾."""
    # The dictionary costs a tenth of a second and 30 MB; only loading and editing the taxonomy needs it.
    from pypinyin import Style, lazy_pinyin

    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors="default")).lower()
    return "".join(letter for letter in letters if letter.isascii() and letter.isalnum())


@cache
def departments() -> tuple[Department, ...]:
    """The departments of the taxonomy and the command centre."""
    return tuple(Department(row["code"], row["name_zh"], row["name_en"]) for row in _read("departments.csv"))


@cache
def rows() -> tuple[CategoryRow, ...]:
    """Every category, by code: each major right before its minors. Raises ValueError naming the line of a bad row."""
    known = {department.code for department in departments()}
    found: dict[str, CategoryRow] = {}
    for line, row in enumerate(_read("taxonomy.csv"), start=2):
        try:
            category = _category(row, known)
            if category.code in found or (category.is_minor and category.major not in found):
                raise ValueError(f"{category.code} is there already or stands before its major")
        except Exception as problem:
            raise ValueError(f"taxonomy.csv, line {line}: {problem}") from problem
        found[category.code] = category
    return tuple(found.values())


@cache
def holidays() -> tuple[tuple[date, str, str], ...]:
    """(date, "holiday" or "makeup_workday", name) for the years whose arrangement is published."""
    return tuple((date.fromisoformat(row["date"]), row["kind"], row["name"]) for row in _read("holidays.csv"))


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _category(row: dict[str, str], departments_known: set[str]) -> CategoryRow:
    code, name, name_en = row["code"], row["name_zh"], row["name_en"]
    if not (code.isascii() and code.isdigit() and name and name_en):
        raise ValueError("a category has a code of digits and two names")
    if len(code) == 2:
        return CategoryRow(code, name, name_en)
    category = CategoryRow(
        code=code,
        name=name,
        name_en=name_en,
        klass=row["class"],
        difficulty=int(row["difficulty"]),
        urgency=row["urgency"],
        stages=parse_stages(row["stages"]),
        lead=row["lead"],
        self_rule=row["self_rule"],
        self_limit=Limit.parse(row["self_limit"]) if row["self_limit"] else None,
    )
    _check(category, departments_known)
    return category


def _check(category: CategoryRow, departments_known: set[str]) -> None:
    allowed = (
        ("code", len(category.code), (4,)),
        ("class", category.klass, CLASSES),
        ("difficulty", category.difficulty, (1, 2, 3)),
        ("urgency", category.urgency, URGENCIES),
        ("lead", category.lead, departments_known),
        ("self_rule", category.self_rule, SELF_RULES),
        ("self_limit", category.self_limit is not None, (category.self_rule == "T",)),
    )
    for column, value, choices in allowed:
        if value not in choices:
            raise ValueError(f"{column} cannot be {value!r}")
