"""The assessment's pages: months, rankings, the way from a score to the order, appeals, schemes; who sees what."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assessment import commands, counting, periods
from assessment.models import Appeal, Run, SchemeVersion, Score
from assessment.vocabulary import AppealState, RunStatus
from core import clock
from personnel.models import Post
from personnel.roles import Role
from tests.pages.assessing import last_month, orders_of_last_month, score_of, seen, statements, text
from tests.workorders.acting import report as reported

pytestmark = pytest.mark.django_db


# -- months and runs ----------------------------------------------------------------------------------------------


def test_the_assessor_sees_months_with_their_state(client, town, run):
    page = seen(client, town.assessor, "/assessment/")
    assert "Computed, under review" in page and "Open, still running" in page and "Open, not computed" in page
    assert f'href="/assessment/runs/{run.pk}/"' in page and "Check" in page


def test_a_month_is_started_once_however_often_it_is_sent(client, town):
    orders_of_last_month(town)
    page = seen(client, town.assessor, "/assessment/start/")
    key = re.search(r'name="form_key" value="([^"]+)"', page)[1]
    given = {"period": last_month().text, "area": town.district.code, "form_key": key}
    first = client.post("/assessment/start/", given)
    again = client.post("/assessment/start/", given)
    assert (first.status_code, again.status_code) == (302, 302) and first.url == again.url
    assert Run.objects.count() == 1
    page = seen(client, town.assessor, first.url)
    assert "Waiting to start" in page and "every 2s" in page and "Cancel the computation" in page


def test_progress_asks_again_until_it_is_over(client, town, run):
    queued = commands.start(last_month().text, by=town.assessor, at=clock.now())
    client.force_login(town.assessor)
    answer = client.get(f"/assessment/runs/{queued.pk}/state/", headers={"HX-Request": "true"})
    assert "every 2s" in text(answer) and "HX-Refresh" not in answer.headers
    answer = client.get(f"/assessment/runs/{run.pk}/state/", headers={"HX-Request": "true"})
    assert "every 2s" not in text(answer) and answer.headers["HX-Refresh"] == "true"


def test_a_waiting_run_is_cancelled_and_taken_up_anew(client, town, run):
    queued = commands.start(last_month().text, by=town.assessor, at=clock.now())
    client.force_login(town.assessor)
    assert client.post(f"/assessment/runs/{queued.pk}/cancel/").status_code == 302
    queued.refresh_from_db()
    assert queued.status == RunStatus.CANCELLED
    assert "Compute anew" in seen(client, town.assessor, f"/assessment/runs/{queued.pk}/")
    assert client.post(f"/assessment/runs/{queued.pk}/restart/").status_code == 302
    assert client.post(f"/assessment/runs/{run.pk}/cancel/").status_code == 409


def test_a_month_that_is_published_is_not_computed_again(client, town, published):
    client.force_login(town.assessor)
    client.cookies.load({"gridgov_language": "en"})
    given = {"period": last_month().text, "area": town.district.code}
    answer = client.post("/assessment/start/", given)
    assert answer.status_code == 409 and "It changes by appeals only." in text(answer)


# -- the ranking --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["grid", "community", "street", "district", "officer", "unit"])
def test_every_level_is_ranked(client, town, run, level):
    page = seen(client, town.assessor, f"/assessment/runs/{run.pk}/?level={level}")
    assert 'aria-current="page"' in page and "How the scores lie" in page


def test_the_ranking_is_narrowed_by_area_group_and_words(client, town, published):
    whole = seen(client, town.assessor, f"/assessment/runs/{published.pk}/")
    assert "农大一网格" in whole and "培黎一网格" in whole
    address = f"/assessment/runs/{published.pk}/?level=grid"
    assert "培黎一网格" not in seen(client, town.assessor, f"{address}&area={town.street.code}")
    rural = seen(client, town.assessor, f"{address}&group=rural")
    assert "石磊庄一网格" in rural and "农大一网格" not in rural
    found = seen(client, town.assessor, f"{address}&q=农大一")
    assert "农大一网格" in found and "农大二网格" not in found
    assert "Nothing matches this filter" in seen(client, town.assessor, f"{address}&q=nobody")
    seen(client, town.assessor, f"{address}&q=%00x&area=zzz&group=none&page=99")


def test_the_review_stands_before_publication_only(client, town, run):
    address = f"/assessment/runs/{run.pk}/"
    assert "Look at these before you publish" in seen(client, town.assessor, address)
    commands.publish(run, by=town.assessor, at=clock.now())
    assert "Look at these before you publish" not in seen(client, town.assessor, address)


def test_before_publication_nobody_but_assessors_sees_a_month(client, town, run):
    own = score_of(run, level="officer", officer=town.officer)
    for person in (town.officer, town.chief, town.clerk, town.manager, town.head, town.officer2):
        seen(client, person, f"/assessment/runs/{run.pk}/", status=404)
        seen(client, person, f"/assessment/scores/{own.pk}/", status=404)


def test_names_stay_inside_the_reach(client, town, published):
    address = f"/assessment/runs/{published.pk}/?level=officer"
    assert "王小梅" in seen(client, town.manager, address)
    assert "王小梅" not in seen(client, town.elsewhere, address)
    for person in (town.building_head, town.officer, town.handler):
        page = seen(client, person, address)
        assert "赵敏" not in page and 'href="?level=officer"' not in page


def test_the_number_of_statements_does_not_grow(client, town, run):
    client.force_login(town.assessor)
    for address in ("/assessment/", f"/assessment/runs/{run.pk}/?level=officer", "/assessment/appeals/"):
        assert statements(client, address) <= 20, address


# -- publish ------------------------------------------------------------------------------------------------------


def test_publishing_asks_for_the_month_once_more(client, town, run):
    address = f"/assessment/runs/{run.pk}/publish/"
    page = seen(client, town.assessor, address)
    assert "Publishing cannot be taken back." in page and "Not ranked" in page
    answer = client.post(address, {"confirmation": "2001-01"})
    assert answer.status_code == 400 and "This is not the month that is being published." in text(answer)
    assert Run.objects.get(pk=run.pk).status == RunStatus.COMPUTED
    assert client.post(address, {"confirmation": run.period}).status_code == 302
    assert Run.objects.get(pk=run.pk).status == RunStatus.PUBLISHED
    seen(client, town.assessor, address, status=409)


def test_only_assessors_publish_and_try_weights(client, town, published):
    for person in (town.manager, town.officer, town.admin):
        seen(client, person, f"/assessment/runs/{published.pk}/publish/", status=403)
        seen(client, person, f"/assessment/runs/{published.pk}/what-if/", status=403)


# -- why ----------------------------------------------------------------------------------------------------------


def test_an_officer_goes_straight_to_the_own_score_and_in_two_taps_to_the_order(client, town, published):
    own = score_of(published, level="officer", officer=town.officer)
    client.force_login(town.officer)
    client.cookies.load({"gridgov_language": "en"})
    answer = client.get("/assessment/")
    assert answer.status_code == 302 and answer.url == f"/assessment/scores/{own.pk}/"
    # Two people hold the grid: her score is made of the grid's; alone she would have its rows.
    grid = score_of(published, level="grid", area=town.main_grid)
    page = text(client.get(answer.url))
    assert f'href="/assessment/scores/{grid.pk}/"' in page and "The months before" in page
    assert f"/assessment/scores/{grid.pk}/evidence/M02/" in text(client.get(f"/assessment/scores/{grid.pk}/"))
    page = text(client.get(f"/assessment/scores/{grid.pk}/evidence/M02/"))
    number = re.search(r"/m/orders/(\d+)/", page)[1]
    assert client.get(f"/m/orders/{number}/").status_code == 200


def test_the_shown_sum_is_the_score(client, town, published):
    for score in Score.objects.filter(run=published, score__isnull=False).select_related("run"):
        page = seen(client, town.assessor, f"/assessment/scores/{score.pk}/")
        total = re.search(r'>Score</th><td class="amount">([\d.-]+)</td></tr></tbody>', page)[1]
        assert total == str(score.score), score


def test_the_formula_of_a_part_gives_its_points(client, town, published):
    """Followed by hand, score times share is the part's points; shares are shown with two decimals."""
    page = seen(
        client, town.assessor, f"/assessment/scores/{score_of(published, level='street', area=town.street).pk}/"
    )
    found = re.findall(r"([\d.]+) × ([\d.]+)% = ([\d.]+)", page)
    assert found and all(abs(float(one) * float(share) / 100 - float(points)) < 0.02 for one, share, points in found)
    assert "· street" not in page


def test_where_the_reader_sees_no_order_there_is_no_link(client, town, published):
    grid = score_of(published, level="grid", area=town.main_grid)
    assert "/board/" in seen(client, town.manager, f"/assessment/scores/{grid.pk}/evidence/M02/")
    seen(client, town.elsewhere, f"/assessment/scores/{grid.pk}/evidence/M02/", status=404)
    for code in ("nothing", "K04"):
        seen(client, town.manager, f"/assessment/scores/{grid.pk}/evidence/{code}/", status=404)


def test_whoever_has_no_result_is_told_so(client, town):
    client.force_login(town.handler)
    client.cookies.load({"gridgov_language": "en"})
    assert client.get("/assessment/").url == "/assessment/mine/"
    assert "No results yet" in text(client.get("/assessment/mine/"))


def test_a_month_so_far_is_marked(client, town):
    reported(town.officer)
    made = commands.start(periods.month_at(clock.now()).text, by=town.assessor, at=clock.now())
    commands.carry_out(made.pk, at=clock.now())
    own = score_of(made, level="officer", officer=town.officer)
    assert "Provisional" in seen(client, town.officer, f"/assessment/scores/{own.pk}/")
    assert "Provisional" in seen(client, town.officer, "/assessment/mine/")


# -- appeals ------------------------------------------------------------------------------------------------------


def appealed(client, town, published, **more):
    """The officer's appeal against a report counted in M02."""
    own = score_of(published, level="grid", area=town.main_grid)
    page = seen(client, town.officer, f"/assessment/scores/{own.pk}/evidence/M02/")
    number = re.search(r"/m/orders/(\d+)/", page)[1]
    address = f"/assessment/scores/{own.pk}/appeal/?item=M02&order={number}"
    return address, client.post(address, {"reason": "It was on time.", **more})


def test_an_appeal_goes_from_the_row_to_the_queue_and_is_decided(client, town, published):
    file = SimpleUploadedFile("proof.pdf", b"%PDF-1.4 proof", "application/pdf")
    _address, answer = appealed(client, town, published, evidence=file)
    assert answer.status_code == 302
    row = Appeal.objects.get()
    assert "To decide" in seen(client, town.assessor, "/assessment/appeals/")
    page = seen(client, town.assessor, f"/assessment/appeals/{row.pk}/")
    assert "It was on time." in page and "left" in page
    answer = client.get(f"/assessment/appeals/{row.pk}/file/")
    assert answer.headers["Content-Disposition"].startswith("attachment") and b"".join(answer) == b"%PDF-1.4 proof"
    answer = client.post(f"/assessment/appeals/{row.pk}/", {"uphold": "yes"})
    assert answer.status_code == 400
    answer = client.post(f"/assessment/appeals/{row.pk}/", {"uphold": "yes", "answer": "The photo shows it."})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.state == AppealState.UPHELD and row.outcome_id
    commands.carry_out(row.outcome_id, at=clock.now())
    page = seen(client, town.officer, f"/assessment/runs/{row.outcome_id}/")
    assert "The photo shows it." in page
    own = score_of(published, level="officer", officer=town.officer)
    assert "An upheld appeal led to revision 2" in seen(client, town.officer, f"/assessment/scores/{own.pk}/")


def test_an_appeal_is_refused_twice_and_for_others(client, town, published):
    address, _answer = appealed(client, town, published)
    client.cookies.load({"gridgov_language": "en"})
    answer = client.post(address, {"reason": "Once more."})
    assert answer.status_code == 409 and "already an appeal" in text(answer)
    client.force_login(town.manager)
    assert client.post(address, {"reason": "For her."}).status_code == 403
    assert client.get(address.replace("M02", "nothing")).status_code == 404
    row = Appeal.objects.get()
    seen(client, town.manager, f"/assessment/appeals/{row.pk}/", status=404)
    client.force_login(town.officer)
    assert client.post(f"/assessment/appeals/{row.pk}/", {"uphold": "yes", "answer": "Mine."}).status_code == 403


def test_a_refused_appeal_goes_to_the_second_step(client, town, published):
    appealed(client, town, published)
    row = Appeal.objects.get()
    client.force_login(town.assessor)
    client.post(f"/assessment/appeals/{row.pk}/", {"uphold": "no", "answer": "The order was late."})
    assert "Go to the second step" in seen(client, town.officer, f"/assessment/appeals/{row.pk}/")
    assert client.post(f"/assessment/appeals/{row.pk}/again/", {"reason": "Look again."}).status_code == 302
    row.refresh_from_db()
    assert row.state == AppealState.SECOND
    client.force_login(town.assessor)
    again = client.post(f"/assessment/appeals/{row.pk}/", {"uphold": "no", "answer": "No."})
    assert again.status_code == 403


def test_a_file_people_cannot_open_is_refused(client, town, published):
    bad = SimpleUploadedFile("x.html", b"<script>", "text/html")
    _address, answer = appealed(client, town, published, evidence=bad)
    assert answer.status_code == 400 and not Appeal.objects.exists()


# -- schemes, rules, what if --------------------------------------------------------------------------------------


def test_the_help_page_shows_the_rules_the_engine_holds(client, town):
    page = seen(client, town.officer, "/assessment/help/")
    for rule in counting.RULES:
        assert str(rule)[:40] in page


def second_version(town) -> SchemeVersion:
    body = SchemeVersion.objects.get(scheme__code="default", number=1).body
    body["indicators"]["M05"]["weight"], body["indicators"]["M06"]["weight"] = "10", "10"
    return commands.draft("default", by=town.assessor, at=clock.now(), body=body, note="More for closing")


def test_versions_are_shown_and_compared(client, town):
    second_version(town)
    assert "version 2" in seen(client, town.officer, "/assessment/schemes/")
    page = seen(client, town.officer, "/assessment/schemes/default/2/")
    assert "More for closing" in page and "Nothing at 70 %" in page
    page = seen(client, town.officer, "/assessment/schemes/default/2/diff/1/")
    assert "M05" in page and "<del>14</del>" in page and "<ins>10</ins>" in page
    seen(client, town.officer, "/assessment/schemes/default/9/", status=404)


def test_two_others_approve_a_version_that_was_tried(client, town, run):
    version = second_version(town)
    address = "/assessment/schemes/default/2/"
    client.force_login(town.assessor)
    assert client.post(f"{address}try/", {"period": last_month().text}).status_code == 302
    month = periods.month_at(clock.now()).before(-1).text
    assert client.post(f"{address}approve/", {"period": month}).status_code == 403
    for person in (town.manager, town.instructor):
        Post.objects.create(person=person, role=Role.ASSESSOR, area=town.district, starts=dt.date(2020, 1, 1))
        client.force_login(person)
        assert client.post(f"{address}approve/", {"period": month}).status_code == 302
    version.refresh_from_db()
    assert version.second_approver == town.instructor and version.in_force_from == month


def test_other_weights_are_tried_and_nothing_is_stored(client, town, run):
    address = f"/assessment/runs/{run.pk}/what-if/"
    page = seen(client, town.assessor, address)
    weights = dict(re.findall(r'name="([MS]\d\d)" value="([\d.]+)"', page))
    assert len(weights) == 16
    before = list(Score.objects.values_list("pk", "score", "rank"))
    answer = client.post(address, {**weights, "M05": "10", "M06": "10"})
    assert answer.status_code == 200 and "Nobody changes places" in text(answer)
    answer = client.post(address, {**weights, "M05": "99"})
    assert answer.status_code == 400 and "not to 100" in text(answer)
    assert before == list(Score.objects.values_list("pk", "score", "rank"))


# -- bad input: every row of the list of refusals, in both languages ------------------------------------------------


def refusal(client, person, address, data, *, language="en"):
    """(status, words) of a form that is refused."""
    client.force_login(person)
    client.cookies.load({"gridgov_language": language})
    answer = client.post(address, data)
    return answer.status_code, text(answer)


def test_months_that_cannot_be_computed_are_refused_with_words(client, town):
    start = "/assessment/start/"
    given = {"period": last_month().text, "area": town.district.code}
    for language, words in (("en", "There are no orders in or before this month."), ("zh-hans", "该月及以前没有工单")):
        status, page = refusal(client, town.assessor, start, given, language=language)
        assert status == 409 and words in page and f'value="{last_month().text}" selected' in page
    orders_of_last_month(town)
    SchemeVersion.objects.update(in_force_from="2199-01")
    for language, words in (("en", "No scheme is in force for this month."), ("zh-hans", "没有生效的考核方案")):
        status, page = refusal(client, town.assessor, start, given, language=language)
        assert status == 409 and words in page
    SchemeVersion.objects.update(in_force_from="2000-01")
    Post.objects.filter(role__in=(Role.OFFICER, Role.PART_TIME_OFFICER)).delete()
    for language, words in (
        ("en", "No grid of this area had an officer in this month."),
        ("zh-hans", "没有网格配备网格员"),
    ):
        status, page = refusal(client, town.assessor, start, given, language=language)
        assert status == 409 and words in page
    for wrong in ("2199-01", "soon", ""):
        assert refusal(client, town.assessor, start, {**given, "period": wrong})[0] == 400
    assert refusal(client, town.assessor, start, {**given, "area": town.district2.code})[0] == 400
    assert not Run.objects.exists()


def test_a_month_that_is_not_over_is_provisional_only(client, town):
    reported(town.officer)
    made = commands.start(periods.month_at(clock.now()).text, by=town.assessor, at=clock.now())
    commands.carry_out(made.pk, at=clock.now())
    assert "Publish…" not in seen(client, town.assessor, f"/assessment/runs/{made.pk}/")
    address, given = f"/assessment/runs/{made.pk}/publish/", {"confirmation": made.period}
    for language, words in (("en", "Only a month that is over"), ("zh-hans", "只有已结束")):
        status, page = refusal(client, town.assessor, address, given, language=language)
        assert status == 409 and words in page
    assert Run.objects.get(pk=made.pk).status == RunStatus.COMPUTED


def test_an_appeal_that_comes_too_late_is_refused(client, town, run):
    published = commands.publish(run, by=town.assessor, at=clock.now() - dt.timedelta(days=40))
    own = score_of(published, level="grid", area=town.main_grid)
    page = seen(client, town.officer, f"/assessment/scores/{own.pk}/evidence/M02/")
    number = re.search(r"/m/orders/(\d+)/", page)[1]
    assert "Appeals until" not in seen(client, town.officer, f"/assessment/scores/{own.pk}/")
    address = f"/assessment/scores/{own.pk}/appeal/?item=M02&order={number}"
    for language, words in (("en", "The time for appeals is over."), ("zh-hans", "申诉期限已过")):
        status, page = refusal(client, town.officer, address, {"reason": "我在期限内办结"}, language=language)
        assert status == 409 and words in page and "我在期限内办结" in page
    assert not Appeal.objects.exists()


def test_grids_nobody_held_are_shown_before_publication(client, town):
    Post.objects.filter(person=town.neighbour).delete()
    orders_of_last_month(town)
    run = commands.carry_out(commands.start(last_month().text, by=town.assessor, at=clock.now()).pk, at=clock.now())
    page = seen(client, town.assessor, f"/assessment/runs/{run.pk}/")
    vacant = page[page.index("Grids without an officer in the month") :]
    assert "农大二网格" in vacant[: vacant.index("</section>")]
