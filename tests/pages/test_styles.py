"""The style sheets and templates keep their promises: size, contrast, nothing inline, no stray shapes or classes."""

import gzip
import itertools
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from pages import pwa, spoken

ROOT = Path(settings.BASE_DIR)
CSS = ROOT / "static" / "css"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TOKENS = (CSS / "tokens.css").read_text()
BASE = (CSS / "base.css").read_text() + (CSS / "shells.css").read_text()
COMMENT = re.compile(r"/\*.*?\*/", re.S)


def gzipped(*files: Path) -> int:
    """Bytes on the wire."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def colours() -> dict[str, str]:
    """Every hex colour of tokens.css by its name."""
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", COMMENT.sub("", TOKENS).split("html[data-mode")[0]))


def channels() -> dict[str, tuple[int, ...]]:
    """The same as red, green and blue."""
    return {name: tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for name, colour in colours().items()}


def luminance(name: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [part / 255 for part in channels()[name]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# --- size ------------------------------------------------------------------------------------------------------------


def test_shared_style_leaves_room_in_the_budget_of_the_public_page():
    assert gzipped(CSS / "tokens.css", CSS / "base.css", CSS / "shells.css") <= 9 * 1024


def test_what_the_phone_loads_is_small():
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    assert gzipped(ROOT / "static" / "js" / "base.js", htmx) <= 20 * 1024
    modules = [finders.find(name) for name in (*pwa.NAMED, *pwa.IMPORTED) if name.endswith(".js")]
    assert gzipped(*map(Path, modules)) <= 40 * 1024 and gzipped(Path(finders.find("css/field.css"))) <= 15 * 1024
    assert gzipped(ROOT / "static" / "img" / "icons.svg") <= 4 * 1024


def test_the_scripts_of_the_phone_have_all_their_words_and_no_others():
    text = "".join(file.read_text() for file in (ROOT / "static" / "js").rglob("*.js"))
    words = set(spoken.words())
    assert {word for word in words if not re.search(rf"[\"'`]{word}[\"'`]", text)} == set()
    assert set(re.findall(r'\bsay\(\s*"(\w+)"', text)) | set(re.findall(r'\b(?:add|link)\("(\w+)"', text)) <= words


# --- contrast --------------------------------------------------------------------------------------------------------


def pairs() -> list[tuple[str, str]]:
    """Every `--x-ink` with its `--x-paper`, and the texts that stand on the plain grounds."""
    found = [(name, name[:-3] + "paper") for name in colours() if name.endswith("-ink")]
    return found + [
        ("ink", "paper"),
        ("ink", "ground"),
        ("ink-soft", "paper"),
        ("ink-soft", "ground"),
        ("danger", "paper"),
        ("brand-ink", "paper"),
    ]


@pytest.mark.parametrize(("ink", "paper"), pairs())
def test_text_can_be_read(ink, paper):
    assert contrast(ink, paper) >= 4.5


@pytest.mark.parametrize("state", ["ok", "soon", "late", "severe", "paused"])
def test_words_of_a_state_can_be_read_in_the_sun(state):
    assert contrast(f"{state}-ink", f"{state}-paper") >= 7


@pytest.mark.parametrize(
    ("shape", "ground"),
    [
        ("line-strong", "paper"),
        ("line-strong", "ground"),
        ("focus", "paper"),
        ("focus", "menu-paper"),
        ("brand", "paper"),
    ],
)
def test_edges_of_controls_can_be_seen(shape, ground):
    assert contrast(shape, ground) >= 3


def test_red_is_kept_for_late_and_danger():
    reds = {name for name, (red, green, blue) in channels().items() if red > 120 and green < 40 and blue < 60}
    assert reds <= {"danger", "late-ink", "severe-paper", "severe-line"}


# --- how the style sheets are written --------------------------------------------------------------------------------


def sheets() -> list[Path]:
    return sorted(CSS.glob("*.css"))


@pytest.mark.parametrize("sheet", sheets(), ids=lambda sheet: sheet.name)
def test_style_sheet_has_no_ids_and_forces_nothing(sheet):
    text = COMMENT.sub("", sheet.read_text())
    assert "!important" not in text and "@import" not in text and "http" not in text
    selectors = re.findall(r"([^{};]+)\{", text)
    assert not [one for one in selectors if re.search(r"#[a-zA-Z]", one)]


def test_every_property_that_is_used_is_declared():
    for sheet in sheets():
        declared = set(re.findall(r"(--[\w-]+):", TOKENS + sheet.read_text()))
        assert set(re.findall(r"var\((--[\w-]+)", sheet.read_text())) <= declared, sheet.name


def test_touch_targets():
    tokens = COMMENT.sub("", TOKENS)
    assert re.search(r":root \{.*?--target: 44px", tokens, re.S)
    assert re.search(r"\.phone,\s*\.public \{\s*--target: 48px", tokens)
    assert re.search(r'html\[data-mode="large"\] \.public \{\s*--target: 60px', tokens)


# --- templates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT / "templates")))
def test_template_needs_no_inline_script_or_style(template):
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", template.read_text(), flags=re.S)
    assert not re.search(r"\sstyle\s*=", text), "style attribute"
    assert "<style" not in text.lower(), "style element"
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text), "inline handler"
    assert not re.search(r"javascript:", text, re.I)
    assert not re.search(r"\shx-(on|vals=.js|vars)", text), "needs eval"
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert " src=" in tag or 'type="application/json"' in tag, tag
    assert not re.search(r'(src|href)="(https?:)?//', text), "nothing comes from outside"


def test_every_shape_that_is_used_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "img" / "icons.svg").read_text()))
    from pages import nav, words

    marks = (words.LAMPS.values(), words.CARDS.values(), words.URGENCIES.values(), [words.SEVERE])
    used = {mark.icon for mark in itertools.chain(*marks)}
    used |= {words.status_mark(status).icon for status in words.Status}
    used |= {entry.icon for section in nav.DESK for entry in section.entries} | {entry.icon for entry in nav.PHONE}
    for template in TEMPLATES:
        used |= set(re.findall(r'\{% icon "([\w-]+)"', template.read_text()))
    assert used <= drawn


def test_every_class_in_the_shared_templates_is_styled():
    styled = set(re.findall(r"\.([a-z][\w-]*)", COMMENT.sub("", BASE + TOKENS)))
    for template in (file for file in TEMPLATES if file.parent.name in {"templates", "account", "errors"}):
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", template.read_text())
        used = {name for value in re.findall(r'class="([^"]*)"', text) for name in value.split() if name[-1] != "-"}
        assert used - styled <= set(), template.name
