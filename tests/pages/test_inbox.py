"""What units and clerks have to do: tabs, counts, the step on the row."""

import datetime as dt
import io
import re
import zipfile

import pytest

from core import clock, wording
from tests.pages.staff import do, in_status, pages_of, report, statements
from workorders.models import StandardText, WorkOrder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["gridgov_language"] = "en"


def listed(client, person, tab):
    page = pages_of(client, person, f"/inbox/?tab={tab}")
    return {order.number for order in WorkOrder.objects.all() if f'href="/inbox/{order.number}/"' in page}


def test_an_order_wanders_through_the_tabs_of_its_unit(town, client):
    order = in_status(town, "dispatched")
    for tab, name, given in (
        ("sign", "sign", {}),
        ("handling", "feedback", {"internal_result": "a", "public_answer": "b", "resolved": True}),
    ):
        assert listed(client, town.handler, tab) == {order.number}
        assert listed(client, town.head, tab) == {order.number}
        do(name, order, town.handler, **given)
        assert listed(client, town.handler, tab) == set()
    assert listed(client, town.handler, "done") == {order.number}


def test_other_units_see_nothing_of_it(town, client):
    in_status(town, "dispatched")
    for tab in ("sign", "handling", "done"):
        assert listed(client, town.handler2, tab) == set() == listed(client, town.far_handler, tab)


def test_late_ones_are_to_be_fed_back_now(town, client):
    order, calm = in_status(town, "handling"), in_status(town, "handling")
    WorkOrder.objects.filter(pk=order.pk).update(amber_at=clock.now() - dt.timedelta(hours=1))
    WorkOrder.objects.filter(pk=calm.pk).update(amber_at=clock.now() + dt.timedelta(hours=1))
    assert listed(client, town.handler, "feedback") == {order.number}


def test_co_handling_until_the_part_is_reported(town, client):
    order = in_status(town, "handling")
    do("co_dispatch", order, town.manager, unit="620105-HC", task="fence it off")
    assert listed(client, town.handler2, "co") == {order.number}
    page = pages_of(client, town.handler2, f"/inbox/{order.number}/")
    assert "fence it off" in page and "Report the co-handling" in page
    client.post(f"/inbox/{order.number}/moves/co_feedback/", {"result": "fenced off"})
    assert listed(client, town.handler2, "co") == set()
    assert "co_feedback" not in pages_of(client, town.handler2, f"/inbox/{order.number}/")


def test_what_was_returned_stays_readable(town, client):
    order = in_status(town, "dispatched")
    do("return", order, town.handler, reason="not ours")
    assert listed(client, town.handler, "returned") == {order.number}
    assert "not ours" in pages_of(client, town.handler, f"/inbox/{order.number}/")


def test_a_whistled_unit_signs_in_on_the_spot(town, client):
    order = in_status(town, "handling")
    do("whistle", order, town.chief, kind="daily", units=["620105-HC"])
    assert listed(client, town.handler2, "co") == {order.number}
    answer = client.post(f"/inbox/{order.number}/moves/arrive/", {"location": "103.705,36.105"})
    assert answer.status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).events.filter(kind="arrive").exists()


def test_a_whistled_unit_says_what_it_did_and_the_whistler_rates_that(town, client):
    order = in_status(town, "fed_back")  # also where handling is over: a whistle may be blown on any open order
    do("whistle", order, town.chief, kind="daily", units=["620105-HC"])
    step = f"/inbox/{order.number}/moves/co_feedback/"
    assert step not in pages_of(client, town.handler2, "/inbox/?tab=co")
    assert "Sign in on the spot first" in client.post(step, {"result": "valve closed"}).content.decode()
    client.post(f"/inbox/{order.number}/moves/arrive/", {"location": "103.705,36.105"})
    assert step in pages_of(client, town.handler2, "/inbox/?tab=co")
    assert client.post(step, {"result": "valve closed"}).status_code == 302
    assert listed(client, town.handler2, "co") == set()
    page = pages_of(client, town.chief, f"/board/{order.number}/")
    assert "Result: valve closed" in page and "moves/rate_unit/" in page


def test_the_row_offers_the_next_step(town, client):
    order = in_status(town, "dispatched")
    page = pages_of(client, town.handler, "/inbox/")
    assert f"/inbox/{order.number}/moves/sign/" in page and "Sign for it" in page


def test_the_clerk_accepts_and_checks_in_the_own_community(town, client):
    mine, checked = report(town.officer), in_status(town, "fed_back")
    elsewhere = report(town.dispatcher, area="620105006002001", source="hotline")
    assert listed(client, town.clerk, "accept") == {mine.number}
    assert listed(client, town.clerk, "sample") == {checked.number}
    assert elsewhere.number not in listed(client, town.clerk, "community")
    assert client.post(f"/inbox/{mine.number}/moves/accept/", {"category": "0502"}).status_code == 302
    assert client.post(f"/inbox/{checked.number}/moves/pass_check/", {"note": "seen"}).status_code == 302


def test_more_time_is_asked_for_and_decided(town, client):
    order = in_status(town, "handling")
    order.refresh_from_db()
    until = clock.local(order.due_at + dt.timedelta(hours=2))
    client.force_login(town.handler)
    data = {"until": f"{until:%Y-%m-%dT%H:%M}", "reason": "rain"}
    assert client.post(f"/inbox/{order.number}/moves/request_extension/", data).status_code == 302
    assert "decide_extension" not in pages_of(client, town.clerk, f"/inbox/{order.number}/")
    page = pages_of(client, town.duty, f"/desk/{order.number}/")
    assert "Asked for until" in page and "rain" in page
    answer = client.post(f"/desk/{order.number}/moves/decide_extension/", {"approve": "true"})
    assert answer.status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).extensions_granted == 1


def test_empty_tabs_say_what_will_stand_there(town, client):
    page = pages_of(client, town.handler, "/inbox/?tab=sign")
    assert "Nothing here" in page and "dispatched to your unit" in page


def test_the_list_sends_as_many_statements_for_ten_as_for_one(town, client):
    in_status(town, "handling")
    client.force_login(town.handler)
    one = statements(client, "/inbox/?tab=handling")
    for _order in range(9):
        in_status(town, "handling")
    ten = statements(client, "/inbox/?tab=handling")
    assert ten == one <= 12


def test_a_superuser_looks_and_does_nothing(town, client):
    order = in_status(town, "dispatched")
    page = pages_of(client, town.admin, f"/inbox/{order.number}/")
    assert "There is no step for you" in page and "/moves/" not in page
    assert client.post(f"/inbox/{order.number}/moves/sign/").status_code == 403


def test_many_are_signed_for_each_with_its_own_result(town, client):
    first, second, gone = (in_status(town, "dispatched") for _order in range(3))
    page = pages_of(client, town.handler, "/inbox/?tab=sign")
    assert page.count('form="sign_many"') == 3 and "Lead" in page
    do("return", gone, town.handler, reason="not ours")
    answer = client.post("/inbox/sign/", {"number": [first.number, second.number, gone.number, "20990101000001"]})
    told = answer.content.decode()
    assert answer.status_code == 200
    assert "2 orders signed for." in told and "2 stay as they were." in told
    assert "This step is not open now" in told or "Your role does not allow" in told
    assert "not within your reach" in told
    for order in (first, second):
        assert WorkOrder.objects.get(pk=order.pk).status == "handling"
    assert WorkOrder.objects.get(pk=gone.pk).status == "filed"


def test_signing_for_none_is_refused_in_words(town, client):
    client.force_login(town.handler)
    answer = client.post("/inbox/sign/", {})
    assert answer.status_code == 400 and "Choose at least one order." in answer.content.decode()


def test_a_co_handler_is_marked_as_one(town, client):
    order = in_status(town, "handling")
    do("co_dispatch", order, town.manager, unit="620105-HC", task="fence it off")
    assert "Co-handler" in pages_of(client, town.handler2, "/inbox/?tab=co")


def test_slips_are_printed_when_there_is_something_to_print(town, client):
    order = in_status(town, "filed")
    client.force_login(town.dispatcher)
    assert client.get(f"/desk/{order.number}/slips/handover/").status_code == 404
    order = in_status(town, "handling")
    client.force_login(town.handler)
    answer = client.get(f"/inbox/{order.number}/slips/handover/")
    assert answer.content.startswith(b"%PDF") and answer["Content-Type"] == "application/pdf"
    assert client.get(f"/inbox/{order.number}/slips/reply/").status_code == 404
    do("feedback", order, town.handler, internal_result="a", public_answer="b", resolved=True)
    assert client.get(f"/inbox/{order.number}/slips/reply/?as=docx").content.startswith(b"PK")
    assert client.get(f"/inbox/{order.number}/slips/letter/").status_code == 404
    assert "slips/reply/" in pages_of(client, town.handler, f"/inbox/{order.number}/")


def test_a_slip_names_the_end_of_handling_also_before_signing_and_after_closing(town, client):
    for status in ("dispatched", "closed"):
        order = in_status(town, status)
        due = order.clocks.get(kind="handle").due_at
        assert order.due_at != due  # that is the present step's
        client.force_login(town.handler)
        assert wording.moment(due) in slip(client, order, "handover"), status


def slip(client, order, kind: str) -> str:
    """The words of a slip as it is printed."""
    content = client.get(f"/inbox/{order.number}/slips/{kind}/?as=docx").content
    return zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()


def test_the_reply_slip_says_how_satisfied_the_reporter_was(town, client):
    order = in_status(town, "closed")
    WorkOrder.objects.filter(pk=order.pk).update(satisfaction=2)
    client.force_login(town.handler)
    assert "Dissatisfied" in slip(client, order, "reply")


def test_standard_texts_of_the_own_unit_are_offered_and_counted(town, client):
    order = in_status(town, "handling")
    ours = StandardText.objects.create(text="the lamp was replaced", status="handling", unit=town.um)
    StandardText.objects.create(text="others' words", unit=town.hc)
    page = pages_of(client, town.handler, f"/inbox/{order.number}/")
    assert 'data-open="texts"' in page and "the lamp was replaced" in page and "others' words" not in page
    used = re.search(r'data-text="the lamp was replaced" data-used="([^"]+)"', page).group(1)
    assert client.post(used).status_code == 204
    ours.refresh_from_db()
    assert ours.uses == 1


def test_a_clock_that_stands_still_says_why_and_until_when(town, client):
    asked, shelved = in_status(town, "handling"), in_status(town, "handling")
    do("ask", asked, town.handler, question="which lamp is it?")
    do("suspend", shelved, town.duty, reason="winter break", review_on=clock.today() + dt.timedelta(days=9))
    asked.refresh_from_db()
    page = pages_of(client, town.handler, f"/inbox/{asked.number}/").partition("move-panel")[0]
    assert f"until {wording.moment(asked.asked_until)}" in page and "which lamp is it?" in page
    head = page.partition("order-due")[2].partition("</p>")[0]
    assert "<time" not in head  # the due time moves on with every hour of waiting
    page = pages_of(client, town.handler, f"/inbox/{shelved.number}/").partition("order-columns")[0]
    assert wording.day(clock.today() + dt.timedelta(days=9)) in page and "winter break" in page
    assert "stands still" not in pages_of(client, town.handler, f"/inbox/{in_status(town, 'handling').number}/")


def test_only_own_unrated_calls_are_rated_and_nobody_on_the_way_is_called_again(town, client):
    order = in_status(town, "handling")
    do("whistle", order, town.clerk, kind="daily", units=["620105006-ST"])
    do("whistle", order, town.chief, kind="daily", units=["620105-HC"])
    whistle = pages_of(client, town.chief, f"/board/{order.number}/moves/whistle/")
    assert 'value="620105-ED"' in whistle or 'value="620105-CC"' in whistle
    assert 'value="620105-HC"' not in whistle and 'value="620105006-ST"' not in whistle
    rating = pages_of(client, town.chief, f"/board/{order.number}/moves/rate_unit/")
    assert '<option value="620105-HC" selected>' in rating and "620105006-ST" not in rating
