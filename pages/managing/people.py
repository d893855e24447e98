"""People for their administrators: posts, reach in words, and looking at the pages as one of them would see them.

What is closed while somebody looks is said in gridgov/viewing.py; who may look at whom in personnel/viewing.py.
"""

from django import forms
from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import Exact
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock, wording
from grids.directory import Place, directory, find
from grids.levels import Level
from grids.models import Area
from pages import base
from pages.assessment.wording import listed
from pages.base import page, submitted
from pages.managing import fields, history, posts, skeleton
from pages.managing.skeleton import Action, Cell, Listing
from personnel import viewing
from personnel.jurisdiction import standing_of, units_directory
from personnel.models import AdministrationEvent, Post, User
from personnel.roles import Role, home_of
from workorders.models import WorkOrder

app_name = "people"
# The key of the session gridgov/viewing.py reads: whose pages, and until when.
KEY = "viewing"
LOG_READERS = (Role.AUDITOR, Role.SECURITY_ADMIN)


class PeopleFilter(forms.Form):
    """Which people are listed."""

    q = forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"type": "search"}))
    area = forms.ChoiceField(required=False)
    role = forms.ChoiceField(required=False)

    def __init__(self, data, *, tops):
        super().__init__(data, auto_id="filter_%s")
        self.fields["q"].label = _("Name or user name")
        self.fields["area"].label = _("Area")
        self.fields["area"].choices = fields.area_choices(tops)
        self.fields["role"].label = _("Role")
        self.fields["role"].choices = [("", _("All")), *Role.choices]
        self.is_valid()

    def apply(self, people, today):
        """The people that match; of their posts those of today count."""
        given = self.cleaned_data
        if words := given.get("q", "").strip():
            people = people.filter(Q(name__icontains=words) | Q(username__icontains=words))
        posts = Post.objects.on(today).filter(person=OuterRef("pk"))
        if place := find(given["area"]) if given.get("area") else None:
            below = Area.objects.order_by().under(place.id).values("pk")
            posts = posts.filter(Q(area__in=below) | Q(unit__area__in=below))
        if given.get("role"):
            posts = posts.filter(role=given["role"])
        return people.filter(Exists(posts)) if given.get("area") or given.get("role") else people


class ViewForm(forms.Form):
    """What it is for."""

    def __init__(self, data=None):
        super().__init__(data)
        note = _("It is kept with your name and the time, and can be read by the auditor.")
        self.fields["reason"] = fields.words_field(_("What do you need to see?"), note, most=viewing.MOST_LETTERS)


def _people(request: HttpRequest):
    """Those with a post, past or present, in what the reader administers."""
    if request.user.is_superuser:
        return User.objects.all()
    mine = Post.objects.filter(skeleton.inside(request, "area__in") | skeleton.inside(request, "unit__area__in"))
    return User.objects.filter(pk__in=mine.order_by().values("person"))


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """People with the posts they hold today, as far as those lie within reach."""
    tops, today = skeleton.tops(request), clock.today()
    filter_form = PeopleFilter(request.GET, tops=tops)
    words = filter_form.cleaned_data.get("q", "").strip()
    # Whoever is called exactly that comes first: one user name is often the beginning of many.
    rows = filter_form.apply(_people(request), today).order_by(Exact(F("username"), Value(words)).desc(), "name", "pk")
    held: dict[int, list[str]] = {}

    def prepare(people: list[User]) -> None:
        """The posts of one page in one statement."""
        posts = Post.objects.on(today).filter(person__in=[one.pk for one in people])
        for post in posts.select_related("area", "unit__area").order_by("pk"):
            if skeleton.within(tops, _place(post)):
                held.setdefault(post.person_id, []).append(f"{post.get_role_display()} · {post.area or post.unit}")

    def show(person: User) -> list[Cell]:
        closed = () if person.is_active else (skeleton.Mark(_("Account closed"), "tone-paused", "lock"),)
        mine = held.get(person.pk, [])
        return [
            Cell(person.name, reverse("people:person", args=[person.pk]), person.username, closed),
            Cell(listed(mine[:3]) or _("No post today")),
        ]

    listing = Listing(
        title=_("People"),
        lead=_("What a person sees and may do follows from the posts held today."),
        columns=(_("Person"), _("Posts today")),
        rows=rows,
        show=show,
        prepare=prepare,
        filter=filter_form,
        actions=[
            Action(_("Bring a file"), reverse("imports:new", args=["people"]), "upload"),
            Action(_("Who looked at whose pages"), reverse("people:log"), "eye"),
        ],
        empty=_("Nobody matches this filter"),
        advice=_("Choose another area or role."),
    )
    return skeleton.show_list(request, listing)


def _place(post: Post) -> Place | None:
    return directory().by_id.get(post.area_id or post.unit.area_id)


@page
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: posts, reach in words, who looked at the pages, and the way to look."""
    skeleton.tops(request)
    return _show(request, skeleton.found(_people(request).filter(pk=pk).first()), ViewForm())


def _show(request: HttpRequest, one: User, form: ViewForm) -> HttpResponse:
    tops, today = skeleton.tops(request), clock.today()
    held, earlier = posts.by_time((post for post in one.mine() if skeleton.within(tops, _place(post))), today)
    context = {
        "frame": base.shell(request),
        "trail": [(_("People"), reverse("people:index")), (one.name, None)],
        "person": one,
        "held": held,
        "earlier": earlier,
        "reach": _reach(one, tops),
        "form": form,
        "refusal": viewing.refusal(request.user, one, today),
        "minutes": int(viewing.LASTS.total_seconds() // 60),
        "history": history.of(viewing.subject_of(one)),
    }
    return render(request, "managing/person.html", context)


def _reach(one: User, tops: list[Place]) -> list[str]:
    """What the person sees today, in sentences; only of what the reader administers."""
    standing, known = standing_of(one, clock.today()), directory().by_id
    if standing.is_superuser:
        return [_("Sees everything and moves no order.")]
    said = []
    for place in (known[pk] for pk in sorted(standing.area_ids) if pk in known and skeleton.within(tops, known[pk])):
        grids = sum(1 for other in known.values() if other.level == Level.GRID and place.id in other.path)
        if place.level in (Level.GRID, Level.MICRO):
            said.append(_("Every order in %(area)s.") % {"area": place.name})
        else:
            words = ngettext(
                "Every order in %(area)s and below it: %(count)d grid.",
                "Every order in %(area)s and below it: %(count)d grids.",
                grids,
            )
            said.append(words % {"area": place.name, "count": grids})
    units = units_directory().by_id
    said += [
        _("The orders that are or were with %(unit)s, wherever they lie.") % {"unit": units[pk].name}
        for pk in sorted(standing.unit_ids)
        if pk in units and skeleton.within(tops, known.get(units[pk].area_id))
    ]
    said.append(_("Orders reported or followed by this person."))
    if standing.posts:
        seen = WorkOrder.objects.visible_to(one, clock.today()).open().order_by().count()
        words = ngettext("Just now that is %(count)d open order.", "Just now that are %(count)d open orders.", seen)
        said.append(words % {"count": seen})
    return said


@page
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a further post to somebody within reach; who has none yet gets the first on the page of a unit."""
    skeleton.tops(request)
    one = skeleton.found(_people(request).filter(pk=pk, is_active=True).first())
    entry = posts.give(request, one)
    entry.trail = [(_("People"), reverse("people:index")), (one.name, entry.back)]
    return skeleton.show_form(request, entry)


@page
@require_POST
def view(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin to look at the pages as this person."""
    skeleton.tops(request)
    one = skeleton.found(_people(request).filter(pk=pk).first())
    form = ViewForm(request.POST)
    if not submitted(request, form):
        return _show(request, one, form)
    until = viewing.start(one, by=request.user, reason=form.cleaned_data["reason"], at=clock.now())
    request.session[KEY] = {"person": one.pk, "until": until.isoformat()}
    roles = standing_of(one, clock.today()).roles
    start = home_of(roles, is_superuser=one.is_superuser)
    return base.done(request, "/map/" if start.startswith("/admin/") else start)


@page
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Back in one's own name: whoever stands before the pages has ended the look when this is reached."""
    return base.done(request, reverse("people:index"), _("You see your own pages again."))


@page
@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """Who looked at whose pages, when and why; also for auditors and security administrators of the area."""
    skeleton.tops(request, *LOG_READERS)
    seen = User.objects.visible_to(request.user, clock.today())
    rows = AdministrationEvent.objects.filter(kind__in=history.LOOKS).order_by("-at", "-pk")
    if not request.user.is_superuser:
        chains = seen.order_by().annotate(chain=Concat(Value(viewing.CHAIN), Cast("pk", CharField())))
        rows = rows.filter(subject__in=chains.values("chain"))

    def show(event: AdministrationEvent) -> list[Cell]:
        line = history.line(event)
        return [
            Cell(wording.moment(event.at), css="figures"),
            Cell(event.actor_name),
            Cell(event.data.get("name", ""), soft=line.what),
            Cell(listed(line.details) or "–"),
        ]

    listing = Listing(
        title=_("Who looked at whose pages"),
        columns=(_("When"), _("Administrator"), _("At whose pages"), _("Reason and details")),
        rows=rows,
        show=show,
        empty=_("Nobody has looked at another person's pages"),
        advice=_("Each look is listed here with its reason, its beginning and its end."),
        trail=[(_("People"), reverse("people:index"))],
    )
    return skeleton.show_list(request, listing)


urlpatterns = [
    path("", index, name="index"),
    path("log/", log, name="log"),
    path("leave/", leave, name="leave"),
    path("<int:pk>/", person, name="person"),
    path("<int:pk>/appoint/", appoint, name="appoint"),
    path("<int:pk>/view/", view, name="view"),
]
