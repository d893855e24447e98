"""What an order must look like, told by its events alone (pure): the second opinion of check_orders.

`replay` goes through the events in order and keeps the columns they speak of. It knows nothing of the commands, so a
row that was changed without its event, or an event without its change, shows.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workorders.vocabulary import Status

S = Status
Columns = dict[str, Any]

# Columns that are compared, and what they are before the first event. Units and the category go by their codes.
BLANK: Columns = {
    "status": "",
    "level": None,
    "category": None,
    "urgency": "normal",
    "reported_at": None,
    "accepted_at": None,
    "dispatched_at": None,
    "signed_at": None,
    "fed_back_at": None,
    "checked_at": None,
    "closed_at": None,
    "lead": None,
    "officer_id": None,
    "follow_officer_id": None,
    "verify_officer_id": None,
    "co_units": (),
    "whistled_units": frozenset(),
    "returned_units": (),
    "returns": 0,
    "reworks": 0,
    "reopens": 0,
    "revisits": 0,
    "urges": 0,
    "urged_at": None,
    "extensions_granted": 0,
    "extension_pending": False,
    "forced": False,
    "self_handled": False,
    "sampled": False,
    "suspended_until": None,
    "asked_until": None,
    "reopen_requested_at": None,
    "card": "",
    "satisfaction": None,
    "resolved": None,
    "into": None,
    "public_answer": "",
    "internal_result": "",
}


def replay(events: Iterable[Mapping]) -> Columns:
    """The columns after these events. Each has kind, at, actor_id, before, after and data; they come in their order.

    `level` stays None unless the order was escalated; `into` is the number of the order it was merged into.
    """
    now = dict(BLANK)
    for event in events:
        told = _TOLD.get(event["kind"])
        if told is not None:
            told(now, event["at"], event["data"], event)
        now["status"] = event["after"]
        if now["status"] != S.HANDLING:
            now["asked_until"] = None
    return now


def _report(now, at, data, event):
    now.update(reported_at=at, category=data.get("category"), urgency=data.get("urgency", "normal"))


def kept_moments(status: str) -> tuple[str, ...]:
    """The moments an order brought over in this status keeps on its row; its events tell the others too."""
    return _KEPT.get(status, ("accepted_at", "dispatched_at", "fed_back_at"))


_KEPT = {
    S.REPORTED: (),
    S.FILED: ("accepted_at",),
    S.DISPATCHED: ("accepted_at", "dispatched_at"),
    S.HANDLING: ("accepted_at", "dispatched_at"),
    S.SUSPENDED: ("accepted_at", "dispatched_at"),
    S.CLOSED: ("accepted_at", "dispatched_at", "fed_back_at", "closed_at"),
}


def _imported(now, at, data, event):
    now.update(lead=data.get("unit"), satisfaction=data.get("satisfaction"), resolved=data.get("resolved"))
    kept = kept_moments(event["after"])
    for name in ("accepted_at", "dispatched_at", "fed_back_at", "closed_at"):
        if name not in kept:
            now[name] = None


def _accept(now, at, data, event):
    now.update(accepted_at=at, category=data.get("category"), self_handled=False)
    now["urgency"] = data.get("urgency", now["urgency"])


def _decline(now, at, data, event):
    now["public_answer"] = data.get("reason", "")


def _verified(now, at, data, event):
    now["verify_officer_id"] = None
    if not data["outcome"]:
        now["public_answer"] = data.get("note", "")


def _dispatch(now, at, data, event):
    now.update(lead=data.get("unit"), officer_id=data.get("officer"), forced=bool(data.get("forced")))
    now.update(dispatched_at=at, signed_at=None)
    called = (code for code in data.get("co_units", ()) if code != data.get("unit"))
    now["co_units"] = tuple(dict.fromkeys((*now["co_units"], *called)))


def _self_handle(now, at, data, event):
    now.update(officer_id=event["actor_id"], lead=None, self_handled=True, dispatched_at=at, signed_at=at)


def _taken_from_all(now):
    now.update(lead=None, officer_id=None, dispatched_at=None, signed_at=None, extension_pending=False)


def _pass_on(now, at, data, event):
    now.update(officer_id=None, self_handled=False, dispatched_at=None, signed_at=None)


def _return(now, at, data, event):
    if now["lead"]:
        now["returned_units"] = (*now["returned_units"], now["lead"])
    _taken_from_all(now)
    now["self_handled"] = False
    now["returns"] += 1


def _escalate(now, at, data, event):
    _taken_from_all(now)
    now.update(level=data["to_level"], accepted_at=None, self_handled=False, forced=False)


def _feedback(now, at, data, event):
    on_the_spot = "result" in data
    now.update(
        fed_back_at=at,
        extension_pending=False,
        internal_result=data["result"] if on_the_spot else data.get("internal_result", ""),
        public_answer=data["result"] if on_the_spot else data.get("public_answer", ""),
        resolved=True if on_the_spot else data.get("resolved"),
    )
    now["sampled"] = bool(data.get("sampled"))


def _from_the_start(now):
    now.update(fed_back_at=None, checked_at=None, closed_at=None, revisits=0)


def _fail_check(now, at, data, event):
    _from_the_start(now)
    now["reworks"] += 1
    now["sampled"] = False


def _revisit(now, at, data, event):
    now["revisits"] += 1
    if data.get("reached"):
        now.update(resolved=data["resolved"], satisfaction=data["satisfaction"])
    if data.get("rework"):
        _fail_check(now, at, data, event)
        now.update(reopen_requested_at=None, resolved=None, satisfaction=None)
    elif event["after"] == S.CLOSED:
        _close(now, at, data, event)


def _close(now, at, data, event):
    now.update(closed_at=at, reopen_requested_at=None)


def _reopen(now, at, data, event):
    _from_the_start(now)
    now.update(reopen_requested_at=None, resolved=None, satisfaction=None)
    now["reopens"] += 1


def _rated(now, at, data, event):
    # What residents of merged reports say is kept with their reports; the order's figures are its own reporter's.
    if not data.get("through"):
        now.update(resolved=data["resolved"], satisfaction=data["satisfaction"])
    if event["before"] != event["after"]:
        now["closed_at"] = at


def _reopen_requested(now, at, data, event):
    if not data.get("through"):
        now.update(resolved=data["resolved"], satisfaction=data["satisfaction"])
    now["reopen_requested_at"] = now["reopen_requested_at"] or at


def _decide_extension(now, at, data, event):
    now["extension_pending"] = False
    now["extensions_granted"] += bool(data["approve"])


def _urge(now, at, data, event):
    now["urges"] += 1
    if event["actor_id"] is not None:
        now["urged_at"] = at


def _card(now, at, data, event):
    now["card"] = data["card"]


def _set(**columns) -> Callable:
    return lambda now, at, data, event: now.update(columns)


def _co_dispatch(now, at, data, event):
    now["co_units"] = tuple(dict.fromkeys((*now["co_units"], data["unit"])))


def _whistle(now, at, data, event):
    now["whistled_units"] = now["whistled_units"] | set(data["units"])


def _suspend(now, at, data, event):
    now["suspended_until"] = dt.date.fromisoformat(data["review_on"])


_TOLD: dict[str, Callable] = {
    "report": _report,
    "imported": _imported,
    "verify": lambda now, at, data, event: now.update(verify_officer_id=data["officer"]),
    "verified": _verified,
    "accept": _accept,
    "decline": _decline,
    "merge": lambda now, at, data, event: now.update(into=data.get("into")),
    "dispatch": _dispatch,
    "decide": _dispatch,
    "self_handle": _self_handle,
    "pass_on": _pass_on,
    "sign": lambda now, at, data, event: now.update(signed_at=at),
    "return": _return,
    "escalate": _escalate,
    "feedback": _feedback,
    "pass_check": lambda now, at, data, event: now.update(checked_at=at),
    "fail_check": _fail_check,
    "revisit": _revisit,
    "close": _close,
    "reopen": _reopen,
    "rated": _rated,
    "reopen_requested": _reopen_requested,
    "request_extension": _set(extension_pending=True),
    "decide_extension": _decide_extension,
    "ask": lambda now, at, data, event: now.update(asked_until=dt.datetime.fromisoformat(data["answer_by"])),
    "answer": _set(asked_until=None),
    "unanswered": _set(asked_until=None),
    "suspend": _suspend,
    "resume": _set(suspended_until=None),
    "urge": _urge,
    "supervise": _card,
    "carded": _card,
    "lift_supervision": _set(card=""),
    "co_dispatch": _co_dispatch,
    "whistle": _whistle,
    "followed": lambda now, at, data, event: now.update(follow_officer_id=data["officer"]),
}
