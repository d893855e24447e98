"""The working calendar by year: days off and make-up workdays, one by one or pasted as a list."""

import datetime as dt

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from core import clock, wording
from core.errors import Invalid
from pages.assessment.wording import listed
from pages.base import Done, page
from pages.managing import fields, history, skeleton
from pages.managing.skeleton import Action, Callout, Cell, Entry, Listing, Mark
from workorders import calendars, deadlines, worktime
from workorders.administration import calendar as tables
from workorders.deadlines import Limit
from workorders.models import Category, Holiday

app_name = "calendar"
EXAMPLE = Limit(3, "wd")
MOST_NAMED = 12


class DayForm(forms.Form):
    """What one day is."""

    def __init__(self, data=None, *, on: dt.date | None):
        row = Holiday.objects.filter(date=on).first() if on else None
        super().__init__(data, initial={"on": on, "kind": row.kind if row else "", "name": row.name if row else ""})
        self.fields["on"] = fields.day_field(_("Day"))
        choices = [("", _("As the week has it")), *Category.DayKind.choices]
        self.fields["kind"] = forms.ChoiceField(label=_("What it is"), choices=choices, required=False)
        self.fields["name"] = fields.words_field(
            _("What it is called"), _("The holiday it belongs to."), most=40, required=False
        )
        self.fields["why"] = fields.words_field(_("By which notice"), _("Stands in the history of the year."))


class YearForm(forms.Form):
    """The list of a year."""

    def __init__(self, data=None, *, year: int):
        super().__init__(data, initial={"year": year, "list": _listed(year)})
        self.fields["year"] = forms.IntegerField(label=_("Year"), min_value=min(tables.YEARS), max_value=2099)
        self.fields["list"] = forms.CharField(
            label=_("Days off and make-up workdays"),
            help_text=_(
                "A line for each day or stretch: date, %(off)s or %(work)s, name. For example: %(example)s. What the"
                " year has now and the list has not becomes an ordinary day."
            )
            % tables.EXAMPLE,
            max_length=8000,
            widget=forms.Textarea(attrs={"rows": 14}),
        )
        self.fields["why"] = fields.words_field(_("By which notice"), _("Stands in the history of the year."))

    def clean(self):
        """The days, or what is wrong with which line."""
        given = super().clean()
        if given.get("list") and given.get("year"):
            try:
                given["days"] = tables.read_list(given["list"], given["year"])
            except Invalid as refusal:
                raise forms.ValidationError({"list": refusal.errors["list"]}) from refusal
        return given


def _listed(year: int) -> str:
    """The year as it stands, in the form the list is pasted in; neighbouring days of one name as a stretch."""
    lines: list[list] = []
    for row in Holiday.objects.filter(date__year=year).order_by("date"):
        last = lines[-1] if lines else None
        if last and last[2:] == [row.kind, row.name] and row.date - last[1] == dt.timedelta(days=1):
            last[1] = row.date
        else:
            lines.append([row.date, row.date, row.kind, row.name])
    words = {worktime.HOLIDAY: "休", worktime.MAKEUP_WORKDAY: "班"}
    return "\n".join(
        f"{first}{f'~{last}' if last != first else ''} {words[kind]} {name}" for first, last, kind, name in lines
    )


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    known = asked.isascii() and asked.isdigit() and len(asked) == 4 and int(asked) in tables.YEARS
    return int(asked) if known else clock.today().year


@page
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """A year: its exceptions to Monday–Friday, its working days by month, the hours of a day."""
    skeleton.tops(request)
    may, year, calendar = skeleton.over_all(request), _year(request), calendars.working_calendar()
    here, today = reverse("calendar:index"), clock.today()

    def show(row: Holiday) -> list[Cell]:
        url = f"{reverse('calendar:day')}?on={row.date}" if may else ""
        worked = row.kind == Category.DayKind.MAKEUP
        mark = Mark(row.get_kind_display(), "tone-brand" if worked else "tone-ok", "clock" if worked else "lamp-green")
        return [
            Cell(wording.day(row.date), url, css="figures"),
            Cell(date_format(row.date, "l")),
            Cell(marks=(mark,)),
            Cell(row.name),
        ]

    callouts = [] if may else [
        Callout(_("This holds for every area. Only an administrator of the whole city may change it."))
    ]  # fmt: skip
    if not calendar.knows(year):
        words = _("The days off of %(year)d are not on file: it is counted Monday to Friday. Paste the list.")
        callouts.append(Callout(words % {"year": year}, "warn"))
    years = sorted({*(on.year for on in calendar.days), today.year, today.year + 1, year})
    actions = [
        Action(_("Paste a year"), f"{reverse('calendar:paste')}?year={year}", "upload", primary=True),
        Action(_("Change a day"), reverse("calendar:day"), "edit"),
    ]
    listing = Listing(
        title=_("Working calendar"),
        lead=_(
            "Worked are Monday to Friday and make-up workdays, %(morning)s and %(afternoon)s, Shanghai time; the hours"
            " are the same everywhere. Clocks that run keep the due moment they have; a changed day counts for those"
            " that start or run on afterwards."
        ) % {"morning": _hours(worktime.MORNING), "afternoon": _hours(worktime.AFTERNOON)},
        columns=(_("Day"), _("Weekday"), _("What it is"), _("What it is called")),
        rows=Holiday.objects.filter(date__year=year).order_by("date"),
        show=show,
        actions=actions if may else (),
        callouts=callouts,
        tabs=[{"label": one, "url": f"{here}?year={one}", "current": one == year, "count": None} for one in years[-8:]],
        empty=_("No exceptions in this year"),
        advice=_("It is counted Monday to Friday until its list is pasted."),
        more={
            "template": "managing/calendar.html",
            "months": _months(year, calendar),
            "history": history.of(tables.subject_of(year)),
        },
    )  # fmt: skip
    return skeleton.show_list(request, listing)


def _hours(span: tuple[dt.time, dt.time]) -> str:
    return f"{span[0]:%H:%M}–{span[1]:%H:%M}"


def _months(year: int, calendar: worktime.Calendar) -> list[tuple[str, int]]:
    """How many days of each month are worked."""
    found = []
    for month in range(1, 13):
        first, following = map(clock.date_of, clock.month(year, month))
        days = calendar.workdays_before(following.toordinal()) - calendar.workdays_before(first.toordinal())
        found.append((date_format(first, "F"), days))
    return found


@page
@require_http_methods(["GET", "POST"])
def day(request: HttpRequest) -> HttpResponse:
    """One day: a day off, a make-up workday, or as the week has it."""
    skeleton.tops(request)
    on = _asked_day(request)
    form = DayForm(request.POST or None, on=on)

    def days(given: dict) -> list[tables.Day]:
        return [tables.Day(given["on"], given["kind"], given["name"].strip())] if given["kind"] else []

    def work(given: dict) -> Done:
        tables.set_day(
            given["on"], by=request.user, kind=given["kind"], name=given["name"], why=given["why"], at=clock.now()
        )
        to = f"{reverse('calendar:index')}?year={given['on'].year}"
        return Done(to, _("%(day)s is changed.") % {"day": wording.day(given["on"])})

    entry = _entry(request, _("Change a day"), form, work, (on or clock.today()).year)
    entry.effect = lambda given: _effect(tables.effect(days(given), of=[given["on"]]))
    return skeleton.show_form(request, entry)


def _asked_day(request: HttpRequest) -> dt.date | None:
    try:
        return parse_date(request.GET.get("on", ""))
    except ValueError:
        return None


@page
@require_http_methods(["GET", "POST"])
def paste(request: HttpRequest) -> HttpResponse:
    """A whole year from a list: read, compared with what is there, then taken over."""
    skeleton.tops(request)
    form = YearForm(request.POST or None, year=_year(request))

    def work(given: dict) -> Done:
        count = tables.set_year(given["year"], given["days"], by=request.user, why=given["why"], at=clock.now())
        words = ngettext("%(count)d day is other than before.", "%(count)d days are other than before.", count)
        return Done(f"{reverse('calendar:index')}?year={given['year']}", words % {"count": count})

    def seen(given: dict) -> list[Callout]:
        return _effect(tables.effect(given["days"], of=tables.days_of_year(given["year"])))

    entry = _entry(request, _("Paste a year"), form, work, _year(request))
    entry.effect = seen
    return skeleton.show_form(request, entry)


def _entry(request: HttpRequest, title: str, form: forms.Form, work, year: int) -> Entry:
    back = f"{reverse('calendar:index')}?year={year}"
    entry = Entry(title, form, work, back, trail=[(_("Working calendar"), back)])
    entry.readonly = not skeleton.over_all(request)
    return entry


def _effect(found: tables.Effect) -> list[Callout]:
    """What changes, what clocks run across it, and what three working days from now on become."""
    if not found.days:
        return [Callout(_("Nothing becomes other than it is."))]
    said = []
    groups = ((_("Added"), found.added), (_("Other than now"), found.changed), (_("Ordinary again"), found.removed))
    for heading, days in groups:
        if days:
            named = [f"{wording.day(one.on)} {Category.DayKind(one.kind).label} {one.name}" for one in days]
            words = listed(named[:MOST_NAMED])
            if len(named) > MOST_NAMED:
                words = _("%(names)s and %(count)d more") % {"names": words, "count": len(named) - MOST_NAMED}
            said.append(Callout(words, heading=f"{heading} ({len(days)})"))
    kept = ngettext(
        "%(count)d clock in working time runs across these days. It keeps the due moment it has.",
        "%(count)d clocks in working time run across these days. They keep the due moment they have.",
        found.running,
    )
    said.append(Callout(kept % {"count": found.running}, "warn" if found.running else "info"))
    now = clock.now()
    before = deadlines.due_at(EXAMPLE, now, calendars.working_calendar())
    after = deadlines.due_at(EXAMPLE, now, found.after)
    if before != after:
        words = _("Three working days that start now end at %(after)s instead of %(before)s.")
        said.append(Callout(words % {"after": wording.moment(after), "before": wording.moment(before)}, "warn"))
    return said


urlpatterns = [
    path("", index, name="index"),
    path("day/", day, name="day"),
    path("paste/", paste, name="paste"),
]
