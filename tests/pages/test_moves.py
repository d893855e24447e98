"""Forms of moves: made from the table, one effect each, every refusal with its reason and the values kept."""

import io
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from core import clock, revisions
from pages.moves import MoveForm
from personnel.jurisdiction import standing_of
from tests.pages.staff import do, in_status, pages_of, report
from workorders import workflow
from workorders.models import Attachment, Category, Route, WorkOrder
from workorders.similar import similar_to

pytestmark = pytest.mark.django_db
PERSONAL = [move.name for move in workflow.MOVES if not move.is_system]


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def client(client):
    client.cookies["gridgov_language"] = "en"
    return client


def form_for(name, order, person, data=None, files=None):
    standing = standing_of(person, clock.today())
    return MoveForm(name, order, standing=standing, at=clock.now(), data=data, files=files)


def jpeg(name="after.jpg"):
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


@pytest.mark.parametrize("name", PERSONAL)
def test_every_move_of_the_table_has_a_form_with_words(town, name):
    order = in_status(town, "filed")
    form = form_for(name, order, town.dispatcher)
    for spec in workflow.BY_NAME[name].inputs:
        if name == "dispatch" and spec.name == "officer":
            continue  # units and officers are one choice there
        field = form.fields[spec.name]
        assert field.label and str(field.label) != spec.name, spec
    assert form.verb


@pytest.mark.parametrize("name", PERSONAL)
def test_every_personal_move_can_be_asked_for_by_address(town, client, name):
    order = in_status(town, "filed")
    client.force_login(town.dispatcher)
    answer = client.get(f"/desk/{order.number}/moves/{name}/")
    standing = standing_of(town.dispatcher, clock.today())
    allowed = {move.name for move in workflow.allowed_moves(order, standing=standing, at=clock.now())}
    assert answer.status_code in ((200,) if name in allowed else (403, 409))


def test_unknown_and_system_moves_are_not_found(town, client):
    order = in_status(town, "filed")
    client.force_login(town.dispatcher)
    assert client.get(f"/desk/{order.number}/moves/explode/").status_code == 404
    assert client.get(f"/desk/{order.number}/moves/pass_on/").status_code == 404
    assert client.post(f"/desk/{order.number}/moves/pass_on/").status_code == 404


# -- choices -------------------------------------------------------------------------------------------------------


def test_dispatch_offers_the_units_of_the_orders_areas_and_its_officers(town):
    order = in_status(town, "filed")
    groups = form_for("dispatch", order, town.dispatcher).fields["unit"].choices[1:]
    choices = dict(pair for _group, pairs in groups for pair in pairs)
    assert {"620105-UM", "620105-HC", "620105006-ST", "620105006001-CO"} <= set(choices)
    assert not {"620102-UM", "620105001-ST"} & set(choices)
    assert f"officer:{town.officer.pk}" in choices and f"officer:{town.neighbour.pk}" not in choices


def test_dispatch_suggests_the_routed_unit_and_says_why(town, client):
    waste = Category.objects.get(code="0502")
    Route.objects.create(category=waste, area=town.district, unit=town.um, starts="2020-01-01")
    revisions.reset_all()
    order = in_status(town, "filed")
    page = pages_of(client, town.dispatcher, f"/desk/{order.number}/")
    assert re.search(r'<option value="620105-UM"[^>]* selected', page)
    assert "Routing table" in page


def test_without_a_route_the_street_office_is_suggested(town):
    order = in_status(town, "filed")
    assert form_for("dispatch", order, town.dispatcher).fields["unit"].initial == "620105006-ST"


def test_a_unit_that_returned_it_is_marked_and_no_longer_suggested(town, client):
    order = in_status(town, "dispatched")
    do("return", order, town.handler, reason="not ours")
    page = pages_of(client, town.dispatcher, f"/desk/{order.number}/moves/dispatch/")
    assert f"{town.um.name} (returned it)" in page


def test_categories_are_found_by_code_name_and_initials(town, client):
    order = report(town.officer, category=None)
    page = pages_of(client, town.acceptor, f"/desk/{order.number}/moves/accept/")
    assert re.search(r'<option value="0502" data-words="0502 积存渣土 [^"]*jczt', page)
    assert "data-searchable" in page


def test_merge_offers_likely_duplicates(town, client):
    twin, order = report(town.officer), report(town.part_timer)
    assert [one.number for one in similar_to(order, standing=standing_of(town.acceptor, clock.today()))] == [
        twin.number
    ]
    client.force_login(town.acceptor)
    answer = client.post(f"/desk/{order.number}/moves/merge/", {"into__usual": twin.number})
    assert answer.status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).main == twin


# -- doing it ------------------------------------------------------------------------------------------------------


def test_dispatch_to_an_officer_of_the_grid(town, client):
    order = in_status(town, "filed")
    client.force_login(town.dispatcher)
    answer = client.post(f"/desk/{order.number}/moves/dispatch/", {"unit": f"officer:{town.officer.pk}"})
    assert answer.status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).officer == town.officer


def test_a_limit_is_a_number_and_a_unit(town):
    order = in_status(town, "filed")
    form = form_for("dispatch", order, town.dispatcher, {"unit": "620105-UM", "limit_0": "1.5", "limit_1": "h"})
    assert form.is_valid() and form.given()["limit"] == "1.5h"
    form = form_for("dispatch", order, town.dispatcher, {"unit": "620105-UM", "limit_0": "", "limit_1": "wd"})
    assert form.is_valid() and "limit" not in form.given()


def test_usual_words_and_own_words_become_one_reason(town, client):
    order = in_status(town, "dispatched")
    client.force_login(town.handler)
    data = {"reason__usual": "Not our responsibility", "reason": "It lies on railway land"}
    assert client.post(f"/inbox/{order.number}/moves/return/", data).status_code == 302
    event = WorkOrder.objects.get(pk=order.pk).events.get(kind="return")
    assert event.data["reason"] == "Not our responsibility. It lies on railway land"


def test_a_reason_is_asked_for_and_the_rest_is_kept(town, client):
    order = in_status(town, "dispatched")
    client.force_login(town.handler)
    answer = client.post(f"/inbox/{order.number}/moves/return/", {"suggested_unit": "620105-HC"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Please choose or write something." in page and re.search(r'value="620105-HC"[^>]* selected', page)


def test_not_reached_sends_no_answer(town, client):
    order = in_status(town, "revisiting")
    client.force_login(town.reviewer)
    data = {"reached": "false", "resolved": "true", "satisfaction": "5"}
    assert client.post(f"/desk/{order.number}/moves/revisit/", data).status_code == 302
    order = WorkOrder.objects.get(pk=order.pk)
    assert (order.status, order.revisits, order.satisfaction) == ("revisiting", 1, None)


def test_a_revisit_closes_with_the_five_grades(town, client):
    order = in_status(town, "revisiting")
    page = pages_of(client, town.reviewer, f"/desk/{order.number}/")
    assert "Attempt 1 of 3" in page and "Basically satisfied" in page
    data = {"reached": "true", "resolved": "true", "satisfaction": "4"}
    assert client.post(f"/desk/{order.number}/moves/revisit/", data).status_code == 302
    assert WorkOrder.objects.get(pk=order.pk).satisfaction == 4


def test_a_reached_reporter_without_an_answer_is_refused_at_the_fields(town, client):
    order = in_status(town, "revisiting")
    client.force_login(town.reviewer)
    answer = client.post(f"/desk/{order.number}/moves/revisit/", {"reached": "true", "note": "busy"})
    page = answer.content.decode()
    assert answer.status_code == 400 and "Enter what the reporter answered." in page and "busy" in page


def test_an_after_photo_travels_with_the_feedback(town, client):
    order = in_status(town, "handling")
    client.force_login(town.handler)
    data = {"internal_result": "a", "public_answer": "b", "resolved": "true", "photos": [jpeg(), jpeg("2.jpg")]}
    assert client.post(f"/inbox/{order.number}/moves/feedback/", data).status_code == 302
    order = WorkOrder.objects.get(pk=order.pk)
    assert order.status == "fed_back"
    assert list(order.attachments.values_list("kind", flat=True)) == [Attachment.Kind.AFTER] * 2
    assert len(order.events.get(kind="feedback").data["photos"]) == 2


def test_a_broken_photo_refuses_the_whole_step(town, client):
    order = in_status(town, "handling")
    client.force_login(town.handler)
    page = SimpleUploadedFile("photo.jpg", b"<html>no photo</html>", "image/jpeg")
    data = {"internal_result": "kept words", "public_answer": "b", "resolved": "true", "photos": [jpeg(), page]}
    answer = client.post(f"/inbox/{order.number}/moves/feedback/", data)
    assert answer.status_code == 400 and "kept words" in answer.content.decode()
    order = WorkOrder.objects.get(pk=order.pk)
    assert order.status == "handling" and not order.attachments.exists()


def test_a_form_sent_twice_has_one_effect(town, client):
    order = in_status(town, "handling")
    client.force_login(town.handler)
    data = {"text": "on our way", "form_key": str(uuid.uuid4())}
    answers = [client.post(f"/inbox/{order.number}/moves/comment/", data) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert WorkOrder.objects.get(pk=order.pk).events.filter(kind="comment").count() == 1


# -- refusals ------------------------------------------------------------------------------------------------------


def test_somebody_was_faster(town, client):
    order = in_status(town, "filed")
    client.force_login(town.dispatcher)
    data = {"unit": "620105-HC", "note": "please hurry", "form_key": str(uuid.uuid4())}
    do("dispatch", order, town.dispatcher, unit="620105-UM")
    answer = client.post(f"/desk/{order.number}/moves/dispatch/", data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "This step is not open now" in page and "please hurry" in page


def test_a_step_of_another_role_says_so(town, client):
    order = in_status(town, "filed")
    client.force_login(town.acceptor)
    answer = client.post(f"/desk/{order.number}/moves/dispatch/", {"unit": "620105-UM"})
    assert answer.status_code == 403 and "Your role does not allow this step" in answer.content.decode()
    assert client.get(f"/desk/{order.number}/moves/dispatch/").status_code == 403


def test_an_order_outside_the_reach_is_not_found(town, client):
    order = in_status(town, "filed")
    client.force_login(town.dispatcher2)
    assert client.get(f"/desk/{order.number}/").status_code == 404
    assert client.get(f"/desk/{order.number}/moves/dispatch/").status_code == 404
    assert client.post(f"/desk/{order.number}/moves/dispatch/", {"unit": "620102-UM"}).status_code == 404


def test_a_unit_of_another_district_is_refused(town, client):
    order = in_status(town, "filed")
    client.force_login(town.dispatcher)
    answer = client.post(f"/desk/{order.number}/moves/dispatch/", {"unit": "620102-UM"})
    assert answer.status_code == 400
    assert WorkOrder.objects.get(pk=order.pk).status == "filed"


# -- HTMX ----------------------------------------------------------------------------------------------------------


def test_htmx_gets_a_dialog_and_a_refusal_as_a_part(town, client):
    order = in_status(town, "dispatched")
    client.force_login(town.handler)
    hx = {"HX-Request": "true", "HX-Current-URL": "http://testserver/inbox/?tab=sign"}
    dialog = client.get(f"/inbox/{order.number}/moves/return/", headers=hx).content.decode()
    assert dialog.startswith("<dialog") and 'name="next" value="/inbox/?tab=sign"' in dialog
    refused = client.post(f"/inbox/{order.number}/moves/return/", {}, headers=hx)
    assert refused.status_code == 400 and refused.content.decode().startswith("<form")


def test_htmx_goes_on_by_redirect(town, client):
    order = in_status(town, "dispatched")
    client.force_login(town.handler)
    answer = client.post(f"/inbox/{order.number}/moves/sign/", {"next": "/inbox/"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204 and answer["HX-Redirect"] == "/inbox/"


def test_a_foreign_next_address_is_ignored(town, client):
    order = in_status(town, "dispatched")
    client.force_login(town.handler)
    answer = client.post(f"/inbox/{order.number}/moves/sign/", {"next": "https://evil.example/"})
    assert answer["Location"] == f"/inbox/{order.number}/"
