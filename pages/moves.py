"""Forms made from the workflow's table, and the one way from a form to a move.

    form = MoveForm("dispatch", order, standing=base.standing(request), at=clock.now(), data=…, files=…)
    if base.submitted(request, form):
        return carry_out(request, order, form, to=room.detail(order.number))

Each input of the row becomes a field of its type; what is chosen is turned back into what `commands.perform` reads.
"""

import datetime as dt

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core import clock
from pages import base, options, powers, sending, wording
from pages.fields import LimitField, SearchableSelect
from pages.pictures import ReadPhotosField
from personnel.jurisdiction import Standing, units_directory
from workorders import calendars, commands, deadlines, workflow
from workorders.ledger import locked
from workorders.models import Assignment, Attachment, Extension, WorkOrder
from workorders.similar import similar_to
from workorders.vocabulary import GRADES, Card, Difficulty, Urgency, WhistleKind

OFFICER = "officer:"
# Choices of the table in the words of the trade.
_WORDS = {
    "urgency": Urgency,
    "card": Card,
    "kind": WhistleKind,
    "difficulty": Difficulty,
}
# What a photo given with a move shows.
_PHOTO_KIND = {"verified": Attachment.Kind.BEFORE, "feedback": Attachment.Kind.AFTER}
# Fields most people never need stand behind "more".
_SELDOM = frozenset({"difficulty", "co_units", "limit", "suggested_unit"})


class MoveForm(forms.Form):
    """The form of one move on one order. `main` and `more` are its fields as the page shows them."""

    def __init__(self, name: str, order: WorkOrder, *, standing: Standing, at: dt.datetime, data=None, files=None):
        super().__init__(data, files, auto_id=f"{name}_%s")
        self.move, self.order, self.standing, self.at = workflow.BY_NAME[name], order, standing, at
        self.hints: list[str] = []
        for spec in self.move.inputs:
            getattr(self, f"_add_{spec.type}")(spec)
        adjust = getattr(self, f"_on_{name}", None)
        if adjust:
            adjust()
        for spec in self.move.inputs:
            if spec.name in self.fields:
                label, help_text = wording.of_input(name, spec.name)
                self.fields[spec.name].label = label
                self.fields[spec.name].help_text = self.fields[spec.name].help_text or help_text

    def prefill(self, written) -> None:
        """Start from what a link has written for the person: the card and the reason of a notice on the board."""
        for spec in self.move.inputs:
            if spec.name in self.fields and written.get(spec.name):
                self.fields[spec.name].initial = str(written[spec.name])[:4000]

    # -- what the template shows

    @property
    def main(self) -> list[forms.BoundField]:
        """The fields in front."""
        return [field for field in self if field.name not in _SELDOM]

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields few people need."""
        return [field for field in self if field.name in _SELDOM]

    @property
    def paired(self) -> set[str]:
        """Fields of which one of two is enough: the usual words and one's own."""
        usual = {name for name in self.fields if name.endswith("__usual")}
        needed = {spec.name for spec in self.move.inputs if spec.required}
        return usual | {name.removesuffix("__usual") for name in usual if name.removesuffix("__usual") in needed}

    @property
    def has_photos(self) -> bool:
        """Whether files travel with the form."""
        return self.is_multipart()

    @property
    def photo_kind(self) -> str:
        """What the photos of this step show."""
        return _PHOTO_KIND.get(self.move.name, Attachment.Kind.OTHER).value

    @property
    def needs_photo(self) -> bool:
        """Whether a photo of the result has to come with it: an officer's own work without one so far."""
        own = self.move.name == "feedback" and self.order.officer_id is not None
        return own and not self.order.attachments.filter(kind=Attachment.Kind.AFTER).exists()

    @property
    def verb(self) -> str:
        """What the button says: the power's own name where the step is one."""
        return powers.label(self.move, self.order, self.standing, at=self.at)

    @property
    def effect(self) -> str:
        """What the step does, in a sentence."""
        return wording.effect(self.move.name)

    @property
    def is_serious(self) -> bool:
        """Whether the step turns the order away or back."""
        return self.move.name in wording.SERIOUS

    # -- one builder for each type of input

    def _add_text(self, spec):
        area = forms.Textarea(attrs={"rows": 2 if spec.name in ("note", "reason", "text") else 4, "maxlength": 4000})
        reasons = options.REASONS.get(self.move.name, ()) if spec.name in ("reason", "note") else ()
        if reasons:
            choices = [(str(reason), reason) for reason in reasons]
            field = forms.ChoiceField(
                choices=choices, required=False, widget=forms.RadioSelect, label=wording.usual(spec.name)
            )
            self.fields[f"{spec.name}__usual"] = field
        self.fields[spec.name] = forms.CharField(
            widget=area, max_length=4000, required=spec.required and not reasons, strip=True
        )

    def _add_bool(self, spec):
        yes, no = wording.yes_no(spec.name)
        if not spec.required and spec.name == "rework":
            self.fields[spec.name] = forms.BooleanField(required=False)
            return
        self.fields[spec.name] = forms.ChoiceField(
            choices=[("true", yes), ("false", no)], required=spec.required, widget=forms.RadioSelect
        )

    def _add_choice(self, spec):
        words = _WORDS.get(spec.name)
        choices = [(value, words(value).label if words else value) for value in spec.choices]
        self.fields[spec.name] = forms.ChoiceField(choices=choices, required=spec.required, widget=forms.RadioSelect)

    def _add_number_choice(self, spec):
        words = _WORDS.get(spec.name)
        grades = GRADES if spec.name == "satisfaction" else {}
        choices = [(str(n), words(n).label if words else grades.get(n, n)) for n in spec.choices]
        if grades:
            choices.reverse()
        self.fields[spec.name] = forms.ChoiceField(choices=choices, required=spec.required, widget=forms.RadioSelect)

    def _add_category(self, spec):
        known = self.order.category.code if self.order.category_id else ""
        self.fields[spec.name] = forms.ChoiceField(
            choices=[("", _("Choose a category")), *options.categories()],
            required=spec.required,
            initial=known,
            widget=SearchableSelect(words=options.search_words),
        )

    def _add_unit(self, spec):
        self.fields[spec.name] = forms.ChoiceField(
            choices=[("", _("Choose a unit")), *options.grouped(options.units_of(self.order))],
            required=spec.required,
            widget=SearchableSelect(),
        )

    def _add_units(self, spec):
        units = [unit for unit in options.units_of(self.order) if unit.id != self.order.lead_id]
        self.fields[spec.name] = forms.MultipleChoiceField(
            choices=[(unit.code, unit.name) for unit in units],
            required=spec.required,
            widget=forms.CheckboxSelectMultiple,
        )

    def _add_officer(self, spec):
        choices = options.officers_near(self.order, whole_community=True)
        self.fields[spec.name] = forms.ChoiceField(
            choices=[("", _("The officer of the grid")), *choices], required=spec.required
        )

    def _add_order(self, spec):
        pattern = _("%(number)s · %(title)s (%(reasons)s)")
        choices = [
            (one.number, pattern % {"number": one.number, "title": one.title, "reasons": _(", ").join(one.reasons)})
            for one in similar_to(self.order, standing=self.standing)
        ]
        if choices:
            field = forms.ChoiceField(
                choices=choices, required=False, widget=forms.RadioSelect, label=_("Likely the same")
            )
            self.fields[f"{spec.name}__usual"] = field
        self.fields[spec.name] = forms.CharField(
            max_length=20,
            required=spec.required and not choices,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        )

    def _add_datetime(self, spec):
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
        self.fields[spec.name] = forms.DateTimeField(required=spec.required, widget=widget)

    def _add_date(self, spec):
        today = clock.date_of(self.at)
        attrs = {
            "type": "date",
            "min": (today + dt.timedelta(days=1)).isoformat(),
            "max": (today + dt.timedelta(days=30)).isoformat(),
        }
        self.fields[spec.name] = forms.DateField(
            required=spec.required, widget=forms.DateInput(format="%Y-%m-%d", attrs=attrs)
        )

    def _add_limit(self, spec):
        self.fields[spec.name] = LimitField(required=spec.required)

    def _add_point(self, spec):
        attrs = {"data-locate": "", "autocomplete": "off", "placeholder": "103.73450,36.10520"}
        self.fields[spec.name] = forms.CharField(
            max_length=60, required=spec.required, widget=forms.TextInput(attrs=attrs)
        )

    def _add_attachment(self, spec):
        self.fields[spec.name] = ReadPhotosField(required=spec.required, most=1)

    def _add_attachments(self, spec):
        self.fields[spec.name] = ReadPhotosField(required=spec.required)

    # -- what is special about single moves

    def _on_accept(self):
        if self.order.category_id:
            self.fields["urgency"].initial = self.order.urgency

    def _on_dispatch(self):
        """Units and the grid's officers in one choice, the suggestion chosen."""
        order, forced = self.order, self.order.returns >= 2
        returned = {} if forced else {unit_id: _("returned it") for unit_id in order.returned_units}
        groups = options.grouped(options.units_of(order), note=lambda unit: returned.get(unit.id, ""))
        officers = [(f"{OFFICER}{pk}", label) for pk, label in options.officers_near(order, whole_community=False)]
        if officers:
            groups.append((_("Officers of the grid"), officers))
        del self.fields["officer"]
        unit = self.fields["unit"]
        unit.required, unit.choices = True, [("", _("Choose who shall handle it")), *groups]
        found = options.suggested_unit(order)
        if found:
            unit.initial = found.unit.code
            unit.help_text = _("Suggested: %(unit)s. %(reason)s") % {"unit": found.unit.name, "reason": found.reason}
        if forced:
            self.hints.append(_("Returned twice: this dispatch is forced and cannot be returned, the clock runs on."))
        if order.category_id:
            limit = deadlines.Limit.from_json(order.category.stages[-1])
            self.fields["limit"].help_text = _("Without an entry the category's own limit holds: %(limit)s.") % {
                "limit": wording.limit_words(limit)
            }

    def _on_decide(self):
        found = options.suggested_unit(self.order)
        if found:
            self.fields["unit"].initial = found.unit.code
            self.fields["unit"].help_text = found.reason

    def _on_co_dispatch(self):
        part = {*self.order.co_units, self.order.lead_id}
        units = [unit for unit in options.units_of(self.order) if unit.id not in part]
        self.fields["unit"].choices = [("", _("Choose a unit")), *options.grouped(units)]

    def _on_rate_unit(self):
        own = self.order.assignments.filter(kind=Assignment.Kind.WHISTLE, by=self.standing.user, score=None)
        known = units_directory().by_id
        units = [known[pk] for pk in dict.fromkeys(own.values_list("unit_id", flat=True)) if pk in known]
        self.fields["unit"].choices = [("", _("Choose a unit")), *options.grouped(units)]
        self.fields["unit"].required = True
        if len(units) == 1:
            self.fields["unit"].initial = units[0].code

    def _on_whistle(self):
        """Units that are on their way are not called twice."""
        calls = self.order.assignments.filter(kind=Assignment.Kind.WHISTLE, arrived_at=None, ended_at=None)
        known = units_directory().by_id
        coming = {known[pk].code for pk in calls.values_list("unit_id", flat=True) if pk in known}
        self.fields["units"].choices = [one for one in self.fields["units"].choices if one[0] not in coming]

    def _on_decide_extension(self):
        asked = Extension.objects.filter(order=self.order, state=Extension.State.PENDING).first()
        if asked:
            self.fields["until"].initial = asked.until
            self.hints.append(
                _("Asked for until %(until)s: %(reason)s")
                % {"until": wording.moment(asked.until), "reason": asked.reason}
            )
        if self.order.due_at:
            self.hints.append(_("Due now at %(due)s.") % {"due": wording.moment(self.order.due_at)})

    def _on_request_extension(self):
        if self.order.due_at:
            self.hints.append(_("Due now at %(due)s.") % {"due": wording.moment(self.order.due_at)})

    def _on_suspend(self):
        self.fields["review_on"].initial = clock.date_of(self.at) + dt.timedelta(days=14)

    def _on_supervise(self):
        self.fields["card"].initial = Card.YELLOW
        tomorrow = deadlines.due_at(deadlines.Limit(1, "wd"), self.at, calendars.working_calendar())
        self.fields["answer_by"].initial = tomorrow

    def _on_urge(self):
        late = self.order.due_at is not None and self.order.due_at < self.at
        self.fields["note__usual"].initial = str(options.REASONS["urge"][1 if late else 0])

    def _on_revisit(self):
        self.hints.append(
            _("Attempt %(attempt)d of 3. Not reached for the third time closes the order without an answer.")
            % {"attempt": self.order.revisits + 1}
        )

    def _on_feedback(self):
        if self.order.officer_id:
            self.fields["photos"].help_text = _("A photo of the result is needed, unless one is attached already.")

    # -- back to what a command reads

    def clean(self):
        """Usual words and own words together count as one answer."""
        found = super().clean()
        for spec in self.move.inputs:
            usual = f"{spec.name}__usual"
            if usual in self.fields and spec.required and not found.get(usual) and not found.get(spec.name):
                self.add_error(spec.name, _("Please choose or write something."))
        return found

    def given(self) -> dict:
        """The raw inputs for `commands.perform`, photos left out."""
        raw = {}
        for spec in self.move.inputs:
            value = self.cleaned_data.get(spec.name)
            if spec.type in ("attachment", "attachments"):
                continue
            usual = self.cleaned_data.get(f"{spec.name}__usual")
            if usual:
                value = usual if spec.type == "order" else _("%(usual)s. %(own)s") % {"usual": usual, "own": value}
                if spec.type == "text" and not self.cleaned_data.get(spec.name):
                    value = usual
            if spec.name == "rework":
                value = "true" if value else None
            if value not in (None, "", []):
                raw[spec.name] = value
        if str(raw.get("unit", "")).startswith(OFFICER):
            raw["officer"] = raw.pop("unit").removeprefix(OFFICER)
        if self.move.name == "revisit" and raw.get("reached") == "false":
            raw = {name: value for name, value in raw.items() if name in ("reached", "note")}
        return raw

    def sent_before(self, name: str) -> list[str]:
        """The photos of an input that the phone's outbox sent ahead of the step, by their keys."""
        return self.data.getlist(f"{name}__sent") if hasattr(self.data, "getlist") else []

    def photos(self) -> list[tuple[str, list]]:
        """The photos that came, by the input they belong to."""
        return [
            (spec.name, self.cleaned_data.get(spec.name) or [])
            for spec in self.move.inputs
            if spec.type in ("attachment", "attachments")
        ]


def carry_out(request: HttpRequest, order: WorkOrder, form: MoveForm, *, to: str) -> HttpResponse:
    """Do the move of a valid form, with its photos, once, in one transaction; then go on to `to`."""

    def work() -> base.Done:
        raw, now, subject = form.given(), clock.now(), order
        if sending.by_script(request) or "version" in request.POST:
            subject = locked(order)
            sending.refuse_stale(request, subject)
        kind = _PHOTO_KIND.get(form.move.name, Attachment.Kind.OTHER)
        for name, photos in form.photos():
            stored = [commands.attach(subject, by=request.user, at=now, photo=photo, kind=kind) for photo in photos]
            keys = [*form.sent_before(name), *(str(one.pk) for one in stored)]
            if keys:
                raw[name] = keys if name == "photos" else keys[0]
        done = commands.perform(form.move.name, subject, by=request.user, at=now, given=raw)
        facts = {"number": done.number, "version": done.version}
        if "stay" in request.POST and request.htmx:
            facts["stays"] = "desk:moved"
        return base.Done(to, wording.done(form.move.name, done), facts)

    return base.once(request, work)
