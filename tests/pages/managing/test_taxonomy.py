"""Categories: limits with their effect shown first, running clocks kept, new ones, out of use; whole city only."""

import re

import pytest

from pages import options
from personnel.models import AdministrationEvent
from tests.pages.staff import in_status
from workorders import catalogue
from workorders.models import Category, Clock

pytestmark = pytest.mark.django_db

# 0502 积存渣土 as it is shipped: two working days, urban management, never handled by the officer.
AS_IT_IS = {
    "name": "积存渣土", "name_en": "Piled waste soil", "klass": "M", "difficulty": "2", "urgency": "normal",
    "contain_1": "wd", "restore_1": "wd", "handle_0": "2", "handle_1": "wd", "lead": "UM", "self_rule": "N",
    "self_limit_1": "wd", "is_active": "on", "why": "新规定",
}  # fmt: skip


def test_the_effect_is_shown_before_a_limit_is_changed(town, send):
    order = in_status(town, "dispatched")
    running = Clock.objects.get(order=order, kind="handle")
    changed = {**AS_IT_IS, "handle_0": "5", "handle_1": "wd"}
    page = send(town.admin, "/taxonomy/0502/", **changed).content.decode()
    assert "1 order of this category is open." in page and "keep the due moment" in page and "instead of" in page
    assert Category.objects.get(code="0502").stages == [{"kind": "handle", "amount": 2, "unit": "wd"}]
    assert send(town.admin, "/taxonomy/0502/", seen=True, **changed).status_code == 302
    assert catalogue.find("0502").stages == [{"kind": "handle", "amount": 5, "unit": "wd"}]
    again = Clock.objects.get(pk=running.pk)
    assert (again.due_at, again.limit) == (running.due_at, running.limit)
    anew = Clock.objects.get(order=in_status(town, "dispatched"), kind="handle")
    assert anew.limit == {"amount": 5, "unit": "wd"}
    event = AdministrationEvent.objects.get(subject="category:0502")
    assert event.data["why"] == "新规定" and set(event.data) == {"stages", "why"}


def test_other_values_than_those_seen_are_shown_again(town, send, client):
    page = send(town.admin, "/taxonomy/0502/", **AS_IT_IS).content.decode()
    mark = re.search(r'name="confirmed" value="(\w+)"', page)[1]
    answer = send(town.admin, "/taxonomy/0502/", confirmed=mark, **{**AS_IT_IS, "handle_0": "8"})
    assert answer.status_code == 200 and "Show the effect" not in answer.content.decode()
    assert catalogue.find("0502").stages[0]["amount"] == 2


def test_out_of_use_nobody_chooses_it_and_its_orders_keep_it(town, send, read):
    order = in_status(town, "filed")
    given = {name: value for name, value in AS_IT_IS.items() if name != "is_active"}
    assert send(town.admin, "/taxonomy/0502/", seen=True, **given).status_code == 302
    assert "0502" not in dict(pair for _major, pairs in options.categories() for pair in pairs)
    order.refresh_from_db()
    assert order.category.code == "0502"
    assert "0502 " in read(town.admin, "/taxonomy/?state=out")
    major = {"name": "环境卫生与市容", "name_en": "Sanitation", "why": "x"}
    answer = send(town.admin, "/taxonomy/05/", seen=True, **major)
    assert answer.status_code == 409 and "Categories below" in answer.content.decode()


def test_sent_by_itself_is_a_switch_with_a_reason(town, send, read):
    given = {**AS_IT_IS, "automatic": "on"}
    assert "by themselves" in send(town.admin, "/taxonomy/0502/", **given).content.decode()
    assert send(town.admin, "/taxonomy/0502/", seen=True, **given).status_code == 302
    assert catalogue.is_automatic(catalogue.find("0502").pk)
    assert "Sent by itself" in read(town.admin, "/taxonomy/?q=0502")
    assert send(town.admin, "/taxonomy/0502/", seen=True, **AS_IT_IS).status_code == 302
    assert not catalogue.is_automatic(catalogue.find("0502").pk)


def test_a_new_category_under_a_major_and_a_new_major(town, send):
    given = {**AS_IT_IS, "parent": "05", "code": "0599", "name": "乱涂乱画", "name_en": "Graffiti"}
    assert send(town.admin, "/taxonomy/new/", **given).status_code == 302
    made = catalogue.find("0599")
    assert (made.parent.code, made.initials, made.is_active) == ("05", "ltlh", True)
    assert send(town.admin, "/taxonomy/new/", **given).status_code == 400
    major = {"parent": "", "code": "16", "name": "其他", "name_en": "Other matters"}
    assert send(town.admin, "/taxonomy/new/", **major).status_code == 302
    assert not catalogue.find("16").is_minor


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"handle_0": ""}, "This field is required"),
        ({"handle_0": "1.5", "handle_1": "wd"}, "working days are whole"),
        ({"self_rule": "T"}, "how long the officer tries"),
        ({"why": ""}, "This field is required"),
        ({"lead": "XX"}, "XX"),
    ],
)
def test_what_no_category_can_be_is_said_and_kept(town, send, change, said):
    answer = send(town.admin, "/taxonomy/0502/", seen=True, **AS_IT_IS | change)
    assert answer.status_code == 400 and said in answer.content.decode()
    assert catalogue.find("0502").stages[0]["amount"] == 2


def test_the_administrator_of_one_district_only_looks(town, send, read):
    assert "Only an administrator of the whole city" in read(town.system_admin, "/taxonomy/")
    assert "Add a category" not in read(town.system_admin, "/taxonomy/")
    assert send(town.system_admin, "/taxonomy/0502/", **AS_IT_IS).status_code == 403
    assert send(town.system_admin, "/taxonomy/new/", parent="05", code="0598").status_code == 403
