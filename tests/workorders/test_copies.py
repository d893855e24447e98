"""Copies of photos: watermark for the file, reduced and masked for residents; the stored photo is never touched."""

import io

import pytest
from PIL import Image, ImageChops

from core import clock
from core.errors import Invalid, NotPermitted
from tests.workorders import images
from tests.workorders.acting import TUESDAY, bring, check_event, report
from workorders import audit, commands, copies, following, imaging
from workorders.commands.attaching import path_of
from workorders.commands.releasing import release
from workorders.models import Attachment, WorkOrder

pytestmark = pytest.mark.django_db


def opened(path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return image


def attached(town, *, by=None, status="handling", kind="report", **exif):
    order = bring(report(None, at=TUESDAY).order, town, status, at=TUESDAY)
    data = images.encoded(images.scene(1600, 1200), "JPEG", exif=images.exif(**exif))
    return commands.attach(order, by=by, at=TUESDAY, photo=imaging.read_photo(data), kind=kind)


def cell_of(image: Image.Image, cell: int) -> Image.Image:
    row, column = divmod(cell, imaging.MASK_COLUMNS)
    wide, high = image.width / imaging.MASK_COLUMNS, image.height / imaging.MASK_ROWS
    inset = 3  # JPEG mixes the edges
    box = (column * wide + inset, row * high + inset, (column + 1) * wide - inset, (row + 1) * high - inset)
    return image.crop(tuple(map(round, box)))


def unreadable(cell: Image.Image) -> bool:
    """Whether nothing is left of the field but four even squares."""
    wide, high, inset = cell.width // 2, cell.height // 2, 10  # JPEG and making smaller mix the edges
    for x in (0, wide):
        for y in (0, high):
            square = cell.crop((x + inset, y + inset, x + wide - inset, y + high - inset))
            if any(most - least > 24 for least, most in square.getextrema()):
                return False
    return True


# -- the watermark


def test_a_marked_copy_says_when_where_and_which_order(town):
    photo = attached(town, taken="2026:11:17 10:20:30")
    assert copies.watermark(photo) == ["2026-11-17 10:20", "农大社区 农大一网格", photo.order.number]
    before = path_of(photo.key).read_bytes()
    path = copies.marked(photo)
    plain, copy = opened(path_of(photo.key)), opened(path)
    assert copy.size == plain.size and path_of(photo.key).read_bytes() == before
    upper = (0, 0, plain.width, int(plain.height * 0.8))
    difference = ImageChops.difference(copy.crop(upper), plain.crop(upper)).convert("L")
    assert sum(difference.histogram()[60:]) / (upper[2] * upper[3]) < 0.01, "only the strip at the bottom is drawn on"
    strip = copy.crop((0, int(copy.height * 0.93), copy.width // 2, copy.height)).convert("L")
    assert strip.getextrema()[1] > 240 and strip.getextrema()[0] < 120, "white letters on a dark ground"
    assert copies.marked(photo) == path and not copy.getexif()


def test_without_a_camera_s_clock_it_says_when_the_photo_came(town):
    photo = attached(town, taken=None)
    assert photo.taken_at is None
    assert (
        f"{clock.local(TUESDAY):%Y-%m-%d %H:%M}" in copies.watermark(photo)[0] and len(copies.watermark(photo)[0]) > 16
    )


def test_different_lines_are_drawn_differently_and_small_photos_take_them(town):
    small = images.encoded(images.scene(64, 48), "JPEG")
    jpeg = imaging.read_photo(small).jpeg
    one, other = (imaging.copy_of(jpeg, lines=[line, "农大一网格", "1"]) for line in ("2026", "2027"))
    assert opened(io.BytesIO(one)).size == (64, 48) and one != other
    long = imaging.copy_of(imaging.read_photo(images.encoded(images.scene(), "JPEG")).jpeg, lines=["网格" * 60])
    assert opened(io.BytesIO(long)).size == (800, 600)


# -- for residents


def test_results_are_small_until_somebody_releases_them(town):
    photo = attached(town, by=town.handler, kind="after")
    assert max(opened(copies.for_resident(photo)).size) == copies.LIMITED_SIDE
    assert max(opened(copies.for_resident(photo, small=True)).size) == copies.SMALL_SIDE
    photo = release(photo, by=town.handler, at=TUESDAY, shown="released")
    assert max(opened(copies.for_resident(photo)).size) == copies.RELEASED_SIDE
    photo = release(photo, by=town.handler, at=TUESDAY, shown="withheld")
    assert copies.for_resident(photo) is None
    assert max(opened(path_of(photo.key)).size) == 1600


def test_a_resident_s_own_photo_is_large_and_obeys_masks(town):
    photo = attached(town)
    plain = opened(copies.for_resident(photo))
    assert max(plain.size) == copies.RELEASED_SIDE
    cells = [cell for cell in range(copies.RASTER) if not unreadable(cell_of(plain, cell))][:3]
    masked = opened(copies.for_resident(release(photo, by=town.handler, at=TUESDAY, shown="limited", cells=cells)))
    assert len(cells) == 3 and all(unreadable(cell_of(masked, cell)) for cell in cells)
    others = [cell for cell in range(copies.RASTER) if cell not in cells][:20]
    for cell in others:
        difference = ImageChops.difference(cell_of(masked, cell), cell_of(plain, cell)).convert("L")
        assert max(difference.getextrema()) < 90


def test_a_masked_field_cannot_be_read(town):
    """A number plate of bars, whichever way they stand, leaves the same four squares."""
    found = []
    for first in (100, 105):
        street = images.scene(1200, 900)
        street.paste((0, 0, 0), (100, 100, 200, 200))
        for x in range(first, 200, 10):
            street.paste((255, 255, 255), (x, 100, x + 5, 200))
        jpeg = imaging.read_photo(images.encoded(street, "PNG")).jpeg
        found.append(cell_of(opened(io.BytesIO(imaging.copy_of(jpeg, cells=[13]))), 13))  # 100–200 × 100–200
        assert not unreadable(cell_of(opened(io.BytesIO(jpeg)), 13)) and unreadable(found[-1])
    difference = ImageChops.difference(*found).convert("L")
    assert difference.getextrema()[1] < 24


def test_a_copy_from_before_a_mask_is_never_sent_again(town):
    photo = attached(town)
    before = copies.for_resident(photo)
    everything = range(copies.RASTER)
    after = copies.for_resident(release(photo, by=town.handler, at=TUESDAY, shown="limited", cells=everything))
    assert after != before and after.read_bytes() != before.read_bytes()


def test_a_photo_whose_file_is_gone_has_no_copies(town):
    photo = attached(town)
    path_of(photo.key).unlink()
    assert copies.for_resident(photo) is None and copies.marked(photo) is None


# -- who decides


def test_the_unit_and_the_desks_decide_and_it_is_written_down(town):
    photo = attached(town)
    for person in (town.handler, town.clerk, town.acceptor, town.dispatcher, town.reviewer, town.duty):
        cell = town.people.index(person)
        photo = release(photo, by=person, at=TUESDAY, shown="released", cells=[cell, cell])
        assert photo.masked_cells == [cell]
    order = WorkOrder.objects.get(pk=photo.order_id)
    check_event(
        order, "released", town.duty, "duty_leader", "handling", "handling",
        attachment=photo.pk, shown="released", masked=1,
    )  # fmt: skip
    sequence = order.version
    release(photo, by=town.duty, at=TUESDAY, shown="released", cells=[cell])
    assert WorkOrder.objects.get(pk=photo.order_id).version == sequence, "nothing changed, nothing is written"
    assert not list(audit.findings(WorkOrder.objects.filter(pk=order.pk)))


def test_others_do_not(town):
    photo = attached(town)
    for person in (town.officer2, town.handler2, town.dispatcher2, town.assessor, town.admin):
        with pytest.raises(NotPermitted) as refused:
            release(photo, by=person, at=TUESDAY, shown="withheld")
        assert refused.value.code == "releases_not"
    assert Attachment.objects.get().shown == "limited"


@pytest.mark.parametrize(("shown", "cells"), [("public", []), ("limited", [-1]), ("limited", [copies.RASTER])])
def test_nonsense_is_refused(town, shown, cells):
    photo = attached(town)
    with pytest.raises(Invalid):
        release(photo, by=town.handler, at=TUESDAY, shown=shown, cells=cells)


def test_what_is_withheld_is_not_listed_for_residents(town):
    own = attached(town)
    assert list(following.photos_of(own.order)) == [own]
    release(own, by=town.handler, at=TUESDAY, shown="withheld")
    assert not following.photos_of(own.order)
