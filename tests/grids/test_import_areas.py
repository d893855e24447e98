import datetime as dt
import zipfile

import pytest
from django.core.management import CommandError, call_command

from grids import commands, tree
from grids.imports import import_areas
from grids.imports import table as reading
from grids.models import LONG_AGO, Area, AreaEvent

HEAD = "code,name,level,parent_code"
# A small twin of the real lists: a statistical district, a farm as a street, a township, a community numbered 6xx.
TWIN = (
    "620000000000,甘肃省,province,",
    "620100000000,兰州市,city,620000000000",
    "620105000000,安宁区,county,620100000000",
    "620171000000,兰州新区,county,620100000000",
    "620105006000,银滩路街道,street,620105000000",
    "620105100000,沙井驿镇,street,620105000000",
    "620171501000,某农场,street,620171000000",
    "620105006001,农大社区居委会,community,620105006000",
    "620105006601,合并社区,community,620105006000",
    "620105100200,河湾村委会,community,620105100000",
    "620171501498,农场虚拟社区,community,620171501000",
)


def codes_of(problems):
    return [(one.line, one.column, one.code) for one in sorted(problems)]


def state():
    return list(Area.objects.values()), AreaEvent.objects.count()


@pytest.fixture
def twin(db, table):
    path = table(HEAD, *TWIN, name="twin.csv")
    assert not import_areas(path).is_refused
    return path


def test_a_whole_list_is_imported_without_its_province(twin, read_rows):
    rows = [row for row in read_rows(twin) if row["level"] != "province"]
    stored = {area.code: area for area in Area.objects.select_related("parent")}
    assert set(stored) == {row["code"] for row in rows}
    for row in rows:
        area = stored[row["code"]]
        assert area.name == row["name"]
        assert area.level == {"county": "district"}.get(row["level"], row["level"])
        assert (area.parent.code if area.parent else "620000000000") == row["parent_code"]
        assert area.starts == LONG_AGO
    assert tree.check() == []


def test_a_second_run_changes_nothing_and_says_so(twin, capsys):
    before = state()
    call_command("import_areas", str(twin))
    assert state() == before
    assert capsys.readouterr().out.strip() == (
        "Nothing to change: 10 are already as in the file. 1 province rows left out."
    )


def test_the_first_run_says_what_it_did(db, table, capsys):
    call_command("import_areas", str(table(HEAD, *TWIN)))
    assert "10 new, 0 changed, 0 already as in the file." in capsys.readouterr().out
    assert AreaEvent.objects.get().data == {"what": "areas", "created": 10, "updated": 0}


def test_rows_in_any_order_with_bom_blank_lines_and_windows_line_ends(db, tmp_path):
    path = tmp_path / "mixed.csv"
    lines = ["\ufeffCode , NAME,note,parent_code,level", ""]
    for row in reversed(TWIN):
        code, name, level, parent = row.split(",")
        lines.append(f' {code} ,"{name}","a, ""note"" over\r\ntwo lines",{parent},{level.upper()}')
    path.write_bytes("\r\n".join([*lines, ",,,,", "", ""]).encode())
    report = import_areas(path)
    assert (report.created, report.left_out, report.problems) == (10, 1, [])
    assert tree.check() == []


def test_a_workbook_with_numbers_as_codes(db, workbook):
    rows = [row.split(",") for row in TWIN]
    path = workbook(
        HEAD.split(","),
        *[[int(code), name, level, int(parent) if parent else None] for code, name, level, parent in rows],
    )
    report = import_areas(path)
    assert (report.created, report.problems) == (10, [])
    assert not import_areas(path).created


def test_new_rows_join_the_tree_that_is_there(twin, table):
    numbers = {area.code: area.pk for area in Area.objects.all()}
    path = table(HEAD, "620105006002,石磊庄社区,community,620105006000", "110100000000,北京市,city,", *TWIN)
    report = import_areas(path)
    assert (report.created, report.updated, report.unchanged) == (2, 0, 10)
    assert tree.check() == []
    assert {area.code: area.pk for area in Area.objects.all() if area.code in numbers} == numbers


def test_another_name_is_taken_over(twin, table):
    path = table(HEAD, *[row.replace("农大社区居委会", "农大社区") for row in TWIN])
    report = import_areas(path)
    assert (report.created, report.updated, report.unchanged) == (0, 1, 9)
    assert Area.objects.get(code="620105006001").name == "农大社区"


def test_new_areas_are_as_old_as_their_parents_unless_told(twin, table):
    day = dt.date(2026, 3, 1)
    import_areas(
        table(HEAD, "620105007000,新街道,street,620105000000", "620105007001,新社区,community,620105007000"), starts=day
    )
    import_areas(
        table(HEAD, "620105007002,二社区,community,620105007000", "620105006009,九社区,community,620105006000")
    )
    starts = dict(Area.objects.values_list("code", "starts"))
    assert [starts[code] for code in ("620105007000", "620105007001", "620105007002")] == [day] * 3
    assert starts["620105006009"] == LONG_AGO


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["62010500600,甲,community,620105006000"], [(2, "code", "code_length")]),
        (["62010500600X,甲,community,620105006000"], [(2, "code", "code_not_digits")]),
        (["6.20105E+11,甲,community,620105006000"], [(2, "code", "code_as_number")]),
        ([",甲,community,620105006000"], [(2, "code", "code_empty")]),
        (["620105006002,,community,620105006000"], [(2, "name", "name_empty")]),
        (["620105006002,   ,community,620105006000"], [(2, "name", "name_empty")]),
        (["620105006002,甲,village,620105006000"], [(2, "level", "level_unknown")]),
        (["620105006002,甲,,620105006000"], [(2, "level", "level_unknown")]),
        (["620105006002,甲,street,620105006000"], [(2, "level", "level_not_of_code")]),
        (["620105006001,农大社区,street,620105000000"], [(2, "level", "level_changed")]),
        (["620105006001,农大社区,community,620105100000"], [(2, "parent_code", "parent_changed")]),
        (["620105006002,甲,community,620105009000"], [(2, "parent_code", "parent_unknown")]),
        (["620105006002,甲,community,nonsense"], [(2, "parent_code", "parent_unknown")]),
        (["620105006002,甲,community,"], [(2, "parent_code", "parent_missing")]),
        (["620105006002,甲,community,620105000000"], [(2, "parent_code", "parent_of_wrong_level")]),
        (["620105006002,甲,community,620105100000"], [(2, "parent_code", "code_not_of_parent")]),
        (["630100000000,西宁市,city,620100000000"], [(2, "parent_code", "parent_of_wrong_level")]),
        (["620105006001001,甲,grid,620105006001"], [(2, "code", "grid_in_area_file")]),
        (["630000000000,青海省,city,"], [(2, "code", "code_province")]),
        (
            ["620105006002,甲,community,620105006000", "620105006002,乙,community,620105006000"],
            [(3, "code", "code_twice")],
        ),
        (
            ["620105006002,甲,community,620105006003", "620105006003,乙,community,620105006002"],
            [(2, "parent_code", "parents_in_a_circle"), (3, "parent_code", "parents_in_a_circle")],
        ),
        (["620105006002,甲,community,620105006002"], [(2, "parent_code", "parents_in_a_circle")]),
        (["620105006002,甲,乙,community,620105006000"], [(2, "", "too_many_cells")]),
        # All that is wrong in one go; a row whose parent has a problem is not blamed for it.
        (
            ["620105008000,,street,620105000001", "620105008001,甲,community,620105008000", "12,,x,"],
            [(2, "name", "name_empty"), (2, "parent_code", "parent_unknown"), (4, "code", "code_length"),
             (4, "name", "name_empty"), (4, "level", "level_unknown")],
        ),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_is_imported(twin, table, rows, expected):
    good = "620105006099,好社区,community,620105006000"
    before = state()
    report = import_areas(table(HEAD, *rows, good))
    assert codes_of(report.problems) == sorted(expected)
    assert all(one.reason for one in report.problems)
    assert state() == before


def test_a_long_way_in_a_circle_is_named_once_per_row_and_the_rows_hanging_on_it_are_not_blamed_for_it(twin, table):
    ring = [f"62010500602{n},环{n},community,62010500602{(n + 1) % 5}" for n in range(5)]
    report = import_areas(table(HEAD, *ring))
    assert codes_of(report.problems) == [(line, "parent_code", "parents_in_a_circle") for line in range(2, 7)]


def test_a_closed_code_is_not_used_again_and_nothing_hangs_under_it(twin, table):
    day = dt.date(2026, 3, 1)
    commands.retire_area(Area.objects.get(code="620171501498"), on=day)
    commands.retire_area(Area.objects.get(code="620171501000"), on=day)
    report = import_areas(table(HEAD, *TWIN, "620171501001,新,community,620171501000"))
    assert codes_of(report.problems) == [
        (8, "code", "code_closed"), (12, "code", "code_closed"), (13, "parent_code", "parent_closed")
    ]  # fmt: skip


def test_the_command_prints_every_bad_row_and_fails(twin, table):
    path = table(HEAD, "12,甲,community,620105006000", "620105006002,,community,620105009000")
    with pytest.raises(CommandError) as caught:
        call_command("import_areas", str(path))
    assert str(caught.value).splitlines() == [
        "Line 2, column code: The code 12 has 2 digits; an area has 12, a grid 15, a micro-grid 17.",
        "Line 3, column name: The name is empty.",
        "Line 3, column parent_code: There is no area 620105009000, neither stored nor in this file.",
        "Nothing was imported: 3 problems.",
    ]


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        (b"", "file_empty", 1),
        (b"code,name,level\n", "column_missing", 1),
        (b"code,name,level,parent_code,name\n", "column_twice", 1),
        (
            "code,name,level,parent_code\n620105006001,农大,community,620105006000\n".encode("gb18030"),
            "file_not_utf8",
            2,
        ),
        (b'code,name,level,parent_code\n1,"a,b,c\n2,d,e,f\n', "csv_malformed", 2),
        (b"PK\x03\x04 not a workbook", "xlsx_malformed", 1),
    ],
)
def test_an_unreadable_file_is_refused(db, tmp_path, raw, code, line):
    path = tmp_path / "file.csv"
    path.write_bytes(raw)
    [problem] = import_areas(path).problems
    assert (problem.code, problem.line) == (code, line)


def test_a_missing_file_is_refused(db, tmp_path):
    assert import_areas(tmp_path / "nothing.csv").problems[0].code == "file_unreadable"


def test_files_that_would_fill_the_memory_are_refused(db, tmp_path, table, workbook, monkeypatch):
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    monkeypatch.setattr(reading, "MOST_UNPACKED_BYTES", 20_000_000)
    assert import_areas(bomb).problems[0].code == "file_too_large"
    monkeypatch.setattr(reading, "MOST_ROWS", 3)
    assert import_areas(table(HEAD, *TWIN)).problems[0].code == "too_many_rows"
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    assert import_areas(table(HEAD, *TWIN)).problems[0].code == "file_too_large"


def test_an_empty_list_is_no_error(db, table):
    assert import_areas(table(HEAD)).summary() == "Nothing to change: 0 are already as in the file."


@pytest.mark.shared
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("lanzhou_6201", (1, 9, 116, 1177)),
        ("nantong_3206", (1, 8, 136, 2005)),
        ("yumen_620981", (1, 1, 16, 84)),
        ("wushenqi_150626", (1, 1, 7, 79)),
        ("kundulun_150203", (1, 1, 16, 112)),
        ("pingshan_440310", (1, 1, 7, 25)),
    ],
)
def test_the_real_lists_are_imported_unchanged(shared_data, read_rows, name, counts):
    path = shared_data / "divisions" / f"{name}.csv"
    report = import_areas(path)
    assert (report.problems, report.created, report.left_out) == ([], sum(counts), 1)
    assert (
        tuple(Area.objects.filter(level=level).count() for level in ("city", "district", "street", "community"))
        == counts
    )
    rows = {row["code"]: row for row in read_rows(path) if row["level"] != "province"}
    for area in Area.objects.select_related("parent"):
        assert area.name == rows[area.code]["name"]
        assert area.parent is None or area.parent.code == rows[area.code]["parent_code"]
    assert tree.check() == []
    assert (import_areas(path).created, import_areas(path).updated) == (0, 0)


@pytest.mark.shared
@pytest.mark.django_db
def test_all_real_lists_stand_side_by_side(shared_data):
    for path in sorted((shared_data / "divisions").glob("*_*[0-9].csv")):
        assert import_areas(path).problems == []
    assert Area.objects.filter(parent=None).count() == 6
    assert tree.check() == []
