"""Photos: for whoever sees the order, asked on every fetch."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import clock
from tests.pages.staff import bring, do, in_status, report
from workorders import commands, imaging
from workorders.commands.attaching import path_of
from workorders.commands.releasing import release

pytestmark = pytest.mark.django_db


def jpeg(colour="green"):
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def photo(town):
    """A photo of an order that was dispatched to the first unit."""
    order = in_status(town, "dispatched")
    return commands.attach(order, by=town.officer, at=clock.now(), photo=imaging.read_photo(jpeg()), kind="report")


def body(answer):
    return b"".join(answer.streaming_content)


def test_whoever_sees_the_order_sees_the_photo(town, client, photo):
    for person in (town.officer, town.acceptor, town.handler, town.chief, town.admin):
        client.force_login(person)
        answer = client.get(f"/photos/{photo.pk}/")
        assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
        assert Image.open(io.BytesIO(body(answer))).size == (640, 480)
        small = client.get(f"/photos/{photo.pk}/thumbnail/")
        assert max(Image.open(io.BytesIO(body(small))).size) < 640


def test_nobody_else_does(town, client, photo):
    for person in (town.handler2, town.dispatcher2, town.neighbour, town.elsewhere, town.former):
        client.force_login(person)
        assert client.get(f"/photos/{photo.pk}/").status_code == 404
        assert client.get(f"/photos/{photo.pk}/thumbnail/").status_code == 404
    client.logout()
    assert client.get(f"/photos/{photo.pk}/").status_code == 302


def test_a_kept_copy_is_asked_about_each_time(town, client, photo):
    client.force_login(town.handler)
    first = client.get(f"/photos/{photo.pk}/")
    assert first["Cache-Control"] == "private, no-cache"
    body(first)
    again = client.get(f"/photos/{photo.pk}/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    client.force_login(town.handler2)
    assert client.get(f"/photos/{photo.pk}/", headers={"If-None-Match": first["ETag"]}).status_code == 404


def test_a_lost_file_is_not_found(town, client, photo):
    path_of(photo.key).unlink()
    client.force_login(town.handler)
    assert client.get(f"/photos/{photo.pk}/").status_code == 404


def test_photos_are_added_on_the_orders_page(town, client, photo):
    client.force_login(town.handler)
    address = f"/inbox/{photo.order.number}/photos/"
    assert client.get(address).status_code == 200
    files = [SimpleUploadedFile("a.jpg", jpeg("red")), SimpleUploadedFile("b.png", jpeg("blue"))]
    assert client.post(address, {"kind": "before", "file": files}).status_code == 302
    assert photo.order.attachments.filter(kind="before", by=town.handler).count() == 2


@pytest.mark.parametrize("sent", [b"", b"<html></html>", b"\xff\xd8\xff\xe0broken"])
def test_what_is_no_photo_is_refused(town, client, photo, sent):
    client.force_login(town.handler)
    address = f"/inbox/{photo.order.number}/photos/"
    answer = client.post(address, {"kind": "before", "file": [SimpleUploadedFile("a.jpg", sent)]})
    assert answer.status_code == 400
    assert photo.order.attachments.count() == 1


# -- what residents see ------------------------------------------------------------------------------------------------


@pytest.fixture
def handled(town):
    """A resident's order that is being handled, with the handler's photo of the result."""
    receipt = report(None, source=None)
    order = bring(receipt.order, town, "handling")
    photo = commands.attach(order, by=town.handler, at=clock.now(), photo=imaging.read_photo(jpeg()), kind="after")
    return receipt, photo


def test_the_handler_masks_and_releases_a_photo(client, town, handled):
    receipt, photo = handled
    client.cookies.load({"gridgov_language": "en"})
    client.force_login(town.handler)
    assert f"/photos/{photo.pk}/release/" in client.get(f"/inbox/{receipt.order.number}/").content.decode()
    page = client.get(f"/photos/{photo.pk}/release/").content.decode()
    assert page.count('name="cells"') == 108 and 'value="limited"' in page
    answer = client.post(f"/photos/{photo.pk}/release/", {"shown": "released", "cells": ["0", "13"]})
    assert answer["Location"] == f"/inbox/{receipt.order.number}/"
    photo.refresh_from_db()
    assert (photo.shown, photo.masked_cells) == ("released", [0, 13])
    page = client.get(f"/photos/{photo.pk}/release/").content.decode()
    assert 'value="13" checked' in page and 'value="12" checked' not in page


@pytest.mark.parametrize("given", [{}, {"shown": "everything"}, {"shown": "limited", "cells": ["108"]}])
def test_a_release_that_makes_no_sense_is_refused(client, town, handled, given):
    _receipt, photo = handled
    client.force_login(town.handler)
    answer = client.post(f"/photos/{photo.pk}/release/", given)
    assert answer.status_code == 400 and "error-summary" in answer.content.decode()
    photo.refresh_from_db()
    assert (photo.shown, photo.masked_cells) == ("limited", [])


def test_the_marked_copy_is_taken_along_under_the_order_s_number(client, town, handled):
    receipt, photo = handled
    client.force_login(town.handler)
    answer = client.get(f"/photos/{photo.pk}/marked/")
    assert f'filename="{receipt.order.number}-{photo.pk}.jpg"' in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"


def test_the_resident_s_page_shows_what_was_released(client, town, handled):
    receipt, photo = handled
    for name, person in (("feedback", town.handler), ("pass_check", town.officer)):
        given = {"internal_result": "已修", "public_answer": "已修", "resolved": True} if name == "feedback" else {}
        do(name, receipt.order, person, **given)
    address = f"/t/{receipt.token}/photos/{photo.pk}/"

    def size(address):
        with Image.open(io.BytesIO(b"".join(client.get(address).streaming_content))) as image:
            return max(image.size)

    assert size(address) == 480 and size(address + "?small=1") == 240
    release(photo, by=town.handler, at=clock.now(), shown="withheld")
    assert client.get(address).status_code == 404
    assert f"photos/{photo.pk}/" not in client.get(f"/t/{receipt.token}/").content.decode()
