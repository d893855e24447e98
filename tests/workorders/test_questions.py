"""The question in words: whoever can add two figures passes, in any spelling, once and in time."""

import datetime as dt
import re

import pytest
from django.utils import translation

from core import clock
from workorders import questions

FIGURES = "零一二三四五六七八九"


def asked() -> tuple[str, int]:
    """A question's seal and its answer, read as a person reads it."""
    with translation.override("zh-hans"):
        question = questions.ask(clock.now())
    one, other = re.findall(f"[{FIGURES}]", question.text)[:2]
    return question.seal, FIGURES.index(one) + FIGURES.index(other)


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("十" if tens else "") + (FIGURES[ones] if ones else "")


def full_width(number: int) -> str:
    return "".join(chr(ord(figure) + 0xFEE0) for figure in str(number))


@pytest.mark.parametrize("spell", [str, full_width, chinese, lambda number: f" {number}。"])
def test_every_spelling_of_the_answer_passes(spell):
    for _turn in range(20):
        seal, answer = asked()
        assert questions.is_answered(seal, spell(answer), at=clock.now())


@pytest.mark.parametrize("given", ["", "0", "99", "十十", "一一", "三十", "-1", "12.5", "twelve", "1" * 50, "²"])
def test_what_is_no_answer_does_not(given):
    seal, _answer = asked()
    assert not questions.is_answered(seal, given, at=clock.now())


def test_a_seal_is_good_for_one_try_and_half_an_hour():
    now = clock.now()
    seal, answer = asked()
    assert not questions.is_answered(seal, "99", at=now)
    assert not questions.is_answered(seal, str(answer), at=now)
    seal, answer = asked()
    assert not questions.is_answered(seal, str(answer), at=now + dt.timedelta(minutes=31))
    assert not questions.is_answered(seal + "x", str(answer), at=now)
    assert not questions.is_answered("", str(answer), at=now)


def test_the_seal_does_not_tell_the_answer():
    seals = {asked()[0].split(":")[0] for _turn in range(50)}
    assert len(seals) == 50
