"""The officer's phone: today, my orders, and the report, all without script."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock, outbox
from grids import spots
from personnel.models import Post
from personnel.roles import Role
from tests.workorders.acting import bring, do
from tests.workorders.acting import report as reported
from tests.workorders.images import encoded, scene
from workorders.models import Attachment, WorkOrder

pytestmark = pytest.mark.django_db
GRID = "620105006001001"
KEY = re.compile(r'name="form_key" value="([^"]+)"')


@pytest.fixture
def phone(client, town):
    """The officer's browser, in English."""
    client.force_login(town.officer)
    client.cookies.load({"gridgov_language": "en"})
    return client


def photo(data: bytes | None = None, name="photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data if data is not None else encoded(scene(), "JPEG"), "image/jpeg")


def fields(**more) -> dict:
    """What an officer fills in without a position."""
    return {"description": "楼道堆放纸箱和旧家具", "category": "0302", "area": GRID, **more}


def send(browser, **more):
    given = {name: value for name, value in fields(**more).items() if value is not None}
    return browser.post("/m/report/", given)


def text(response) -> str:
    return response.content.decode()


# --- today and my orders ---------------------------------------------------------------------------------------------


def test_nothing_to_do_says_so_and_offers_a_report(phone):
    page = text(phone.get("/m/"))
    assert "Nothing waits for you" in page and 'href="/m/report/"' in page


def test_today_holds_what_waits_for_me_each_with_one_step(phone, town):
    bring(reported(None, reporter_phone="13912345678").order, town, "fed_back")
    given = do("accept", reported(town.chief, category="0302", description="楼道堆物"), town.acceptor, category="0302")
    do("dispatch", given, town.dispatcher, officer=str(town.officer.pk))
    look = do("verify", reported(None, category="0501", description="垃圾").order, town.acceptor)
    page = text(phone.get("/m/"))
    steps = re.findall(r'href="(/m/orders/\d+/moves/\w+/)"', page)
    assert sorted(step.split("/")[5] for step in steps) == ["pass_check", "sign", "verified"]
    assert f"/m/orders/{look.number}/moves/verified/" in steps
    assert page.count("order-card-title") == 3 and "left" in page


def test_what_i_only_follow_stands_apart(phone, town):
    order = reported(town.acceptor, source="hotline", external_id="12345-1")
    order = do("accept", order, town.acceptor, category="0502")
    do("dispatch", order, town.dispatcher, unit="620105-UM")
    outbox.drain()
    page = text(phone.get("/m/"))
    assert "To keep an eye on" in page and order.number in page and "/moves/" not in page


def test_what_is_due_first_stands_first(phone, town):
    for urgency in ("normal", "emergency", "urgent"):
        bring(reported(None, urgency=urgency).order, town, "fed_back")
    page = text(phone.get("/m/"))
    wanted = WorkOrder.objects.order_by("due_at", "pk").values_list("number", flat=True)
    assert len(wanted) == 3 and re.findall(r"number soft.>(\d+)<", page) == list(wanted)


def test_the_tabs_of_my_orders(phone, town):
    mine = reported(town.officer)
    done = bring(reported(town.officer, description="另一堆垃圾"), town, "closed")
    others = reported(town.neighbour, area="620105006001002")
    open_, closed = text(phone.get("/m/orders/?tab=open")), text(phone.get("/m/orders/?tab=done"))
    assert mine.number in open_ and done.number not in open_ and others.number not in open_
    assert done.number in closed and mine.number not in closed
    assert "Nothing waits for you" in text(phone.get("/m/orders/?tab=nonsense"))


def test_the_bar_counts_what_waits(phone, town):
    bring(reported(None).order, town, "fed_back")
    bar = text(phone.get("/m/report/")).split("phone-bar")[1]
    assert re.search(r'My orders</span><span class="count count-strong">1<', bar)


def test_an_order_and_its_step_open_in_the_phone(phone, town):
    order = bring(reported(None).order, town, "fed_back")
    assert 'class="phone"' in text(phone.get(f"/m/orders/{order.number}/"))
    page = text(phone.get(f"/m/orders/{order.number}/moves/pass_check/"))
    answer = phone.post(f"/m/orders/{order.number}/moves/pass_check/", {"form_key": KEY.search(page)[1]})
    order.refresh_from_db()
    assert answer.status_code == 302 and order.status == "revisiting"


def test_the_phone_costs_few_statements(phone, town, django_assert_max_num_queries):
    for number in range(12):
        bring(reported(None, description=f"垃圾 {number}").order, town, "fed_back")
    with django_assert_max_num_queries(10):
        phone.get("/m/")
    with django_assert_max_num_queries(10):
        phone.get("/m/orders/?tab=open")
    with django_assert_max_num_queries(9):
        phone.get("/m/report/")


# --- report ----------------------------------------------------------------------------------------------------------


def test_a_report_with_photos_without_script(phone):
    page = text(phone.get("/m/report/"))
    assert f'<option value="{GRID}" selected>' in page and 'capture="environment"' in page
    answer = send(phone, photos=[photo(), photo()], form_key=KEY.search(page)[1], address="2单元")
    order = WorkOrder.objects.get()
    assert answer["Location"] == f"/m/report/{order.number}/sent/"
    assert order.area.code == GRID and order.source == "officer" and order.attachments.count() == 2
    page = text(phone.get(answer["Location"]))
    assert order.number in page and "Accepted by" in page and "left" in page and "2 photos" in page


def test_the_camera_says_when_a_photo_was_taken(phone):
    taken = clock.now() - dt.timedelta(minutes=2)
    send(phone, photos=[photo(), photo(), photo()], photos_taken=[taken.isoformat(), "", "2019-01-01T00:00:00Z"])
    assert [one.taken_at for one in Attachment.objects.order_by("pk")] == [taken, None, None]
    send(phone, photos=[photo(), photo()], photos_taken=[taken.isoformat()])
    assert Attachment.objects.filter(taken_at__isnull=False).count() == 1


def test_a_position_becomes_the_place(phone, town):
    lon, lat = town.inside(town.next_grid)
    send(phone, area=None, lon=str(lon), lat=str(lat), accuracy="12.5")
    order = WorkOrder.objects.get()
    assert order.area_id == town.next_grid.pk and (order.lon, order.lat) == (lon, lat)


def test_a_chosen_grid_keeps_where_the_phone_was(phone):
    send(phone, fix_lon="103.7", fix_lat="36.1", accuracy="30")
    order = WorkOrder.objects.get()
    assert order.area.code == GRID and order.lon is None
    assert order.fix == {"lon": 103.7, "lat": 36.1, "accuracy": 30.0}


def test_a_kind_says_enough(phone):
    send(phone, description="")
    assert WorkOrder.objects.get().title == "楼道堆物"


def test_a_kind_may_be_left_to_the_acceptor(phone):
    send(phone, category="")
    assert WorkOrder.objects.get().category is None


def test_a_double_click_makes_one_order(phone):
    key = KEY.search(text(phone.get("/m/report/")))[1]
    answers = [send(phone, form_key=key, photos=[photo()]) for _click in range(2)]
    assert WorkOrder.objects.count() == 1 and Attachment.objects.count() == 1
    assert answers[0]["Location"] == answers[1]["Location"]


REFUSED = {
    "no place": ({"area": None}, "a point or a grid", 400),
    "both places": ({"lon": "103.705", "lat": "36.105"}, "not both", 400),
    "outside all grids": ({"area": None, "lon": "10", "lat": "10"}, "outside all grids", 400),
    "no numbers": ({"area": None, "lon": "x", "lat": "y"}, "must be a number", 400),
    "unknown grid": ({"area": "999"}, "no grid with this code", 400),
    "a community": ({"area": "620105006001"}, "is not a grid", 400),
    "a group of kinds": ({"category": "03"}, "a group of categories", 400),
    "an unknown kind": ({"category": "9999"}, "no such category", 400),
    "no words, no kind": ({"description": "", "category": ""}, "Please fill this in", 400),
    "4001 characters": ({"description": "字" * 4001}, "yours has 4001", 400),
    "a text file": ({"photos": [photo(b"hello", "note.txt")]}, "not a photo we can read", 400),
    "html named jpg": ({"photos": [photo(b"<html></html>")]}, "not a photo we can read", 400),
    "a broken photo": ({"photos": [photo(encoded(scene(), "JPEG")[:700])]}, "damaged or incomplete", 400),
    "20 MB": ({"photos": [photo(b"\xff\xd8\xff" + bytes(20 * 1024 * 1024))]}, "larger than 8 MB", 400),
    "settled, no result": ({"self_handled": "on", "after": [photo()], "result": ""}, "Please fill this in", 400),
    "settled, no photo": ({"self_handled": "on", "result": "已清理"}, "Add a photo of the result", 400),
    "settled, not so simple": (
        {"self_handled": "on", "result": "已清理", "after": [photo()], "category": "0201"},
        "not for the officer",
        409,
    ),
    "settled elsewhere": (
        {"self_handled": "on", "result": "已清理", "after": [photo()], "area": "620105006001002"},
        "Only an officer of this grid",
        403,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why_and_keeps_the_rest(phone, case):
    given, words, status = REFUSED[case]
    for file in [*given.get("photos", []), *given.get("after", [])]:
        file.seek(0)
    answer = send(phone, address="2单元门口", urgency="urgent", **given)
    page = text(answer)
    assert answer.status_code == status and words in page and 'role="alert"' in page
    assert 'value="2单元门口"' in page and re.search(r'value="urgent"[^>]*checked', page)
    if "description" not in given:
        assert "楼道堆放纸箱和旧家具" in page
    if "photos" in given or "after" in given:
        assert "choose the photo again" in page
    assert not WorkOrder.objects.exists() and not Attachment.objects.exists()


def test_a_kept_kind_outside_the_tiles_is_shown(phone):
    page = text(send(phone, area=None, category="1203"))
    assert re.search(r'value="1203"[^>]*checked', page) and "data-kinds-all open" in page


def test_settled_on_the_spot(phone):
    send(phone, self_handled="on", result="已劝离并清理", photos=[photo()], after=[photo()])
    order = WorkOrder.objects.get()
    assert order.status == "fed_back" and order.self_handled
    assert sorted(order.attachments.values_list("kind", flat=True)) == ["after", "report"]
    assert "You settled it" in text(phone.get(f"/m/report/{order.number}/sent/"))


def test_tiles_are_what_i_report_most(phone, town):
    for code in ("0703", "0703", "1203", "0601"):
        reported(town.officer, category=code)
    tiles = re.findall(
        r'value="(\d{4})"', text(phone.get("/m/report/")).split("data-kinds-search")[0].split("tiles")[1]
    )
    assert tiles[:3] == ["0703", "0601", "1203"] and len(tiles) == 6 == len(set(tiles))


def test_every_kind_is_there_once_and_found_by_initials(phone):
    page = text(phone.get("/m/report/"))
    codes = re.findall(r'name="category" value="(\d{4})"', page)
    assert len(codes) == len(set(codes)) > 70
    assert re.search(r'data-kind="0302 楼道堆物 [^"]*ldd?w[^"]*"', page)


def test_another_grid_is_found_by_name_and_step_by_step(phone):
    assert f"/m/report/?area={GRID}" in text(phone.get("/m/report/place/?q=农大一"))
    assert "?under=620105006001#" in text(phone.get("/m/report/place/?q=农大社区"))
    assert "/m/report/?area=620102001001001" in text(phone.get("/m/report/place/?under=620102001001"))
    page = text(phone.get("/m/report/?area=620102001001001"))
    assert '<option value="620102001001001" selected>' in page


def test_a_position_is_named(phone, town):
    lon, lat = town.inside(town.grid)
    assert phone.get("/m/locate/", {"lon": lon, "lat": lat}).json()["grid"]["name"] == "农大一网格"


def test_a_sign_on_the_wall_says_where(phone, town):
    spot = spots.open_spot(town.grid, name="东门岗亭", on=clock.today(), lon=103.71, lat=36.11)
    bare = spots.open_spot(town.grid, name="西门", on=clock.today())
    found = phone.get("/m/locate/", {"code": spot.code}).json()
    assert found["grid"]["code"] == GRID and (found["lon"], found["lat"]) == (103.71, 36.11)
    assert "lon" not in phone.get("/m/locate/", {"code": bare.code}).json()
    assert phone.get("/m/locate/", {"code": GRID}).json()["grid"]["name"] == town.grid.name
    wrong = str((int(spot.code) + 1) % 10**9).zfill(9)
    for useless in (wrong, "620105006001", "x", "9" * 40):
        answer = phone.get("/m/locate/", {"code": useless}).json()
        assert answer["grid"] is None and "no sign" in answer["words"]


# --- the same thing --------------------------------------------------------------------------------------------------


def test_likely_duplicates_are_shown_before_sending(phone, town):
    order = reported(town.neighbour, area=GRID, category="0302", description="楼道堆放纸箱")
    asked = {"area": GRID, "category": "0302", "description": "楼道堆放纸箱和旧家具"}
    page = text(phone.get("/m/report/similar/", asked))
    assert f"/m/report/{order.number}/same/" in page and "楼道堆放纸箱" in page
    for useless in ({}, {"area": "x"}, {"area": GRID}, {"area": GRID, "category": "03"}, {"lon": "x", "lat": "y"}):
        assert "same/" not in text(phone.get("/m/report/similar/", useless))
    bring(order, town, "closed")
    assert "same/" not in text(phone.get("/m/report/similar/", asked))


def test_the_same_adds_to_the_order_that_is_there(phone, town):
    order = reported(town.neighbour, area=GRID, category="0302")
    answer = phone.post(f"/m/report/{order.number}/same/", fields(photos=[photo()]))
    assert answer["Location"] == f"/m/orders/{order.number}/" and WorkOrder.objects.count() == 1
    assert [event.kind for event in order.events.order_by("sequence")] == ["report", "comment", "attached"]
    assert "楼道堆放纸箱" in order.events.get(kind="comment").data["text"]


def test_the_same_reaches_no_further_than_its_reader(phone, town):
    order = reported(town.officer2, area="620102001001001")
    assert phone.post(f"/m/report/{order.number}/same/", fields()).status_code == 404


# --- who -------------------------------------------------------------------------------------------------------------


def test_the_phone_is_for_people_in_the_field_but_everybody_may_report(client, town):
    client.cookies.load({"gridgov_language": "en"})
    client.force_login(town.handler)
    assert client.get("/m/").status_code == 403 and client.get("/m/orders/").status_code == 403
    answer = client.post("/m/report/", fields(area=GRID))
    order = WorkOrder.objects.get()
    assert 'class="desk"' in text(client.get("/m/report/")) and order.reporter == town.handler
    assert "Report sent" in text(client.get(answer["Location"]))


def test_a_moved_officer_reports_in_the_new_grid(phone, town):
    Post.objects.filter(person=town.officer).update(ends=clock.today())
    Post.objects.create(person=town.officer, role=Role.OFFICER, area=town.next_grid, starts=clock.today())
    page = text(phone.get("/m/report/"))
    assert '<option value="620105006001002" selected>' in page


def test_administrators_see_but_do_not_report(client, town):
    client.force_login(town.admin)
    answer = send(client)
    assert answer.status_code == 403 and "楼道堆放纸箱" in text(answer)
