"""Photos of an order: kept under a random name, written down, a sign of being on the spot."""

import datetime as dt
import os

import pytest

from core.errors import Invalid, NotAllowedNow, NotPermitted
from tests.workorders.acting import TUESDAY, bring, check_event, report, running, told
from workorders import commands
from workorders.commands.attaching import path_of
from workorders.imaging import Photo
from workorders.models import Attachment

pytestmark = pytest.mark.django_db
TAKEN = dt.datetime(2026, 3, 10, 8, 55, tzinfo=dt.UTC)


@pytest.fixture
def uploads(settings, tmp_path):
    """A folder for the files of this test."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def photo(**changes) -> Photo:
    """What `imaging.read_photo` makes of a picture."""
    return Photo(
        **{
            "jpeg": b"picture", "thumbnail": b"small", "width": 4, "height": 3, "taken_at": TAKEN,
            "lon": 103.7, "lat": 36.1, "sha256": "ab" * 32, "phash": "cd" * 8,
        }
        | changes
    )  # fmt: skip


def attach(order, person, kind="report", **given):
    return commands.attach(order, by=person, at=TUESDAY, photo=photo(), kind=kind, **given)


def test_a_photo_lies_on_disk_before_its_row_is_written(town, uploads):
    order = report(town.officer, at=TUESDAY)
    kept = Attachment.objects.get(pk=attach(order, town.officer).pk)
    assert path_of(kept.key).read_bytes() == b"picture" and path_of(kept.key, thumbnail=True).read_bytes() == b"small"
    assert path_of(kept.key).is_relative_to(uploads) and len(kept.key) == 32
    assert [name for name in os.listdir(path_of(kept.key).parent) if name.endswith(".part")] == []
    assert (kept.kind, kept.by, kept.uploaded_at, kept.size) == ("report", town.officer, TUESDAY, 7)
    assert (kept.taken_at, kept.lon, kept.lat, kept.sha256) == (TAKEN, 103.7, 36.1, "ab" * 32)
    check_event(order, "attached", town.officer, "officer", "reported", "reported", attachment=kept.pk, photo="report")
    assert told(order, "attached") == set()


def test_what_the_phone_says_comes_before_what_the_file_says(town, uploads):
    order = report(town.officer, at=TUESDAY)
    kept = attach(order, town.officer, taken_at=TUESDAY, lon=0.0, lat=1.0)
    assert (kept.taken_at, kept.lon, kept.lat) == (TUESDAY, 0.0, 1.0)


def test_residents_attach_without_an_account(town, uploads):
    order = report(None, at=TUESDAY).order
    attach(order, None)
    check_event(
        order, "attached", None, "reporter", "reported", "reported", attachment=Attachment.objects.get().pk,
        photo="report",
    )  # fmt: skip


def test_a_photo_of_the_handling_unit_ends_containment_an_after_photo_the_repair(town, uploads):
    order = bring(report(town.officer, at=TUESDAY), town, "handling", at=TUESDAY, category="0605")
    attach(order, town.officer, "other")
    attach(order, town.former, "other")
    assert set(running(order)) == {"contain", "restore", "handle"}
    attach(order, town.handler, "before")
    assert set(running(order)) == {"restore", "handle"}
    attach(order, town.head, "before")
    assert set(running(order)) == {"restore", "handle"}
    attach(order, town.head, "after")
    assert set(running(order)) == {"handle"}
    order.refresh_from_db()
    assert order.due_kind == "handle"


def test_an_after_photo_ends_both_at_once(town, uploads):
    order = bring(report(town.officer, at=TUESDAY), town, "handling", at=TUESDAY, category="0605")
    attach(order, town.handler, "after")
    assert set(running(order)) == {"handle"}


def test_nothing_is_written_down_when_the_disk_refuses(town, settings, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    settings.MEDIA_ROOT = blocked
    order = report(town.officer, at=TUESDAY)
    with pytest.raises((OSError, Invalid)):
        attach(order, town.officer)
    assert not Attachment.objects.exists() and order.events.count() == 1


def test_closed_orders_take_no_more_photos(town, uploads):
    order = bring(report(town.officer, at=TUESDAY), town, "closed", at=TUESDAY)
    with pytest.raises(NotAllowedNow) as refusal:
        attach(order, town.handler)
    assert refusal.value.code == "order_is_final"
    with pytest.raises(NotPermitted):
        attach(report(town.officer, at=TUESDAY), town.admin)
    assert not Attachment.objects.exists()
