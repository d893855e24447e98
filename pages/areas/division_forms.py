"""The forms of a split and a merger: where the line runs, which neighbours join, and what becomes of everything."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import pgettext
from shapely.geometry.base import BaseGeometry

from core import clock
from core.errors import Invalid
from grids import codes, cutting, geometry, rules
from grids.commands import Opening
from grids.coordinates import System, shape_to_wgs84
from grids.levels import KINDS, Level
from grids.levels import Kind as GridKind
from grids.models import Area
from pages.areas import geojson
from personnel.models import Post
from personnel.roles import Role


class CutForm(forms.Form):
    """How an area is divided: along a line, by an outline for each part, or by number where it has no outline."""

    drawn = forms.CharField(label=_lazy("Dividing line"), required=False, max_length=geojson.MOST_BYTES,
                            widget=forms.Textarea)  # fmt: skip
    file = forms.FileField(label=_lazy("GeoJSON file"), required=False)
    coordinates = forms.ChoiceField(
        label=_lazy("Coordinate system"), choices=System.choices, initial=System.WGS84, required=False
    )
    count = forms.IntegerField(
        label=_lazy("Number of parts"), required=False, initial=2, min_value=2, max_value=cutting.MOST_PARTS
    )

    def __init__(self, *args, whole: BaseGeometry | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.whole, self.parts, self.line = whole, [], None
        self.fields["drawn"].help_text = _(
            "GeoJSON: a line across the area (several lines make more parts), or a collection with an outline for each"
            " part. Draw it on the map, or paste it."
        )
        if whole is not None:
            del self.fields["count"]

    def clean(self):
        """The parts, each (outline or None, name it came with)."""
        given = super().clean()
        if not given.get("drawn", "").strip() and not given.get("file"):
            if self.whole is not None:
                message = _("Draw a line across the area, from outside to outside.")
                raise forms.ValidationError({"drawn": message})
            self.parts = [(None, "")] * (given.get("count") or 2)
            return given
        raw, field = geojson.read(given.get("drawn", ""), given.get("file"), "drawn")
        try:
            self.parts = self._parts(raw, given.get("coordinates") or System.WGS84)
        except Invalid as refusal:
            raise geojson.refused(field, refusal) from refusal
        return given

    def _parts(self, raw: Any, system: str) -> list[tuple[BaseGeometry | None, str]]:
        found = geojson.features(raw)
        lines = [one for one, _given in found if isinstance(one, Mapping) and "LineString" in str(one.get("type"))]
        if lines:
            if self.whole is None:
                raise Invalid(errors={"line": [_("This area has no outline to divide. Give one for each part.")]})
            read = [shape_to_wgs84(geometry.read_lines(one), system) for one in lines]
            self.line = shapely.union_all(read)
            return [(shape, "") for shape in cutting.cut(self.whole, self.line)]
        outlines = [(shape_to_wgs84(geometry.read(one), system), str(said.get("name", ""))) for one, said in found]
        if not 2 <= len(outlines) <= cutting.MOST_PARTS:
            message = _("A split needs two to %(most)d outlines; here are %(count)d.")
            raise Invalid(errors={"line": [message % {"most": cutting.MOST_PARTS, "count": len(outlines)}]})
        names = {id(shape): name for shape, name in outlines}
        return [(shape, names[id(shape)]) for shape in cutting.in_order(shape for shape, _name in outlines)]


class MergeForm(forms.Form):
    """The neighbours that join."""

    olds = forms.MultipleChoiceField(label=_lazy("Joins with"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, siblings: Sequence[Area], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["olds"].choices = [(one.code, one.name) for one in siblings]


class PartsForm(forms.Form):
    """Everything a split or a merger decides. Parts are numbered from 0; their outlines travel along hidden."""

    on = forms.DateField(
        label=_lazy("Valid from"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_lazy("Today, or a later day: then it is carried out by itself and can be called off before."),
    )  # fmt: skip

    def __init__(self, *args, olds: Sequence[Area], count: int, posts: Sequence[Post], children: Sequence[Area],
                 **kwargs):  # fmt: skip
        super().__init__(*args, **kwargs)
        self.olds, self.count, self.posts, self.children = olds, count, list(posts), list(children)
        kinds = [(kind, GridKind(kind).label) for kind in KINDS[Level(olds[0].level)]]
        for part in range(count):
            self._add_part(part, kinds)
        numbers = [(str(part), str(part + 1)) for part in range(count)]
        if count > 1:
            self.fields["rest"] = forms.ChoiceField(
                label=_("What has no point goes to part"), choices=numbers, widget=forms.RadioSelect, initial="0",
                help_text=_("Orders and signs with a point go to the part their point lies in."),
            )  # fmt: skip
            for child in self.children:
                self.fields[f"child_{child.code}"] = forms.ChoiceField(
                    label=child.name, choices=numbers, widget=forms.RadioSelect
                )
        for post in self.posts:
            label = f"{post.person.name} · {Role(post.role).label}"
            if len(olds) > 1:
                label = f"{label} · {post.area.name}"
            self.fields[f"post_{post.pk}"] = forms.MultipleChoiceField(
                label=label, choices=numbers if count > 1 else [("0", _("stays"))], required=False,
                widget=forms.CheckboxSelectMultiple, initial=[str(self.initial.get("rest", "0"))],
            )  # fmt: skip

    def _add_part(self, part: int, kinds: list) -> None:
        head = f"part{part}_"
        self.fields[head + "name"] = forms.CharField(label=pgettext("area", "Name"), max_length=rules.NAME_LENGTH)
        self.fields[head + "code"] = forms.CharField(
            label=_("Code"), max_length=17, widget=forms.TextInput(attrs={"inputmode": "numeric"})
        )
        if kinds:
            self.fields[head + "kind"] = forms.ChoiceField(label=_("Kind"), choices=kinds)
        for name, label in (("households", _("Households")), ("population", _("Population"))):
            self.fields[head + name] = forms.IntegerField(label=label, required=False, min_value=0)
        self.fields[head + "phone"] = forms.CharField(
            label=_("Phone of the post"), required=False, max_length=rules.PHONE_LENGTH
        )
        self.fields[head + "outline"] = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def rows(self) -> list[dict]:
        """The parts as the page lays them out."""
        return [
            {"number": part + 1, "fields": [self[name] for name in self.fields if name.startswith(f"part{part}_")]}
            for part in range(self.count)
        ]

    @property
    def post_fields(self) -> list:
        """One row for each post."""
        return [self[f"post_{post.pk}"] for post in self.posts]

    @property
    def child_fields(self) -> list:
        """One row for each area below."""
        return [self[f"child_{child.code}"] for child in self.children] if self.count > 1 else []

    def clean(self):
        """What the tree's rules say of each part, at the field they mean."""
        given = super().clean()
        if given.get("on") and given["on"] < clock.today():
            self.add_error("on", _("What is past stays as it was. Choose today or a later day."))
        seen: set[str] = set()
        for part in range(self.count):
            code = given.get(f"part{part}_code", "")
            for name, check in (
                ("code", codes.check), ("name", rules.name), ("phone", rules.phone), ("outline", self._read)
            ):  # fmt: skip
                field = f"part{part}_{name}"
                try:
                    if field in given:
                        given[field] = check(given[field])
                except Invalid as refusal:
                    told = [one for many in refusal.errors.values() for one in many]
                    self.add_error(None if name == "outline" else field, told)
            if code and code in seen:
                self.add_error(f"part{part}_code", _("The code %(code)s stands here twice.") % {"code": code})
            elif code and Area.objects.filter(code=code).exists():
                words = _("The code %(code)s is taken; codes are never used twice.")
                self.add_error(f"part{part}_code", words % {"code": code})
            seen.add(code)
        return given

    @staticmethod
    def _read(text: str) -> BaseGeometry | None:
        if not text:
            return None
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):
            raise Invalid(errors={"outline": [_("This is not GeoJSON. Draw the outline or choose a file.")]}) from None
        return geometry.read(raw)

    # -- what was decided, as the command takes it ------------------------------------------------------------------

    def code(self, part: str) -> str:
        """The code of a part by its number."""
        return self.cleaned_data[f"part{part}_code"]

    def decided(self) -> dict:
        """The arguments of `redividing.redivide` beside the areas."""
        given = self.cleaned_data
        parts = []
        for part in range(self.count):
            shape = given.get(f"part{part}_outline")
            inside = [one.code for one in self.children if given.get(f"child_{one.code}", "0") == str(part)]
            parts.append(
                Opening(
                    code=self.code(part),
                    name=given[f"part{part}_name"],
                    kind=given.get(f"part{part}_kind"),
                    households=given.get(f"part{part}_households"),
                    population=given.get(f"part{part}_population"),
                    phone=given.get(f"part{part}_phone", ""),
                    children=inside if self.count > 1 else (),
                    geometry=geometry.write(shape) if shape is not None and self.count > 1 else None,
                )  # fmt: skip
            )
        chosen = {post.pk: [self.code(part) for part in given[f"post_{post.pk}"]] for post in self.posts}
        return {"into": parts, "on": given["on"], "posts": chosen, "rest": self.code(given.get("rest", "0"))}

    @property
    def shapes(self) -> list[BaseGeometry]:
        """The outlines of the parts that can be read."""
        found = []
        for part in range(self.count):
            value = getattr(self, "cleaned_data", {}).get(f"part{part}_outline") if self.is_bound else None
            text = self[f"part{part}_outline"].value()
            if isinstance(value, BaseGeometry):
                found.append(value)
            elif text and not self.is_bound:
                found.append(geometry.read(json.loads(text)))
        return found


def first_values(
    olds: Sequence[Area], parts: Sequence[tuple[BaseGeometry | None, str]], suggested: Sequence[str],
    children: Sequence[Area], outlines: Mapping[int, BaseGeometry],
) -> dict[str, Any]:  # fmt: skip
    """What the form of the parts begins with: free codes, names, people shared out by land.

    outlines: {id: outline} of the children that have one.
    """
    sizes = [geometry.area_m2(shape) if shape is not None else 1.0 for shape, _name in parts]
    values: dict[str, Any] = {"on": clock.today(), "rest": str(max(range(len(parts)), key=sizes.__getitem__))}
    for name in ("households", "population"):
        known = [getattr(one, name) for one in olds if getattr(one, name) is not None]
        for part, share in enumerate(cutting.shares(sum(known) if known else None, sizes)):
            values[f"part{part}_{name}"] = share
    for part, (shape, name) in enumerate(parts):
        number = f" {part + 1}" if len(parts) > 1 else ""
        values[f"part{part}_name"] = name or f"{olds[0].name}{number}"
        values[f"part{part}_code"] = suggested[part] if part < len(suggested) else ""
        values[f"part{part}_kind"], values[f"part{part}_phone"] = olds[0].kind, olds[0].phone
        values[f"part{part}_outline"] = json.dumps(geometry.write(shape)) if shape is not None else ""
    for child in children:
        point = outlines[child.pk].representative_point() if child.pk in outlines else None
        inside = (at for at, (part, _name) in enumerate(parts) if point and part is not None and part.covers(point))
        values[f"child_{child.code}"] = str(next(inside, values["rest"]))
    return values
