"""docs/workflow.md, made from the table the judge reads."""

from django.utils import translation

from workorders import deadlines, workflow
from workorders.explained import CLOCK_NAMES
from workorders.vocabulary import OPEN, PHASE_OF, Status

HEAD = """# The workflow

Made by `script/manage document_workflow` from `workorders/workflow.py` and `workorders/deadlines.py`; do not edit.
Judged in this order: role (403), status and limits of the trade (409), inputs (400).

## 1. Statuses

| status | phase | meaning |
| --- | --- | --- |
"""
MOVES = """
## 2. Moves

`*` marks an input that must be given; `=` an unchanged status.

| move | meaning | from | to | who | inputs | limits | who hears of it |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""
CLOCKS = """
## 3. Default clocks

`h`, `d`, `min` run around the clock; `wh` counts working hours, `wd` working days to their end at 17:30. A
category brings its own limits for handling; each step of urgency above the category's own halves them. A stopped clock
keeps what it had left: time around the clock moves by the length of the stop, working limits keep their working time.

| clock | normal | urgent | emergency |
| --- | --- | --- | --- |
"""
RULES = """
## 4. What happens by itself

| when | what |
| --- | --- |
| half and four fifths of handling, four fifths of every other clock | urging; at four fifths amber |
| the due moment | the lamp turns red, whoever's turn it is and the duty leader hear of it |
| an emergency is not accepted in time | it is reported to the next level |
| one working day after the handling limit | yellow card |
| three working days after the handling limit | red card |
| second rework, third rework | yellow card, red card |
| the officer's own time for a category `T` is over | the order goes to the centre |
| an order is filed in a category with automatic dispatch | the routing table's unit gets it; `data.rule` says so |
| a `hotline` order is dispatched | the grid's officer gets a follow-up task |
| an officer settled an item nobody samples | it is checked and closed |
| a grid or community is split or merged | its open orders go to the part their point lies in, clocks and units stay |
| the time for the reporter's answer is over | handling goes on with the time it had left |
| three working days in `revisiting` without an answer | it is closed, satisfaction stays empty |

Every tenth item an officer settled himself, and at least three of his in a month, wait for the clerk's check.
A category may have stages. Containment is met by the first sign of the handling unit on the spot: a comment, a photo,
an arrival; repair by its first `after` photo.
"""


def workflow_document() -> str:
    """The text of docs/workflow.md."""
    with translation.override("en"):
        return HEAD + _statuses() + MOVES + _moves() + CLOCKS + _clocks() + RULES


def _statuses() -> str:
    return "".join(f"| `{status}` | {PHASE_OF[status].label} | {Status(status).label} |\n" for status in Status)


def _moves() -> str:
    return "".join(
        "| `{}` | {} | {} | {} | {} | {} | {} | {} |\n".format(
            move.name,
            move.label,
            _sources(move),
            " / ".join(f"`{target}`" for target in move.targets) or "=",
            "; ".join(str(rule) for rule in move.who),
            ", ".join(f"{given.name}{'*' if given.required else ''}" for given in move.inputs) or "–",
            "; ".join(guard.__doc__.strip().splitlines()[0] for guard in move.guards) or "–",
            ", ".join(move.tells) or "–",
        )
        for move in workflow.MOVES
    )


def _sources(move) -> str:
    if move.sources == workflow.ANY:
        return "any"
    if move.sources == OPEN:
        return "any open"
    return ", ".join(f"`{status}`" for status in Status if status in move.sources)


def _clocks() -> str:
    rows = []
    for kind, limits in deadlines.CLOCKS.items():
        cells = " | ".join(str(limits[urgency]) if limits[urgency] else "–" for urgency in deadlines.URGENCIES)
        rows.append(f"| {CLOCK_NAMES.get(kind, kind)} | {cells} |\n")
    return "".join(rows)
