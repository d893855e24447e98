"""Short words for tests: report as somebody, do a move as somebody."""

from core import clock
from personnel.jurisdiction import standing_of
from workorders import commands, intake

GRID = "620105006001001"


def report(person, *, at=None, **fields):
    """Report dumped building waste in the main grid; `fields` change or, with None, leave out what is sent."""
    at = at or clock.now()
    raw = {"description": "楼下堆了建筑垃圾,已经三天没人清运", "category": "0502", "area": GRID, **fields}
    raw = {name: value for name, value in raw.items() if value is not None}
    standing = standing_of(person, clock.date_of(at)) if person else None
    checked = intake.read(raw, standing=standing, at=at)
    return commands.report(checked, by=person, at=at) if person else commands.report_publicly(checked, at=at)


def do(name, order, person, *, at=None, **given):
    """Do a move as a door would."""
    return commands.perform(name, order, by=person, at=at or clock.now(), given=given)


def bring(order, town, status, *, at=None):
    """Take a reported order along the straight road until it has the status."""
    road = (
        ("filed", "accept", town.acceptor, {"category": "0502"}),
        ("dispatched", "dispatch", town.dispatcher, {"unit": "620105-UM"}),
        ("handling", "sign", town.handler, {}),
        (
            "fed_back",
            "feedback",
            town.handler,
            {"internal_result": "已清运", "public_answer": "已清运", "resolved": True},
        ),
        ("revisiting", "pass_check", town.officer, {}),
        ("closed", "revisit", town.reviewer, {"reached": True, "resolved": True, "satisfaction": 5}),
    )
    for reached, name, person, given in road:
        if order.status == status:
            break
        order = do(name, order, person, at=at, **given)
        assert order.status == reached
    return order
