"""The working calendar by day and by year, and the standard texts: who may, what it does, what stays."""

import datetime as dt

import pytest

from core.revisions import bump
from personnel.jurisdiction import units_changed
from personnel.models import AdministrationEvent, Unit
from tests.pages.filled import filled
from tests.pages.staff import in_status
from workorders import calendars
from workorders.models import Category, Clock, Holiday, StandardText

pytestmark = pytest.mark.django_db
YEAR = """2031-01-01 休 元旦
2031-02-01~2031-02-04 休 春节
2031-02-08,班,春节

2031/10/01 至 2031/10/07 休 国庆节
"""


@pytest.fixture
def next_monday(today):
    return today + dt.timedelta(days=7 - today.weekday() + 21)


def test_a_day_off_counts_for_new_clocks_and_leaves_those_that_run(town, send, read, next_monday):
    Holiday.objects.all().delete()
    order = in_status(town, "dispatched")  # two working days
    running = Clock.objects.get(order=order, kind="handle")
    off = running.due_at.date()
    given = {"on": off, "kind": "holiday", "name": "校庆", "why": "〔2026〕5号"}
    page = send(town.admin, "/calendar/day/", **given).content.decode()
    assert (
        "keep" in page and "Three working days that start now" in page and calendars.working_calendar().is_workday(off)
    )
    assert send(town.admin, "/calendar/day/", seen=True, **given).status_code == 302
    assert not calendars.working_calendar().is_workday(off)
    assert Clock.objects.get(pk=running.pk).due_at == running.due_at
    later = Clock.objects.get(order=in_status(town, "dispatched"), kind="handle")
    assert later.due_at > running.due_at
    page = read(town.admin, f"/calendar/?year={off.year}")
    assert "校庆" in page and "〔2026〕5号" in page
    assert send(town.admin, "/calendar/day/", seen=True, on=off, kind="", why="取消").status_code == 302
    assert calendars.working_calendar().is_workday(off)


def test_a_year_is_pasted_compared_and_taken_over(town, send, read):
    Holiday.objects.create(date=dt.date(2031, 5, 1), kind="holiday", name="劳动节")
    assert "are not on file" in read(town.admin, "/calendar/?year=2031")
    given = {"year": 2031, "list": YEAR, "why": "国办发明电"}
    page = send(town.admin, "/calendar/paste/", **given).content.decode()
    assert "Added (13)" in page and "Ordinary again (1)" in page and "劳动节" in page
    assert Holiday.objects.filter(date__year=2031).count() == 1
    assert send(town.admin, "/calendar/paste/", seen=True, **given).status_code == 302
    calendar = calendars.working_calendar()
    assert calendar.knows(2031) and calendar.is_workday(dt.date(2031, 2, 8))
    assert not calendar.is_workday(dt.date(2031, 10, 7))
    assert Holiday.objects.filter(date__year=2031).count() == 13
    assert AdministrationEvent.objects.get(subject="calendar:2031").actor == town.admin
    # The list as it stands is offered for the next change.
    assert "2031-10-01~2031-10-07 休 国庆节" in read(town.admin, "/calendar/paste/?year=2031")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2031-02-30 休 春节", "Line 1: there is no such day"),
        ("2030-02-03 休 春节", "2030-02-03 is not in 2031"),
        ("2031-02-03 班 春节", "is worked anyhow"),
        ("2031-02-03 歇 春节", "is neither"),
        ("春节", "write the date"),
        ("2031-02-03 休 春节\n2031-02-03 休 春节", "stands there twice"),
    ],
)
def test_a_list_with_a_wrong_line_changes_nothing_and_is_kept(town, send, line, said):
    answer = send(town.admin, "/calendar/paste/", seen=True, year=2031, list=line, why="x")
    page = answer.content.decode()
    assert answer.status_code == 400 and said in page and line.split("\n")[0] in page
    assert not Holiday.objects.filter(date__year=2031).exists()


def test_the_calendar_of_all_is_not_for_the_administrator_of_one_district(town, send, read, today):
    assert "Only an administrator of the whole city" in read(town.system_admin, "/calendar/")
    given = {"on": today, "kind": "holiday", "name": "x", "why": "x"}
    assert send(town.system_admin, "/calendar/day/", seen=True, **given).status_code == 403
    assert send(town.system_admin, "/calendar/paste/", year=2031, list=YEAR, why="x").status_code == 403


def test_a_text_of_the_own_unit_is_written_changed_and_retired(town, send, read):
    given = {"text": "已通知责任人整改。", "category": "0501", "status": "handling", "unit": "620105-UM"}
    assert send(town.system_admin, "/texts/new/", **given).status_code == 302
    text = StandardText.objects.get(text=given["text"])
    assert (text.category.code, text.status, text.unit) == ("0501", "handling", town.um)
    answer = send(town.system_admin, "/texts/new/", **given)
    assert answer.status_code == 400 and "offered there already" in answer.content.decode()
    at = f"/texts/{text.pk}/"
    assert send(town.system_admin, at, **{**given, "text": "已整改。"}).status_code == 302
    text.refresh_from_db()
    assert (text.text, text.is_active) == ("已整改。", False)
    assert "已整改。" in read(town.system_admin, "/texts/?state=out")
    kinds = AdministrationEvent.objects.filter(subject=f"text:{text.pk}").values_list("kind", flat=True)
    assert list(kinds) == ["added", "changed"]


def test_a_text_of_a_closed_unit_keeps_it_when_it_is_retired(town, send, read):
    retired = Category.objects.get(code="0501")
    text = StandardText.objects.create(text="已转交。", unit=town.um, category=retired)
    Unit.objects.filter(pk=town.um.pk).update(ends=dt.date(2020, 1, 1))
    Category.objects.filter(pk=retired.pk).update(is_active=False)
    units_changed()
    bump("categories")
    given = filled(read(town.admin, f"/texts/{text.pk}/"), unit=town.um.code)
    given.pop("is_active")
    assert send(town.admin, f"/texts/{text.pk}/", **given).status_code == 302
    text.refresh_from_db()
    assert (text.unit, text.category, text.is_active) == (town.um, retired, False)


def test_texts_of_every_unit_and_of_other_districts_are_not_his(town, send, read, client):
    everybody = StandardText.objects.create(text="请尽快办理。")
    far = StandardText.objects.create(text="请城关区办理。", unit=town.um2)
    page = read(town.system_admin, "/texts/")
    assert everybody.text in page and far.text not in page
    assert client.get(f"/texts/{far.pk}/").status_code == 404
    given = {"text": "改写。", "category": "", "status": "", "is_active": "on"}
    assert send(town.system_admin, f"/texts/{everybody.pk}/", unit="620105-UM", **given).status_code == 403
    assert send(town.system_admin, "/texts/new/", unit="620102-UM", **given).status_code == 400
    assert send(town.system_admin, "/texts/new/", unit="", **given).status_code == 400
    assert send(town.admin, f"/texts/{everybody.pk}/", unit="", **given).status_code == 302
    everybody.refresh_from_db()
    assert everybody.text == "改写。"
