import datetime as dt

import pytest
from django.urls import reverse

from grids import commands, tree
from grids.models import Area, AreaEvent

DAY = dt.date(2026, 3, 1)


@pytest.fixture
def desk(client, town):
    client.force_login(town.admin)
    return client


def form(area=None, **given):
    fields = ("code", "name", "parent", "kind", "households", "population", "phone", "starts")
    data = {} if area is None else {field: getattr(area, field) for field in fields}
    data["parent"] = "" if area is None or area.parent is None else area.parent.pk
    data.update(given)
    prefixes = ("boundaries", "events")
    for prefix in prefixes:
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return {name: "" if value is None else value for name, value in data.items()}


def test_the_list_is_a_tree_with_search_and_filters(desk, town):
    page = desk.get(reverse("admin:grids_area_changelist")).content.decode()
    assert page.index("兰州市") < page.index("城关区") < page.index("安宁区") < page.index("农大一网格")
    found = desk.get(reverse("admin:grids_area_changelist"), {"q": "农大"}).context["cl"].queryset
    assert {area.code for area in found} == {town.community.code, town.main_grid.code, town.next_grid.code}
    found = desk.get(reverse("admin:grids_area_changelist"), {"kind": "rural"}).context["cl"].queryset
    assert [area.code for area in found] == [town.grid3.code]


def test_parents_are_completed_while_typing(desk, town):
    answer = desk.get(
        reverse("admin:autocomplete"),
        {"term": "6201050060", "app_label": "grids", "model_name": "area", "field_name": "parent"},
    )
    assert str(town.street.pk) in [one["id"] for one in answer.json()["results"]]


def test_a_grid_is_made_by_the_command(desk, town):
    data = form(
        code="620105006001003", name="三", parent=town.community.pk, kind="urban", households=300, starts="2026-03-01"
    )
    answer = desk.post(reverse("admin:grids_area_add"), data)
    assert answer.status_code == 302
    area = Area.objects.get(code="620105006001003")
    assert (area.level, area.households, area.starts) == ("grid", 300, DAY)
    assert AreaEvent.objects.get(area=area).actor == town.admin
    assert tree.check() == []


def test_name_parent_and_figures_are_changed_by_the_commands(desk, town):
    address = reverse("admin:grids_area_change", args=[town.community2.pk])
    assert desk.get(address).status_code == 200
    data = form(
        town.community2, name="石磊庄新社区", parent=town.street2.pk, population=900, code="1", starts="1999-01-01"
    )
    assert desk.post(address, data).status_code == 302
    area = Area.objects.get(pk=town.community2.pk)
    assert (area.name, area.parent, area.population) == ("石磊庄新社区", town.street2, 900)
    assert (area.code, area.starts) == (town.community2.code, town.community2.starts)
    assert [event.kind for event in area.events.all()] == ["renamed", "moved", "amended"]
    assert tree.check() == []


@pytest.mark.parametrize(
    "change", [{"code": "620105006001009", "kind": "micro"}, {"code": "620105006002009", "kind": "urban"}]
)
def test_a_refusal_is_told_in_words(desk, town, change):
    data = form(name="九", parent=town.community.pk, starts="2026-03-01", **change)
    answer = desk.post(reverse("admin:grids_area_add"), data, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    assert not Area.objects.filter(code=change["code"]).exists()


def test_a_refused_move_undoes_the_new_name_beside_it(desk, town):
    address = reverse("admin:grids_area_change", args=[town.community2.pk])
    desk.post(address, form(town.community2, name="新", parent=town.district2.pk))
    assert Area.objects.get(pk=town.community2.pk).name == "石磊庄社区"
    desk.post(address, form(town.community2, name="新", parent=""))
    assert Area.objects.get(pk=town.community2.pk).name == "石磊庄社区"
    assert not AreaEvent.objects.exists()


def test_nothing_is_deleted_and_closing_goes_bottom_up(desk, town):
    assert desk.post(reverse("admin:grids_area_delete", args=[town.main_grid.pk])).status_code == 403
    page = desk.get(reverse("admin:grids_area_changelist"))
    assert "delete_selected" not in page.content.decode()
    chosen = {"action": "retire_today", "_selected_action": [town.community2.pk, town.grid3.pk, town.community3.pk]}
    answer = desk.post(reverse("admin:grids_area_changelist"), chosen, follow=True)
    closed = set(Area.objects.exclude(ends=None).values_list("code", flat=True))
    assert closed == {town.community2.code, town.grid3.code}
    assert "培黎社区" in " ".join(map(str, answer.context["messages"]))


def test_a_closed_area_cannot_be_moved_here_either(desk, town):
    commands.retire_area(town.grid3, on=DAY)
    grid = Area.objects.get(pk=town.grid3.pk)
    desk.post(reverse("admin:grids_area_change", args=[grid.pk]), form(grid, parent=town.community.pk))
    assert Area.objects.get(pk=grid.pk).parent == town.community2
