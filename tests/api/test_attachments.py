"""Photos: what is taken, what is refused, and who may fetch them."""

import datetime as dt
import io

import pytest
from PIL import Image

from api import shapes
from core import clock
from tests.api.conftest import run_to
from tests.api.shape import same_members
from tests.api.test_problems import problem
from tests.workorders.images import encoded, scene
from workorders.models import Attachment, WorkOrder

pytestmark = pytest.mark.django_db
PHOTO = encoded(scene(), "PNG")


@pytest.fixture
def number(api):
    return run_to(api, "reported")


def test_a_photo_is_kept_and_fetched(api, number):
    path = f"workorders/{number}/attachments/"
    answer = api.officer.upload(
        path, PHOTO, kind="report", taken_at="2026-01-02T03:04:05+08:00", lon=103.705, lat=36.105
    )
    kept = answer.json()
    assert answer.status_code == 201, kept
    same_members(kept, shapes.Attachment)
    assert (
        kept["kind"] == "report"
        and kept["location"] == {"lon": 103.705, "lat": 36.105}
        and kept["by"]["name"] == "王小梅"
    )
    assert kept["taken_at"] == "2026-01-02T03:04:05+08:00"
    detail = api.acceptor.get(f"workorders/{number}/").json()
    assert detail["attachments"] == [kept] and detail["events"][-1]["kind"] == "attached"
    for name in ("url", "thumbnail"):
        file = api.acceptor.get(kept[name])
        assert file["Content-Type"] == "image/jpeg" and file["X-Content-Type-Options"] == "nosniff"
        assert "private" in file["Cache-Control"] and "public" not in file["Cache-Control"]
        image = Image.open(io.BytesIO(b"".join(file.streaming_content)))
        assert image.format == "JPEG" and not image.getexif()
    file = api.acceptor.get(kept["url"], headers={"Accept": "image/avif,image/webp,image/*"})
    assert file.status_code == 200 and b"".join(file.streaming_content)


def test_only_those_who_see_the_order_fetch_its_photos(api, number):
    kept = api.officer.upload(f"workorders/{number}/attachments/", PHOTO, kind="report").json()
    for name in ("url", "thumbnail"):
        problem(api.nobody.get(kept[name]), 401)
        for who in ("officer2", "dispatcher2", "handler", "former"):
            problem(getattr(api, who).get(kept[name], headers={"Accept": "image/*"}), 404)
        file = api.admin.get(kept[name])
        assert file.status_code == 200 and b"".join(file.streaming_content)
    other = run_to(api, "reported")
    problem(api.officer.get(kept["url"].replace(number, other)), 404)  # a photo belongs to its order
    problem(api.officer.get(f"workorders/{number}/attachments/{kept['id'] + 1}/"), 404)


def test_a_file_that_is_gone_is_404(api, number, monkeypatch):
    from workorders.commands.attaching import path_of

    kept = api.officer.upload(f"workorders/{number}/attachments/", PHOTO, kind="report").json()
    path_of(Attachment.objects.get().key).unlink()
    problem(api.officer.get(kept["url"]), 404)


@pytest.mark.parametrize(
    "name, data",
    [
        ("a.jpg", b"<html><script>alert(1)</script></html>"),
        ("b.png", PHOTO[:60]),
        ("c.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("d.exe", b"MZ" + b"\0" * 100),
        ("e.jpg", b""),
        ("f.gif", encoded(Image.new("P", (9, 9)), "GIF")),
        ("g.pdf", b"%PDF-1.4 ..."),
    ],
)
def test_what_is_no_photo_is_refused_in_both_languages(api, number, name, data):
    words = set()
    for language in ("en", "zh-hans"):
        headers = {"Accept-Language": language}
        answer = api.officer.upload(f"workorders/{number}/attachments/", data, name, headers, kind="report")
        words.add(problem(answer, 400)["errors"]["file"][0])
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("megabytes", [8, 20])
def test_more_than_eight_megabytes_are_413(api, number, megabytes):
    data = PHOTO + b"\0" * (megabytes * 1024 * 1024)
    answer = api.officer.upload(f"workorders/{number}/attachments/", data, kind="report")
    assert "file" in problem(answer, 413, "too_large")["errors"]


def test_the_fields_beside_the_photo_are_checked(api, number, town):
    path = f"workorders/{number}/attachments/"
    future = (clock.now() + dt.timedelta(hours=1)).isoformat()
    for fields, field in (
        ({"kind": "selfie"}, "kind"),
        ({"taken_at": "noon"}, "taken_at"),
        ({"taken_at": future}, "taken_at"),
        ({"lon": "x", "lat": "1"}, "lon"),
        ({"lon": "103"}, "lat"),
        ({"lat": "nan", "lon": "1"}, "lat"),
        ({"colour": "red"}, "colour"),
    ):
        assert field in problem(api.officer.upload(path, PHOTO, **fields), 400)["errors"], fields
    missing = api.officer.client.post(f"/api/v1/{path}", {"kind": "report"}, headers=api.officer.headers)
    assert "file" in problem(missing, 400)["errors"]
    problem(api.officer.post(path, {"kind": "report"}), 415, "unsupported_media_type")
    assert api.officer.upload(path, PHOTO).json()["kind"] == "other"


def test_whoever_sees_the_open_order_may_add(api):
    number = run_to(api, "handling")
    path = f"workorders/{number}/attachments/"
    for who in ("officer", "clerk", "acceptor", "handler", "manager"):
        assert getattr(api, who).upload(path, PHOTO, kind="other").status_code == 201, who
    problem(api.handler2.upload(path, PHOTO), 404)
    problem(api.admin.upload(path, PHOTO), 403, "superuser_acts_not")
    problem(api.nobody.upload(path, PHOTO), 401)


def test_a_closed_order_takes_no_photos(api):
    number = run_to(api, "closed")
    problem(api.officer.upload(f"workorders/{number}/attachments/", PHOTO), 409, "order_is_final")


def test_photos_of_what_was_settled_on_the_spot_may_come_late(api, town):
    order = api.officer.report(category="0102", self_handled=True, result="当场调解").json()
    WorkOrder.objects.filter(number=order["number"]).update(status="closed", closed_at=clock.now())
    path = f"workorders/{order['number']}/attachments/"
    assert api.officer.upload(path, PHOTO, kind="after").status_code == 201
    problem(api.clerk.upload(path, PHOTO, kind="after"), 409, "order_is_final")
    WorkOrder.objects.update(reported_at=clock.now() - dt.timedelta(days=2))
    problem(api.officer.upload(path, PHOTO, kind="after"), 409, "order_is_final")
