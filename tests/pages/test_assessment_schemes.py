"""Schemes on the pages: drafted, refused by member, tried with a preview of who moves, approved by two, compared."""

import datetime as dt
import re

import pytest

from assessment import commands, periods, schemes
from assessment.default_scheme import BODY
from assessment.models import ClassShare, Run, SchemeVersion
from assessment.vocabulary import SchemeState
from core import clock
from personnel.models import Post, User
from personnel.roles import Role
from tests.pages.assessing import last_month, seen, text

pytestmark = pytest.mark.django_db
DRAFT = "/assessment/schemes/default/1/draft/"


def filled(page: str) -> dict:
    """What the form would send, as a browser reads it."""
    found = {}
    form = page[page.index('<form class="stack draft"') :]
    for tag in re.findall(r"<input[^>]*>", form):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="(\w+)"', tag)[1]
        if name is None or name[1] == "csrfmiddlewaretoken" or (kind == "checkbox" and "checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        found[name[1]] = value[1] if value else "on" if kind == "checkbox" else ""
    for name, inside in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else re.search(r'value="([^"]*)"', inside)[1]
    for name, inside in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = inside.strip()
    return found


def sent(client, town, address=DRAFT, **changes):
    """The draft form, filled as it is shown, with these changes (dots written as double underscores)."""
    values = filled(seen(client, town.assessor, address))
    for name, value in changes.items():
        name = name.replace("__", ".")
        values.pop(name, None)
        if value is not None:
            values[name] = value
    return client.post(address, values)


def another_assessor(town, name) -> User:
    person = User.objects.create(username=name, name=name)
    Post.objects.create(person=person, role=Role.ASSESSOR, area=town.district, starts=dt.date(2020, 1, 1))
    return person


def test_a_draft_saved_as_it_is_shown_says_the_same(client, town):
    answer = sent(client, town, note="Nothing yet")
    made = SchemeVersion.objects.get(number=2)
    assert answer.status_code == 302 and answer.url == "/assessment/schemes/default/2/"
    assert schemes.difference(BODY, made.body) == []
    assert (made.state, made.note, made.made_by) == (SchemeState.DRAFT, "Nothing yet", town.assessor)
    assert "Nothing differs" in seen(client, town.officer, "/assessment/schemes/default/2/diff/1/")


def test_every_member_can_be_changed(client, town):
    answer = sent(
        client, town,
        indicators__M05__weight="10", indicators__M06__weight="10",
        indicators__M07__curve="steps", indicators__M07__curve__steps="100: 0，90：50",
        indicators__S03__curve="less", indicators__S03__curve__share="12.5",
        indicators__S05__on=None, indicators__M10__on="on", legal_basis__M10="市网格条例第九条",
        items__K04__points__="-0.5", items__K04__cap="", items__K14__on="on", items__K09__two="on",
        items__V05__on=None, bands__excellent="95", bands__good="", targets__rural="15", peer_groups__rural="urban",
        bonus_cap="8", min_active_days="10", officer_share="55.5", dynamic_weights="on", own_median_target="on",
        ties__0="S02", ties__1="", review__appeal_days="5", review__excellent_share="20", visit_weights__red="4",
        veto_grade="qualified", use__coefficients__excellent="1.5", use__coefficients__qualified="",
        use__talk_after="3", use__contract_after="",
    )  # fmt: skip
    assert answer.status_code == 302, re.findall(r"<li>.*?</li>", text(answer))
    body = SchemeVersion.objects.get(number=2).body
    assert body["indicators"]["M05"]["weight"] == "10"
    assert body["indicators"]["M07"]["curve"] == {"kind": "steps", "steps": [["1", "0"], ["0.9", "0.5"]]}
    assert body["indicators"]["S03"]["curve"] == {"kind": "less", "share": "0.125"}
    assert not body["indicators"]["S05"]["on"] and body["indicators"]["M10"]["on"]
    assert body["legal_basis"] == {"M10": "市网格条例第九条"}
    assert body["items"]["K04"] == {"points": {"": "-0.5"}, "cap": None, "two": False, "on": True}
    assert body["items"]["K14"]["on"] and body["items"]["K09"]["two"] and not body["items"]["V05"]["on"]
    assert [band["code"] for band in body["bands"]] == ["excellent", "qualified", "unqualified"]
    assert body["targets"]["rural"] == 15 and body["peer_groups"]["urban"] == ["urban", "rural"]
    assert "rural" not in body["peer_groups"]
    assert (body["bonus_cap"], body["min_active_days"], body["officer_share"]) == ("8", 10, "0.555")
    assert body["dynamic_weights"] and body["own_median_target"] and body["ties"] == ["S02"]
    assert body["review"]["appeal_days"] == 5 and body["review"]["excellent_share"] == "0.2"
    assert body["visit_weights"]["red"] == 4 and body["veto_grade"] == "qualified"
    factors = {"excellent": "1.5", "qualified": None, "unqualified": "0.5"}
    assert body["use"] == {"coefficients": factors, "talk_after": 3, "contract_after": None}
    page = seen(client, town.officer, "/assessment/schemes/default/2/diff/1/")
    assert "M05" in page and "<del>14</del>" in page and "<ins>10</ins>" in page


@pytest.mark.parametrize(
    ("changes", "words", "field"),
    [
        ({"indicators__M05__weight": "15"}, "The weights add up to 101, not to 100.", "indicators.M05.weight"),
        ({"indicators__M05__weight": "many"}, "Enter a number.", "indicators.M05.weight"),
        ({"indicators__M05__curve__to": "170"}, "is not a number from 0 to 1", "indicators.M05.curve.to"),
        ({"indicators__M05__curve__to": "70"}, "The curve of M05 has no slope.", "indicators.M05.curve.to"),
        ({"indicators__M05__curve": "eval"}, "Select a valid choice", "indicators.M06.weight"),
        ({"indicators__M05__curve": "min"}, "Select a valid choice", "indicators.M06.weight"),
        ({"indicators__M07__curve": "steps", "indicators__M07__curve__steps": "much"}, "Write each step",
         "indicators.M07.curve.steps"),
        ({"indicators__M10__on": "on"}, "M10 may only be switched on with its legal basis.", "legal_basis.M10"),
        ({"bands__good": "90"}, "The bands overlap", "bands.good"),
        ({"bands__unqualified": "10"}, "The bands overlap", "bands.unqualified"),
        ({"items__K04__points__": "0.3"}, "K04 has points of the wrong sign.", "items.K04.points."),
        ({"min_active_days": "40"}, "This is a whole number from 0 to 28.", "min_active_days"),
        ({"lowest": "120"}, "The highest score lies above the lowest.", "lowest"),
        ({"use__talk_after": "13"}, "This is a whole number from 1 to 12.", "use.talk_after"),
        ({"use__coefficients__good": "12"}, "is not a number from 0 to 10", "use.coefficients.good"),
        ({"targets__urban": "0"}, "This is a whole number from 1 to", "targets.urban"),
        ({"ties__0": "M05", "ties__1": "M05"}, "each named once", "ties.1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_member_and_nothing_is_lost(client, town, changes, words, field):
    kept = "because the street asked for it"
    answer = sent(client, town, note=kept, **changes)
    page = text(answer)
    assert answer.status_code == 400 and words in page and kept in page
    value = changes.get(field.replace(".", "__"))
    if value and field.startswith("indicators"):
        assert filled(page)[field] == value
    assert SchemeVersion.objects.count() == 1


def test_refusals_are_chinese_too(client, town):
    values = filled(seen(client, town.assessor, DRAFT)) | {"indicators.M05.weight": "15"}
    client.cookies.load({"gridgov_language": "zh-hans"})
    answer = client.post(DRAFT, values)
    assert "权重合计为 101，应为 100" in text(answer)


def test_a_draft_is_changed_in_place_until_it_was_tried(client, town, run):
    sent(client, town, note="First thoughts")
    address = "/assessment/schemes/default/2/draft/"
    assert "Change draft 2" in seen(client, town.assessor, address)
    assert sent(client, town, address, min_active_days="12").status_code == 302
    assert SchemeVersion.objects.count() == 2 and SchemeVersion.objects.get(number=2).body["min_active_days"] == 12
    client.post("/assessment/schemes/default/2/try/", {"period": last_month().text})
    assert "New draft from version 2" in seen(client, town.assessor, address)
    assert sent(client, town, address, min_active_days="11").url == "/assessment/schemes/default/3/"
    assert SchemeVersion.objects.get(number=2).body["min_active_days"] == 12


def test_only_assessors_draft(client, town):
    for person in (town.officer, town.manager, town.handler, town.auditor):
        seen(client, person, DRAFT, status=403)
        assert client.post(DRAFT, {}).status_code == 403
    seen(client, town.admin, DRAFT)
    values = filled(seen(client, town.assessor, DRAFT))
    client.force_login(town.admin)
    assert client.post(DRAFT, values).status_code == 403 and SchemeVersion.objects.count() == 1


def test_a_trial_shows_who_moves_and_two_others_approve(client, town, run):
    sent(client, town, indicators__M02__weight="0", indicators__M01__weight="10", bands__excellent="50",
         bands__good="40", bands__qualified="30")  # fmt: skip
    version = SchemeVersion.objects.get(number=2)
    address = "/assessment/schemes/default/2/"
    month = periods.month_at(clock.now()).before(-1).text
    second, third = another_assessor(town, "second"), another_assessor(town, "third")
    client.force_login(second)
    client.cookies.load({"gridgov_language": "en"})
    early = client.post(f"{address}approve/", {"period": month})
    assert early.status_code == 409 and "Try the version on a past month first." in text(early)
    client.force_login(town.assessor)
    for wrong in ("2199-01", periods.month_at(clock.now()).text, ""):
        assert client.post(f"{address}try/", {"period": wrong}).status_code == 400
    trial = client.post(f"{address}try/", {"period": last_month().text})
    made = Run.objects.latest("pk")
    assert trial.url == f"/assessment/runs/{made.pk}/"
    seen(client, town.assessor, f"/assessment/runs/{made.pk}/comparison/", status=409)
    commands.carry_out(made.pk, at=clock.now())
    page = seen(client, town.assessor, f"/assessment/runs/{made.pk}/comparison/")
    assert "Score before" in page or "Nobody changes places" in page
    assert "default, version 1" in page and "default, version 2" in page and "Excellent" in page
    assert "Who moves" in seen(client, town.assessor, address)
    refused = client.post(f"/assessment/runs/{made.pk}/publish/", {"confirmation": made.period})
    assert refused.status_code == 409

    answer = client.post(f"{address}approve/", {"period": month})
    assert answer.status_code == 403 and "Two people who did not draft it" in text(answer)
    client.force_login(second)
    assert client.post(f"{address}approve/", {"period": month}).status_code == 302
    assert "Approved by one" in seen(client, town.officer, address)
    client.force_login(second)
    assert client.post(f"{address}approve/", {"period": month}).status_code == 403
    alone = client.post(f"/assessment/runs/{made.pk}/publish/", {"confirmation": made.period})
    assert alone.status_code == 409 and "not approved by two people" in text(alone)
    client.force_login(third)
    assert client.post(f"{address}approve/", {"period": month}).status_code == 302
    version.refresh_from_db()
    assert (version.state, version.in_force_from) == (SchemeState.APPROVED, month)
    assert "Approved" in seen(client, town.officer, address)


def test_a_trial_of_a_month_nobody_computed_says_what_to_do(client, town, run):
    sent(client, town)
    client.post("/assessment/schemes/default/2/try/", {"period": last_month().text})
    made = Run.objects.latest("pk")
    commands.carry_out(made.pk, at=clock.now())
    Run.objects.filter(pk=run.pk).update(status="failed")
    page = seen(client, town.assessor, f"/assessment/runs/{made.pk}/comparison/")
    assert "Nothing to compare with yet" in page and f"/assessment/start/?period={last_month().text}" in page
    for person in (town.officer, town.manager):
        seen(client, person, f"/assessment/runs/{made.pk}/comparison/", status=404)


def test_everybody_reads_the_class_weights_of_a_scheme_that_follows_the_workload(client, town):
    """This quarter's as they are fixed, the coming one's as far as they stand."""
    page = "/assessment/schemes/default/1/"
    assert "Class weights" not in seen(client, town.officer, page)
    version = SchemeVersion.objects.get(number=1)
    SchemeVersion.objects.filter(pk=version.pk).update(body={**version.body, "dynamic_weights": True})
    now = periods.month_at(clock.now()).quarter()
    ClassShare.objects.create(quarter=now.text, street=town.street, management=5, orders=9)
    for person in (town.officer, town.handler, town.admin):
        found = seen(client, person, page)
        assert "Class weights" in found and "55.55 %" in found and town.street.name in found
    assert "55.55 %" not in seen(client, town.officer2, page)
