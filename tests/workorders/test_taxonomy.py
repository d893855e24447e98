"""The taxonomy that ships: complete, well formed, and the one the domain description names."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from core.errors import Invalid
from workorders import taxonomy
from workorders.deadlines import Limit
from workorders.worktime import Calendar

SHARED = Path(__file__).resolve().parents[3] / "shared"

MINORS = {
    "01": 7, "02": 6, "03": 6, "04": 7, "05": 8, "06": 7, "07": 6, "08": 8,
    "09": 5, "10": 6, "11": 4, "12": 6, "13": 5, "14": 4, "15": 4,
}  # fmt: skip


def minors():
    return [row for row in taxonomy.rows() if row.is_minor]


def by_code():
    return {row.code: row for row in taxonomy.rows()}


def test_there_are_fifteen_majors_with_their_minors():
    majors = [row.code for row in taxonomy.rows() if not row.is_minor]
    assert majors == list(MINORS)
    assert Counter(row.major for row in minors()) == MINORS
    assert len(minors()) == 89


def test_rows_come_by_code_and_names_differ():
    codes = [row.code for row in taxonomy.rows()]
    assert codes == sorted(codes)
    assert len({row.name for row in taxonomy.rows()}) == len(codes)
    assert len({row.name_en for row in taxonomy.rows()}) == len(codes)


@pytest.mark.parametrize(
    ("code", "klass", "difficulty", "urgency", "stages", "lead", "self_rule", "self_limit"),
    [
        ("0101", "M", 2, "normal", "handle 7wd", "JU", "T", "3wd"),
        ("0202", "M", 2, "urgent", "handle 4h", "PS", "T", "1h"),
        ("0306", "M", 3, "emergency", "contain 30min; handle 24h", "FR", "N", None),
        ("0403", "M", 3, "emergency", "contain 1h; handle 2d", "UT", "N", None),
        ("0404", "M", 3, "urgent", "contain 4h; handle 10wd", "HC", "N", None),
        ("0501", "M", 1, "normal", "handle 4wh", "UM", "Y", None),
        ("0601", "M", 2, "urgent", "contain 2h; handle 5wd", "HC", "N", None),
        ("0605", "M", 3, "emergency", "contain 3h; restore 8h; handle 5wd", "UT", "N", None),
        ("0701", "M", 2, "normal", "handle 3wd", "EE", "T", "4wh"),
        ("0901", "S", 3, "emergency", "contain 30min; handle 24h", "HE", "N", None),
        ("1402", "S", 1, "normal", "handle same_day", "CO", "Y", None),
    ],
)
def test_rows_of_every_shape(code, klass, difficulty, urgency, stages, lead, self_rule, self_limit):
    row = by_code()[code]
    found = "; ".join(f"{kind} {limit}" for kind, limit in row.stages)
    assert (row.klass, row.difficulty, row.urgency, found) == (klass, difficulty, urgency, stages)
    assert (row.lead, row.self_rule, row.self_limit and str(row.self_limit)) == (lead, self_rule, self_limit)


def test_stages_as_stored():
    assert by_code()["0605"].stages_json() == [
        {"kind": "contain", "amount": 3, "unit": "h"},
        {"kind": "restore", "amount": 8, "unit": "h"},
        {"kind": "handle", "amount": 5, "unit": "wd"},
    ]


def documented():
    """(code, name, class, difficulty, urgency, [limits], lead, self) of the domain description's table."""
    text = (SHARED / "domain.md").read_text(encoding="utf-8")
    section = text[text.index("### 5.3 ") : text.index("## 6. ")]
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 8 and re.fullmatch(r"\d{4}", cells[0]):
            yield cells


@pytest.mark.shared
def test_the_rows_are_those_of_the_domain_description():
    words = {"N": "normal", "U": "urgent", "E": "emergency"}
    kinds = {1: ["handle"], 2: ["contain", "handle"], 3: ["contain", "restore", "handle"]}
    seen = set()
    for code, name, klass, difficulty, urgency, limits, lead, self_rule in documented():
        row = by_code()[code]
        seen.add(code)
        assert name.startswith(row.name), code
        assert (row.klass, row.difficulty, row.urgency, row.lead) == (klass, int(difficulty), words[urgency], lead), (
            code
        )
        parts = [re.sub(r"^(contain|repair|restore|fence|report) ", "", part.strip()) for part in limits.split(";")]
        assert [limit for _kind, limit in row.stages] == [Limit.parse(part) for part in parts], code
        assert [kind for kind, _limit in row.stages] == kinds[len(parts)], code
        rule, _space, own = self_rule.partition(" ")
        assert (row.self_rule, row.self_limit) == (rule, Limit.parse(own) if own else None), code
    assert seen == {row.code for row in minors()}


@pytest.mark.shared
def test_majors_and_departments_are_those_of_the_domain_description():
    text = (SHARED / "domain.md").read_text(encoding="utf-8")
    section = text[text.index("### 5.3 ") : text.index("| Code | Minor")]
    majors = dict(re.findall(r"(\d\d) ([一-鿿]+)", section[section.index("Majors") :]))
    assert majors == {row.code: row.name for row in taxonomy.rows() if not row.is_minor}
    line = section[section.index("Departments:") : section.index("Majors")]
    assert set(re.findall(r"\b[A-Z]{2}\b", line)) | {"CC"} == {department.code for department in taxonomy.departments()}


def test_departments_cover_every_lead():
    codes = [department.code for department in taxonomy.departments()]
    assert len(codes) == len(set(codes)) == 29
    assert {row.lead for row in minors()} <= set(codes)
    assert all(department.name and department.name_en for department in taxonomy.departments())


def test_the_holidays_that_ship_make_a_calendar():
    calendar = Calendar.of(taxonomy.holidays())
    assert calendar.years_known == frozenset(range(2004, 2027))
    assert len(taxonomy.holidays()) == 771
    assert not calendar.is_workday(date(2026, 10, 6))
    assert calendar.is_workday(date(2026, 10, 10))
    assert calendar.names[date(2026, 10, 10)] == "国庆节"


@pytest.mark.shared
def test_the_holidays_are_those_of_the_published_calendar():
    text = (SHARED / "data" / "calendar" / "cn_holidays_2004_2026.csv").read_text(encoding="utf-8")
    published = [tuple(line.split(",")[:3]) for line in text.splitlines()[1:]]
    assert published == [(on.isoformat(), kind, name) for on, kind, name in taxonomy.holidays()]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("暴露垃圾", "bllj"),
        ("婚姻家庭纠纷", "hyjtjf"),
        ("占道·店外经营", "zddwjy"),
        ("危房/高空坠物", "wfgkzw"),
        ("重点青少年", "zdqsn"),
        ("电动车违规停充", "ddcwgtc"),
        ("严重精神障碍异常", "yzjszayc"),
        ("A类B-1", "alb1"),
        ("", ""),
    ],
)
def test_initials(name, letters):
    assert taxonomy.initials(name) == letters


def test_every_category_is_found_by_its_initials():
    assert all(re.fullmatch(r"[a-z]{2,12}", taxonomy.initials(row.name)) for row in taxonomy.rows())


@pytest.mark.parametrize(
    "text", ["", "handle", "4wh", "contain 1h", "handle 1h; contain 1h", "fence 1h; handle 2h", "handle 1h; handle 2h"]
)
def test_stages_out_of_order_are_refused(text):
    with pytest.raises((ValueError, Invalid)):
        taxonomy.parse_stages(text)


HEADER = "code,name_zh,name_en,class,difficulty,urgency,stages,lead,self_rule,self_limit\n"
GOOD = "01,甲,A,,,,,,,\n0101,乙,B,M,1,normal,handle 4wh,CO,Y,\n"


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("0102,丙,C,X,1,normal,handle 4wh,CO,Y,", "class"),
        ("0102,丙,C,M,4,normal,handle 4wh,CO,Y,", "difficulty"),
        ("0102,丙,C,M,1,soon,handle 4wh,CO,Y,", "urgency"),
        ("0102,丙,C,M,1,normal,handle soon,CO,Y,", "soon"),
        ("0102,丙,C,M,1,normal,handle 4wh,XX,Y,", "lead"),
        ("0102,丙,C,M,1,normal,handle 4wh,CO,T,", "self_limit"),
        ("0102,丙,C,M,1,normal,handle 4wh,CO,Y,3wd", "self_limit"),
        ("0201,丙,C,M,1,normal,handle 4wh,CO,Y,", "major"),
        ("0101,丙,C,M,1,normal,handle 4wh,CO,Y,", "already"),
        ("01021,丙,C,M,1,normal,handle 4wh,CO,Y,", "code"),
        (",丙,C,M,1,normal,handle 4wh,CO,Y,", "digits"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path, monkeypatch, row, word):
    (tmp_path / "taxonomy.csv").write_text(HEADER + GOOD + row + "\n", encoding="utf-8")
    (tmp_path / "departments.csv").write_text("code,name_zh,name_en\nCO,甲,A\n", encoding="utf-8")
    monkeypatch.setattr(taxonomy, "DATA", tmp_path)
    taxonomy.departments.cache_clear()
    try:
        with pytest.raises(ValueError, match=rf"line 4: .*{word}"):
            taxonomy.rows.__wrapped__()
    finally:
        taxonomy.departments.cache_clear()
