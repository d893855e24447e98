"""Guessing the kind of a problem from its words."""

import pytest

from workorders import catalogue, guessing

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text, code",
    [
        ("楼下堆了建筑垃圾,已经三天没人清运", "0502"),
        ("单元门口路灯坏了", "0603"),
        ("路灯不亮", "0603"),
        ("井盖缺损,很危险", "0602"),
        ("楼道里堆满杂物", "0302"),
        ("有人在消防通道停车", "0301"),
        ("工地夜里太吵,噪声扰民", "0701"),
        ("street lamp is out at the gate", "0603"),
        ("Missing manhole cover", "0602"),
    ],
)
def test_ordinary_words_find_their_category(text, code):
    found = guessing.guess(text)
    assert found[0].category.code == code, [(one.category.code, one.probability) for one in found]
    assert all(0 < one.probability <= 1 for one in found) and len(found) <= guessing.MOST
    assert sum(one.probability for one in found) <= 1.01


@pytest.mark.parametrize("text", ["", "。!?", "12345", "zzz qqq"])
def test_nothing_is_guessed_from_nothing(text):
    assert guessing.guess(text) == []


def test_every_word_belongs_to_a_category_in_use():
    for code in guessing.SAID:
        category = catalogue.find(code)
        assert category is not None and category.is_minor and category.is_active


def test_a_name_finds_its_own_category():
    for category in catalogue.categories():
        if category.is_minor:
            assert guessing.guess(category.name)[0].category == category
