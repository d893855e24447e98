"""Reading a report: every field's good values, its faults, and nothing else ever."""

import datetime as dt

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError, Invalid, NotPermitted
from grids.models import Area
from personnel.jurisdiction import standing_of
from tests.workorders.acting import GRID, TUESDAY
from workorders import intake
from workorders.models import WorkOrder

pytestmark = pytest.mark.django_db
GOOD = {"description": "楼下堆了建筑垃圾。三天没人管", "area": GRID}


@pytest.fixture
def standing(town):
    """The main grid's officer."""
    return standing_of(town.officer, TUESDAY.date())


def read(standing, **fields):
    raw = {name: value for name, value in {**GOOD, **fields}.items() if value is not None}
    return intake.read(raw, standing=standing, at=TUESDAY)


def faults(standing, code=None, **fields):
    with pytest.raises(Invalid) as refusal, translation.override("en"):
        read(standing, **fields)
    if code:
        assert refusal.value.code == code
    assert all(message.endswith(".") for messages in refusal.value.errors.values() for message in messages)
    return set(refusal.value.errors)


def test_a_report_by_grid(town, standing):
    found = read(standing)
    assert (found.place.code, found.lon, found.lat, found.fix) == (GRID, None, None, None)
    assert (found.title, found.source, found.urgency, found.category) == ("楼下堆了建筑垃圾", "officer", "normal", None)
    assert not found.self_handled and found.occurred_at is None


def test_a_report_by_point(town, standing):
    lon, lat = town.inside(town.next_grid)
    found = read(standing, area=None, lon=str(lon), lat=lat)
    assert (found.place.code, found.lon, found.lat) == (town.next_grid.code, lon, lat)


def test_with_a_grid_the_phone_may_say_where_it_was(standing):
    assert read(standing, fix={"lon": 103.7, "lat": "36.1", "accuracy": 12}).fix == {
        "lon": 103.7, "lat": 36.1, "accuracy": 12,
    }  # fmt: skip
    assert read(standing, fix={"lon": 103.7, "lat": 36.1, "accuracy": None}).fix == {"lon": 103.7, "lat": 36.1}
    for fix in ("here", {"lon": 1}, {"lon": 1, "lat": 2, "height": 3}, {"lon": 200, "lat": 0}, {"lon": 1, "lat": "x"}):
        assert faults(standing, fix=fix) == {"fix"}


@pytest.mark.parametrize(
    "fields, code, at_fault",
    [
        ({"area": None}, "place_required", {"area"}),
        ({"lon": 103.7, "lat": 36.1}, "place_twice", {"area"}),
        ({"area": None, "lon": 103.7}, None, {"lat"}),
        ({"area": None, "lon": True, "lat": 36.1}, None, {"lon"}),
        ({"area": None, "lon": "nan", "lat": 1e999}, "invalid", {"lon", "lat"}),
        ({"area": None, "lon": 10**400, "lat": 36.1}, None, {"lon"}),
        ({"area": None, "lon": 103.5, "lat": 36.1}, "outside_all_grids", {"lon"}),
        ({"area": "620105006001"}, "unknown_area", {"area"}),
        ({"area": "620105006001000"}, "unknown_area", {"area"}),
        ({"area": 620105006001001}, "unknown_area", {"area"}),
        ({"area": "620105006000"}, "not_a_grid", {"area"}),
        ({"description": "  "}, "required", {"description"}),
        ({"description": None}, "required", {"description"}),
        ({"description": "长" * 4001}, "too_long", {"description"}),
        ({"description": 7}, None, {"description"}),
        ({"title": "长" * 121}, "too_long", {"title"}),
        ({"category": "05"}, "category_is_major", {"category"}),
        ({"category": "9999"}, "unknown_category", {"category"}),
        ({"category": 502}, "unknown_category", {"category"}),
        ({"urgency": "soon"}, None, {"urgency"}),
        ({"urgency": ["normal"]}, None, {"urgency"}),
        ({"source": "radio"}, None, {"source"}),
        ({"occurred_at": "yesterday"}, None, {"occurred_at"}),
        ({"occurred_at": "2026-13-45T00:00:00"}, None, {"occurred_at"}),
        ({"occurred_at": 5}, None, {"occurred_at"}),
        ({"occurred_at": "0001-01-01T00:00:00+08:00"}, None, {"occurred_at"}),
        ({"occurred_at": "2026-03-10T09:00:01+08:00"}, "in_the_future", {"occurred_at"}),
        ({"reporter_phone": "call me"}, None, {"reporter_phone"}),
        ({"reporter_phone": "1234"}, None, {"reporter_phone"}),
        ({"reporter_phone": "①②③④⑤⑥"}, None, None),
        ({"reporter_phone": "٠١٢٣٤٥٦"}, None, {"reporter_phone"}),
        ({"reporter_name": "名" * 41}, "too_long", {"reporter_name"}),
        ({"external_id": "x" * 81}, "too_long", {"external_id"}),
        ({"address": {}}, None, {"address"}),
        ({"self_handled": "maybe"}, None, {"self_handled"}),
        ({"self_handled": True}, "invalid", {"result", "category"}),
        ({"self_handled": "on", "result": "已清扫"}, None, {"category"}),
        ({"colour": "red"}, None, {"colour"}),
        ({"colour": "red", "description": "", "urgency": "x"}, "invalid", {"colour", "description", "urgency"}),
    ],
)  # fmt: skip
def test_each_fault_names_its_field(standing, fields, code, at_fault):
    if at_fault is None:
        assert read(standing, **fields).reporter_phone == "123456"
        return
    if fields.get("area") == "620105006001":
        fields = {**fields, "area": "620105006009001"}
    assert faults(standing, code, **fields) == at_fault


def test_a_retired_grid_takes_no_reports(town, standing):
    Area.objects.filter(pk=town.main_grid.pk).update(ends=TUESDAY.date())
    from core import revisions

    revisions.reset_all()
    assert faults(standing, "retired_area") == {"area"}
    assert read(standing_of(town.chief, TUESDAY.date()), area=town.next_grid.code)


@pytest.mark.parametrize(
    "written, kept",
    [
        ("139 1234-5678", "13912345678"),
        ("１３９１２３４５６７８", "13912345678"),
        ("+86 139 1234 5678", "+8613912345678"),
        ("0931-1234567", "09311234567"),
        ("12345", "12345"),
        ("", ""),
    ],
)
def test_phones_are_kept_as_figures(standing, written, kept):
    assert read(standing, reporter_phone=written).reporter_phone == kept


def test_moments_without_an_offset_are_local(standing):
    assert read(standing, occurred_at="2026-03-10T08:59:00").occurred_at == TUESDAY - dt.timedelta(minutes=1)
    assert read(standing, occurred_at=TUESDAY).occurred_at == TUESDAY
    assert read(standing, occurred_at="").occurred_at is None


@pytest.mark.parametrize(
    "description, title",
    [
        ("路灯不亮", "路灯不亮"),
        ("路灯不亮。已经一周", "路灯不亮"),
        ("急！路灯不亮了", "急！路灯不亮了"),  # a first sentence too short to say anything
        ("第一行\n第二行", "第一行"),
        ("长" * 50, "长" * 39 + "…"),
        ("长" * 40, "长" * 40),
        ("", ""),
    ],
)
def test_a_title_is_made_from_the_first_sentence(description, title):
    assert intake.made_title(description) == title


def test_texts_lose_what_the_database_cannot_hold(standing):
    assert read(standing, description="  堆\x00了垃圾 ").description == "堆了垃圾"
    assert read(standing, title=" 标题 ").title == "标题"


def test_sources_of_the_centre_come_from_the_centre(town, standing):
    for source in ("hotline", "leader", "department"):
        with pytest.raises(NotPermitted) as refusal:
            read(standing, source=source)
        assert refusal.value.code == "source_not_yours"
        for person in (town.acceptor, town.dispatcher):
            assert read(standing_of(person, TUESDAY.date()), source=source).source == source
    assert read(standing, source="patrol").source == "patrol"


def test_urgency_is_the_categorys_unless_given(standing):
    assert read(standing, category="0306").urgency == "emergency"
    assert read(standing, category="0306", urgency="normal").urgency == "normal"
    assert read(standing, category="").category is None


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-10**30, 10**30), st.floats(), st.text(max_size=12), st.binary(max_size=3),
    st.sampled_from(["0502", GRID, "normal", "hotline", "2026-03-01T00:00:00+08:00", "9999-12-31T23:59:59-23:59"]),
)  # fmt: skip
values = st.one_of(
    scalars, st.lists(scalars, max_size=2), st.dictionaries(st.sampled_from(["lon", "lat", "x"]), scalars)
)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(raw=st.dictionaries(st.sampled_from([*sorted(intake.FIELDS), "other"]), values, max_size=8), whole=st.booleans())
def test_anything_sent_is_read_or_refused_in_words(standing, raw, whole):
    if whole:
        raw = {**GOOD, **raw}
    try:
        found = intake.read(raw, standing=standing, at=TUESDAY)
    except DomainError as refusal:
        assert refusal.status in (400, 403) and str(refusal)
        return
    assert found.description and found.title and len(found.title) <= 120
    assert not WorkOrder.objects.exists()
