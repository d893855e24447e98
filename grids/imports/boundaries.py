"""Files of outlines: a GeoJSON FeatureCollection, judged as a whole, then written as a whole."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import shapely
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from core import wording
from core.errors import Invalid
from core.transactions import unit_of_work

from .. import codes, geometry, outlines, rules, tree
from ..coordinates import System, shape_to_wgs84
from ..directory import changed
from ..events import Kind as Happened
from ..events import record
from ..levels import Level
from ..models import Area, Boundary
from .report import Problem, Report, Unreadable
from .table import file_bytes, text_of

# Names under which files call WGS-84 and its Chinese twin CGCS2000, which is the same for any map of ours.
_WGS84 = ("CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490")


def import_boundaries(
    file: Path | str,
    *,
    on: dt.date,
    code_property: str = "code",
    coordinates: str = System.WGS84,
    by: AbstractBaseUser | None = None,
) -> Report:
    """Read outlines of areas that exist, in the coordinate system named.

    The first outline of an area is valid since the area is, another one from `on`; the one before stays as history.
    An outline equal to the current one changes nothing.
    """
    report = Report(by_feature=True)
    try:
        features = _features(Path(file), coordinates)
    except Unreadable as unreadable:
        report.problems.append(unreadable.problem)
        return report
    lines, shapes = _shapes(features, code_property, coordinates, report)
    with unit_of_work():
        tree.lock(patiently=True)
        versions = _versions(lines, shapes, on, code_property, report)
        grids = {one.area.code: one.shape for one in versions if one.area.level == Level.GRID}
        names = {one.area.code: one.area.name for one in versions}
        for overlap in outlines.overlaps(grids, names=names, on=on):
            report.problems.append(
                Problem(lines[overlap.code], "geometry", "boundary_overlaps", overlap.reason),
            )
        if report.is_refused:
            report.created = report.updated = report.unchanged = 0
        elif versions:
            outlines.store(versions)
            record(Happened.IMPORTED, None, by=by, what="boundaries", created=report.created, updated=report.updated)
            changed()
    return report


def _features(path: Path, coordinates: str) -> list[Any]:
    try:
        raw = json.loads(text_of(file_bytes(path)))
    except json.JSONDecodeError as error:
        reason = _("The file is not JSON: %(why)s") % {"why": error.msg}
        raise Unreadable("json_malformed", reason, line=error.lineno) from error
    except RecursionError as error:
        raise Unreadable("json_malformed", _("The file is nested too deeply.")) from error
    if not isinstance(raw, dict) or raw.get("type") != "FeatureCollection" or not isinstance(raw.get("features"), list):
        raise Unreadable("not_a_feature_collection", _("The file is not a GeoJSON FeatureCollection."))
    system = raw.get("crs")
    # Programs write WGS-84 into any file they save; who names a shifted system knows better than the file.
    named = System(coordinates) in (System.GCJ02, System.BD09)
    if system and not named and not json.dumps(system).rstrip('"} ').endswith(_WGS84):
        raise Unreadable(
            "other_coordinate_system",
            _("The file says it is not in WGS-84. Convert it to EPSG:4326 first."),
            column="crs",
        )
    return raw["features"]


def _shapes(
    features: list[Any], code_property: str, coordinates: str, report: Report
) -> tuple[dict[str, int], dict[str, BaseGeometry]]:
    """{code: number of its feature} and {code: shape} of the features that are in order by themselves."""
    lines: dict[str, int] = {}
    shapes: dict[str, BaseGeometry] = {}
    for line, feature in enumerate(features, start=1):
        try:
            code = _code(feature, code_property)
            if code in lines:
                message = _("The code %(code)s stands already in feature %(line)d.")
                raise rules.refuse(code_property, "code_twice", message % {"code": code, "line": lines[code]})
            codes.level_of(code)
            lines[code] = line
        except Invalid as refusal:
            report.add(line, code_property, refusal)
            continue
        try:
            shapes[code] = shape_to_wgs84(geometry.read(feature.get("geometry")), coordinates)
        except Invalid as refusal:
            report.add(line, "geometry", refusal)
    return lines, shapes


def _code(feature: Any, code_property: str) -> str:
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        raise rules.refuse(code_property, "not_a_feature", _("This is not a GeoJSON Feature."))
    properties = feature.get("properties") or {}
    code = properties.get(code_property) if isinstance(properties, Mapping) else None
    if isinstance(code, bool) or not isinstance(code, (str, int)) or not str(code).strip():
        message = _("The feature has no property “%(name)s” with the code of its area.") % {"name": code_property}
        raise rules.refuse(code_property, "code_missing", message)
    return str(code).strip()


def _versions(
    lines: Mapping[str, int], shapes: Mapping[str, BaseGeometry], on: dt.date, code_property: str, report: Report
) -> list[outlines.Version]:
    """What is to be stored; counts what is new, different and the same."""
    areas = {area.code: area for area in Area.objects.filter(code__in=list(lines)).order_by()}
    current = {
        boundary.area_id: boundary
        for boundary in Boundary.objects.filter(area__in=[area.pk for area in areas.values()], ends=None)
        .defer("geometry")
        .order_by()
    }
    versions: list[outlines.Version] = []
    for code, line in lines.items():
        area = areas.get(code)
        if area is None:
            reason = _("There is no area %(code)s.") % {"code": code}
            report.problems.append(Problem(line, code_property, "code_unknown", reason))
            continue
        if area.ends is not None:
            reason = _("%(name)s was closed on %(date)s and keeps its outline.") % {
                "name": area.name,
                "date": wording.day(area.ends),
            }
            report.problems.append(Problem(line, code_property, "area_closed", reason))
            continue
        if code not in shapes:
            continue
        before = current.get(area.pk)
        if before is None:
            versions.append(outlines.Version(area, shapes[code], area.starts))
            report.created += 1
        elif bytes(before.wkb) == shapely.to_wkb(shapes[code]):
            report.unchanged += 1
        elif on < before.starts:
            reason = _("There is a newer outline, valid from %(date)s.") % {"date": wording.day(before.starts)}
            report.problems.append(Problem(line, "geometry", "boundary_in_past", reason))
        else:
            versions.append(outlines.Version(area, shapes[code], on))
            report.updated += 1
    return versions
