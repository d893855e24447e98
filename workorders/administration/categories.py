"""The taxonomy: categories with their limits, who leads, who may handle at once; and what follows the table by itself.

Clocks that run keep the due moment they were given. A changed limit counts for every clock that starts afterwards: of
new orders, and of an open one that is dispatched anew or sent back for rework.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.errors import Invalid, NotAllowedNow
from core.revisions import bump
from core.transactions import command
from personnel.administration import Kind, changes, check_all, record
from personnel.departments import Department
from personnel.models import User
from workorders import taxonomy
from workorders.deadlines import STAGE_KINDS, Limit
from workorders.models import AutoDispatch, Category
from workorders.vocabulary import Difficulty, Urgency

FIELDS = ("name", "name_en", "klass", "difficulty", "urgency", "stages", "lead", "self_rule", "self_limit")
OF_A_MAJOR = ("name", "name_en")


@dataclass(frozen=True)
class Given:
    """What a category is to be. stages: ((kind, limit), …), `handle` last; self_limit with the rule T only."""

    name: str
    name_en: str
    klass: str = ""
    difficulty: int = Difficulty.SIMPLE
    urgency: str = Urgency.NORMAL
    stages: Sequence[tuple[str, Limit]] = ()
    lead: str = ""
    self_rule: str = Category.SelfRule.NEVER
    self_limit: Limit | None = None

    def fields(self, *, is_minor: bool) -> dict[str, Any]:
        """The columns, as stored."""
        found = {name: getattr(self, name) for name in (FIELDS if is_minor else OF_A_MAJOR)}
        if is_minor:
            found["stages"] = taxonomy.stages_to_json(self.stages)
            found["self_limit"] = self.self_limit.to_json() if self.self_limit else None
        return found


def subject_of(code: str) -> str:
    """The chain of a category."""
    return f"category:{code}"


@command
def add_category(*, by: User | None, code: str, parent: Category | None, given: Given, at: dt.datetime) -> Category:
    """A new minor under a major, or a new major without a parent. Its code stays for ever.

    Raises NotPermitted, Invalid.
    """
    check_all(by, at)
    digits = 4 if parent else 2
    if not (code.isascii() and code.isdigit() and len(code) == digits):
        raise Invalid(errors={"code": [_("A major has two digits, a minor four.")]})
    if parent and not code.startswith(parent.code):
        raise Invalid(errors={"code": [_("The code of a minor begins with that of its major.")]})
    if parent and parent.parent_id:
        raise Invalid(errors={"parent": [_("A minor stands under a major.")]})
    _check(given, is_minor=parent is not None)
    try:
        with transaction.atomic():
            category = Category.objects.create(
                code=code,
                parent=parent,
                initials=taxonomy.initials(given.name),
                **given.fields(is_minor=parent is not None),
            )
    except IntegrityError as error:
        raise Invalid(errors={"code": [_("This code is taken, perhaps by a category that is not in use.")]}) from error
    record(subject_of(code), Kind.ADDED, by=by, at=at, data=given.fields(is_minor=parent is not None))
    bump("categories")
    return category


@command
def change_category(
    category: Category, *, by: User | None, given: Given, is_active: bool, automatic: bool, why: str, at: dt.datetime
) -> Category:
    """Change what a category is, take it out of use or back, switch its sending by itself on or off.

    automatic: filed orders follow the routing table by themselves. why: the reason, kept with the change. Orders that
    carry a category out of use keep it. Raises NotPermitted, Invalid, NotAllowedNow `category_has_minors`.
    """
    check_all(by, at)
    category = Category.objects.select_for_update(no_key=True).get(pk=category.pk)
    _check(given, is_minor=category.is_minor)
    if not why.strip():
        raise Invalid(errors={"why": [_("Say why; it stands in the history of the category.")]})
    if not is_active and category.minors.filter(is_active=True).exists():
        raise NotAllowedNow("category_has_minors", _("Categories below this one are in use. Take those out first."))
    after = {**given.fields(is_minor=category.is_minor), "is_active": is_active}
    found = changes(**{name: (getattr(category, name), value) for name, value in after.items()})
    for name, value in after.items():
        setattr(category, name, value)
    if "name" in found:
        category.initials = taxonomy.initials(category.name)
    category.save(update_fields=[*after, "initials"])
    if category.is_minor:
        found |= _switch(category, automatic, why)
    if found:
        record(subject_of(category.code), Kind.CHANGED, by=by, at=at, data={**found, "why": why.strip()})
    bump("categories")
    return category


def _switch(category: Category, automatic: bool, why: str) -> Mapping[str, Any]:
    """The automatic dispatch of the category; what changed."""
    held = AutoDispatch.objects.filter(category=category).values_list("is_active", flat=True).first() or False
    if held == automatic:
        return {}
    AutoDispatch.objects.update_or_create(
        category=category, defaults={"is_active": automatic, "note": why.strip()[:200]}
    )
    bump("automatic_dispatch")
    return changes(automatic=(held, automatic))


def _check(given: Given, *, is_minor: bool) -> None:
    errors: dict[str, list[str]] = {}
    for name in OF_A_MAJOR:
        if not getattr(given, name).strip():
            errors[name] = [_("A category has a name in both languages.")]
    if is_minor:
        kinds = [kind for kind, _limit in given.stages]
        if not kinds or kinds[-1] != STAGE_KINDS[-1] or kinds != [kind for kind in STAGE_KINDS if kind in kinds]:
            errors["handle"] = [_("A category has a limit for handling, and stages before it in their order.")]
        allowed = (
            ("klass", given.klass, Category.Klass.values),
            ("difficulty", given.difficulty, Difficulty.values),
            ("urgency", given.urgency, Urgency.values),
            ("lead", given.lead, Department.values),
            ("self_rule", given.self_rule, Category.SelfRule.values),
        )
        errors |= {name: [_("Choose one of the list.")] for name, value, choices in allowed if value not in choices}
        tries = given.self_rule == Category.SelfRule.TRIES_FIRST
        if tries and given.self_limit is None:
            errors["self_limit"] = [_("Say how long the officer tries before the order goes on.")]
        if not tries and given.self_limit is not None:
            errors["self_limit"] = [_("Only where the officer tries first has he a time of his own.")]
    if errors:
        raise Invalid(errors=errors)
