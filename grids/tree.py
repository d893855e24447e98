"""The lock, the numbering, the check and the rebuild: the file that knows how MPTT numbers a tree."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from core.errors import NotAllowedNow

from .models import Area

# "area" in ASCII; nothing else of ours takes this advisory lock.
LOCK_KEY = 0x61726561

_RENUMBER = """
    UPDATE grids_area SET tree_id = new.tree_id, lft = new.lft, rght = new.rght, depth = new.depth
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::int[]) AS new (id, tree_id, lft, rght, depth)
    WHERE grids_area.id = new.id
"""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A node's place in MPTT's numbering."""

    tree_id: int
    lft: int
    rght: int
    depth: int


def lock(*, patiently: bool = False) -> None:
    """Let one transaction at a time change the tree; held until it ends.

    Taken inside the transaction and before any row lock: who locked a row first could deadlock with who holds the tree.
    `patiently` is for imports: they wait longer for others, and may think longer between two statements.
    Raises NotAllowedNow `tree_busy` when another change takes longer than the database lets us wait.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the tree lock belongs inside a transaction")
    try:
        with connection.cursor() as cursor:
            if patiently:
                cursor.execute(
                    "SET LOCAL lock_timeout = '2min'; SET LOCAL idle_in_transaction_session_timeout = '10min'"
                )
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) != "55P03":  # lock_not_available
            raise
        raise NotAllowedNow(
            "tree_busy", _("Somebody else is changing the areas right now. Try again in a minute.")
        ) from error


def number(parents: Mapping[str, str | None]) -> dict[str, Numbers]:
    """The numbering of a forest given as {code: parent code}; trees and siblings in the order of their codes (pure)."""
    children: dict[str | None, list[str]] = defaultdict(list)
    for code in sorted(parents, reverse=True):
        children[parents[code]].append(code)
    numbers: dict[str, Numbers] = {}
    for tree_id, root in enumerate(reversed(children[None]), start=1):
        counter = 0
        open_nodes: list[tuple[str, int]] = []  # (code, its lft), the path from the root to where we stand
        waiting = [root]
        while waiting:
            code = waiting.pop()
            while open_nodes and parents[code] != open_nodes[-1][0]:
                counter = _close(open_nodes, numbers, counter, tree_id)
            counter += 1
            open_nodes.append((code, counter))
            waiting.extend(children.get(code, ()))
        while open_nodes:
            counter = _close(open_nodes, numbers, counter, tree_id)
    return numbers


def _close(open_nodes: list[tuple[str, int]], numbers: dict[str, Numbers], counter: int, tree_id: int) -> int:
    code, lft = open_nodes.pop()
    numbers[code] = Numbers(tree_id, lft, counter + 1, len(open_nodes))
    return counter + 1


def check() -> list[str]:
    """The codes of areas whose numbers are not those their parent links demand; empty when the tree is sound."""
    return [code for code, (_pk, _parent, now, due) in _compare({}).items() if now != due]


def rebuild() -> int:
    """Number the tree anew from the parent links, under the lock. Returns how many areas had wrong numbers."""
    lock()
    return _renumber(_compare({}))


def graft(new: Sequence[Area], parent_codes: Mapping[str, str | None]) -> None:
    """Insert many areas at once, under the lock: number everything in memory, write only what differs.

    `parent_codes` gives the parent of each new area; parents are new themselves or already stored.
    """
    lock()
    compared = _compare({area.code: parent_codes[area.code] for area in new})
    _renumber(compared)
    ids = {code: pk for code, (pk, *_rest) in compared.items() if pk is not None}
    layers: dict[int, list[Area]] = defaultdict(list)
    for area in new:
        due = compared[area.code][3]
        area.tree_id, area.lft, area.rght, area.depth = due.tree_id, due.lft, due.rght, due.depth
        layers[due.depth].append(area)
    for depth in sorted(layers):
        for area in layers[depth]:
            parent = parent_codes[area.code]
            area.parent_id = None if parent is None else ids[parent]
        Area.objects.bulk_create(layers[depth], batch_size=2000)
        ids.update((area.code, area.pk) for area in layers[depth])


def prune(ids: Collection[int]) -> None:
    """Take areas out as if they had never been, under the lock: for those a file brought and nothing refers to yet.

    The database refuses while anything does.
    """
    lock()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM grids_area WHERE id = ANY (%s)", [list(ids)])
    _renumber(_compare({}))


# code -> (id, parent's code, its numbers as stored, its numbers as they should be)
_Compared = dict[str, tuple[int | None, str | None, Numbers | None, Numbers | None]]


def _compare(more: Mapping[str, str | None]) -> _Compared:
    rows = Area.objects.order_by().values_list("pk", "code", "parent__code", "tree_id", "lft", "rght", "depth")
    stored = {code: (pk, parent, Numbers(*numbers)) for pk, code, parent, *numbers in rows}
    due = number({**{code: row[1] for code, row in stored.items()}, **more})
    compared: _Compared = {code: (*row, due.get(code)) for code, row in stored.items()}
    compared.update({code: (None, parent, None, due[code]) for code, parent in more.items()})
    return compared


def _renumber(compared: _Compared) -> int:
    wrong = [(pk, due) for pk, _parent, now, due in compared.values() if pk is not None and now != due]
    if wrong:
        with connection.cursor() as cursor:
            cursor.execute(
                _RENUMBER,
                [
                    [pk for pk, _due in wrong],
                    [due.tree_id for _pk, due in wrong],
                    [due.lft for _pk, due in wrong],
                    [due.rght for _pk, due in wrong],
                    [due.depth for _pk, due in wrong],
                ],
            )
    return len(wrong)
