"""The table of roles, whole."""

import pytest

from grids.levels import Level
from personnel.departments import Department, unit_code
from personnel.roles import APPOINTERS, SEATS, Role, fits_area, fits_unit, home_of
from tests.town import PEOPLE, UNITS

CONTRACT = """officer part_time_officer chief instructor inspector manager police building_head informant clerk acceptor
dispatcher duty_leader reviewer handler unit_head assessor auditor security_admin admin"""


def test_roles_are_those_of_the_contract():
    assert Role.values == CONTRACT.split()
    assert set(SEATS) == set(APPOINTERS) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_seat_a_name_and_a_home(role):
    assert SEATS[role].levels or SEATS[role].in_unit
    assert str(role.label)
    assert home_of([role]) in {"/m/", "/desk/", "/inbox/", "/board/", "/assessment/", "/admin/"}


@pytest.mark.parametrize(
    ("role", "levels", "in_unit"),
    [
        (Role.HANDLER, set(), True),
        (Role.UNIT_HEAD, set(), True),
        (Role.OFFICER, {"grid", "micro"}, False),
        (Role.CLERK, {"community"}, False),
        (Role.POLICE, {"grid", "community", "street"}, True),
        (Role.CHIEF, {"grid", "micro", "community", "street"}, False),
        (Role.ACCEPTOR, {"community", "street", "district", "city"}, False),
    ],
)
def test_where_a_role_is_held(role, levels, in_unit):
    assert {level.value for level in Level if fits_area(role, level)} == levels
    assert fits_unit(role) is in_unit


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        ({"officer"}, "/m/"),
        ({"dispatcher"}, "/desk/"),
        ({"officer", "duty_leader"}, "/desk/"),
        ({"handler"}, "/inbox/"),
        ({"clerk"}, "/inbox/"),
        ({"inspector"}, "/board/"),
        ({"manager"}, "/board/"),
        ({"assessor"}, "/assessment/"),
        (set(), "/assessment/"),
    ],
)
def test_home_of_people(roles, home):
    assert home_of(roles) == home
    assert home_of(roles, is_superuser=True) == "/admin/"


def test_cast_has_everybody():
    assert {role for _, _, role, _ in PEOPLE} == set(Role)


def test_unit_codes():
    assert unit_code("620105000000", "district", "UM") == "620105-UM"
    assert unit_code("620100000000", "city", "CC") == "620100-CC"
    assert unit_code("620105006000", "street", "ST") == "620105006-ST"
    assert unit_code("620105006001", "community", "CO") == "620105006001-CO"
    for level in ("grid", "micro"):
        with pytest.raises(ValueError):
            unit_code("620105006001001", level, "CO")
    assert len(Department.values) == 29 and all(len(code) == 2 for code in Department.values)
    assert {code.split("-")[1] for _, code, *_ in UNITS} <= set(Department.values)
