"""The admin pages of people and of the ground floor call the same commands as everybody else."""

import datetime as dt

import pytest
from django.urls import reverse

from core import clock, vault
from core.models import Outbox
from personnel.jurisdiction import holds
from personnel.models import Post, PostEvent, Unit, User
from personnel.roles import Role

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def page(town, client):
    """The administrator's browser."""
    client.force_login(town.admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post_form(town, **more):
    form = {
        "person": town.elsewhere.pk, "role": "officer", "area": town.grid3.pk, "unit": "",
        "starts": town.on.isoformat(), "ends": "",
    }  # fmt: skip
    return {**form, **more}


@pytest.mark.parametrize("model", ["user", "unit", "post", "postevent"])
def test_lists_open_and_search(page, model):
    address = reverse(f"admin:personnel_{model}_changelist")
    assert page.get(address).status_code == 200
    assert page.get(address, {"q": "王小梅"}).status_code == 200


@pytest.mark.parametrize("model", ["outbox", "reveallog", "pulse"])
def test_lists_of_the_ground_floor_open_and_cannot_be_added_to(page, town, model):
    vault.log_reveal(town.admin, kind="order", subject_id=1, field="phone", purpose="call back", at=clock.now())
    assert page.get(reverse(f"admin:core_{model}_changelist")).status_code == 200
    assert page.get(reverse(f"admin:core_{model}_add")).status_code == 403


def test_adding_a_post_appoints(page, town):
    answer = page.post(reverse("admin:personnel_post_add"), post_form(town))
    assert answer.status_code == 302
    assert holds(town.elsewhere, Role.OFFICER, town.grid3, town.on)
    event = PostEvent.objects.get()
    assert (event.kind, event.actor) == ("appointed", town.admin)


def test_refused_appointment_is_told_beside_its_field(page, town):
    answer = page.post(reverse("admin:personnel_post_add"), post_form(town, role="clerk"))
    assert answer.status_code == 200 and answer.context["adminform"].errors["role"]
    page.post(reverse("admin:personnel_post_add"), post_form(town))
    again = page.post(reverse("admin:personnel_post_add"), post_form(town))
    assert again.status_code == 200 and again.context["adminform"].errors
    assert PostEvent.objects.count() == 1


def test_changing_a_post_can_only_end_it(page, town):
    post = Post.objects.get(person=town.officer)
    address = reverse("admin:personnel_post_change", args=[post.pk])
    assert page.get(address).status_code == 200
    assert page.post(address, {"ends": ""}).status_code == 200
    form = {"ends": (town.on + DAY).isoformat(), "role": "manager", "area": town.far_grid.pk}
    assert page.post(address, form).status_code == 302
    post.refresh_from_db()
    assert (post.ends, post.role, post.area) == (town.on + DAY, Role.OFFICER, town.main_grid)
    assert PostEvent.objects.get().kind == "relieved"


def test_nothing_can_be_deleted(page, town):
    for name, pk in (("user", town.officer.pk), ("unit", town.um.pk), ("post", Post.objects.first().pk)):
        assert page.post(reverse(f"admin:personnel_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403


def test_unit_is_opened_renamed_and_closed(page, town):
    form = {"area": town.district.pk, "kind": "WA", "name": "安宁区水务局", "phone": "", "starts": town.on.isoformat()}
    assert page.post(reverse("admin:personnel_unit_add"), form).status_code == 302
    unit = Unit.objects.get(code="620105-WA")
    address = reverse("admin:personnel_unit_change", args=[unit.pk])
    assert page.get(address).status_code == 200
    form = {"name": "水务局", "phone": "7654321", "ends": (town.on + DAY).isoformat()}
    assert page.post(address, form).status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.phone, unit.ends) == ("水务局", "7654321", town.on + DAY)
    used = reverse("admin:personnel_unit_change", args=[town.um.pk])
    refused = page.post(used, {"name": "x", "phone": "", "ends": town.on.isoformat()})
    assert refused.status_code == 200 and refused.context["adminform"].errors
    town.um.refresh_from_db()
    assert (town.um.name, town.um.ends) == ("安宁区城市管理局", None)


def test_person_is_added_with_a_good_password_and_closed(page, town):
    address = reverse("admin:personnel_user_add")
    form = {
        "username": "newcomer",
        "name": "新人",
        "usable_password": "true",
        "password1": "onlyletters",
        "password2": "onlyletters",
    }
    assert page.post(address, form).status_code == 200
    form |= {"password1": "Better-2026-x", "password2": "Better-2026-x"}
    assert page.post(address, form).status_code == 302
    newcomer = User.objects.get(username="newcomer")
    assert page.get(reverse("admin:personnel_user_change", args=[newcomer.pk])).status_code == 200
    assert page.get(reverse("admin:personnel_user_change", args=[town.officer.pk])).status_code == 200
    close = {"action": "close_accounts", "_selected_action": [newcomer.pk, town.admin.pk]}
    page.post(reverse("admin:personnel_user_changelist"), close)
    newcomer.refresh_from_db(), town.admin.refresh_from_db()
    assert (newcomer.is_active, town.admin.is_active) == (False, True)


def test_given_up_row_is_tried_again(page):
    row = Outbox.objects.create(topic="t", attempts=12, dead=True, last_error="RuntimeError: no")
    assert page.get(reverse("admin:core_outbox_change", args=[row.pk])).status_code == 200
    page.post(reverse("admin:core_outbox_changelist"), {"action": "try_again", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert (row.dead, row.attempts) == (False, 0)
    for state in ("waiting", "dead", "done"):
        assert page.get(reverse("admin:core_outbox_changelist"), {"state": state}).status_code == 200
    for held in ("now", "later", "ended"):
        assert page.get(reverse("admin:personnel_post_changelist"), {"held": held}).status_code == 200


def test_autocomplete_finds_people_and_units(page, town):
    address = reverse("admin:autocomplete")
    for field, term, found in (("person", "小梅", town.officer), ("unit", "UM", town.um)):
        query = {"app_label": "personnel", "model_name": "post", "field_name": field, "term": term}
        assert str(found.pk) in [row["id"] for row in page.get(address, query).json()["results"]]
