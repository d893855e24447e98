"""Reading the inputs of a move by their types: what a form or a JSON body may hold."""

import datetime as dt

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.errors import Invalid
from tests.workorders.acting import TUESDAY, photo_of, report
from workorders import inputs, workflow
from workorders.deadlines import Limit
from workorders.workflow import Input, Move

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(town):
    """An order of the main grid."""
    return report(town.officer, at=TUESDAY)


def read(order, by, *specs, **given):
    move = Move("x", "X", frozenset(), (), (), specs)
    return inputs.read(move, given, order=order, by=by, at=TUESDAY)


def one(kind, value, order, by, **spec):
    """The value read as one input of this type."""
    return read(order, by, Input("it", kind, **spec), it=value)["it"]


def fault(kind, value, order, by, **spec):
    with pytest.raises(Invalid) as refusal, translation.override("en"):
        one(kind, value, order, by, **spec)
    assert list(refusal.value.errors) == ["it"] and refusal.value.errors["it"][0].endswith(".")
    return refusal.value


CHOICES = {"choices": ("a", "b")}
NUMBERS = {"choices": (1, 2, 3)}


@pytest.mark.parametrize(
    "kind, value, read_as, spec",
    [
        ("text", "  一\x00二 ", "一二", {}),
        ("bool", "on", True, {}),
        ("bool", "no", False, {}),
        ("bool", False, False, {}),
        ("bool", 1, True, {}),
        ("choice", "a", "a", CHOICES),
        ("number_choice", "2", 2, NUMBERS),
        ("number_choice", 3, 3, NUMBERS),
        ("datetime", "2026-03-10T09:00:00+08:00", TUESDAY, {}),
        ("datetime", "2026-03-10T09:00", TUESDAY, {}),
        ("datetime", TUESDAY, TUESDAY, {}),
        ("date", "2026-03-10", dt.date(2026, 3, 10), {}),
        ("date", dt.date(2026, 3, 10), dt.date(2026, 3, 10), {}),
        ("limit", "4wh", Limit(4, "wh"), {}),
        ("limit", {"amount": 2, "unit": "wd"}, Limit(2, "wd"), {}),
        ("point", {"lon": "103.7", "lat": 36}, {"lon": 103.7, "lat": 36.0}, {}),
        ("point", "103.7,36.1", {"lon": 103.7, "lat": 36.1}, {}),
    ],
)  # fmt: skip
def test_what_is_read(town, order, kind, value, read_as, spec):
    assert one(kind, value, order, town.acceptor, **spec) == read_as


@pytest.mark.parametrize(
    "kind, value, spec",
    [
        ("text", 5, {}),
        ("text", "长" * 4001, {}),
        ("bool", "maybe", {}),
        ("bool", [True], {}),
        ("choice", "c", CHOICES),
        ("choice", {"a": 1}, CHOICES),
        ("number_choice", "4", NUMBERS),
        ("number_choice", True, NUMBERS),
        ("number_choice", 1.0, NUMBERS),
        ("number_choice", "１", NUMBERS),
        ("number_choice", "9" * 5000, NUMBERS),
        ("number_choice", "-1", NUMBERS),
        ("category", "05", {}),
        ("category", "9999", {}),
        ("category", 502, {}),
        ("unit", "620105-XX", {}),
        ("unit", 7, {}),
        ("units", ["620105-UM", "nothing"], {}),
        ("units", [{"code": "620105-UM"}], {}),
        ("officer", "99999999", {}),
        ("officer", True, {}),
        ("officer", "x", {}),
        ("officer", "9" * 30, {}),
        ("officer", "٣", {}),
        ("order", "T1", {}),
        ("order", 5, {}),
        ("datetime", "soon", {}),
        ("datetime", "2026-02-30T00:00:00", {}),
        ("datetime", 5, {}),
        ("datetime", "9999-12-31T23:59:59-12:00", {}),  # could not be read back from the database
        ("datetime", "0001-01-01T00:00:00+08:00", {}),
        ("date", "2026-02-30", {}),
        ("date", 5, {}),
        ("limit", "soon", {}),
        ("limit", {"amount": 2}, {}),
        ("limit", {"amount": "2", "unit": "wd"}, {}),
        ("limit", {"amount": -2, "unit": "wd"}, {}),
        ("limit", {"amount": 1.5, "unit": "wd"}, {}),
        ("point", "103.7", {}),
        ("point", "a,b", {}),
        ("point", {"lon": 103.7}, {}),
        ("point", [1, 2], {}),
        ("point", {"lon": 181, "lat": 0}, {}),
        ("point", {"lon": "nan", "lat": 0}, {}),
        ("point", {"lon": 10**400, "lat": 0}, {}),
        ("attachment", "1.5", {}),
        ("attachments", [1.0], {}),
        ("attachments", [999999], {}),
    ],
)  # fmt: skip
def test_what_is_refused(town, order, kind, value, spec):
    fault(kind, value, order, town.acceptor, **spec)


def test_rows_are_looked_up(town, order):
    assert one("category", "0502", order, town.acceptor).code == "0502"
    assert one("unit", "620105-UM", order, town.acceptor) == town.um
    assert one("units", ["620105-UM", "620105-HC", "620105-UM"], order, town.acceptor) == [town.um, town.hc]
    assert one("units", "620105-UM", order, town.acceptor) == [town.um]
    assert one("officer", str(town.officer.pk), order, town.acceptor) == town.officer
    assert one("order", order.number, order, town.acceptor) == order
    town.officer.is_active = False
    town.officer.save()
    fault("officer", town.officer.pk, order, town.acceptor)
    far = report(town.officer2, at=TUESDAY, area=town.far_grid.code)
    fault("order", far.number, order, town.acceptor)


def test_photos_belong_to_the_order(town, order):
    mine, other = photo_of(order), photo_of(report(town.officer, at=TUESDAY))
    assert one("attachments", [mine.pk, str(mine.pk)], order, town.acceptor) == [mine]
    assert one("attachment", mine.pk, order, town.acceptor) == mine
    fault("attachments", [mine.pk, other.pk], order, town.acceptor)


def test_all_faults_are_named_at_once(town, order):
    specs = (Input("a", "text", True), Input("b", "bool", True), Input("c", "date"))
    with pytest.raises(Invalid) as refusal:
        read(order, town.acceptor, *specs, b="maybe", c="x", d=1)
    assert set(refusal.value.errors) == {"a", "b", "c", "d"} and refusal.value.code == "invalid"
    assert read(order, town.acceptor, *specs, a="x", b=False, c="") == {"a": "x", "b": False}
    for empty in (None, "", "  ", []):
        with pytest.raises(Invalid):
            read(order, town.acceptor, specs[0], a=empty)


def test_every_type_of_the_table_has_a_reader():
    assert {spec.type for move in workflow.MOVES for spec in move.inputs} <= set(inputs._READERS)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.floats(), st.text(max_size=8), st.binary(max_size=3)
)
values = st.one_of(
    scalars, st.lists(scalars, max_size=3), st.dictionaries(st.sampled_from(["lon", "lat", "amount", "unit"]), scalars)
)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(sorted(inputs._READERS)), value=values)
def test_anything_given_is_read_or_refused_in_words(town, order, kind, value):
    try:
        read(order, town.acceptor, Input("it", kind, choices=(1, 2)), it=value)
    except Invalid as refusal:
        assert refusal.errors["it"][0]
    assert clock.today()
