"""The map from an old system's columns to our fields: a TOML file, read and checked. Contract §3, History."""

import codecs
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from core.errors import Invalid
from grids.coordinates import System

FORMATS = ("csv", "csv.gz", "xlsx")
MOMENTS = ("reported_at", "accepted_at", "dispatched_at", "due_at", "fed_back_at", "closed_at")
FIELDS = (
    "external_id",
    "description",
    "title",
    "category",
    "area",
    "lon",
    "lat",
    "address",
    "source",
    "urgency",
    "status",
    "lead",
    "satisfaction",
    "resolved",
    *MOMENTS,
)
OTHER = "*"
# An empty cell is an unknown value: these fields take what every other value becomes, the rest stay unknown.
FILLED_BY_OTHER = frozenset({"area", "category", "source", "urgency", "status"})
_SECTIONS = ("file", "columns", "formats", "values", "defaults")


@dataclass(frozen=True)
class Mapping:
    """A checked map. columns: {our field: their column}; values: {our field: {their value: our value}}."""

    format: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    coordinates: str = System.WGS84
    columns: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, cells: dict[str, str]) -> str:
        """The text of a field in a row, translated; empty when it is unknown. Defaults are not looked at."""
        if name not in self.columns:
            return ""
        text = cells.get(self.columns[name], "")
        table = self.values.get(name)
        if table is None:
            return text
        if text in table:
            return table[text]
        if OTHER in table and (text or (name in FILLED_BY_OTHER and name not in self.defaults)):
            return table[OTHER]
        return text


def read_map(path: Path | str) -> Mapping:
    """Read a map. Raises Invalid `bad_map` naming every fault."""
    try:
        raw = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise _bad([_("The map cannot be read: %(why)s") % {"why": error.strerror}]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad([_("The map is not TOML: %(why)s") % {"why": error}]) from error
    return checked(raw)


def checked(raw: dict) -> Mapping:
    """The map a TOML document describes. Raises Invalid `bad_map`."""
    faults = [_("[%(name)s] is not a part of a map.") % {"name": name} for name in raw if name not in _SECTIONS]
    parts = {}
    for name in _SECTIONS:
        parts[name] = raw.get(name, {})
        if not isinstance(parts[name], dict):
            faults.append(_("[%(name)s] must be a table.") % {"name": name})
            parts[name] = {}
    file = _file(parts["file"], faults)
    for section in ("columns", "formats", "values", "defaults"):
        for name in parts[section]:
            if name not in FIELDS or (section == "formats" and name not in MOMENTS):
                faults.append(_("[%(section)s] %(name)s is not a field of ours.") % {"section": section, "name": name})
    columns = _texts("columns", parts["columns"], faults)
    formats = _texts("formats", parts["formats"], faults)
    defaults = _texts("defaults", parts["defaults"], faults)
    values = {}
    for name, table in parts["values"].items():
        if isinstance(table, dict):
            values[name] = _texts(f"values.{name}", table, faults)
        else:
            faults.append(_("[values.%(name)s] must be a table.") % {"name": name})
    for name in ("external_id", "reported_at"):
        if name not in columns:
            faults.append(_("[columns] must name the column of %(name)s.") % {"name": name})
    if faults:
        raise _bad(faults)
    return Mapping(columns=columns, formats=formats, values=values, defaults=defaults, **file)


def _file(part: dict, faults: list[str]) -> dict:
    known = {"format": "csv", "encoding": "utf-8", "delimiter": ",", "sheet": "", "time_zone": "Asia/Shanghai"}
    known["coordinates"] = System.WGS84.value
    for name, value in part.items():
        if name not in known:
            faults.append(_("[file] %(name)s is not known.") % {"name": name})
        elif not isinstance(value, str):
            faults.append(_("[file] %(name)s must be text in quotation marks.") % {"name": name})
        else:
            known[name] = value
    if known["format"] not in FORMATS:
        faults.append(
            _("[file] format “%(value)s” is not one of: %(known)s.")
            % {"value": known["format"], "known": ", ".join(FORMATS)}
        )
    try:
        codecs.lookup(known["encoding"])
    except LookupError:
        faults.append(_("[file] encoding “%(value)s” is not known.") % {"value": known["encoding"]})
    if len(known["delimiter"]) != 1:
        faults.append(_("[file] delimiter must be one character."))
    if known["coordinates"] not in System.values:
        faults.append(
            _("[file] coordinates “%(value)s” is not one of: %(known)s.")
            % {"value": known["coordinates"], "known": ", ".join(System.values)}
        )
    zone = None
    try:
        zone = ZoneInfo(known.pop("time_zone"))
    except (ZoneInfoNotFoundError, ValueError):
        faults.append(_("[file] time_zone is not known; write it like Asia/Shanghai."))
    return {**known, "zone": zone}


def _texts(section: str, part: dict, faults: list[str]) -> dict[str, str]:
    """Every value as text: TOML's numbers and booleans are what people write without quotation marks."""
    found = {}
    for name, value in part.items():
        if isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, (str, int, float)):
            found[name] = str(value)
        else:
            faults.append(_("[%(section)s] %(name)s must be text.") % {"section": section, "name": name})
    return found


def _bad(faults: list[str]) -> Invalid:
    return Invalid("bad_map", "\n".join(faults), errors={"map": faults})
