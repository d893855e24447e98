"""What I was told: unread first, read by opening, by a button, or all at once. The bell's figure comes from here."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from core import clock
from core.transactions import unit_of_work
from pages import base, orders, paging
from pages.base import Done, once, page
from personnel.models import User
from workorders.models import Notice
from workorders.sentences import notice_text

app_name = "notices"
SIZE = 40
# Above this the bell says 99+ anyway.
MOST_COUNTED = 100


@dataclass(frozen=True)
class Told:
    """One notice as the list shows it."""

    pk: int
    text: str
    at: datetime
    is_read: bool
    is_pressing: bool


PRESSING = frozenset({"overdue", "carded", "supervise", "urge", "reopen_requested", "fail_check", "whistle"})


@base.counted("unread")
def unread(user: User) -> int:
    """How many notices this person has not read; counted up to what the bell shows."""
    return Notice.objects.filter(person=user, read_at__isnull=True).order_by()[:MOST_COUNTED].count()


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The unread ones first, then what was read, newest first; older ones page by page."""
    mine = Notice.objects.filter(person=request.user).order_by("-pk")
    only_unread = request.GET.get("unread") == "1"
    before = paging.before_of(request)
    older = mine if before is None else mine.filter(pk__lt=before)
    fresh = [] if before else list(mine.filter(read_at__isnull=True)[: SIZE + 1])
    if only_unread:
        rows = fresh if not before else list(older.filter(read_at__isnull=True)[: SIZE + 1])
        fresh, seen = rows[:SIZE], []
        more = fresh[-1].pk if len(rows) > SIZE else None
    else:
        rest = older if before else older.filter(read_at__isnull=False)
        rows = list(rest[: SIZE + 1])
        seen, fresh = rows[:SIZE], fresh[:SIZE]
        more = seen[-1].pk if len(rows) > SIZE else None
    context = {
        "frame": base.shell(request),
        "trail": [(_("Notices"), None)],
        "fresh": [_told(one) for one in fresh],
        "seen": [_told(one) for one in seen],
        "only_unread": only_unread,
        "next": f"?before={more}{'&unread=1' if only_unread else ''}" if more else "",
        "previous": f"?{'unread=1' if only_unread else ''}" if before else "",
        "tabs": [
            {"label": _("All"), "url": "/notices/", "current": not only_unread, "count": None},
            {
                "label": _("Unread"),
                "url": "/notices/?unread=1",
                "current": only_unread,
                "count": base.count("unread", request),
            },
        ],
    }
    return render(request, "notices/index.html", context)


def _told(notice: Notice) -> Told:
    return Told(notice.pk, notice_text(notice), notice.created_at, notice.read_at is not None, notice.kind in PRESSING)


@page
@require_GET
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to the order a notice is about; the notice counts as read from then on."""
    notice = Notice.objects.filter(person=request.user, pk=pk).select_related("order").first()
    if notice is None:
        raise Http404
    _read(request, pk=pk)
    if notice.order_id:
        to = orders.order_url(request, notice.order.number)
    else:  # what is about no order names the page it is about, always one of ours
        to = notice.data.get("url", "/notices/")
    return HttpResponseRedirect(to)


@page
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one notice as read."""
    if not Notice.objects.filter(person=request.user, pk=pk).exists():
        raise Http404

    def work() -> Done:
        _read(request, pk=pk)
        return Done(base.next_of(request, "/notices/"))

    return once(request, work)


@page
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""

    def work() -> Done:
        count = _read(request)
        text = ngettext("%(count)d notice was marked as read.", "%(count)d notices were marked as read.", count)
        return Done("/notices/", text % {"count": count} if count else "")

    return once(request, work)


def _read(request: HttpRequest, **which) -> int:
    with unit_of_work():
        fresh = Notice.objects.filter(person=request.user, read_at__isnull=True, **which)
        return fresh.update(read_at=clock.now())


@page
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """The bell alone, for its gentle refresh."""
    return render(request, "_bell.html", {"unread": base.count("unread", request)})


urlpatterns = [
    path("", index, name="list"),
    path("count/", count, name="count"),
    path("read/", read_all, name="read_all"),
    path("<int:pk>/", open_notice, name="open"),
    path("<int:pk>/read/", read, name="read"),
]
