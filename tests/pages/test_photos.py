"""Photos: for whoever sees the order, asked on every fetch."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import clock
from tests.pages.staff import in_status
from workorders import commands, imaging
from workorders.commands.attaching import path_of

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
