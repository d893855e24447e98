"""History: rows of old systems become orders with their own times, and start nothing by themselves."""

import csv
import datetime as dt
import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation
from openpyxl import Workbook

from core import clock
from core.errors import Invalid, NotAllowedNow
from core.models import Outbox
from grids import coordinates
from grids.imports import import_areas
from workorders import audit, commands, figures
from workorders.figures import Scope, periods
from workorders.history import import_orders, read_map
from workorders.history.mapping import checked
from workorders.models import Clock, Notice, WorkOrder

from .conftest import SHARED

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
NOW = dt.datetime(2026, 5, 6, 10, 0, tzinfo=clock.ZONE)
COLUMNS = {
    "external_id": "编号",
    "reported_at": "上报时间",
    "description": "内容",
    "category": "类别",
    "area": "网格",
    "status": "状态",
    "accepted_at": "受理",
    "dispatched_at": "派遣",
    "due_at": "时限",
    "fed_back_at": "反馈",
    "closed_at": "办结",
    "lead": "主办",
    "satisfaction": "满意度",
    "resolved": "解决",
    "lon": "经度",
    "lat": "纬度",
    "source": "来源",
}
VALUES = {
    "status": {"已办结": "closed", "待派": "filed", "待受理": "reported", "处置中": "handling", "*": "declined"},
    "category": {"渣土": "0502", "路灯": "0603", "*": "1401"},
    "lead": {"城管": "620105-UM"},
    "satisfaction": {"很满意": 5, "不满意": 2},
}
GRID, COMMUNITY = "620105006001001", "620105006001"


@pytest.fixture(autouse=True)
def _english():
    """The reasons are compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def table(tmp_path):
    """Write rows as a CSV with all heads; returns the path."""

    def write(*rows, name="old.csv", encoding="utf-8", delimiter=","):
        heads = list(COLUMNS.values())
        out = io.StringIO()
        writer = csv.DictWriter(out, heads, delimiter=delimiter)
        writer.writeheader()
        for number, row in enumerate(rows, start=1):
            blank = {"编号": f"A{number}", "上报时间": "2026-03-02 09:00:00", "内容": "楼下有渣土", "网格": GRID}
            writer.writerow({**blank, "状态": "待受理", "来源": "hotline", **row})
        data = out.getvalue().encode(encoding)
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


def mapping(**parts):
    return checked({"columns": COLUMNS, "values": VALUES, **parts})


def bring(path, *, dry_run=False, **parts):
    return import_orders(path, mapping(**parts), now=NOW, dry_run=dry_run)


def local(moment):
    return clock.local(moment).strftime("%m-%d %H:%M")


CLOSED = {
    "类别": "渣土",
    "状态": "已办结",
    "受理": "2026-03-02 10:00",
    "派遣": "2026-03-02 11:00",
    "时限": "2026-03-04 17:30",
    "反馈": "2026-03-03 15:00",
    "办结": "2026-03-04 09:00",
    "主办": "城管",
    "满意度": "很满意",
    "解决": "是",
}


def test_a_closed_row_keeps_its_own_times(town, table):
    assert bring(table(CLOSED)).new == 1
    order = WorkOrder.objects.get()
    assert order.imported and order.status == "closed" and order.number.startswith("20260302")
    assert (order.source, order.external_id, order.category.code, order.lead.code) == (
        "hotline",
        "A1",
        "0502",
        "620105-UM",
    )
    assert [local(at) for at in (order.reported_at, order.accepted_at, order.dispatched_at)] == [
        "03-02 09:00", "03-02 10:00", "03-02 11:00",
    ]  # fmt: skip
    assert (local(order.fed_back_at), local(order.closed_at)) == ("03-03 15:00", "03-04 09:00")
    assert (order.satisfaction, order.resolved) == (5, True)
    assert (order.district, order.community) == (town.district, town.community)
    events = list(order.events.all())
    assert [event.kind for event in events] == ["report", "accept", "dispatch", "feedback", "close", "imported"]
    assert [local(event.at) for event in events[:5]] == [
        "03-02 09:00", "03-02 10:00", "03-02 11:00", "03-03 15:00", "03-04 09:00",
    ]  # fmt: skip
    assert all(event.recorded_at == NOW and event.actor_role == "import" for event in events)
    [handling] = order.clocks.all()
    assert (handling.kind, local(handling.due_at), local(handling.stopped_at)) == (
        "handle",
        "03-04 17:30",
        "03-03 15:00",
    )
    assert WorkOrder.objects.visible_to(town.handler, NOW.date()).get() == order
    assert list(audit.findings()) == []


def test_boards_know_at_once_what_was_brought_over(town, table):
    bring(table(CLOSED), dry_run=True)
    assert figures.as_of() is None
    bring(table(CLOSED))
    one = figures.of(Scope(town.district.pk), periods.read("2026-03"))
    assert (one.reported, one.closed, one.on_time) == (1, 1, 1) and figures.as_of() == NOW


def test_open_rows_start_nothing_until_a_person_moves_them(town, table):
    report = bring(table({}, {"类别": "渣土", "状态": "待派"}, {"类别": "渣土", "状态": "处置中", "主办": "城管"}))
    assert (report.new, report.bad) == (3, 0)
    assert not (Clock.objects.exists() or Notice.objects.exists() or Outbox.objects.exists())
    reported, filed, handling = WorkOrder.objects.order_by("external_id")
    assert [order.due_at for order in (reported, filed, handling)] == [None] * 3
    assert not WorkOrder.objects.filter(next_timer_at__isnull=False).exists()
    assert list(audit.findings()) == []

    def do(name, order, person, **given):
        commands.perform(name, order, by=person, at=clock.now(), given=given)

    do("accept", reported, town.acceptor, category="0502")
    do("dispatch", filed, town.dispatcher, unit="620105-UM")
    do("sign", filed, town.handler)
    for order in (filed, handling):
        do("feedback", order, town.handler, internal_result="a", public_answer="b", resolved=True)
        do("pass_check", order, town.officer)
        do("revisit", order, town.reviewer, reached=True, resolved=True, satisfaction=4)
    reported.refresh_from_db()
    assert (reported.status, reported.due_kind) == ("filed", "dispatch")
    assert {order.status for order in WorkOrder.objects.exclude(pk=reported.pk)} == {"closed"}
    assert list(audit.findings()) == []


def test_what_needs_a_clock_says_that_none_runs(town, table):
    bring(table({"类别": "渣土", "状态": "处置中", "主办": "城管"}, {"状态": "已办结", "主办": "城管"}), values={
        name: table for name, table in VALUES.items() if name != "category"
    } | {"category": {"渣土": "0502"}})  # fmt: skip
    handling, closed = WorkOrder.objects.order_by("external_id")
    given = {"until": "2026-12-31T17:30:00+08:00", "reason": "等配件"}
    with pytest.raises(NotAllowedNow) as refused:
        commands.perform("request_extension", handling, by=town.handler, at=clock.now(), given=given)
    assert refused.value.code == "no_handling_clock"
    again = commands.perform("reopen", closed, by=town.duty, at=clock.now(), given={"reason": "又坏了"})
    assert again.status == "handling" and again.due_at is None


def test_closed_without_a_closing_time_stays_out_of_timeliness(town, table):
    bring(table({"状态": "已办结", "时限": "2026-03-04 17:30", "类别": "渣土"}))
    order = WorkOrder.objects.get()
    assert order.status == "closed" and order.closed_at is None and not order.clocks.exists()
    assert list(audit.findings()) == []


def test_points_of_another_coordinate_system_are_stored_as_wgs84(town, table):
    lon, lat = town.inside(town.next_grid)
    [(shown_lon, shown_lat)] = coordinates.from_wgs84(np.array([[lon, lat]]), "bd09").tolist()
    path = table({"网格": "", "经度": shown_lon, "纬度": shown_lat})
    assert bring(path, file={"coordinates": "bd09"}).bad == 0
    order = WorkOrder.objects.get()
    assert (order.lon, order.lat) == (pytest.approx(lon, abs=1e-7), pytest.approx(lat, abs=1e-7))
    assert order.area_id == town.next_grid.pk
    with pytest.raises(Invalid, match="mars"):
        mapping(file={"coordinates": "mars"})


def test_a_community_or_a_point_is_place_enough(town, table):
    lon, lat = town.inside(town.next_grid)
    edge_lon = round((town.inside(town.main_grid)[0] + lon) / 2, 6)
    rows = ({"网格": COMMUNITY}, {"网格": "", "经度": lon, "纬度": lat}, {"网格": "", "经度": edge_lon, "纬度": lat})
    assert bring(table(*rows)).bad == 0
    areas = WorkOrder.objects.order_by("external_id").values_list("area__code", "lon")
    assert list(areas) == [(COMMUNITY, None), (town.next_grid.code, lon), (town.main_grid.code, edge_lon)]
    assert list(audit.findings()) == []


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"编号": ""}, "编号", "number of its own"),
        ({"内容": ""}, "内容", "says nothing"),
        ({"内容": "长" * 4001}, "内容", "4000"),
        ({"网格": "620105006001999"}, "网格", "no area"),
        ({"网格": "620105000000"}, "网格", "neither a grid nor a community"),
        ({"网格": ""}, "网格", "neither area nor point"),
        ({"网格": "", "经度": "10", "纬度": "10"}, "网格", "outside all grids"),
        ({"网格": "", "经度": "x", "纬度": "36"}, "经度", "not a number"),
        ({"上报时间": ""}, "上报时间", "does not say when"),
        ({"上报时间": "gestern"}, "上报时间", "not a time"),
        ({"上报时间": "2999-01-01 00:00:00"}, "上报时间", "future"),
        ({"受理": "2026-03-01 09:00"}, "受理", "backwards"),
        ({**CLOSED, "办结": "2026-03-03 14:59"}, "办结", "backwards"),
        ({**CLOSED, "时限": "2026-03-01 09:00"}, "时限", "backwards"),
        ({"办结": "2026-03-03 09:00"}, "状态", "closing time"),
        ({"来源": "brieftaube"}, "来源", "not one of"),
        ({"主办": "620102-UM"}, "主办", "not responsible"),
        ({"主办": "园林"}, "主办", "no unit"),
        ({"满意度": "9"}, "满意度", "from 1 to 5"),
        ({"解决": "halb"}, "解决", "neither true nor false"),
    ],
)  # fmt: skip
def test_bad_rows_are_told_by_line_column_and_reason(town, table, row, column, words):
    report = bring(table({}, row))
    assert (report.new, report.bad) == (1, 1)
    [fault] = report.faults
    assert (fault.line, fault.column) == (3, column) and words in fault.reason
    assert any("3" in line and column in line for line in report.told())


def test_a_major_and_a_missing_category_are_bad(town, table):
    report = bring(table({"类别": "05"}, {"类别": "", "状态": "待派"}), values={"status": VALUES["status"]})
    assert [(fault.line, fault.column) for fault in report.faults] == [(2, "类别"), (3, "类别")]


def test_the_same_number_counts_once_per_source(town, table):
    path = table({}, {"编号": "A1"}, {"编号": "A1", "来源": "public"})
    report = bring(path)
    assert (report.new, report.existing, report.bad) == (2, 0, 1)
    assert "line 2" in report.faults[0].reason
    again = bring(path)
    assert (again.new, again.existing, again.bad) == (0, 2, 1)
    assert WorkOrder.objects.count() == 2


def test_a_dry_run_counts_and_writes_nothing(town, table):
    report = bring(table({}, {"网格": "x"}), dry_run=True)
    assert (report.new, report.bad) == (1, 1) and not WorkOrder.objects.exists()


def test_values_and_defaults(town, table):
    path = table({"状态": "什么", "类别": "怪事"}, {"状态": "", "类别": "", "来源": ""})
    report = bring(path, defaults={"source": "visit", "urgency": "urgent"})
    assert report.bad == 0
    first, second = WorkOrder.objects.order_by("external_id")
    assert (first.status, first.category.code, first.urgency) == ("declined", "1401", "urgent")
    assert (second.status, second.category.code, second.source) == ("declined", "1401", "visit")


def test_formats_zones_and_days_without_hours(town, table):
    row = {"上报时间": "02/03/2026 17.30", "受理": "2026-03-02", "派遣": "2026-03-03", "状态": "待派", "类别": "渣土"}
    bring(table(row), formats={"reported_at": "%d/%m/%Y %H.%M"}, file={"time_zone": "Asia/Tokyo"})
    order = WorkOrder.objects.get()
    assert (local(order.reported_at), local(order.accepted_at)) == ("03-02 16:30", "03-02 16:30")


@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "file"),
    [
        ("old.csv", "gb18030", ";", {"encoding": "gb18030", "delimiter": ";"}),
        ("old.csv.gz", "utf-8-sig", ",", {"format": "csv.gz"}),
    ],
)
def test_encodings_delimiters_and_gzip(town, table, name, encoding, delimiter, file):
    path = table({"内容": "一行\n两行"}, {}, name=name, encoding=encoding, delimiter=delimiter)
    assert bring(path, file=file).new == 2


def test_a_workbook_with_its_own_dates(town, tmp_path):
    book = Workbook()
    book.active.title = "别的"
    sheet = book.create_sheet("工单")
    sheet.append(["编号", "上报时间", "内容"])
    sheet.append([7, dt.datetime(2026, 3, 2, 9, 30), "路灯不亮"])
    book.save(tmp_path / "old.xlsx")
    columns = {"external_id": "编号", "reported_at": "上报时间", "description": "内容"}
    raw = {"file": {"format": "xlsx", "sheet": "工单"}, "columns": columns, "defaults": {"area": GRID}}
    report = import_orders(tmp_path / "old.xlsx", checked(raw), now=NOW)
    order = WorkOrder.objects.get()
    assert report.new == 1 and (order.external_id, local(order.reported_at)) == ("7", "03-02 09:30")
    with pytest.raises(Invalid, match="no sheet"):
        raw["file"]["sheet"] = "没有"
        import_orders(tmp_path / "old.xlsx", checked(raw), now=NOW)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({}, "external_id"),
        ({"columns": {"external_id": "a", "reported_at": "b", "colour": "c"}}, "colour"),
        ({"columns": COLUMNS, "formats": {"status": "%Y"}}, "status"),
        ({"columns": COLUMNS, "file": {"format": "pdf"}}, "pdf"),
        ({"columns": COLUMNS, "file": {"encoding": "klingon"}}, "klingon"),
        ({"columns": COLUMNS, "file": {"time_zone": "Mars"}}, "time_zone"),
        ({"columns": COLUMNS, "colums": {}}, "colums"),
        ({"columns": COLUMNS, "values": {"status": "closed"}}, "values.status"),
    ],
)
def test_a_wrong_map_says_what_is_wrong(raw, words):
    with pytest.raises(Invalid) as refused:
        checked(raw)
    assert refused.value.code == "bad_map" and words in str(refused.value)


def test_a_file_that_does_not_fit_is_refused_as_a_whole(town, table, tmp_path):
    with pytest.raises(Invalid, match="no column"):
        import_orders(table({}), checked({"columns": {"external_id": "Nr", "reported_at": "Zeit"}}), now=NOW)
    with pytest.raises(Invalid, match="gb18030"):
        bring(table({}, encoding="gb18030"))
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(Invalid, match="empty"):
        bring(empty)
    with pytest.raises(Invalid):
        bring(tmp_path / "missing.csv")
    assert not WorkOrder.objects.exists()


def test_the_command_prints_counts_and_reasons(town, table, tmp_path, capsys):
    toml = tmp_path / "map.toml"
    toml.write_text('[columns]\nexternal_id = "编号"\nreported_at = "上报时间"\ndescription = "内容"\narea = "网格"\n')
    path = table({}, {"网格": "x"})
    call_command("import_orders", str(path), "--map", str(toml), "--dry-run")
    assert not WorkOrder.objects.exists()
    call_command("import_orders", str(path), "--map", str(toml))
    told = capsys.readouterr()
    assert "1" in told.out and "网格" in told.err and WorkOrder.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("import_orders", str(path), "--map", str(tmp_path / "none.toml"))


@pytest.mark.parametrize("name", ["pingshan", "messages", "hot-messages", "replies"])
def test_the_example_maps_are_sound(name):
    assert read_map(ROOT / "docs" / "import-examples" / f"{name}.toml").columns["external_id"]


@pytest.mark.shared
def test_the_real_messages_come_through_the_same_door(town):
    examples, data = ROOT / "docs" / "import-examples", SHARED / "data"
    import_areas(data / "divisions" / "pingshan_440310.csv")
    for file, name, least in (
        ("workorders/pingshan_2018_workorders.csv.gz", "pingshan", 7000),
        ("messages/taidi_c_a2_raw.csv.gz", "messages", 950),
        ("messages/taidi_c_a3_hot.csv.gz", "hot-messages", 2950),
        ("messages/taidi_c_a4_replies.csv.gz", "replies", 1950),
    ):
        report = import_orders(data / file, read_map(examples / f"{name}.toml"), now=clock.now())
        assert report.new >= least and report.bad < 10, (name, report.summary())
    assert list(audit.findings()) == []
