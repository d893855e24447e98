import datetime as dt

import pytest
from django.core.management import call_command

from grids import commands, tree
from grids.imports import import_grids
from grids.models import Area, AreaEvent

HEAD = "code,name,kind,parent_code,households,population,phone"
GOOD = (
    "620105006001011,农大十一网格,urban,620105006001,420,1000,0931-7632011",
    "620105006001812,师大专属网格,dedicated,620105006001,,3500,",
    "620105006002013,石磊庄十三网格,rural,620105006002,80,,13900000000",
    "62010500600101101,1号楼,micro,620105006001011,12,30,",
)


def codes_of(problems):
    return [(one.line, one.column, one.code) for one in sorted(problems)]


def state():
    return list(Area.objects.values()), AreaEvent.objects.count()


def test_grids_and_micro_grids_are_imported(town, table):
    report = import_grids(table(HEAD, *GOOD))
    assert (report.created, report.problems, report.warnings) == (4, [], [])
    grid = Area.objects.get(code="620105006001011")
    assert (grid.level, grid.kind, grid.households, grid.population, grid.phone) == (
        "grid",
        "urban",
        420,
        1000,
        "0931-7632011",
    )
    dedicated = Area.objects.get(code="620105006001812")
    assert (dedicated.households, dedicated.population, dedicated.phone) == (None, 3500, "")
    assert [one.code for one in grid.get_children()] == ["62010500600101101"]
    assert tree.check() == []


def test_a_second_run_changes_nothing_and_says_so(town, table, capsys):
    path = table(HEAD, *GOOD)
    call_command("import_grids", str(path))
    before = state()
    call_command("import_grids", str(path))
    assert state() == before
    assert "Nothing to change: 4 are already as in the file." in capsys.readouterr().out


def test_the_file_is_the_truth_for_its_columns_only(town, table):
    import_grids(table(HEAD, *GOOD))
    report = import_grids(table("code,name,kind,parent_code,households", "620105006001011,新名,rural,620105006001,"))
    assert (report.created, report.updated) == (0, 1)
    grid = Area.objects.get(code="620105006001011")
    assert (grid.name, grid.kind, grid.households, grid.population, grid.phone) == (
        "新名",
        "rural",
        None,
        1000,
        "0931-7632011",
    )


def test_a_workbook_in_which_spreadsheets_did_what_they_do(town, workbook):
    head = HEAD.split(",")
    path = workbook(head, [620105006001011, "十一", "urban", 620105006001.0, 420.0, "1000", 9317632011])
    assert import_grids(path).problems == []
    grid = Area.objects.get(code="620105006001011")
    assert (grid.households, grid.population, grid.phone) == (420, 1000, "9317632011")
    path = workbook(head, [6.201050060010111e16, "1号楼", "micro", "620105006001011", 12.5, None, None])
    assert codes_of(import_grids(path).problems) == [(2, "code", "code_as_number"), (2, "households", "not_a_number")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["62010500600101,甲,urban,620105006001,,,"], [(2, "code", "code_length")]),
        (["620105006001011,,urban,620105006001,,,"], [(2, "name", "name_empty")]),
        (["620105006009,甲,urban,620105006000,,,"], [(2, "code", "not_a_grid")]),
        (["620105006001011,甲,,620105006001,,,"], [(2, "kind", "kind_empty")]),
        (["620105006001011,甲,COMP,620105006001,,,"], [(2, "kind", "kind_unknown")]),
        (["620105006001011,甲,micro,620105006001,,,"], [(2, "kind", "kind_of_other_level")]),
        (["62010500600100111,甲,urban,620105006001001,,,"], [(2, "kind", "kind_of_other_level")]),
        (["620105006001011,甲,urban,620105006001,-1,,"], [(2, "households", "negative")]),
        (["620105006001011,甲,urban,620105006001,,-20,"], [(2, "population", "negative")]),
        (["620105006001011,甲,urban,620105006001,约四百,,"], [(2, "households", "not_a_number")]),
        (["620105006001011,甲,urban,620105006001,1e3,,"], [(2, "households", "not_a_number")]),
        (["620105006001011,甲,urban,620105006001,1_0,,"], [(2, "households", "not_a_number")]),
        (["620105006001011,甲,urban,620105006001,,9999999999,"], [(2, "population", "too_many")]),
        (["620105006001011,甲,urban,620105006001,,,call me"], [(2, "phone", "phone_malformed")]),
        (["620105006001011,甲,urban,620105000000,,,"], [(2, "parent_code", "parent_of_wrong_level")]),
        (["620105006001011,甲,urban,620105006000,,,"], [(2, "parent_code", "parent_of_wrong_level")]),
        (["620105006001011,甲,urban,620105006001001,,,"], [(2, "parent_code", "parent_of_wrong_level")]),
        (["62010500600100111,甲,micro,620105006001,,,"], [(2, "parent_code", "parent_of_wrong_level")]),
        (["620105006001011,甲,urban,620105006099,,,"], [(2, "parent_code", "parent_unknown")]),
        (["620105006001011,甲,urban,,,,"], [(2, "parent_code", "parent_missing")]),
        (["620105006001011,甲,urban,620105006002,,,"], [(2, "parent_code", "code_not_of_parent")]),
        (["620105006001001,农大一网格,urban,620105006002,,,"], [(2, "parent_code", "parent_changed")]),
        ([GOOD[0], GOOD[0]], [(3, "code", "code_twice")]),
        (
            ["620105006001011,,micro,620105000000,-1,x,"],
            [(2, "name", "name_empty"), (2, "parent_code", "parent_of_wrong_level"),
             (2, "kind", "kind_of_other_level"), (2, "households", "negative"),
             (2, "population", "not_a_number")],
        ),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_is_imported(town, table, rows, expected):
    before = state()
    report = import_grids(table(HEAD, *rows, GOOD[2]))
    assert codes_of(report.problems) == sorted(expected)
    assert state() == before


def test_a_grid_under_a_closed_community_is_refused(town, table):
    commands.retire_area(town.grid3, on=dt.date(2026, 3, 1))
    commands.retire_area(town.community2, on=dt.date(2026, 3, 1))
    report = import_grids(table(HEAD, *GOOD))
    [problem] = report.problems
    assert (problem.line, problem.column, problem.code) == (4, "parent_code", "parent_closed")
    assert "石磊庄社区" in problem.reason and "2026-03-01" in problem.reason


def test_unusual_sizes_are_warned_of_and_let_in(town, table, capsys):
    path = table(
        HEAD,
        "620105006001021,小,urban,620105006001,150,,",
        "620105006001022,大,urban,620105006001,700,,",
        "620105006001023,村,rural,620105006001,30,,",
        "62010500600100121,楼,micro,620105006001001,21,,",
    )
    call_command("import_grids", str(path))
    told = capsys.readouterr()
    assert "4 new" in told.out
    assert [line.split(":")[0] for line in told.err.splitlines()] == [f"Line {n}, column households" for n in (2, 3, 5)]
    assert "150 households; usual are 200 to 600." in told.err


def test_grids_join_a_community_opened_by_a_split(town, table):
    day = dt.date(2026, 3, 1)
    into = [
        commands.Opening("620105006011", "东", children=[town.main_grid.code, town.next_grid.code]),
        commands.Opening("620105006012", "西"),
    ]
    commands.split_area(town.community, into=into, on=day)
    assert import_grids(table(HEAD, "620105006012001,西一网格,urban,620105006012,,,")).problems == []
    assert Area.objects.get(code="620105006012001").starts == day
