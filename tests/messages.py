"""The texts of the project, read from code and templates, and the Chinese catalogue they must all stand in.

`python -m tests.messages` brings the catalogue up to date: new texts come in untranslated, unused ones go.
It needs no gettext tools; `script/_setup` compiles the catalogue.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ROOMS = ("core", "grids", "personnel", "workorders", "assessment", "exchange", "api", "pages", "gridgov")

# The functions of django.utils.translation: which arguments are context, text and plural.
FUNCTIONS = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_QUOTED = r"(?:\"([^\"]*)\"|'([^']*)')"
_TRANSLATE = re.compile(rf"^trans(?:late)?\s+{_QUOTED}(.*)$", re.DOTALL)
_MARKED = re.compile(rf"_\({_QUOTED}\)")
_CONTEXT = re.compile(rf"\bcontext\s+{_QUOTED}")
_BLOCK = re.compile(r"^blocktrans(?:late)?\b")
_PLURAL = re.compile(r"^plural\b")
_END = re.compile(r"^endblocktrans(?:late)?\b")


@dataclass(frozen=True)
class Message:
    """One text to be translated, and where it stands."""

    text: str
    plural: str | None
    context: str | None
    place: str

    @property
    def key(self) -> tuple[str | None, str]:
        """What the catalogue knows it by."""
        return self.context, self.text


def all_messages() -> list[Message]:
    """Every text of the project, in the order of the files."""
    found: list[Message] = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                found += in_python(path)
    for folder in (ROOT / "templates", *(ROOT / room / "templates" for room in ROOMS)):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                found += in_template(path)
    return found


def in_python(path: Path) -> Iterator[Message]:
    """The texts of a module: calls of the translation functions, by whatever name they were imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = dict(_imported(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)
        function = known.get(name) or (name if isinstance(node.func, ast.Attribute) else None)
        if function not in FUNCTIONS:
            continue
        context, text, plural = (_text(node, position) for position in FUNCTIONS[function])
        if text is not None:
            yield Message(text, plural, context, f"{path.relative_to(ROOT)}:{node.lineno}")


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)


def _text(call: ast.Call, position: int | None) -> str | None:
    if position is None or position >= len(call.args):
        return None
    value = getattr(call.args[position], "value", None)
    return value if isinstance(value, str) else None


def in_template(path: Path) -> Iterator[Message]:
    """The texts of a template: `translate`, `blocktranslate` and `_("…")`, put together as Django does."""
    place = str(path.relative_to(ROOT))
    tokens = iter(Lexer(path.read_text(encoding="utf-8")).tokenize())
    for token in tokens:
        if token.token_type not in (TokenType.BLOCK, TokenType.VAR):
            continue
        where = f"{place}:{token.lineno}"
        if token.token_type == TokenType.BLOCK and (match := _TRANSLATE.match(token.contents)):
            yield Message(_either(match).replace("%", "%%"), None, _context(match[3]), where)
        elif token.token_type == TokenType.BLOCK and _BLOCK.match(token.contents):
            yield _block(token, tokens, where)
        for match in _MARKED.finditer(token.contents):
            yield Message(_either(match), None, None, where)


def _block(token: Token, tokens: Iterator[Token], where: str) -> Message:
    trimmed = "trimmed" in list(smart_split(token.contents))
    parts: list[list[str]] = [[]]
    for inner in tokens:
        if inner.token_type == TokenType.TEXT:
            parts[-1].append(inner.contents.replace("%", "%%"))
        elif inner.token_type == TokenType.VAR:
            parts[-1].append(f"%({inner.contents})s")
        elif _PLURAL.match(inner.contents):
            parts.append([])
        elif _END.match(inner.contents):
            break
    texts = ["".join(part) for part in parts]
    if trimmed:
        texts = [trim_whitespace(text) for text in texts]
    return Message(texts[0], texts[1] if len(texts) > 1 else None, _context(token.contents), where)


def _either(match: re.Match) -> str:
    return match[1] if match[1] is not None else match[2]


def _context(text: str) -> str | None:
    match = _CONTEXT.search(text)
    return _either(match) if match else None


def catalogue() -> polib.POFile:
    """The Chinese catalogue as it stands."""
    return polib.pofile(str(CATALOGUE), wrapwidth=0)


def update() -> tuple[int, int, int]:
    """Bring new texts in and take unused ones out. Returns how many came, went, and wait for a translation."""
    file = catalogue()
    wanted: dict[tuple[str | None, str], Message] = {}
    for message in all_messages():
        known = wanted.get(message.key)
        if known is None or (known.plural is None and message.plural):
            wanted[message.key] = message
    present = {(entry.msgctxt, entry.msgid): entry for entry in file}
    came, went = set(wanted) - set(present), set(present) - set(wanted)
    kept = polib.POFile(wrapwidth=0)
    kept.metadata, kept.header = file.metadata, file.header
    for key in sorted(wanted, key=lambda key: (key[1], key[0] or "")):
        kept.append(_entry(wanted[key], present.get(key)))
    kept.save(str(CATALOGUE))
    return len(came), len(went), len([entry for entry in kept if not entry.translated()])


def _entry(message: Message, known: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.text, msgctxt=message.context)
    if "%(" in message.text:
        entry.flags.append("python-format")
    before = (known.msgstr or known.msgstr_plural.get(0, "")) if known else ""
    if message.plural:
        entry.msgid_plural, entry.msgstr_plural = message.plural, {0: before}
    else:
        entry.msgstr = before
    return entry


if __name__ == "__main__":
    new, gone, waiting = update()
    print(f"{new} new, {gone} gone, {waiting} without a translation", file=sys.stderr)  # noqa: T201
