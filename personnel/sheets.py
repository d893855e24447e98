"""The table of people and their posts: a row is a person in a role at a place. The rules are those of the commands."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext_lazy

from core import clock, vault
from core.errors import DomainError, Invalid
from core.sheets import Column, Fault, Made, Outcome, Row, Scope, Table, Verdict, uses
from grids.directory import find_id
from grids.models import Area
from personnel import commands, registering
from personnel.jurisdiction import standing_of
from personnel.models import Post, Unit, User
from personnel.roles import Role

# The command's fields → the column a person looks for.
_COLUMN_OF = {"person": "username", "area": "place", "unit": "place"}
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")


@dataclass
class _Wanted:
    """One row as it is to be. post: the one it speaks of, where there is one; `person` is not stored when new."""

    line: int
    key: str
    person: User
    is_new: bool
    renamed: bool
    role: str
    area: Area | None
    unit: Unit | None
    starts: dt.date
    ends: dt.date | None
    post: Post | None = None
    ended: bool = False

    @property
    def outcome(self) -> str:
        """What the row does."""
        if self.post is None:
            return Outcome.NEW
        return Outcome.CHANGED if self.ended or self.renamed else Outcome.UNCHANGED


@dataclass
class _Known:
    """What is stored about the people, places and posts a table names."""

    people: dict[str, User]
    posts: dict[int, list[Post]]
    areas: dict[str, Area]
    units: dict[str, Unit]
    # What earlier rows of the same table said: the person of a log-in name, and (person, role, place) → line.
    opened: dict[str, User] = field(default_factory=dict)
    held: dict[tuple, int] = field(default_factory=dict)


class PeopleSheet:
    """People and posts. An account is opened for a log-in name that is not there; a post that is there may end."""

    name = "people"
    label = _lazy("People and posts")
    about = _lazy("Accounts and who holds which post where, from which day. New accounts get their first password from "
                  "an administrator.")  # fmt: skip
    batch = 200
    columns = (
        Column("username", _lazy("Log-in name"), _lazy("Letters, figures and . _ - ; one for each person."), True,
               example="wangxm"),
        Column("name", _lazy("Name"), _lazy("The person's name; needed for a new account."), True, example="王小梅"),
        Column("phone", _lazy("Phone"), _lazy("Kept encrypted; an empty cell changes nothing."), example="13800000001"),
        Column("role", pgettext_lazy("column", "Role"), _lazy("One of the list."), True, lambda: Role.choices,
               "网格员"),
        Column("place", _lazy("Code of the area or unit"),
               _lazy("Where the post is held: the code of an area or grid, or of a unit such as 620105-UM."), True,
               example="620105006001001", size=26),
        Column("starts", pgettext_lazy("column", "From"), _lazy("The first day, as 2026-11-21."), True,
               example="2026-11-21"),
        Column("ends", pgettext_lazy("column", "Until"),
               _lazy("The first day it is not held any more; empty while it lasts.")),
    )  # fmt: skip

    def judge(self, table: Table, scope: Scope) -> list[Verdict]:
        """New posts, posts that end, names that change; refused where the command would refuse."""
        return [verdict for verdict, _wanted in self._judged(table, scope)]

    def write(self, table: Table, scope: Scope) -> list[Verdict]:
        """By the commands, row by row; a row the command refuses after all says so."""
        made: list[Verdict] = []
        for verdict, wanted in self._judged(table, scope):
            if wanted is not None and verdict.outcome != Outcome.UNCHANGED:
                try:
                    with transaction.atomic():
                        verdict.made = self._write(wanted, scope)
                except DomainError as refusal:  # somebody else was at these posts just now
                    verdict.outcome, verdict.faults = Outcome.REFUSED, tuple(_faults(refusal))
            made.append(verdict)
        return made

    def _write(self, one: _Wanted, scope: Scope) -> dict:
        by, at, made, person = scope.by, scope.at, {}, one.person
        if one.is_new and person.pk is None:
            given = person
            person = registering.open_account(by=by, username=given.username, name=given.name, phone=given.phone, at=at)
            made["opened"] = True
        elif one.renamed:
            before = User.objects.get(pk=person.pk)
            made["before"], made["after"] = _kept(before), _kept(person)
            registering.correct_account(before, by=by, name=person.name, phone=person.phone, at=at)
        made["person"] = person.pk
        if one.post is None:
            post = commands.appoint(
                person, by=by, role=one.role, area=one.area, unit=one.unit, starts=one.starts, ends=one.ends, at=at
            )
            made["post"] = post.pk
        elif one.ended:
            made["ended"] = one.post.pk
            commands.relieve(one.post, by=by, on=one.ends, at=at)
        if made.get("opened"):
            # Other rows of the same person hold the same object: they go on with what is stored now.
            one.person.__dict__.update(person.__dict__)
        return made

    # -- judging

    def _judged(self, table: Table, scope: Scope) -> list[tuple[Verdict, _Wanted | None]]:
        known = _known(table.rows)
        found = []
        for row in table.rows:
            key = row.cells["username"][:60]
            faults: list[Fault] = []
            wanted = self._read(row, known, scope, faults)
            if faults or wanted is None:
                found.append((Verdict(row.line, Outcome.REFUSED, key, tuple(faults)), None))
            else:
                found.append((Verdict(row.line, wanted.outcome, key), wanted))
        return found

    def _read(self, row: Row, known: _Known, scope: Scope, faults: list[Fault]) -> _Wanted | None:
        cells = row.cells
        starts = _day("starts", cells["starts"], faults)
        ends = _day("ends", cells.get("ends", ""), faults)
        if not cells["starts"]:
            faults.append(Fault("starts", _("Say from which day the post is held.")))
        area, unit = known.areas.get(cells["place"]), known.units.get(cells["place"])
        if area is None and unit is None:
            words = _("There is no area and no unit with the code “%(code)s”.") % {"code": cells["place"][:40]}
            faults.append(Fault("place", words))
        person, is_new, renamed = self._person(cells, known, scope, faults)
        if faults or person is None:
            return None
        one = _Wanted(row.line, cells["username"], person, is_new, renamed, cells["role"], area, unit, starts, ends)
        return self._placed(one, known, scope, faults)

    def _person(self, cells: dict, known: _Known, scope: Scope, faults: list[Fault]) -> tuple[User | None, bool, bool]:
        """(the person, whether the account is new, whether name or phone change)."""
        username, name, phone = cells["username"], cells["name"], cells.get("phone", "")
        stored = known.opened.get(username) or known.people.get(username)
        try:
            registering.check_account(username=username, name=name or (stored.name if stored else ""), phone=phone)
        except Invalid as refusal:
            faults += _faults(refusal)
            return None, False, False
        if stored is None:
            stored = known.opened[username] = User(username=username, name=name, phone=phone)
            return stored, True, False
        if username in known.opened:
            if name and name != stored.name:
                faults.append(Fault("name", _("Another row gives this log-in name another name.")))
            return stored, stored.pk is None, False
        if not stored.is_active:
            faults.append(Fault("username", _("This account is closed.")))
            return None, False, False
        renamed = bool(name and name != stored.name) or bool(phone and phone != stored.phone)
        if renamed:
            if not self._may_rename(stored, known, scope):
                words = _("Name and phone of this account are kept by the administrator of another area.")
                faults.append(Fault("name", words))
                return None, False, False
            stored.name, stored.phone = name or stored.name, phone or stored.phone
            known.opened[username] = stored
        return stored, False, renamed

    def _may_rename(self, person: User, known: _Known, scope: Scope) -> bool:
        """Whether all posts of today lie inside; of who holds none, all posts there ever were."""
        on = clock.date_of(scope.at)
        if standing_of(scope.by, on).is_superuser:
            return True
        posts = known.posts[person.pk]
        posts = [post for post in posts if post.is_held(on)] or posts
        return not person.is_superuser and bool(posts) and all(_inside(post, scope) for post in posts)

    def _placed(self, one: _Wanted, known: _Known, scope: Scope, faults: list[Fault]) -> _Wanted | None:
        """Whether the post may be given or ended, and which one is there already."""
        same = (one.key, one.role, one.area.pk if one.area else None, one.unit.pk if one.unit else None)
        if same in known.held:
            words = _("This post stands already in line %(line)d.") % {"line": known.held[same]}
            faults.append(Fault("place", words))
            return None
        known.held[same] = one.line
        try:
            commands.check_appointment(
                one.person, by=scope.by, role=one.role, area=one.area, unit=one.unit, starts=one.starts,
                ends=one.ends, at=scope.at,
            )  # fmt: skip
        except DomainError as refusal:
            faults += _faults(refusal)
            return None
        if not _area_inside(one.area or one.unit.area, scope):
            faults.append(Fault("place", _("This lies outside the area you administer.")))
            return None
        for post in known.posts[one.person.pk] if one.person.pk else ():
            if (post.role, post.area_id, post.unit_id) != same[1:] or post.ends == post.starts:
                continue
            if post.starts == one.starts:
                one.post, one.ended = post, one.ends is not None and post.ends is None
                if one.ends is not None and post.ends not in (None, one.ends):
                    faults.append(Fault("ends", _("This post has ended already.")))
                return None if faults else one
            if (one.ends is None or post.starts < one.ends) and (post.ends is None or post.ends > one.starts):
                faults.append(Fault("starts", _("This person already holds this post on some of these days.")))
                return None
        return one

    # -- taking back

    def in_the_way(self, rows: Sequence[Made], scope: Scope) -> list[Fault]:
        """People who have worked with their new account, posts that changed since."""
        opened = {one.made["person"]: one for one in rows if one.made.get("opened")}
        besides = (("personnel.Post", "person"),)
        found = [
            Fault(opened[pk].key, _("is used by now: %(what)s") % {"what": _(", ").join(words)})
            for pk, words in uses(User, opened, besides=besides).items()
        ]
        people = User.objects.in_bulk({one.made["person"] for one in rows})
        made = {one.made["post"]: one for one in rows if "post" in one.made}
        posts = Post.objects.annotate(happened=Count("events")).in_bulk([*made])
        others = Post.objects.filter(person__in=list(opened)).exclude(pk__in=list(made)).select_related("person")
        found += [Fault(post.person.username, _("got another post since")) for post in others]
        for one in rows:
            person, after = people[one.made["person"]], one.made.get("after")
            post = posts.get(one.made.get("post"))
            if one.made.get("opened") and person.last_login is not None:
                found.append(Fault(one.key, _("has logged in since")))
            if after and (person.name, person.phone) != _unkept(after):
                found.append(Fault(one.key, _("was changed again since")))
            if post is not None and post.happened > 1:
                found.append(Fault(one.key, _("the post was ended since")))
        return found

    def take_back(self, rows: Sequence[Made], scope: Scope) -> None:
        """Posts are withdrawn from their first day, ended ones given again, unused accounts closed; all of it kept."""
        by, at = scope.by, scope.at
        posts = Post.objects.select_related("person", "area", "unit")
        for one in rows:
            person = User.objects.get(pk=one.made["person"])
            if "post" in one.made:
                post = posts.get(pk=one.made["post"])
                commands.relieve(post, by=by, on=post.starts, at=at)
            if "ended" in one.made:
                post = posts.get(pk=one.made["ended"])
                commands.appoint(
                    post.person, by=by, role=post.role, area=post.area, unit=post.unit, starts=post.ends, at=at
                )
            if "before" in one.made:
                name, phone = _unkept(one.made["before"])
                registering.correct_account(person, by=by, name=name, phone=phone, at=at)
        for one in rows:
            if one.made.get("opened"):
                registering.withdraw_account(User.objects.get(pk=one.made["person"]), by=by, at=at)

    def finish(self, scope: Scope) -> None:
        """Nothing follows."""


def _kept(person: User) -> dict:
    """Name and phone as they are kept for an undoing: the phone encrypted, as everywhere."""
    return {"name": person.name, "phone": vault.encrypt(person.phone) if person.phone else ""}


def _unkept(kept: dict) -> tuple[str, str]:
    return kept["name"], vault.decrypt(kept["phone"]) if kept["phone"] else ""


def _known(rows: Iterable[Row]) -> _Known:
    names = {row.cells["username"] for row in rows}
    places = {row.cells["place"] for row in rows}
    people = {person.username: person for person in User.objects.filter(username__in=names)}
    posts: dict[int, list[Post]] = defaultdict(list)
    held = Post.objects.filter(person__in=[person.pk for person in people.values()]).select_related("area", "unit")
    for post in held.order_by("pk"):
        posts[post.person_id].append(post)
    areas = {area.code: area for area in Area.objects.filter(code__in=places).order_by()}
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=places).select_related("area")}
    return _Known(people, posts, areas, units)


def _inside(post: Post, scope: Scope) -> bool:
    return _area_inside(post.area or post.unit.area, scope)


def _area_inside(area: Area, scope: Scope) -> bool:
    place = find_id(area.pk)
    return place is not None and scope.reaches(place.path)


def _day(column: str, text: str, faults: list[Fault]) -> dt.date | None:
    if not text:
        return None
    for pattern in _DAYS:
        try:
            return dt.datetime.strptime(text.split(" ")[0], pattern).date()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            continue
    faults.append(Fault(column, _("“%(text)s” is not a day like 2026-11-21.") % {"text": text[:40]}))
    return None


def _faults(refusal: DomainError) -> list[Fault]:
    if not refusal.errors:
        return [Fault("place", str(refusal))]
    found: list[tuple[str, Any]] = [(name, text) for name, texts in refusal.errors.items() for text in texts]
    return [Fault(_COLUMN_OF.get(name, name), str(text)) for name, text in found]


PEOPLE = PeopleSheet()
