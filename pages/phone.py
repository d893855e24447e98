"""The officer's phone: what waits for me today, my orders, and a report in three taps."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.errors import Invalid
from grids.levels import Level
from pages import base, detail, lists, mine, orders, outbox, pictures, places, reporting, sending
from pages.base import Done, page, submitted
from pages.orders import PHONE
from workorders import commands, intake
from workorders.models import Attachment, WorkOrder
from workorders.vocabulary import FINAL

app_name = "m"

TABS = {"waiting": _lazy("Waits for me"), "open": _lazy("Under way"), "done": _lazy("Done")}


@page
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What waits for me, the most pressing first, and what I only follow."""
    orders.enter(request, PHONE)
    shown = mine.waiting(request, mine.TODAY_SIZE, offers=mine.first_step(request))
    context = {
        "to_do": [row for row in shown.rows if row.moves],
        "to_follow": [row for row in shown.rows if not row.moves],
        "more": bool(shown.next),
        "now": clock.now(),
    }
    return render(request, "phone/today.html", context)


@page
@require_GET
def my_orders(request: HttpRequest) -> HttpResponse:
    """My orders in three tabs."""
    orders.enter(request, PHONE)
    tab = request.GET.get("tab", "waiting")
    tab = tab if tab in TABS else "waiting"
    if tab == "waiting":
        shown = mine.waiting(request, lists.SIZE, offers=mine.first_step(request))
    else:
        over = Q(status__in=sorted(FINAL))
        found = WorkOrder.objects.filter(mine.mine(base.standing(request)), over if tab == "done" else ~over)
        shown = lists.fetch(request, found, url=PHONE.detail)
    counts = {"waiting": base.count("mine", request)}
    tabs = [
        {"url": f"?tab={name}", "label": label, "current": name == tab, "count": counts.get(name)}
        for name, label in TABS.items()
    ]
    return render(request, "phone/orders.html", {"shown": shown, "tab": tab, "tabs": tabs})


# --- report ----------------------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Report: photo, kind, send. The place is the phone's position, or a grid from the list."""
    standing = base.standing(request)
    form = reporting.ReportForm(request.POST or None, request.FILES or None, standing=standing)
    if submitted(request, form):
        return base.once(request, lambda: _report(request, form))
    context = reporting.context(standing, form, area=request.GET.get("area", "")) | {
        "shell": base.shell(request),
        "trail": [(_("Report"), None)],
        "home": base.home(request),
    }
    return render(request, "phone/report.html", context)


def _report(request: HttpRequest, form: reporting.ReportForm) -> Done:
    now = clock.now()
    raw, made = form.raw(), sending.when_made(request, now)
    if made is not None:
        raw["occurred_at"] = made.isoformat()
    checked = intake.read(raw, standing=base.standing(request), at=now)
    order = commands.report(checked, by=request.user, at=now)
    pictures.attach(order, form, "photos", by=request.user, at=now, kind=Attachment.Kind.REPORT)
    pictures.attach(order, form, "after", by=request.user, at=now, kind=Attachment.Kind.AFTER)
    facts = {"number": order.number, "version": order.version, "order": orders.order_url(request, order.number)}
    return Done(reverse("m:sent", args=[order.number]), facts=facts)


@page
@require_GET
def sent(request: HttpRequest, number: str) -> HttpResponse:
    """The number, what happens next, and until when."""
    order = detail.find(request, number)
    context = {
        "shell": base.shell(request),
        "trail": [(_("Report"), reverse("m:report")), (number, None)],
        "order": order,
        "url": orders.order_url(request, number),
        "lamp": lists.lamp_of(vars(order), clock.now()),
        "photos": order.attachments.count(),
    }
    return render(request, "phone/sent.html", context)


@page
@require_GET
def choose_place(request: HttpRequest) -> HttpResponse:
    """Another grid than those of the list: by name, or step by step."""
    on, words = clock.today(), request.GET.get("q", "")[:40]
    context = {
        "shell": base.shell(request),
        "trail": [(_("Report"), reverse("m:report")), (_("Another grid"), None)],
        "back": reverse("m:report"),
        "q": words,
        "found": places.search(words, on),
        "choice": places.step(request.GET.get("under", "")[:20], on),
        "leaves": (Level.GRID, Level.MICRO),
        "choose_url": reverse("m:place"),
        "to": f"{reverse('m:report')}?area=",
    }
    return render(request, "phone/place.html", context)


@page
@require_GET
def similar(request: HttpRequest) -> HttpResponse:
    """Open orders that may tell of the same, for the form that is being filled in."""
    found = reporting.similar(request.GET, standing=base.standing(request), at=clock.now())
    return render(request, "phone/_similar.html", {"found": found})


@page
@require_http_methods(["POST"])
def same(request: HttpRequest, number: str) -> HttpResponse:
    """The report is about an order that is there already: words and photos are added to that one."""
    order = detail.find(request, number)
    form = reporting.SameForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Invalid(errors=dict(form.errors.items()))

    def work() -> Done:
        now = clock.now()
        words = form.cleaned_data["description"].strip()
        text = _("Also seen here: %(words)s") % {"words": words} if words else _("Also seen here.")
        commands.perform("comment", order, by=request.user, at=now, given={"text": text})
        pictures.attach(order, form, "photos", by=request.user, at=now, kind=Attachment.Kind.OTHER)
        to = orders.order_url(request, number)
        said = _("Added to %(number)s. No new order was made.") % {"number": number}
        return Done(to, said, {"number": number, "order": to})

    return base.once(request, work)


urlpatterns = [
    path("", today, name="today"),
    path("report/", report, name="report"),
    path("report/place/", choose_place, name="place"),
    path("report/similar/", similar, name="similar"),
    path("report/<order:number>/same/", same, name="same"),
    path("report/<order:number>/sent/", sent, name="sent"),
    path("locate/", places.locate_view, name="locate"),
    path("outbox/", include(outbox.urlpatterns)),
    path("orders/", my_orders, name="orders"),
    path("orders/", include(orders.urls(PHONE))),
]
