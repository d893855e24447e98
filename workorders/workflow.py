"""The workflow: every move of a work order in one table, and the one judge of them.

A row says from which statuses a move starts, where it leads, who may do it, what must be given, and who hears of it.
Buttons, API routes, docs/workflow.md and the tests are made from `MOVES`. The judge's order is: role (403), then
status and the trade's limits (409); what is given (400) is read by `workorders.inputs` from the same row.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import NotAllowedNow, NotPermitted
from grids.levels import Level
from personnel.roles import Role
from workorders import guards
from workorders.entitlement import (
    CheckingOfficer,
    CoUnit,
    ExtensionDecider,
    HandlingOfficer,
    LeadUnit,
    OnArea,
    Reader,
    Reporter,
    Reviewer,
    System,
    VerifyOfficer,
    WhistledUnit,
    Whistler,
)
from workorders.moves import Input, Move
from workorders.vocabulary import OPEN, Card, Difficulty, Status, Urgency, WhistleKind


def _from(*statuses) -> frozenset:
    return frozenset(statuses)


S = Status
ANY = frozenset(Status)
NOTE = Input("note", "text")
REASON = Input("reason", "text", required=True)
DISPATCHERS = OnArea(Role.DISPATCHER)
DUTY = OnArea(Role.DUTY_LEADER)
LEAD = (LeadUnit(), HandlingOfficer())

MOVES: tuple[Move, ...] = (
    Move(
        "verify",
        gettext_lazy("Have it verified"),
        _from(S.REPORTED),
        (S.VERIFYING,),
        (OnArea(Role.ACCEPTOR),),
        (Input("officer", "officer"),),
        tells=("verify_officer",),
        guards=(guards.can_wait_for_a_look,),
    ),
    Move(
        "verified",
        gettext_lazy("Report the verification"),
        _from(S.VERIFYING),
        (S.REPORTED, S.DECLINED),
        (VerifyOfficer(),),
        (Input("outcome", "bool", True), NOTE, Input("photo", "attachment")),
        tells=("acceptors", "reporter"),
    ),
    Move(
        "accept",
        gettext_lazy("Accept"),
        _from(S.REPORTED),
        (S.FILED,),
        (OnArea(Role.ACCEPTOR), OnArea(Role.CLERK, up_to=Level.COMMUNITY)),
        (
            Input("category", "category", True),
            Input("urgency", "choice", choices=tuple(Urgency.values)),
            Input("difficulty", "number_choice", choices=tuple(Difficulty.values)),
        ),
        tells=("dispatchers", "reporter"),
    ),
    Move(
        "decline",
        gettext_lazy("Decline"),
        _from(S.REPORTED),
        (S.DECLINED,),
        (OnArea(Role.ACCEPTOR),),
        (REASON,),
        tells=("reporter",),
    ),
    Move(
        "merge",
        gettext_lazy("Merge into another order"),
        _from(S.REPORTED, S.FILED),
        (S.MERGED,),
        (OnArea(Role.ACCEPTOR),),
        (Input("into", "order", True),),
        tells=("reporter",),
    ),
    Move(
        "dispatch",
        gettext_lazy("Dispatch"),
        _from(S.FILED),
        (S.DISPATCHED,),
        (DISPATCHERS, OnArea(Role.CHIEF, up_to=Level.COMMUNITY), System()),
        (Input("unit", "unit"), Input("officer", "officer"), Input("co_units", "units"), NOTE, Input("limit", "limit")),
        tells=("lead", "co_units", "handling_officer"),
    ),
    Move(
        "self_handle",
        gettext_lazy("Handle it myself"),
        _from(S.REPORTED, S.FILED),
        (S.HANDLING,),
        (OnArea(Role.OFFICER, Role.PART_TIME_OFFICER, up_to=Level.GRID),),
        guards=(guards.category_is_self_handled,),
    ),
    Move("sign", gettext_lazy("Sign for it"), _from(S.DISPATCHED), (S.HANDLING,), LEAD),
    Move(
        "return",
        gettext_lazy("Return"),
        _from(S.DISPATCHED, S.HANDLING),
        (S.FILED,),
        LEAD,
        (REASON, Input("suggested_unit", "unit")),
        tells=("dispatchers",),
        guards=(guards.may_still_return,),
    ),
    Move(
        "request_extension",
        gettext_lazy("Ask for more time"),
        _from(S.HANDLING),
        (),
        LEAD,
        (Input("until", "datetime", True), REASON),
        tells=("extension_deciders",),
        guards=(guards.may_ask_extension, guards.waits_for_no_answer),
    ),
    Move(
        "decide_extension",
        gettext_lazy("Decide on more time"),
        _from(S.HANDLING),
        (),
        (ExtensionDecider(),),
        (Input("approve", "bool", True), Input("until", "datetime"), NOTE),
        tells=("lead", "handling_officer"),
        guards=(guards.extension_is_pending,),
    ),
    Move(
        "ask",
        gettext_lazy("Ask the reporter"),
        _from(S.HANDLING),
        (),
        LEAD,
        (Input("question", "text", True),),
        tells=("reporter",),
        guards=(guards.may_ask_reporter,),
    ),
    Move(
        "answer",
        gettext_lazy("Answer the question"),
        _from(S.HANDLING),
        (),
        (Reporter(),),
        (Input("text", "text", True),),
        tells=("lead", "handling_officer"),
        guards=(guards.is_asked,),
    ),
    Move(
        "suspend",
        gettext_lazy("Suspend"),
        _from(S.HANDLING),
        (S.SUSPENDED,),
        (DUTY,),
        (REASON, Input("review_on", "date", True)),
        tells=("lead", "handling_officer"),
    ),
    Move(
        "resume", gettext_lazy("Resume"), _from(S.SUSPENDED), (S.HANDLING,), (DUTY,), tells=("lead", "handling_officer")
    ),
    Move(
        "co_dispatch",
        gettext_lazy("Call in a co-handler"),
        _from(S.DISPATCHED, S.HANDLING),
        (),
        (OnArea(Role.MANAGER), DISPATCHERS),
        (Input("unit", "unit", True), Input("task", "text", True), Input("limit", "limit")),
        tells=("given_unit",),
    ),
    Move(
        "co_feedback",
        gettext_lazy("Report the co-handling"),
        OPEN,
        (),
        (CoUnit(), WhistledUnit()),
        (Input("result", "text", True),),
        tells=("lead", "handling_officer", "whistler"),
    ),
    Move(
        "whistle",
        gettext_lazy("Blow the whistle"),
        OPEN,
        (),
        (
            OnArea(Role.CHIEF),
            OnArea(Role.CLERK, up_to=Level.COMMUNITY),
            OnArea(Role.INSTRUCTOR, Role.MANAGER, up_to=Level.STREET),
        ),
        (Input("kind", "choice", True, tuple(WhistleKind.values)), Input("units", "units", True), NOTE),
        tells=("whistled",),
    ),
    Move(
        "arrive",
        gettext_lazy("Arrived on site"),
        OPEN,
        (),
        (WhistledUnit(),),
        (Input("location", "point", True),),
        tells=("whistler",),
        guards=(guards.has_open_whistle,),
    ),
    Move(
        "rate_unit",
        gettext_lazy("Rate the unit that came"),
        OPEN,
        (),
        (Whistler(),),
        (Input("unit", "unit"), Input("score", "number_choice", True, (1, 2, 3, 4, 5))),
    ),
    Move(
        "escalate",
        gettext_lazy("Report to the next level"),
        _from(S.REPORTED, S.FILED, S.DISPATCHED, S.HANDLING),
        (S.REPORTED,),
        (
            OnArea(Role.OFFICER, Role.PART_TIME_OFFICER, Role.CHIEF, Role.INSTRUCTOR, Role.CLERK, Role.DISPATCHER),
            System(),
        ),
        (Input("attempt", "text", True),),
        tells=("acceptors",),
        guards=(guards.has_level_above,),
    ),
    Move(
        "feedback",
        gettext_lazy("Feed back"),
        _from(S.HANDLING),
        (S.FED_BACK,),
        LEAD,
        (
            Input("internal_result", "text", True),
            Input("public_answer", "text", True),
            Input("resolved", "bool", True),
            Input("photos", "attachments"),
        ),
        tells=("checkers",),
    ),
    Move(
        "pass_check",
        gettext_lazy("Pass the check"),
        _from(S.FED_BACK),
        (S.REVISITING,),
        (CheckingOfficer(), DISPATCHERS, OnArea(Role.CLERK), System()),
        (NOTE,),
        tells=("reviewers",),
    ),
    Move(
        "fail_check",
        gettext_lazy("Fail the check"),
        _from(S.FED_BACK),
        (S.HANDLING,),
        (CheckingOfficer(), DISPATCHERS, OnArea(Role.CLERK)),
        (REASON,),
        tells=("lead", "handling_officer"),
    ),
    Move(
        "revisit",
        gettext_lazy("Revisit the reporter"),
        _from(S.REVISITING),
        (S.REVISITING, S.CLOSED, S.HANDLING),
        (Reviewer(),),
        (
            Input("reached", "bool", True),
            Input("resolved", "bool"),
            Input("satisfaction", "number_choice", choices=(1, 2, 3, 4, 5)),
            NOTE,
            Input("rework", "bool"),
        ),
        tells=("lead", "handling_officer", "reporter"),
    ),
    Move("close", gettext_lazy("Close"), _from(S.REVISITING), (S.CLOSED,), (DUTY, System()), tells=("reporter",)),
    Move(
        "reopen",
        gettext_lazy("Reopen"),
        _from(S.CLOSED),
        (S.HANDLING,),
        (DUTY,),
        (REASON,),
        tells=("lead", "handling_officer", "reporter"),
        guards=(guards.somebody_handled_it,),
    ),
    Move(
        "urge",
        gettext_lazy("Urge"),
        OPEN,
        (),
        (OnArea(Role.MANAGER), DISPATCHERS, OnArea(Role.CLERK), OnArea(Role.CHIEF), System()),
        (Input("note", "text", True),),
        tells=("whose_turn",),
        guards=(guards.not_urged_just_now,),
    ),
    Move(
        "supervise",
        gettext_lazy("Supervise"),
        OPEN,
        (),
        (OnArea(Role.INSPECTOR), System()),
        (Input("card", "choice", True, tuple(Card.values)), REASON, Input("answer_by", "datetime", True)),
        tells=("whose_turn", "duty_leaders", "unit_heads"),
    ),
    Move(
        "lift_supervision",
        gettext_lazy("Lift the card"),
        OPEN,
        (),
        (OnArea(Role.INSPECTOR),),
        (NOTE,),
        tells=("whose_turn",),
        guards=(guards.has_card,),
    ),
    Move(
        "decide",
        gettext_lazy("Decide who handles it"),
        _from(S.FILED),
        (S.DISPATCHED,),
        (OnArea(Role.INSTRUCTOR),),
        (Input("unit", "unit", True), NOTE),
        tells=("lead",),
        guards=(guards.was_returned,),
    ),
    Move(
        "void",
        gettext_lazy("Void"),
        _from(S.REPORTED),
        (S.VOIDED,),
        (Reporter(),),
        (REASON,),
        guards=(guards.within_void_time,),
    ),
    Move("comment", gettext_lazy("Comment"), ANY, (), (Reader(),), (Input("text", "text", True),)),
    Move(
        "pass_on",
        gettext_lazy("Goes on by itself"),
        _from(S.HANDLING),
        (S.REPORTED,),
        (System(),),
        tells=("acceptors", "handling_officer"),
    ),
)

BY_NAME = {move.name: move for move in MOVES}


@dataclass(frozen=True)
class Permit:
    """What the judge granted: the row, and the role in which the actor may do it ("" for the system)."""

    move: Move
    role: str


def check(name: str, order, *, standing, at) -> Permit:
    """Judge a move: raises NotPermitted (403) by role, then NotAllowedNow (409) by status and limits.

    standing: `personnel.jurisdiction.Standing` of the actor; None means the system.
    """
    move = BY_NAME[name]
    role = _role_for(move, order, standing)
    if role is None:
        raise NotPermitted("not_your_move", _("Your role does not allow this step on this order."), move=name)
    if order.status not in move.sources:
        raise NotAllowedNow(
            "wrong_status",
            _("This step is not open now: the order is “%(status)s”. Reload it to see what can be done.")
            % {"status": order.get_status_display()},
            move=name,
            status=order.status,
        )
    for guard in move.guards:
        guard(order, standing=standing, at=at)
    return Permit(move, role)


def _role_for(move: Move, order, standing) -> str | None:
    for rule in move.who:
        role = rule.role_of(standing, order)
        if role is not None and not (move.name in ("pass_check", "fail_check") and _is_handler(standing, order)):
            return role
    return None


def _is_handler(standing, order) -> bool:
    """The checker is never the handler: nobody of the handling unit, nor the officer who handled it."""
    if standing is None:
        return False
    return order.officer_id == standing.user.pk or (
        order.lead_id is not None and standing.in_unit(order.lead_id) is not None
    )


def allowed_moves(order, *, standing, at) -> list[Move]:
    """The rows this person may do now, in table order. No statement is sent."""
    found = []
    for move in MOVES:
        if order.status not in move.sources or move.is_system:
            continue
        try:
            check(move.name, order, standing=standing, at=at)
        except (NotPermitted, NotAllowedNow):
            continue
        found.append(move)
    return found
