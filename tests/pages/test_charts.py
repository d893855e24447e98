"""The overview of a run: every chart has a table with the very same figures, for areas the reader leads."""

import datetime as dt
import gzip
import json
from decimal import Decimal

import pytest
from django.contrib.staticfiles import finders
from lxml import html

from assessment import commands
from assessment.models import Score
from core import clock
from tests.assessment import months
from tests.assessment.months import at, order
from tests.pages.assessing import seen, statements

pytestmark = pytest.mark.django_db


def filled(town, month: int) -> None:
    """Orders of a month in every grid: on time, late, led by a unit."""
    for place, officer in (
        (town.main_grid, town.officer),
        (town.next_grid, town.officer2),
        (town.grid4, town.officer2),
    ):
        for day in (3, 4, 5):
            due, handled, closed = (at(day + 1, hour, month=month) for hour in (10, 9, 11))
            order(
                place, at(day, month=month), officer=officer, reporter=officer, due=due, handled=handled, closed=closed
            )  # fmt: skip
    late = {"due": at(7, month=month), "handled": at(9, month=month), "closed": at(9, 12, month=month)}
    order(town.grid3, at(6, month=month), officer=town.officer, satisfaction=2, **late)


@pytest.fixture
def month(town):
    """August and September 2026, published."""
    filled(town, 8)
    filled(town, 9)
    when = dt.datetime(2026, 9, 9, 9, tzinfo=clock.ZONE)
    commands.publish(months.computed(town, period="2026-08", when=when), by=town.assessor, at=when)
    return months.published(town)


def opened(client, person, run, query=""):
    """The page and the figures of its charts by name."""
    page = html.fromstring(seen(client, person, f"/assessment/runs/{run.pk}/overview/{query}"))
    block = page.xpath("//script[@type='application/json'][@id='chart-figures']")
    figures = {one["name"]: one for one in json.loads(block[0].text)} if block else {}
    return page, figures


def table(page, caption) -> list[list[str]]:
    """The rows of a table."""
    (found,) = page.xpath(f"//table[caption='{caption}']")
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("th|td")] for row in found.xpath("tbody/tr")]


def test_the_tables_hold_the_figures_of_the_charts(client, town, month):
    page, figures = opened(client, town.assessor, month)
    spread = figures["spread"]
    rows = table(page, "Grids in each ten points")
    assert [row[0] for row in rows] == spread["labels"]
    assert [row[2] for row in rows] == [str(value) for value in spread["series"][0]["values"]]
    assert sum(int(row[2]) for row in rows) == 4
    compared = figures["compared"]
    rows = [row for row in table(page, "Areas by rank") if row[0] != "–"]
    assert [row[1] for row in rows] == compared["labels"] and len(rows) == 2
    assert [row[2] for row in rows] == compared["series"][0]["values"]
    steps = figures["steps"]
    rows = table(page, "Scores over the published periods")[::-1]
    assert steps["labels"] == ["2026-08", "2026-09"] and [row[0] for row in rows] == ["August 2026", "September 2026"]
    own, median, highest, lowest = (one["values"] for one in steps["series"])
    assert [row[1:5] for row in rows] == [list(one) for one in zip(own, lowest, median, highest, strict=True)]


def test_the_figures_are_those_of_the_ranking(client, town, month):
    page, figures = opened(client, town.assessor, month, "?level=community")
    scores = Score.objects.filter(run=month, level="community", score__isnull=False).order_by("rank", "pk")
    assert figures["compared"]["labels"] == [one.name for one in scores]
    assert figures["compared"]["series"][0]["values"] == [str(one.score) for one in scores]
    grids = sorted(one.score for one in Score.objects.filter(run=month, level="grid", score__isnull=False))
    (last,) = table(page, "Scores over the published periods")[:1]
    middle = ((grids[1] + grids[2]) / 2).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    assert last[2:] == [str(grids[0]), str(middle), str(grids[-1]), "4"]
    assert f"{middle}" in " ".join(page.xpath("//section[@aria-labelledby='spread-head']//p")[0].text_content().split())
    district = Score.objects.get(run=month, level="district")
    assert last[1] == str(district.score)


def test_filters_choose_among_the_grids(client, town, month):
    def counted(query):
        page, _figures = opened(client, town.assessor, month, query)
        return sum(int(row[2]) for row in table(page, "Grids in each ten points"))

    assert counted(f"?area={town.street.code}") == 3
    assert counted("?kind=rural") == 1 and counted("?group=urban") == 3
    page, figures = opened(client, town.assessor, month, "?kind=micro")
    assert "No grid is ranked here" in page.text_content() and "spread" not in figures
    page, figures = opened(client, town.assessor, month, f"?area={town.community.code}")
    assert "compared" not in figures and not page.xpath("//*[@id='compared-head']")
    opened(client, town.assessor, month, "?area=nowhere&kind=%00&group=x&level=officer&page=99")


def test_only_who_leads_sees_it_and_only_their_areas(client, town, month):
    for person in (town.officer, town.handler, town.building_head):
        seen(client, person, f"/assessment/runs/{month.pk}/overview/", status=403)
        assert "/overview/" not in seen(client, person, f"/assessment/runs/{month.pk}/")
    assert "/overview/" in seen(client, town.assessor, f"/assessment/runs/{month.pk}/")
    page, _figures = opened(client, town.clerk, month, f"?area={town.street2.code}")
    offered = {one.get("value") for one in page.xpath("//select[@name='area']/option")}
    assert offered == {town.community.code}
    assert "培黎" not in page.text_content()


def test_nobody_is_named(client, town, month):
    page, figures = opened(client, town.assessor, month)
    text = page.text_content() + json.dumps(figures, ensure_ascii=False)
    for score in Score.objects.filter(run=month, level__in=("officer", "grid")):
        assert score.name not in text


def test_charts_are_for_the_desk_and_tables_for_everybody(client, town, month, monkeypatch):
    page, _figures = opened(client, town.assessor, month)
    drawn = page.xpath("//*[@data-chart]")
    assert [one.get("data-chart") for one in drawn] == ["spread", "compared", "steps"]
    for one in drawn:
        assert one.get("role") == "img" and "table" in one.get("aria-label") and one.get("hidden") is not None
    monkeypatch.setattr("pages.base.shell", lambda request: "base_phone.html")
    page, figures = opened(client, town.assessor, month)
    assert not figures and not page.xpath("//*[@data-chart]") and not page.xpath("//script[contains(@src, 'charts')]")
    assert len(page.xpath("//table")) == 5


def test_before_publication_it_says_so(client, town, month):
    october = months.computed(town, period="2026-10", when=dt.datetime(2026, 11, 9, 9, tzinfo=clock.ZONE))
    page, figures = opened(client, town.assessor, october)
    assert "Draft, not published" in page.text_content()
    assert figures["steps"]["labels"] == ["2026-08", "2026-09"]
    seen(client, town.manager, f"/assessment/runs/{october.pk}/overview/", status=404)


def test_a_run_that_is_not_computed_has_no_overview(client, town):
    order(town.main_grid, at(9), officer=town.officer)
    run = commands.start("2026-09", by=town.assessor, at=months.AFTER)
    seen(client, town.assessor, f"/assessment/runs/{run.pk}/overview/", status=409)


def test_the_number_of_statements_is_fixed(client, town, month):
    client.force_login(town.assessor)
    assert statements(client, f"/assessment/runs/{month.pk}/overview/?level=community") <= 16


def test_the_library_stays_in_its_budget():
    with open(finders.find("vendor/echarts/echarts.js"), "rb") as file:
        assert len(gzip.compress(file.read(), 9)) <= 170_000
