"""Photos from outside: what is kept is written anew, what is refused is told why, and neither costs much."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation
from PIL import Image

from core.errors import Invalid, TooLarge
from tests.workorders import images
from workorders import decoder, imaging
from workorders.imaging import distance, read_photo


@pytest.fixture(scope="module", autouse=True)
def _helpers_of_our_own():
    imaging.close()
    yield
    imaging.close()


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG up to its picture data, and what follows its end as -1."""
    found, place = [], 2
    assert jpeg[:2] == b"\xff\xd8"
    while jpeg[place + 1] != 0xDA:
        assert jpeg[place] == 0xFF
        found.append(jpeg[place + 1])
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4])
    if not jpeg.endswith(b"\xff\xd9") or jpeg.count(b"\xff\xd9") != 1:
        found.append(-1)
    return found


def assert_clean(jpeg: bytes, side: int):
    """Nothing but tables and pixels: JFIF header, quantisation, frame, Huffman tables."""
    assert set(segments(jpeg)) <= {0xE0, 0xDB, 0xC0, 0xC4}
    for trace in (b"Exif", b"http://", b"ICC_PROFILE", b"gridgov", b"<script", b"<?php", b"PK\x03\x04"):
        assert trace not in jpeg
    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        assert image.mode == "RGB"
        assert max(image.size) <= side
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        image.load()


def peak_memory() -> int:
    """The most memory a living helper has held, in bytes."""
    peaks = [0]
    for helper in imaging._helpers.all:
        status = Path(f"/proc/{helper.process.pid}/status")
        if status.exists() and (match := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
            peaks.append(int(match[1]) * 1024)
    return max(peaks)


def test_the_corpus_is_large():
    assert len(images.HOSTILE) >= 100


@pytest.mark.parametrize("name", list(images.HOSTILE))
def test_hostile_files_are_refused_clearly_or_written_anew(name):
    make, expected = images.HOSTILE[name]
    data = make()
    imaging.close()  # each picture's memory is its own
    try:
        photo = read_photo(data)
    except Invalid as refused:
        assert expected is not None, str(refused)
        assert expected in ("any", refused.data["reason"])
        assert refused.code == "bad_image"
        assert refused.errors == {"file": [str(refused)]}
        assert re.search(r"\b(Send|Take|Save)\b", str(refused)), "it says what to do"
    else:
        assert expected in (None, "any")
        assert_clean(photo.jpeg, 1600)
        assert_clean(photo.thumbnail, 320)
        assert photo.jpeg != data
        assert len(photo.jpeg) < 3_000_000
    assert peak_memory() <= 300 * 2**20


def test_most_refusals_cost_no_decoding():
    imaging.close()
    for make, reason in images.REFUSED.values():
        if reason in ("kind", "empty"):
            with pytest.raises(Invalid):
                read_photo(make())
    assert not imaging._helpers.all


def test_a_file_over_eight_megabytes_is_413_and_not_read_further():
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size=-1):
            self.taken += size
            return bytes(size)

    source = Endless()
    with pytest.raises(TooLarge) as refused:
        read_photo(source)
    assert refused.value.status == 413
    assert "8 MB" in str(refused.value)
    assert refused.value.errors == {"file": [str(refused.value)]}
    assert source.taken == imaging.MAX_BYTES + 1


def test_exactly_eight_megabytes_are_read():
    jpeg = images.encoded(images.scene(), "JPEG")
    assert read_photo(jpeg + bytes(imaging.MAX_BYTES - len(jpeg))).width == 800


def test_files_are_read_like_bytes():
    data = images.encoded(images.scene(), "JPEG")
    assert read_photo(io.BytesIO(data)) == read_photo(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_time_and_place_are_read_before_they_are_removed(kind):
    found = images.exif(place=images.LANZHOU)
    photo = read_photo(images.encoded(images.scene(), kind, exif=found.tobytes()))
    assert photo.taken_at.isoformat() == "2026-09-30T16:40:05+08:00"
    assert (photo.lat, photo.lon) == (36.1035, 103.7342)
    assert_clean(photo.jpeg, 1600)


@pytest.mark.parametrize(
    ("taken", "offset", "moment"),
    [
        ("2026:09:30 16:40:05", None, datetime(2026, 9, 30, 8, 40, 5, tzinfo=UTC)),
        ("2026:09:30 16:40:05", "+08:00", datetime(2026, 9, 30, 8, 40, 5, tzinfo=UTC)),
        ("2026:09:30 16:40:05", "-03:30", datetime(2026, 9, 30, 20, 10, 5, tzinfo=UTC)),
        ("2026:09:30 16:40:05", "+00:00", datetime(2026, 9, 30, 16, 40, 5, tzinfo=UTC)),
        ("2026:09:30 16:40:05", "+99:00", datetime(2026, 9, 30, 8, 40, 5, tzinfo=UTC)),
        ("2026:09:30 16:40:05", "soon", datetime(2026, 9, 30, 8, 40, 5, tzinfo=UTC)),
        ("2026:12:31 23:59:59", None, datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)),
        ("0000:00:00 00:00:00", None, None),
        ("1970:01:01 00:00:00", None, None),
        ("2026:02:30 10:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("yesterday", "+08:00", None),
        (None, "+08:00", None),
    ],
)
def test_the_camera_s_clock(taken, offset, moment):
    photo = read_photo(images.encoded(images.scene(80, 60), "JPEG", exif=images.exif(taken=taken, offset=offset)))
    assert photo.taken_at == moment
    assert imaging.moment(taken, offset) == moment


@pytest.mark.parametrize(
    ("place", "lat", "lon"),
    [
        (((36.0, 6.0, 12.6), "N", (103.0, 44.0, 3.12), "E"), 36.1035, 103.7342),
        (((33.0, 30.0, 0.0), "S", (70.0, 45.0, 0.0), "W"), -33.5, -70.75),
        (((0.0, 0.0, 0.0), "N", (0.0, 0.0, 0.0), "E"), None, None),
        (((91.0, 0.0, 0.0), "N", (103.0, 0.0, 0.0), "E"), None, None),
        (((36.0, 0.0, 0.0), "N", (181.0, 0.0, 0.0), "E"), None, None),
        (((36.0, 6.0), "N", (103.0, 44.0), "E"), None, None),
    ],
)
def test_the_camera_s_place(place, lat, lon):
    photo = read_photo(images.encoded(images.scene(80, 60), "JPEG", exif=images.exif(place=place)))
    assert (photo.lat, photo.lon) == (lat, lon)


def test_a_place_divided_by_nought_is_no_place():
    assert decoder.degrees((float("nan"), 0, 0), "N", 90) is None
    assert decoder.degrees((float("inf"), 0, 0), "N", 90) is None
    assert decoder.degrees(None, None, 90) is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_the_way_the_camera_was_held(orientation):
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    upright = images.arrow()
    held = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
    data = images.encoded(held, "JPEG", quality=95, exif=images.exif(orientation=orientation))
    photo = read_photo(data)
    assert (photo.width, photo.height) == (400, 300)
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        red, green, _blue = image.getpixel((20, 20))
        assert red > 230 and green < 30
        assert min(image.getpixel((380, 280))) > 230


def test_a_heic_stands_upright_too():
    held = images.arrow().transpose(Image.Transpose.ROTATE_90)
    photo = read_photo(images.heic(held, exif=images.exif(orientation=6).tobytes()))
    assert (photo.width, photo.height) == (400, 300)
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        red, green, _blue = image.getpixel((20, 20))
        assert red > 200 and green < 60


@pytest.mark.parametrize(
    ("size", "kept", "thumbnail"),
    [
        ((4000, 3000), (1600, 1200), (320, 240)),
        ((3000, 4000), (1200, 1600), (240, 320)),
        ((1600, 900), (1600, 900), (320, 180)),
        ((300, 200), (300, 200), (300, 200)),
        ((5000, 2), (1600, 1), (320, 1)),
    ],
)
def test_sizes(size, kept, thumbnail):
    photo = read_photo(images.encoded(images.scene(*size), "PNG"))
    assert (photo.width, photo.height) == kept
    with Image.open(io.BytesIO(photo.jpeg)) as image, Image.open(io.BytesIO(photo.thumbnail)) as small:
        assert (image.size, small.size) == (kept, thumbnail)


def middle(photo) -> tuple:
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        return image.getpixel((image.width // 2, image.height // 2))


def near(pixel, colour) -> bool:
    return all(abs(found - wanted) <= 6 for found, wanted in zip(pixel, colour, strict=True))


def test_transparent_becomes_white():
    clear = Image.new("RGBA", (50, 50), (255, 0, 0, 0))
    assert near(middle(read_photo(images.encoded(clear, "PNG"))), (255, 255, 255))
    assert near(middle(read_photo(images.encoded(clear, "WEBP", lossless=True))), (255, 255, 255))
    grey = Image.new("LA", (50, 50), (0, 0))
    assert near(middle(read_photo(images.encoded(grey, "PNG"))), (255, 255, 255))
    palette = Image.new("P", (50, 50), 3)
    palette.putpalette([0, 0, 200] * 8)
    assert near(middle(read_photo(images.encoded(palette, "PNG", transparency=3))), (255, 255, 255))


def test_half_transparent_is_mixed_with_white():
    half = Image.new("RGBA", (50, 50), (255, 0, 0, 128))
    assert near(middle(read_photo(images.encoded(half, "PNG"))), (255, 127, 127))


def test_colours_of_other_modes_survive():
    cmyk = Image.new("RGB", (50, 50), (200, 100, 50)).convert("CMYK")
    assert near(middle(read_photo(images.encoded(cmyk, "JPEG", quality=95))), (200, 100, 50))
    assert near(middle(read_photo(images.encoded(Image.new("I;16", (50, 50), 40_000), "PNG"))), (156, 156, 156))
    assert near(middle(read_photo(images.encoded(Image.new("1", (50, 50), 1), "PNG"))), (255, 255, 255))


def test_the_first_picture_of_an_animation_is_taken():
    for kind in ("PNG", "WEBP"):
        first = read_photo(images.encoded(images.scene(), kind))
        assert distance(read_photo(images.animated(kind)).phash, first.phash) <= 6


def test_the_same_picture_is_known_again_and_another_is_not():
    scene = images.scene(1200, 900)
    original = read_photo(images.encoded(scene, "JPEG", quality=90))
    again = [
        images.encoded(scene, "JPEG", quality=40),
        images.encoded(scene.resize((700, 525)), "PNG"),
        images.encoded(scene.point(lambda value: min(255, int(value * 1.1))), "WEBP"),
        images.heic(scene),
    ]
    assert [distance(original.phash, read_photo(data).phash) <= 6 for data in again] == [True] * 4
    others = [read_photo(images.encoded(images.scene(1200, 900, seed=seed), "JPEG")) for seed in range(2, 12)]
    assert min(distance(original.phash, other.phash) for other in others) > 12
    assert re.fullmatch(r"[0-9a-f]{16}", original.phash)


def test_the_digest_is_of_the_bytes_sent():
    data = images.encoded(images.scene(), "JPEG")
    one, other = read_photo(data), read_photo(data + b"x")
    assert one.sha256 != other.sha256
    assert one.jpeg == other.jpeg
