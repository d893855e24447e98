"""The page of one order and everything done on it, for every room: desk, inbox, board, and the phone.

A room is one address with its shell and its roles. `urls(room)` gives the addresses of an order in it:
<number>/ · moves/<name>/ · reveal/ · photos/
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, register_converter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.errors import NotPermitted
from pages import base, detail, lists, sending
from pages.base import Done, once, page, submitted
from pages.moves import MoveForm, carry_out
from pages.pictures import ReadPhotosField, attach
from pages.slips import slip_page
from pages.splitting import split_page
from personnel.jurisdiction import Standing
from personnel.roles import CENTRE_ROLES, FIELD_ROLES, Role
from workorders import workflow
from workorders.deskwork import holding
from workorders.models import Attachment
from workorders.revealing import reveal as reveal_command
from workorders.vocabulary import Status


class OrderNumber:
    """Numbers of orders in addresses: digits, but text."""

    regex = "[0-9]{8,20}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    to_url = to_python


register_converter(OrderNumber, "order")


@dataclass(frozen=True)
class Room:
    """One address where orders are worked on. `opens_to`: the roles it is for; empty: whoever sees the order."""

    name: str
    prefix: str
    label: Any
    opens_to: frozenset = frozenset()
    frame: str = "base_desk.html"
    template: str = "orders/detail.html"
    inline: bool = True
    # Whether what is done here is kept on the phone first.
    keeps: bool = False

    @property
    def titled(self) -> bool:
        """Whether the page's heading is not the order's title, so that the body says it."""
        return self.frame != "base_desk.html" or self.template != "orders/detail.html"

    def detail(self, number: str) -> str:
        """The address of an order."""
        return f"{self.prefix}{number}/"

    def move(self, number: str, name: str) -> str:
        """The address of one step on an order."""
        return f"{self.prefix}{number}/moves/{name}/"

    def reveal(self, number: str) -> str:
        """Where the reporter's name or phone is asked for."""
        return f"{self.prefix}{number}/reveal/"

    def photos(self, number: str) -> str:
        """Where photos are added."""
        return f"{self.prefix}{number}/photos/"

    def admits(self, standing: Standing) -> bool:
        """Whether this person's posts open the room; superusers look everywhere."""
        return not self.opens_to or standing.is_superuser or not self.opens_to.isdisjoint(standing.roles)


HANDLERS = frozenset({Role.HANDLER, Role.UNIT_HEAD, Role.CLERK})
LEADERS = frozenset({Role.INSPECTOR, Role.MANAGER, Role.INSTRUCTOR, Role.CHIEF, Role.DUTY_LEADER, Role.UNIT_HEAD})
DESK = Room("desk", "/desk/", _lazy("Queue"), CENTRE_ROLES, template="desk/detail.html")
INBOX = Room("inbox", "/inbox/", _lazy("To handle"), HANDLERS)
BOARD = Room("board", "/board/", _lazy("Supervision"), LEADERS)
PHONE = Room(
    "m",
    "/m/orders/",
    _lazy("My orders"),
    FIELD_ROLES,
    "base_phone.html",
    template="phone/detail.html",
    inline=False,
    keeps=True,
)
# Single orders can be looked at by whoever reaches them, also people no room is made for.
ANYWHERE = Room("board", "/board/", _lazy("Supervision"))


def room_of(request: HttpRequest) -> Room:
    """The room this person's own pages are in."""
    home = base.home(request)
    for room in (DESK, INBOX, BOARD):
        if home == room.prefix:
            return room
    if home == "/m/" and base.exists(PHONE.prefix):
        return PHONE
    return next((room for room in (DESK, INBOX, BOARD) if room.admits(base.standing(request))), ANYWHERE)


def order_url(request: HttpRequest, number: str) -> str:
    """Where this person opens the order."""
    return room_of(request).detail(number)


def enter(request: HttpRequest, room: Room) -> None:
    """Refuse people whose posts do not open the room's lists. Raises NotPermitted."""
    if not room.admits(base.standing(request)):
        raise NotPermitted(
            "not_your_room",
            _("This page is for other posts than yours. Your own work starts from your start page."),
        )


def elsewhere(request: HttpRequest, room: Room, number: str) -> HttpResponse | None:
    """Lead whoever opens a colleague's link to the same order in the own room; None for those who belong here."""
    if room.admits(base.standing(request)):
        return None
    own = room_of(request)
    return None if own.prefix == room.prefix else HttpResponseRedirect(own.detail(number))


# -- the page ------------------------------------------------------------------------------------------------------


def order_page(
    room: Room, *, around: Callable[[HttpRequest], dict] | None = None, beside: Callable | None = None
) -> Callable[..., HttpResponse]:
    """The view of one order in a room.

    around: what the room shows beside it on a whole page (the desk's queue). beside: (request, order, context) → what
    the room adds to the order itself.
    """

    @page
    @require_GET
    def view(request: HttpRequest, number: str) -> HttpResponse:
        """The order; alone for HTMX, which puts it into the pane."""
        away = elsewhere(request, room, number)
        if away:
            return away
        order = detail.find(request, number)
        context = detail.context(request, order, room, inline=room.inline)
        context |= {"trail": [(room.label, room.prefix), (number, None)], "back": room.prefix}
        context["photo_form"] = PhotoForm()
        context["has_case"] = BOARD.admits(base.standing(request))
        if beside:
            context |= beside(request, order, context)
        if request.htmx and not request.htmx.history_restore_request:
            return render(request, "orders/_body.html", context)
        if around:
            context |= around(request)
        return render(request, room.template, context)

    return view


def move_page(room: Room, *, hold: Callable | None = None) -> Callable[..., HttpResponse]:
    """The view of one step: GET shows its form (a dialog for HTMX), POST does it.

    hold: (request, order, form) → answer, for steps the page asks to keep for some seconds (the desk's undo).
    """

    @page
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, number: str, name: str) -> HttpResponse:
        """One step of the workflow on one order."""
        row = workflow.BY_NAME.get(name)
        if row is None or row.is_system:
            raise Http404
        if request.method == "GET":
            away = elsewhere(request, room, number)
            if away:
                return away
        order = detail.find(request, number)
        standing, now = base.standing(request), clock.now()
        if request.method == "POST" and (request.problem is None or sending.by_script(request)):
            if hold and name != "comment" and not _is_held(request, name):
                holding.refuse_held(order)
            sending.refuse_stale(request, order)
        if request.problem is None or request.method == "GET":
            workflow.check(name, order, standing=standing, at=now)
        form = MoveForm(name, order, standing=standing, at=now, data=request.POST or None, files=request.FILES or None)
        if request.method == "GET":
            form.prefill(request.GET)
        if request.method == "POST" and not form.is_bound:  # a step without inputs, sent without a form key
            form = MoveForm(name, order, standing=standing, at=now, data={}, files=None)
        if submitted(request, form):
            if hold and _is_held(request, name):
                return hold(request, order, form)
            return carry_out(request, order, form, to=base.next_of(request, room.detail(number)))
        return _show_move(request, room, order, form)

    return view


def _is_held(request: HttpRequest, name: str) -> bool:
    """Whether the page asks to keep this step for some seconds; a form sent twice is then told what the first did."""
    return name in holding.HOLDABLE and "hold" in request.POST


def _show_move(request: HttpRequest, room: Room, order, form: MoveForm) -> HttpResponse:
    now = clock.now()
    context = {
        "order": order,
        "room": room,
        "form": form,
        "action": room.move(order.number, form.move.name),
        "lamp": lists.lamp_of(vars(order), now),
        "now": now,
        "changes": _changes(request, order),
        "next": base.next_of(request, _standing_on(request, room)),
        "back": room.detail(order.number),
        "trail": [
            (room.label, room.prefix),
            (order.number, room.detail(order.number)),
            (form.verb, None),
        ],
    }
    if request.htmx and not request.htmx.history_restore_request:
        whole = request.method == "GET"
        return render(request, "orders/_move_dialog.html" if whole else "orders/_move_form.html", context)
    return render(request, "orders/move.html", context)


def _changes(request: HttpRequest, order) -> list[detail.Line]:
    """What others did since the form that came was opened, oldest first; it is shown beside what was entered."""
    said = request.POST.get("version", "")
    if request.problem is None or not said.isdecimal() or int(said) >= order.version:
        return []
    since = order.events.filter(sequence__gt=int(said)).exclude(actor_id=request.user.pk).order_by("sequence")
    return [detail.line(event) for event in since[:20]]


def _standing_on(request: HttpRequest, room: Room) -> str:
    """The page of this room a dialog was opened on, to go back to it; empty for a page of its own."""
    if not request.htmx:
        return ""
    address = request.htmx.current_url_abs_path or ""
    return address if address.startswith(room.prefix) and "/moves/" not in address else ""


# -- who reported it -----------------------------------------------------------------------------------------------


class RevealForm(forms.Form):
    """Which field, and what for."""

    field = forms.ChoiceField(
        choices=[("phone", _lazy("Phone")), ("name", _lazy("Name"))], initial="phone", widget=forms.RadioSelect
    )
    purpose = forms.CharField(max_length=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="reveal_%s", **kwargs)
        self.fields["field"].label = _("What do you need?")
        self.fields["purpose"].label = _("What for?")
        self.fields["purpose"].help_text = _("For example: to arrange a time on site. It is logged with your name.")


def reveal_page(room: Room) -> Callable[..., HttpResponse]:
    """The view that shows the reporter's name or phone after a purpose was given."""

    @page
    @require_http_methods(["GET", "POST"])
    @sensitive_variables("clear")
    def view(request: HttpRequest, number: str) -> HttpResponse:
        """Ask for the purpose, log, show."""
        order = detail.find(request, number)
        form, clear = RevealForm(request.POST or None), None
        if submitted(request, form):
            given = form.cleaned_data
            clear = reveal_command(
                order, by=request.user, at=clock.now(), field=given["field"], purpose=given["purpose"]
            )
        context = {
            "order": order,
            "room": room,
            "form": form,
            "shown": clear is not None,
            "clear": clear,
            "what": dict(form.fields["field"].choices).get(form["field"].value(), ""),
            "back": room.detail(number),
            "trail": [(room.label, room.prefix), (number, room.detail(number)), (_("Reporter"), None)],
        }
        alone = request.htmx and not request.htmx.history_restore_request
        if alone:
            return render(request, f"orders/_reveal{'' if request.method == 'POST' else '_dialog'}.html", context)
        return render(request, "orders/reveal.html", context)

    return view


# -- photos --------------------------------------------------------------------------------------------------------


class PhotoForm(forms.Form):
    """Photos and what they show."""

    kind = forms.ChoiceField(choices=Attachment.Kind.choices, initial=Attachment.Kind.OTHER, widget=forms.RadioSelect)
    file = ReadPhotosField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="photo_%s", **kwargs)
        self.fields["kind"].label = _("What they show")
        self.fields["file"].label = _("Photos")


def _likely_kind(order) -> str:
    """What a photo added now mostly shows: the spot before the work, then after it."""
    if order.status not in (Status.DISPATCHED, Status.HANDLING):
        return Attachment.Kind.OTHER.value
    begun = order.attachments.filter(kind=Attachment.Kind.BEFORE).exists()
    return (Attachment.Kind.AFTER if begun else Attachment.Kind.BEFORE).value


def photos_page(room: Room) -> Callable[..., HttpResponse]:
    """The view that adds photos to an order."""

    @page
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, number: str) -> HttpResponse:
        """Add photos; they are re-encoded and lose what the camera wrote into them."""
        order = detail.find(request, number)
        form = PhotoForm(request.POST or None, request.FILES or None, initial={"kind": _likely_kind(order)})
        if submitted(request, form):

            def work() -> Done:
                kind = form.cleaned_data["kind"]
                attach(order, form, "file", by=request.user, at=clock.now(), kind=kind)
                return Done(room.detail(number), _("The photos were added."))

            return once(request, work)
        context = {
            "order": order,
            "room": room,
            "photo_form": form,
            "back": room.detail(number),
            "trail": [(room.label, room.prefix), (number, room.detail(number)), (_("Add photos"), None)],
        }
        return render(request, "orders/photos.html", context)

    return view


def urls(
    room: Room,
    *,
    around: Callable[[HttpRequest], dict] | None = None,
    beside: Callable | None = None,
    hold: Callable | None = None,
) -> list:
    """The addresses of one order in a room, below the room's own prefix."""
    return [
        path("<order:number>/", order_page(room, around=around, beside=beside), name="order"),
        path("<order:number>/moves/<slug:name>/", move_page(room, hold=hold), name="move"),
        path("<order:number>/reveal/", reveal_page(room), name="reveal"),
        path("<order:number>/photos/", photos_page(room), name="photos"),
        path("<order:number>/slips/<slug:kind>/", slip_page(room), name="slip"),
        path("<order:number>/split/", split_page(room), name="split"),
    ]
