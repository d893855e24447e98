"""The documentation keeps up: links lead somewhere, every variable, package and decision has its line."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# Readers of the environment; what they are asked for is what an operator may set.
READER = re.compile(r"\b(?:env|environment)\.(?:text|number|flag|choice|words|secret|redis|database)\(\s*\"([A-Z_]+)\"")


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target or target.startswith("/"):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", head).strip().lower().replace(" ", "-") for head in heads}, target


def test_every_variable_is_explained():
    table = _text("docs/operating.md")
    for file in ("settings.py", "supervisor.py", "environment.py", "embedded.py"):
        for name in READER.findall(_text(f"gridgov/{file}")):
            stem = name.removesuffix("_FILE")
            assert re.search(rf"`[^`]*\b{stem}\b[^`]*`", table), f"{file} reads {name}"


def test_every_package_has_its_reason():
    note = _text("docs/decisions/0010-packages.md").lower()
    lines = _text("requirements.in").splitlines()
    names = [re.split(r"[\[<>=]", line)[0].strip().lower() for line in lines if line.strip() and line[0] != "#"]
    assert len(names) > 20
    assert not [name for name in names if not re.search(rf"\b{re.escape(name)}\b", note)]


def test_every_decision_stands_in_the_index():
    index = _text("docs/decisions/README.md")
    notes = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert re.findall(r"\(([\w-]+\.md)\)", index) == [note.name for note in notes]
    for number, note in enumerate(notes, start=1):
        head = note.read_text(encoding="utf-8").splitlines()[0]
        assert note.name.startswith(f"{number:04}-") and head.startswith(f"# {number:04} ")
        assert head[7:] in index, head


def test_both_readmes_say_the_same():
    english, chinese = _text("README.md"), _text("README.zh-CN.md")
    assert english.count("\n## ") == chinese.count("\n## ")
    assert LINK.findall(english)[1:] == LINK.findall(chinese)[1:]  # the first link of each is the other one
    for word in ("script/server", "script/test", "script/manage", "script/bench", "gridgov-demo", "0502", "620105-UM"):
        assert word in english and word in chinese
    assert re.findall(r"^\| (`\w+`[`\w,、 ]*) \|", english, re.MULTILINE) == [
        row.replace("、", ", ") for row in re.findall(r"^\| (`\w+`[`\w,、 ]*) \|", chinese, re.MULTILINE)
    ]


def test_commands_in_the_documentation_exist():
    known = set(get_commands())
    for page in PAGES:
        for name in re.findall(r"script/manage ([a-z_]+)", page.read_text(encoding="utf-8")):
            assert name in known, f"{page.name}: {name}"


def test_pictures_stay_small():
    pictures = sorted((ROOT / "docs" / "images").glob("*.png"))
    assert pictures
    assert not [picture.name for picture in pictures if picture.stat().st_size > 200_000]
