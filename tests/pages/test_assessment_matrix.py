"""Once a month is published: role × page × status, and whose names each role reads in a ranking."""

import re

import pytest

from assessment import commands
from assessment.models import Appeal, Score
from core import clock
from tests.pages.assessing import last_month, orders_of_last_month
from tests.pages.test_matrix import EVERYBODY
from tests.workorders.acting import bring, report

pytestmark = pytest.mark.django_db

# Whose posts lie elsewhere, or are over: they see nothing of this district.
ELSEWHERE = "acceptor2 dispatcher2 far_handler officer2 former".split()
HERE = [name for name in EVERYBODY if name not in ELSEWHERE]
# Posts on the district, whatever the role.
DISTRICT = ("inspector acceptor dispatcher duty reviewer assessor auditor security_admin system_admin admin").split()
# Posts on the main grid or above it.
OVER_GRID = "officer part_timer chief police building_head informant clerk instructor manager".split() + DISTRICT
# Of them those who lead: they read names.
LEADS = "chief clerk instructor manager inspector duty assessor auditor admin".split()
OWN = ["officer", *LEADS]
UNIT = "handler head".split() + DISTRICT


def only(*names, status=200):
    """{person: status}, 404 for everybody else."""
    return {name: status if name in names else 404 for name in EVERYBODY}


def looks_and_acts(seen, acts, status):
    """Whoever sees it and may not act gets 403, whoever may gets the status of the step."""
    return {name: status if name in acts else 403 if name in seen else 404 for name in EVERYBODY}


ROWS = {
    "run": ("runs/{run}/", only(*HERE)),
    "state": ("runs/{run}/state/", only(*HERE)),
    "publish": ("runs/{run}/publish/", looks_and_acts(HERE, ["assessor"], 409)),
    "what_if": ("runs/{run}/what-if/", looks_and_acts(HERE, ["assessor"], 200)),
    "comparison": ("runs/{run}/comparison/", looks_and_acts(HERE, ["assessor"], 200)),
    "grid": ("scores/{grid}/", only(*OVER_GRID)),
    "community": ("scores/{community}/", only("clerk", "instructor", "manager", *DISTRICT)),
    "district": ("scores/{district}/", only(*DISTRICT)),
    "officer": ("scores/{officer}/", only(*OWN)),
    "unit": ("scores/{unit}/", only(*UNIT)),
    "evidence of the grid": ("scores/{grid}/evidence/M02/", only(*OVER_GRID)),
    "evidence of the officer": ("scores/{officer}/evidence/M05/", only(*OWN)),
    "nothing of that name": ("scores/{grid}/evidence/X1/", only()),
    "appeal's form": ("scores/{grid}/appeal/?item=M02&order={order}", only(*OVER_GRID)),
    "appeal": ("appeals/{appeal}/", only("officer", "assessor", "admin")),
    "appeal's second step": ("appeals/{appeal}/again/", only("officer", "assessor", "admin")),
    "appeal's file": ("appeals/{appeal}/file/", only()),
}
POSTS = {
    "publish": ("runs/{run}/publish/", {}, {**looks_and_acts(HERE, ["assessor"], 400)}),
    "cancel": ("runs/{run}/cancel/", {}, looks_and_acts(HERE, ["assessor"], 409)),
    "restart": ("runs/{run}/restart/", {}, looks_and_acts(HERE, ["assessor"], 409)),
    "appeal": (
        "scores/{grid}/appeal/?item=M02&order={other}",
        {"reason": "It counts."},
        # Whoever held the grid in the month may contest its score; everybody else who sees it may not.
        {**looks_and_acts(OVER_GRID, [], 0), "officer": 302, "part_timer": 409, "chief": 409},
    ),
    "second step": (
        "appeals/{appeal}/again/",
        {"reason": "Again."},
        {**only(), "officer": 409, "assessor": 403, "admin": 403},
    ),
    "rule": (
        "appeals/{appeal}/",
        {"uphold": "no", "answer": "It was late."},
        {**only(), "officer": 403, "admin": 403, "assessor": 302},
    ),
}


@pytest.fixture
def things(run, town):
    """Last month published, with an appeal of the officer against one of her two orders."""
    published = commands.publish(run, by=town.assessor, at=clock.now())

    def score(level, **which):
        return Score.objects.get(run=published, level=level, **which).pk

    grid = Score.objects.get(pk=score("grid", area=town.main_grid))
    orders = sorted(
        number for number in published.counted.filter(area=town.main_grid).values_list("order__number", flat=True)
    )
    appeal = commands.appeal(grid, by=town.officer, at=clock.now(), item="M02", reason="It was valid.", order=orders[0])
    return {
        "run": published.pk, "grid": grid.pk, "community": score("community", area=town.community),
        "district": score("district", area=town.district), "officer": score("officer", officer=town.officer),
        "unit": score("unit", unit=town.um), "order": orders[0], "other": orders[1], "appeal": appeal.pk,
    }  # fmt: skip


@pytest.fixture
def run(town):
    """Last month with orders of the grid and of a unit."""
    orders_of_last_month(town, 3)
    made = commands.start(last_month().text, by=town.assessor, at=clock.now())
    return commands.carry_out(made.pk, at=clock.now())


@pytest.mark.parametrize("name", sorted(ROWS))
def test_each_role_gets_what_the_table_says(client, town, things, name):
    address, expected = ROWS[name]
    found = {}
    for person in EVERYBODY:
        client.force_login(getattr(town, person))
        found[person] = client.get("/assessment/" + address.format(**things)).status_code
    assert {who: (found[who], expected[who]) for who in found if found[who] != expected[who]} == {}, "(found, expected)"
    client.logout()
    assert client.get("/assessment/" + address.format(**things)).status_code == 302


@pytest.mark.parametrize("name", sorted(POSTS))
def test_each_role_does_what_the_table_says(client, town, things, name):
    address, given, expected = POSTS[name]
    found = {}
    for person in EVERYBODY:
        client.force_login(getattr(town, person))
        found[person] = client.post("/assessment/" + address.format(**things), given).status_code
    assert {who: (found[who], expected[who]) for who in found if found[who] != expected[who]} == {}, "(found, expected)"


NAMES = {"王小梅": "main_grid", "赵敏": "next_grid", "孙阿姨": "main_grid"}
READS = {
    "chief": {"王小梅", "孙阿姨"},
    "clerk": {"王小梅", "赵敏", "孙阿姨"},
    "instructor": {"王小梅", "赵敏", "孙阿姨"},
    "manager": {"王小梅", "赵敏", "孙阿姨"},
    "elsewhere": set(),
    **{name: {"王小梅", "赵敏", "孙阿姨"} for name in ("inspector", "duty", "assessor", "auditor", "admin")},
}


@pytest.mark.parametrize("person", HERE)
def test_names_are_read_inside_the_reach_only(client, town, things, person):
    client.force_login(getattr(town, person))
    page = client.get(f"/assessment/runs/{things['run']}/?level=officer").content.decode()
    listed = page[page.index('<div class="table-wrap">') :] if '<div class="table-wrap">' in page else ""
    found = {name for name in NAMES if re.search(rf"table-title[^>]*>{name}<", listed)}
    assert found == READS.get(person, set())
    assert ('href="?level=officer"' in page) == (person in READS)


def test_the_own_page_names_nobody_else(client, town, things):
    client.force_login(town.officer)
    for address in (f"scores/{things['officer']}/", f"scores/{things['grid']}/", "mine/"):
        page = client.get(f"/assessment/{address}").content.decode()
        assert "赵敏" not in page and "孙阿姨" not in page and "陈建国" not in page


def test_units_are_ranked_and_nobody_in_them(client, town, things):
    bring(report(town.officer), town, "closed")
    client.force_login(town.handler)
    page = client.get(f"/assessment/runs/{things['run']}/?level=unit").content.decode()
    assert "安宁区城市管理局" in page and "吕涛" not in page.split("<main", 1)[1]
    assert Appeal.objects.count() == 1
