"""Who may import whom: read from the source, so that the offending line is named. The picture: docs/architecture.md."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Left to right: a room may import itself and what stands left of it.
DOMAIN = ("core", "grids", "personnel", "workorders", "assessment", "exchange")
DOORS = ("api", "pages")
WIRING = "gridgov"
OURS = (*DOMAIN, *DOORS, WIRING)
# Everything that belongs to requests and pages; the domain has never heard of it.
WEB = (
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "django.http",
    "django.forms",
    "django.shortcuts",
    "django.template",
    "django.urls",
    "django.views",
)


@dataclass(frozen=True)
class Import:
    """One imported name and where it stands."""

    file: str
    line: int
    name: str
    late: bool

    @property
    def room(self) -> str:
        """The first part of the importing file's path."""
        return self.file.split("/")[0]

    @property
    def target(self) -> str:
        """The first part of what is imported."""
        return self.name.split(".")[0]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.name}"


def _imports(path: Path) -> Iterator[Import]:
    """Every import of a file with its full dotted names; relative ones are made absolute."""
    file = path.relative_to(ROOT).as_posix()
    package = path.relative_to(ROOT).parent.parts
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=file)
    late = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *((node.module,) if node.module else ())))
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (Import(file, node.lineno, name, id(node) in late) for name in names)


def _files(room: str) -> list[Path]:
    return sorted(path for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts)


ALL = [found for room in OURS if (ROOT / room).is_dir() for path in _files(room) for found in _imports(path)]


def _within(name: str, names: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in names)


def _told(found: list[Import]) -> str:
    return "\n".join(map(str, found))


def test_the_imports_are_read():
    assert {found.room for found in ALL} >= {"core", "grids", "personnel", "workorders", "pages", "gridgov"}
    assert any(found.late for found in ALL)


@pytest.mark.parametrize("room", DOMAIN)
def test_the_domain_imports_only_leftward(room):
    allowed = DOMAIN[: DOMAIN.index(room) + 1]
    wrong = [found for found in ALL if found.room == room and found.target in OURS and found.target not in allowed]
    assert not wrong, _told(wrong)


@pytest.mark.parametrize("door", DOORS)
def test_doors_never_import_each_other(door):
    allowed = (*DOMAIN, door)
    wrong = [found for found in ALL if found.room == door and found.target in OURS and found.target not in allowed]
    assert not wrong, _told(wrong)


def test_nobody_imports_the_wiring():
    wrong = [found for found in ALL if found.target == WIRING and found.room != WIRING]
    assert not wrong, _told(wrong)


def test_the_domain_sees_no_request():
    """Except in admin.py, which is the administrators' door and lies beside its models because Django looks there."""

    def excused(found: Import) -> bool:
        return found.file.endswith("/admin.py") or "/migrations/" in found.file

    wrong = [found for found in ALL if found.room in DOMAIN and _within(found.name, WEB) and not excused(found)]
    assert not wrong, _told(wrong)


def test_imports_stand_on_top():
    """A task imports its command late, an app imports its tasks when it is ready; nothing else of ours hides.

    Heavy packages may be imported where they are first needed: most processes never open a workbook or a photo.
    """

    def excused(found: Import) -> bool:
        name = found.file.rsplit("/", 1)[-1]
        return name in ("tasks.py", "apps.py") or found.room == WIRING or "/migrations/" in found.file

    wrong = [found for found in ALL if found.late and found.target in OURS and not excused(found)]
    assert not wrong, _told(wrong)


def test_tests_and_benchmarks_are_used_by_nobody():
    wrong = [found for found in ALL if found.target in ("tests", "bench", "conftest", "manage")]
    assert not wrong, _told(wrong)
