"""Every text of the project stands in the Chinese catalogue, whole, with its placeholders, in the trade's writing."""

import re
from collections import Counter

import polib
import pytest

from tests import messages

MESSAGES = messages.all_messages()
ENTRIES = {(entry.msgctxt, entry.msgid): entry for entry in messages.catalogue()}

PLACEHOLDER = re.compile(r"%%|%\((\w+)\)0?\d*(?:\.\d+)?([sdf])|%([sd])")
TAG = re.compile(r"</?[a-z][^>]*>")
HAN = re.compile(r"[\u3400-\u9fff]")
# What is the same in every language.
AS_IT_IS = {
    "Open311",
    "{amount, unit}",
    "{seconds}, {metres, what}, {number}, {own, reports, sampled}",
    "WGS-84",
    "CGCS2000",
    "GCJ-02",
    "BD-09",
}
# After a Chinese character comes Chinese punctuation; ":" and "," between digits are times and coordinates.
HALF_WIDTH = re.compile(r"[\u3400-\u9fff][,;:?!()](?!\d)")
# One idea, one word: what a thing is called elsewhere → what it is called here.
ELSEWHERE = {
    "关单": "结案",
    "撤单": "作废",
    "延时": "延期",
    "退回单": "退单",
    "合并单": "并案",
    "举报人": "上报人",
    "投诉人": "上报人",
    "宕机": "不可用",
}


def _told(found) -> str:
    return "\n".join(map(str, found))


def _translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def _placeholders(text: str) -> Counter:
    return Counter({f"{match[1] or ''}{match[2] or match[3] or '%'}": 1 for match in PLACEHOLDER.finditer(text)})


def test_every_kind_of_text_is_found():
    texts = {message.text for message in MESSAGES}
    assert "Dispatch" in texts, "lazy, in the table of moves"
    assert "Please check what you entered and send it again." in texts, "in a class body"
    assert "Log in" in texts, "in a template"
    assert any(message.plural for message in MESSAGES if message.place.endswith(".py") or ".py:" in message.place)
    assert any(message.plural for message in MESSAGES if message.place.startswith("templates/"))


def test_every_text_has_its_translation():
    missing = {}
    for message in MESSAGES:
        entry = ENTRIES.get(message.key)
        if entry is None or entry.fuzzy or not all(text.strip() for text in _translations(entry)):
            missing.setdefault(message.key, f"{message.place}: {message.text!r}")
        elif bool(message.plural) and not entry.msgid_plural:
            missing.setdefault(message.key, f"{message.place}: {message.text!r} has no plural in the catalogue")
    assert not missing, _told(["python -m tests.messages brings these in:", *missing.values()])


def test_nothing_else_stands_in_the_catalogue():
    used = {message.key for message in MESSAGES}
    assert not [key for key in ENTRIES if key not in used]
    assert not messages.catalogue().obsolete_entries()


def test_texts_in_the_code_are_english():
    assert not [f"{message.place}: {message.text}" for message in MESSAGES if HAN.search(message.text)]


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES.values() if "%" in entry.msgid], ids=lambda e: e.msgid)
def test_placeholders_are_the_same_on_both_sides(entry):
    # The Chinese has one form for every number; it is measured against the form that names the number.
    source = entry.msgid_plural or entry.msgid
    for text in _translations(entry):
        assert _placeholders(text) == _placeholders(source)


def test_tags_are_the_same_on_both_sides():
    wrong = [
        entry.msgid
        for entry in ENTRIES.values()
        if any(TAG.findall(text) != TAG.findall(entry.msgid) for text in _translations(entry))
    ]
    assert not wrong


def test_translations_are_chinese():
    def is_bare(text: str) -> bool:
        return not re.search("[A-Za-z]", PLACEHOLDER.sub("", text))

    wrong = [
        entry.msgid
        for entry in ENTRIES.values()
        if entry.msgid not in AS_IT_IS
        and not any(HAN.search(text) for text in _translations(entry))
        and not is_bare(entry.msgid.strip())
    ]
    assert not wrong


def test_punctuation_is_chinese():
    wrong = [text for entry in ENTRIES.values() for text in _translations(entry) if HALF_WIDTH.search(text)]
    assert not wrong, _told(wrong)


def test_sentences_end_alike():
    """A sentence with a full stop keeps it; a label without one gets none."""
    ends = {".": "。", "?": "？"}
    wrong = []
    for entry in ENTRIES.values():
        for text in _translations(entry):
            ending = ends.get(entry.msgid[-1:])
            if ending and not text.endswith((ending, "。", "？")) and len(text) > 4:
                wrong.append(f"{entry.msgid!r}: {text}")
            elif not ending and text.endswith("。"):
                wrong.append(f"{entry.msgid!r}: {text}")
    assert not wrong, _told(wrong)


def test_each_idea_has_one_word():
    texts = [text for entry in ENTRIES.values() for text in _translations(entry)]
    assert not [f"{text} ({word} → {ours})" for text in texts for word, ours in ELSEWHERE.items() if word in text]
