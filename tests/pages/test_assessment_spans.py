"""Quarters, years and the annual review on the pages: made from published parts, ranked, published, made anew."""

import datetime as dt
import re

import pytest

from assessment import commands, periods
from assessment.models import AnnualReview, Run, Score
from assessment.vocabulary import RunStatus
from core import clock
from tests.pages.assessing import last_month, orders_of_last_month, score_of, seen, text
from tests.workorders.acting import bring
from tests.workorders.acting import report as reported

pytestmark = pytest.mark.django_db


def month_done(town, month, *, hours=2) -> Run:
    """One month with an order, computed and published."""
    at = month.since + dt.timedelta(days=14, hours=10)
    bring(reported(town.officer, at=at), town, "closed", at=at + dt.timedelta(hours=hours))
    run = commands.carry_out(commands.start(month.text, by=town.assessor, at=clock.now()).pk, at=clock.now())
    return commands.publish(run, by=town.assessor, at=clock.now())


@pytest.fixture
def quarter(town) -> str:
    """The last quarter that is over, its three months published."""
    month = last_month()
    while month.first.month % 3:
        month = month.before()
    for number in (2, 1, 0):
        month_done(town, month.before(number))
    return f"{month.first.year}-Q{month.first.month // 3}"


def test_a_quarter_is_made_reviewed_and_published(client, town, quarter):
    page = seen(client, town.assessor, "/assessment/spans/")
    assert "3 of 3" in page and "Make it from its parts" in page
    answer = client.post("/assessment/spans/make/", {"period": quarter, "area": town.district.code})
    made = Run.objects.get(period=quarter)
    assert answer.status_code == 302 and answer.url == f"/assessment/runs/{made.pk}/"
    page = seen(client, town.assessor, answer.url)
    assert "Look at these before you publish" in page and "Signs of padding" not in page and "What if" not in page
    assert "农大一网格" in page
    answer = client.post(f"/assessment/runs/{made.pk}/publish/", {"confirmation": quarter})
    assert answer.status_code == 302
    again = client.post("/assessment/spans/make/", {"period": quarter, "area": town.district.code})
    assert again.status_code == 409 and "its parts have not changed" in text(again)
    grid = score_of(made, level="grid", area=town.main_grid)
    page = seen(client, town.officer, f"/assessment/scores/{grid.pk}/")
    assert "What it is made of" in page and "Appeals until" not in page
    parts = re.findall(r'/assessment/scores/(\d+)/"', page)
    months = [one.text for one in periods.read(quarter).months()]
    assert Score.objects.filter(pk__in=parts, run__period__in=months).count() == 3
    seen(client, town.assessor, f"/assessment/runs/{made.pk}/what-if/", status=409)
    assert "Quarter" in seen(client, town.officer, "/assessment/mine/")


def test_a_revised_month_makes_the_quarter_anew(client, town, quarter):
    made = commands.roll_up(quarter, by=town.assessor, at=clock.now())
    commands.publish(made, by=town.assessor, at=clock.now())
    assert "A part was revised" not in seen(client, town.assessor, "/assessment/spans/")
    month = Run.objects.current().filter(span="month").order_by("-period").first()
    revised = Run.objects.create(
        area=month.area, period=month.period, version=month.version, cut_off=month.cut_off, revision=2, previous=month,
        reason="An appeal was upheld", created_at=clock.now(), by=town.assessor,
    )  # fmt: skip
    commands.carry_out(revised.pk, at=clock.now())
    page = seen(client, town.assessor, "/assessment/spans/")
    assert "A part was revised" in page and "Make it anew" in page
    answer = client.post("/assessment/spans/make/", {"period": quarter, "area": town.district.code})
    newest = Run.objects.filter(period=quarter).latest("pk")
    assert answer.status_code == 302 and (newest.revision, newest.status) == (2, RunStatus.COMPUTED)


def test_a_quarter_with_months_missing_is_refused_with_their_names(client, town):
    month_done(town, last_month())
    page = seen(client, town.assessor, "/assessment/spans/")
    assert "Missing:" in page
    quarter = f"{last_month().first.year}-Q{(last_month().first.month + 2) // 3}"
    answer = client.post("/assessment/spans/make/", {"period": quarter, "area": town.district.code})
    assert answer.status_code == 409 and "These are not published yet" in text(answer)
    for wrong in ("2026-10", "soon", ""):
        assert client.post("/assessment/spans/make/", {"period": wrong}).status_code == 400
    client.force_login(town.officer)
    assert client.post("/assessment/spans/make/", {"period": quarter}).status_code == 403


def reviewed(client, town, **marks):
    client.force_login(town.assessor)
    client.cookies.load({"gridgov_language": "en"})
    return client.post(f"/assessment/reviews/?year={last_month().first.year}", marks)


def test_the_annual_review_is_entered_by_its_terms(client, town):
    assert "Nobody to review yet" in seen(client, town.assessor, "/assessment/reviews/")
    run = month_done(town, last_month())
    year = last_month().first.year
    page = seen(client, town.assessor, f"/assessment/reviews/?year={year}")
    assert "农大一网格" in page and "leaders weigh 40 %" in page and "20 % annual review" in page
    grid = score_of(run, level="grid", area=town.main_grid)
    names = [f"{voice}.{grid.pk}" for voice in ("leaders", "peers", "residents")]
    for marks, words in (
        ({names[0]: "90"}, "Give all three marks, or none."),
        ({names[0]: "190", names[1]: "80", names[2]: "70"}, "less than or equal to 100"),
        ({names[0]: "much", names[1]: "80", names[2]: "70"}, "Enter a number."),
    ):
        answer = reviewed(client, town, **marks)
        assert answer.status_code == 400 and words in text(answer) and not AnnualReview.objects.exists()
        assert next(iter(marks.values())) in text(answer)
    answer = reviewed(client, town, **dict(zip(names, ("90", "80", "70"), strict=True)))
    assert answer.status_code == 302
    row = AnnualReview.objects.get()
    assert (row.area, row.officer, row.leaders, row.residents) == (town.main_grid, None, 90, 70)
    assert "80.00" in seen(client, town.assessor, f"/assessment/reviews/?year={year}")
    reviewed(client, town, **dict(zip(names, ("90", "80", "75"), strict=True)))
    assert AnnualReview.objects.get().residents == 75
    officers = seen(client, town.assessor, f"/assessment/reviews/?year={year}&level=officer")
    assert "王小梅" in officers
    for person in (town.officer, town.manager, town.handler):
        seen(client, person, "/assessment/reviews/", status=403)
    client.force_login(town.admin)
    answer = client.post(f"/assessment/reviews/?year={year}", dict(zip(names, ("1", "1", "1"), strict=True)))
    assert answer.status_code == 403 and AnnualReview.objects.get().leaders == 90


def test_an_officer_is_reviewed_as_a_person(client, town):
    run = month_done(town, last_month())
    own = score_of(run, level="officer", officer=town.officer)
    names = [f"{voice}.{own.pk}" for voice in ("leaders", "peers", "residents")]
    client.force_login(town.assessor)
    address = f"/assessment/reviews/?year={last_month().first.year}&level=officer"
    assert client.post(address, dict(zip(names, ("90", "80", "70"), strict=True))).status_code == 302
    assert AnnualReview.objects.get().officer == town.officer


def test_the_review_board_names_padding_and_its_orders(client, town):
    at = last_month().since + dt.timedelta(days=14, hours=9)
    same = []
    for hour in range(3):
        order = reported(town.officer, at=at + dt.timedelta(hours=hour), address="3 号楼北侧")
        same.append(bring(order, town, "filed", at=at + dt.timedelta(hours=5)))
    orders_of_last_month(town)
    run = commands.carry_out(commands.start(last_month().text, by=town.assessor, at=clock.now()).pk, at=clock.now())
    page = seen(client, town.assessor, f"/assessment/runs/{run.pk}/")
    head, flags = page.index("Largest movers"), page.index("Signs of padding")
    assert head < page.index("Outliers") < flags < page.index('class="tabs"')
    assert "of the same kind at the same spot" in page
    assert same[0].number in page
