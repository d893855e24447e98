import pytest

from core.errors import Invalid
from grids import codes
from grids.levels import KINDS, PARENT_LEVEL, Kind, Level, household_norm_broken, kind_fits, may_stand_under


@pytest.mark.parametrize(
    ("code", "level", "stem", "parent"),
    [
        ("620100000000", "city", "6201", None),
        ("620105000000", "district", "620105", "620100000000"),
        ("620171000000", "district", "620171", "620100000000"),
        ("620105006000", "street", "620105006", "620105000000"),
        ("620105006001", "community", "620105006001", "620105006000"),
        ("620105006601", "community", "620105006601", "620105006000"),
        ("620105006001001", "grid", "620105006001001", "620105006001"),
        ("620105006001999", "grid", "620105006001999", "620105006001"),
        ("62010500600100101", "micro", "62010500600100101", "620105006001001"),
    ],
)
def test_level_stem_and_parent_follow_from_the_digits(code, level, stem, parent):
    assert codes.level_of(code) == level
    assert codes.stem(code) == stem
    assert codes.parent_of(code) == parent


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("", "code_not_digits"),
        ("62010500600A", "code_not_digits"),
        ("６２０１０５００６００１", "code_not_digits"),
        ("620105006001²", "code_not_digits"),
        ("-20105006001", "code_not_digits"),
        (" 620105006001", "code_not_digits"),
        ("6201", "code_length"),
        ("620105", "code_length"),
        ("62010500600", "code_length"),
        ("6201050060010", "code_length"),
        ("62010500600100", "code_length"),
        ("6201050060010010", "code_length"),
        ("620105006001001001", "code_length"),
        ("00" + "0" * 10, "code_empty_serial"),
        ("000105006001", "code_empty_serial"),
        ("620105006001000", "code_empty_serial"),
        ("62010500600100100", "code_empty_serial"),
        ("620105006000001", "code_empty_serial"),
        ("620000000000", "code_province"),
    ],
)
def test_a_malformed_code_is_refused(code, refusal):
    with pytest.raises(Invalid) as caught:
        codes.level_of(code)
    assert caught.value.code == refusal
    assert list(caught.value.errors) == ["code"]
    assert code in str(caught.value)


def test_a_province_is_known_by_its_zeros():
    assert codes.is_province("620000000000")
    assert not codes.is_province("620100000000")
    assert not codes.is_province("62")
    assert not codes.is_province("000000000000")


@pytest.mark.parametrize(
    ("code", "parent", "expected"),
    [
        ("620105006001001", "620105006001", True),
        ("620105006001001", "620105006002", False),
        ("620105006001", "620105006000", True),
        ("620105006001", "620105007000", False),
        ("620105000000", "620100000000", True),
        ("320105000000", "620100000000", False),
    ],
)
def test_a_code_begins_with_the_digits_of_its_parent(code, parent, expected):
    assert codes.begins_with(code, parent) is expected


@pytest.mark.parametrize("child", Level)
@pytest.mark.parametrize("parent", [None, *Level])
def test_only_the_level_directly_above_may_be_parent(child, parent):
    order = [None, *Level]
    assert may_stand_under(child, parent) is (order.index(parent) + 1 == order.index(child))
    assert may_stand_under(child, parent) is (PARENT_LEVEL[child] == parent)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("kind", ["", *Kind])
def test_kinds_belong_to_grids_and_micro_belongs_to_micro_grids(level, kind):
    expected = {"grid": ("urban", "rural", "dedicated"), "micro": ("micro",)}.get(level.value, ("",))
    assert kind_fits(level, kind) is (kind in expected)
    assert set(KINDS) == set(Level)


@pytest.mark.parametrize(
    ("kind", "households", "norm"),
    [
        ("urban", 199, (200, 600)),
        ("urban", 200, None),
        ("urban", 600, None),
        ("urban", 601, (200, 600)),
        ("urban", None, None),
        ("micro", 0, None),
        ("micro", 20, None),
        ("micro", 21, (0, 20)),
        ("rural", 5, None),
        ("dedicated", 5000, None),
        ("", 5, None),
    ],
)
def test_unusual_numbers_of_households_are_noticed(kind, households, norm):
    assert household_norm_broken(kind, households) == norm
