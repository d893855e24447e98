"""The glossary names every stored word, in both languages, as the code and the catalogue have them."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Choices
from django.utils import translation

import grids.coordinates  # noqa: F401 - its list of words is among those looked at
from workorders import sentences, workflow

GLOSSARY = (Path(__file__).resolve().parent.parent / "docs" / "glossary.md").read_text(encoding="utf-8")
OURS = ("core", "grids", "personnel", "workorders", "assessment", "exchange")
# What only settings and one select box know.
NOT_OF_THE_TRADE = {"personnel.models.User.Language"}


def _lists(kind=Choices):
    for found in kind.__subclasses__():
        if found.__module__.split(".")[0] in OURS and len(found):
            yield found
        yield from _lists(found)


def _labels() -> dict[str, dict[str, object]]:
    """Name of a list of words → {stored value: label}."""
    found = {f"{one.__module__}.{one.__qualname__}": {str(m.value): m.label for m in one} for one in _lists()}
    found["workorders.workflow.MOVES"] = {move.name: move.label for move in workflow.MOVES}
    found["workorders.sentences.BESIDES"] = dict(sentences.BESIDES)
    return {name: words for name, words in found.items() if name not in NOT_OF_THE_TRADE}


def _sections() -> dict[str, list[str]]:
    """The glossary's tables by the name of the list they stand for; models of a package go by the package."""
    sections = {}
    for part in re.split(r"^## ", GLOSSARY, flags=re.MULTILINE)[1:]:
        match = re.search(r"^`([\w.]+)`", part, re.MULTILINE)
        if match:
            rows = re.findall(r"^\|(?! (?:---|中文)).*\|$", part, re.MULTILINE)
            sections[match[1]] = rows
    return sections


def _short(name: str) -> str:
    """`workorders.models.assignment.Assignment.Kind` is written without the file inside the package."""
    return re.sub(r"^(\w+\.models)\.[a-z_]+\.", r"\1.", name)


@pytest.mark.parametrize("name", sorted(_labels()))
def test_each_stored_word_has_its_row(name):
    def text(label: object, language: str) -> str:
        with translation.override(language):
            return str(label)

    rows = _sections().get(_short(name))
    assert rows is not None, f"docs/glossary.md has no table for `{_short(name)}`"
    wanted = [
        f"| {text(label, 'zh-hans')} | {text(label, 'en')} | `{value}` |" for value, label in _labels()[name].items()
    ]
    assert rows == wanted


def test_no_table_without_its_list():
    assert set(_sections()) == {_short(name) for name in _labels()}


def test_each_model_is_named():
    models = [model for model in apps.get_models() if model.__module__.split(".")[0] in OURS]
    missing = [model.__name__ for model in models if not re.search(rf"`[\w.]*\b{model.__name__}\b", GLOSSARY)]
    assert not missing


def test_names_in_code_exist():
    """What the glossary calls a module's name can be imported."""
    for dotted in re.findall(r"`((?:core|grids|personnel|workorders)\.[\w.]+)`", GLOSSARY):
        parts = dotted.split(".")
        for cut in range(len(parts), 0, -1):
            try:
                found = __import__(".".join(parts[:cut]), fromlist=["_"])
            except ModuleNotFoundError:
                continue
            break
        for attribute in parts[cut:]:
            found = getattr(found, attribute, None)
            assert found is not None, dotted
