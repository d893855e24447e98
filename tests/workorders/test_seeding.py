"""The defaults an installation starts with, and the copies a process keeps of them."""

import datetime as dt

import pytest

from core.revisions import bump
from workorders import calendars, catalogue, seeding
from workorders.models import Category, Holiday, Route

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 3, 10)


def test_seeding_again_changes_nothing_and_keeps_edits():
    Category.objects.filter(code="0502").update(name="渣土")
    assert seeding.seed_categories(Category) == 0 == seeding.seed_holidays(Holiday)
    assert Category.objects.get(code="0502").name == "渣土"


def test_what_is_missing_is_added():
    whole = Category.objects.get(code="0202")
    kept = {
        field.attname: getattr(whole, field.attname) for field in Category._meta.concrete_fields if field.name != "id"
    }
    Category.objects.filter(code__in=("0202", "15")).exclude(code="15").delete()
    Holiday.objects.filter(date="2026-10-01").delete()
    assert seeding.seed_categories(Category) == 1 and seeding.seed_holidays(Holiday) == 1
    again = Category.objects.get(code="0202")
    assert {name: getattr(again, name) for name in kept} == kept
    assert again.parent.code == "02" and again.self_rule == "T" and again.self_limit == {"amount": 1, "unit": "h"}


def test_routes_lead_to_the_department_of_each_place(town):
    made = seeding.seed_routes(town.district, on=ON)
    assert made == Route.objects.count() > 20 and seeding.seed_routes(town.district, on=ON) == 0

    def unit(code, area):
        return catalogue.routed_unit(catalogue.find(code).pk, area.pk, on=ON)

    assert unit("0502", town.main_grid) == town.um.pk
    assert unit("0302", town.main_grid) == town.co.pk and unit("0302", town.grid3) == town.co2.pk
    assert unit("0705", town.main_grid) == town.st.pk
    assert unit("0201", town.main_grid) is None  # there is no police unit
    assert unit("0502", town.far_grid) is None  # another district
    assert catalogue.routed_unit(catalogue.find("0502").pk, town.main_grid.pk, on=dt.date(2026, 3, 9)) is None


def test_the_nearest_area_and_the_finer_category_win(town):
    minor, major = catalogue.find("0502"), catalogue.find("05")

    def route(category, area, unit, **more):
        return Route.objects.create(category=category, area=area, unit=unit, starts=ON, **more)

    def found(category=minor, on=ON):
        return catalogue.routed_unit(category.pk if category else None, town.main_grid.pk, on=on)

    route(None, town.district, town.cc)
    bump("routes")
    assert found() == found(None) == town.cc.pk
    route(major, town.district, town.um)
    bump("routes")
    assert found() == town.um.pk and found(None) == town.cc.pk
    route(minor, town.district, town.hc, ends=dt.date(2026, 3, 12))
    bump("routes")
    assert found() == town.hc.pk and found(on=dt.date(2026, 3, 12)) == town.um.pk
    route(None, town.street, town.st)
    bump("routes")
    assert found() == town.st.pk and str(Route.objects.first())


def test_the_copies_follow_the_tables():
    assert not calendars.working_calendar().is_workday(dt.date(2026, 10, 1))
    Holiday.objects.filter(date="2026-10-01").delete()
    bump("calendar")
    assert calendars.working_calendar().is_workday(dt.date(2026, 10, 1))
    assert catalogue.find("9999") is None
    new = Category.objects.create(code="0599", name="新", name_en="New", parent=catalogue.find("05"))
    bump("categories")
    assert catalogue.find("0599") == new == catalogue.category(new.pk) and new in catalogue.categories()
    assert str(new) and str(Holiday.objects.first()) and new.is_minor and not catalogue.find("05").is_minor
