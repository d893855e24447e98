"""The routing table: rows with days, the trial of one case by the product's own function, categories without a unit."""

import datetime as dt

import pytest

from core.revisions import bump
from personnel.jurisdiction import units_changed
from personnel.models import AdministrationEvent
from workorders import catalogue
from workorders.models import Category, Route

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SINCE = dt.date(2020, 1, 1)


@pytest.fixture
def rubbish():
    return Category.objects.get(code="0501")


def hold(**row):
    """A row that has held for long, as the demo's."""
    bump("routes")
    return Route.objects.create(starts=SINCE, **row)


def unit_for(rubbish, area, on):
    return catalogue.routed_unit(rubbish.pk, area.pk, on=on)


def test_a_row_is_added_replaced_from_a_day_and_ended(town, send, read, rubbish, today):
    given = {"category": "0501", "area": town.district.code, "unit": "620105-UM", "starts": today}
    assert send(town.system_admin, "/routing/new/", **given).status_code == 302
    assert unit_for(rubbish, town.main_grid, today) == town.um.pk
    answer = send(town.system_admin, "/routing/new/", **given)
    assert answer.status_code == 409 and "holds already" in answer.content.decode()
    row, later = Route.objects.get(), today + 10 * DAY
    at = f"/routing/{row.pk}/"
    assert send(town.system_admin, at, seen=True, unit="620105-HC", starts=later).status_code == 302
    assert unit_for(rubbish, town.main_grid, later - DAY) == town.um.pk
    assert unit_for(rubbish, town.main_grid, later) == town.hc.pk
    new = Route.objects.get(unit=town.hc)
    assert send(town.system_admin, f"/routing/{new.pk}/", seen=True, unit="", starts=later + DAY).status_code == 302
    assert unit_for(rubbish, town.main_grid, later + DAY) is None
    kinds = AdministrationEvent.objects.order_by("sequence").values_list("subject", "kind")
    subject = f"route:{town.district.code}:0501"
    assert list(kinds) == [(subject, "added"), (subject, "changed"), (subject, "ended")]
    assert "何平" in read(town.system_admin, f"/routing/{new.pk}/")


def test_a_row_that_has_not_begun_is_taken_out(town, send, today):
    given = {"category": "", "area": town.street.code, "unit": "620105006-ST", "starts": today + 5 * DAY}
    assert send(town.system_admin, "/routing/new/", **given).status_code == 302
    row = Route.objects.get()
    assert send(town.system_admin, f"/routing/{row.pk}/", seen=True, unit="", starts=today).status_code == 302
    assert not Route.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"starts": "2020-01-01"}, "begins today or later"),
        ({"area": "620105006001", "unit": "620105001-ST"}, "has to belong to this area"),
        ({"area": "620102000000"}, "No area you administer"),
        ({"category": "9999"}, "9999"),
    ],
)
def test_what_cannot_be_routed_is_said(town, send, today, change, said):
    given = {"category": "0501", "area": town.district.code, "unit": "620105-UM", "starts": today} | change
    answer = send(town.system_admin, "/routing/new/", **given)
    assert answer.status_code == 400 and said in answer.content.decode()
    assert not Route.objects.exists()


def test_rows_of_another_district_are_not_there(town, client, read, rubbish):
    row = hold(category=rubbish, area=town.district2, unit=town.um2)
    client.force_login(town.system_admin)
    assert client.get(f"/routing/{row.pk}/").status_code == 404
    assert client.post(f"/routing/{row.pk}/", {"unit": "", "starts": "2030-01-01"}).status_code == 404
    assert town.um2.name not in read(town.system_admin, "/routing/")
    assert town.um2.name in read(town.admin, "/routing/")


def test_the_trial_names_the_unit_and_the_row_that_says_so(town, read, rubbish):
    def tried(place):
        return read(town.system_admin, f"/routing/?try-category=0501&try-place={place.code}")

    page = tried(town.main_grid)
    assert "the street office takes what has no owner" in page and town.st.name in page
    hold(category=rubbish.parent, area=town.district, unit=town.um)
    page = tried(town.main_grid)
    assert f"{town.um.name} (620105-UM)" in page and f"in {town.district.name} is the nearest" in page
    hold(category=None, area=town.community, unit=town.co)
    assert f"{town.co.name} (620105006001-CO)" in tried(town.main_grid)
    assert f"{town.um.name} (620105-UM)" in tried(town.grid3)
    assert "No area you administer" in tried(town.far_grid)


def test_categories_no_row_names_are_listed_until_one_does(town, read, rubbish):
    page = read(town.system_admin, "/routing/?view=gaps")
    assert "0501 " in page and town.district.name in page
    hold(category=rubbish, area=town.street, unit=town.um)
    page = read(town.system_admin, "/routing/?view=gaps").split("<tbody>")[1]
    assert town.street2.name in page and town.community2.name not in page
    hold(category=None, area=town.district, unit=town.hc)
    assert "Every category reaches a unit" in read(town.system_admin, "/routing/?view=gaps")
    type(town.hc).objects.filter(pk=town.hc.pk).update(ends=SINCE)
    units_changed()
    assert "The row names a closed unit" in read(town.system_admin, "/routing/?view=gaps")
