"""The files of a run over HTTP: kinds, names, refusals. That they hold the figures of the pages is tested there."""

import io

import pytest

from assessment import commands
from tests.assessment import months
from tests.assessment.months import at, order

pytestmark = pytest.mark.django_db

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def month(town):
    """September 2026 with some orders, published."""
    for day in (3, 4, 5):
        order(town.main_grid, at(day), officer=town.officer, reporter=town.officer, handled=at(day), closed=at(day, 11))
    return months.published(town)


@pytest.mark.parametrize(
    ("path", "kind", "start"),
    [("workbook/", XLSX, b"PK"), ("bulletin/word/", DOCX, b"PK"), ("bulletin/pdf/", "application/pdf", b"%PDF-")],
)
def test_each_file_says_what_it_is(api, month, path, kind, start):
    answer = api.assessor.get(f"assessment/runs/{month.pk}/{path}", headers={"Accept": kind})
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert (answer.status_code, answer["Content-Type"]) == (200, kind) and data.startswith(start)
    assert answer["Content-Disposition"].startswith("attachment;") and answer["Cache-Control"] == "private, no-store"


def test_the_head_of_a_bulletin_is_what_was_asked_for(api, month):
    import docx

    given = {
        "title": "测试通报",
        "issuer": "某中心",
        "number": "某〔2026〕1号",
        "addressee": "各单位：",
        "date": "2026-10-09",
    }
    answer = api.assessor.get(f"assessment/runs/{month.pk}/bulletin/word/", **given)
    lines = [one.text for one in docx.Document(io.BytesIO(answer.content)).paragraphs]
    assert lines[:4] == ["某中心", "某〔2026〕1号", "测试通报", "各单位："]
    assert any("2026年10月9日" in line for line in lines)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"date": "2026-02-30"}, "date"),
        ({"title": " "}, "title"),
        ({"issuer": "一" * 101}, "issuer"),
        ({"number": "one\ntwo"}, "number"),
        ({"area": "620105006001"}, "area"),
        ({"area": "nowhere"}, "area"),
    ],
)
def test_what_is_wrong_is_named(api, month, query, field):
    answer = api.assessor.get(f"assessment/runs/{month.pk}/bulletin/pdf/", **query)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [field]


def test_refusals(api, town, month):
    assert api.officer.get(f"assessment/runs/{month.pk}/bulletin/pdf/").status_code == 403
    assert api.officer.get(f"assessment/runs/{month.pk}/workbook/").status_code == 200
    assert api.assessor.get(f"assessment/runs/{month.pk}/workbook/", under="nowhere").json()["errors"]["under"]
    assert api.nobody.get(f"assessment/runs/{month.pk}/workbook/").status_code == 401
    queued = commands.start("2026-10", by=town.assessor, at=months.AFTER)
    for path in ("workbook/", "bulletin/word/", "bulletin/pdf/"):
        answer = api.assessor.get(f"assessment/runs/{queued.pk}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (409, "not_computed")
