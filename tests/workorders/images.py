"""Pictures made in code: honest ones in every mode, and those an attacker would send."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from random import Random

import pillow_heif
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

pillow_heif.register_heif_opener()

MARK = b"<script>alert('gridgov-mark')</script><?php system($_GET['c']); ?>"
SECRET = "gridgov-private-note"


def scene(width=800, height=600, seed=1) -> Image.Image:
    """A picture with edges and colours, different for each seed."""
    random = Random(seed)
    image = Image.new("RGB", (width, height), (120, 140, 160))
    draw = ImageDraw.Draw(image)
    for _shape in range(30):
        x, y = random.randrange(width), random.randrange(height)
        size = random.randrange(20, max(21, width // 3))
        colour = tuple(random.randrange(256) for _channel in range(3))
        draw.rectangle((x, y, x + size, y + size // 2), fill=colour)
    return image


def arrow(width=400, height=300) -> Image.Image:
    """White with a red upper left corner, to see which way up it is."""
    image = Image.new("RGB", (width, height), "white")
    image.paste((255, 0, 0), (0, 0, width // 4, height // 4))
    return image


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(*, taken="2026:09:30 16:40:05", offset=None, place=None, orientation=None) -> Image.Exif:
    """EXIF data with a private note beside what was asked for. place: ((d, m, s), "N", (d, m, s), "E")."""
    data = Image.Exif()
    data[0x010E] = SECRET
    data[0x0110] = "Phone of " + SECRET
    if orientation is not None:
        data[0x0112] = orientation
    camera = data.get_ifd(0x8769)
    if taken:
        camera[0x9003] = taken
    if offset:
        camera[0x9011] = offset
    camera[0x927C] = SECRET.encode() * 10
    if place:
        lat, north, lon, east = place
        data.get_ifd(0x8825).update({1: north, 2: lat, 3: east, 4: lon})
    return data


LANZHOU = ((36.0, 6.0, 12.6), "N", (103.0, 44.0, 3.12), "E")


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))


def png(width, height, *, depth=8, colour=2, body=b"", before=b"", after=b"") -> bytes:
    """A PNG put together by hand: any header, any data."""
    header = struct.pack("!IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + before
        + png_chunk(b"IDAT", zlib.compress(body, 9))
        + png_chunk(b"IEND", b"")
        + after
    )


def blank_png(width, height) -> bytes:
    """A one-bit PNG of nothing but noughts: a few kilobytes for any size."""
    return png(width, height, depth=1, colour=0, body=bytes((width + 7) // 8 + 1) * height)


def with_size(jpeg: bytes, width: int, height: int) -> bytes:
    """The JPEG with another size in its frame header."""
    at = next(place for place in range(len(jpeg)) if jpeg[place : place + 2] in (b"\xff\xc0", b"\xff\xc2"))
    return jpeg[: at + 5] + struct.pack("!HH", height, width) + jpeg[at + 9 :]


def with_scans(count: int, width=600, height=450) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    data = encoded(scene(width, height), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + b"\xff\xd9"


def with_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    """The JPEG with one more segment right after its start."""
    return jpeg[:2] + bytes((0xFF, marker)) + struct.pack("!H", len(body) + 2) + body + jpeg[2:]


def tiff_loop() -> bytes:
    """EXIF whose directory points to itself and whose entries claim gigabytes."""
    entry = struct.pack("<HHII", 0x9286, 7, 0xFFFFFFF0, 8) + struct.pack("<HHII", 0x8769, 4, 1, 8)
    return b"Exif\x00\x00II*\x00" + struct.pack("<I", 8) + struct.pack("<H", 2) + entry + struct.pack("<I", 8)


def webp_header(width: int, height: int) -> bytes:
    """An extended WebP that promises a canvas and has nothing to put on it."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\x02\x00\x00\x00" + size
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def flat(kind: str, size: tuple[int, int], mode: str = "RGB", **options) -> bytes:
    """A large picture of one colour: few bytes, many pixels."""
    return encoded(Image.new(mode, size), kind, **options)


def heic(image=None, **options) -> bytes:
    return encoded(image or scene(), "HEIF", quality=60, **options)


def heic_of_size(width: int, height: int) -> bytes:
    """A HEIC whose header claims another size."""
    data = heic()
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack("!II", width, height) + data[at + 8 :]


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.html", MARK)
    return out.getvalue()


def scrambled(data: bytes, seed: int, share=0.02) -> bytes:
    """The data with some bytes after the first 16 changed."""
    random, found = Random(seed), bytearray(data)
    for _change in range(max(1, int(len(found) * share))):
        found[random.randrange(16, len(found))] = random.randrange(256)
    return bytes(found)


def text_bomb() -> bytes:
    """A PNG with compressed notes that unpack to a gigabyte."""
    note = png_chunk(b"zTXt", b"note\x00\x00" + zlib.compress(bytes(20_000_000), 9))
    return png(10, 10, body=bytes(31 * 10), before=note * 50)


def profile_bomb() -> bytes:
    profile = png_chunk(b"iCCP", b"p\x00\x00" + zlib.compress(bytes(300_000_000), 9))
    return png(10, 10, body=bytes(31 * 10), before=profile)


def multi_picture() -> bytes:
    return encoded(scene(), "MPO", save_all=True, append_images=[scene(seed=2)])


def animated(kind: str) -> bytes:
    return encoded(scene(), kind, save_all=True, append_images=[scene(seed=2), scene(seed=3)], duration=100)


def with_notes() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET)
    info.add_itxt("XML:com.adobe.xmp", f"<x>{SECRET}</x>")
    return encoded(scene(), "PNG", pnginfo=info, exif=exif(place=LANZHOU))


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + SECRET.encode()


XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(200)
AVIF = b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miafMA1B" + bytes(200)

# name: (how to make it, the reason it is refused for, or None when a clean copy is kept, or "any" when both are right)
Sample = tuple[Callable[[], bytes], str | None]

REFUSED: dict[str, Sample] = {
    "nothing": (lambda: b"", "empty"),
    "HTML called .jpg": (lambda: b"<!DOCTYPE html><html>" + MARK, "kind"),
    "HTML after blanks": (lambda: b"\n\n  <html>" + MARK, "kind"),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "kind"),
    "SVG with a prologue": (lambda: b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "kind"),
    "GIF": (lambda: encoded(scene(), "GIF"), "kind"),
    "animated GIF": (lambda: animated("GIF"), "kind"),
    "GIF that is JavaScript": (lambda: b"GIF89a/*" + bytes(20) + b"*/=1;alert(1);", "kind"),
    "BMP": (lambda: encoded(scene(), "BMP"), "kind"),
    "TIFF": (lambda: encoded(scene(), "TIFF"), "kind"),
    "icon": (lambda: encoded(scene(64, 64), "ICO"), "kind"),
    "PDF": (lambda: encoded(scene(), "PDF"), "kind"),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "kind"),
    "FITS": (lambda: b"SIMPLE  =                    T" + b" " * 3000, "kind"),
    "zip": (zipped, "kind"),
    "program": (lambda: b"\x7fELF\x02\x01\x01" + bytes(200), "kind"),
    "MP4 film": (lambda: MP4, "kind"),
    "AVIF": (lambda: AVIF, "kind"),
    "plain text": (lambda: "这不是照片".encode(), "kind"),
    "two bytes of a JPEG": (lambda: b"\xff\xd8", "kind"),
    "start of a JPEG": (lambda: b"\xff\xd8\xff\xe0", "broken"),
    "JPEG start, then HTML": (lambda: b"\xff\xd8\xff\xe0" + MARK, "broken"),
    "JPEG cut in its header": (lambda: encoded(scene(), "JPEG")[:200], "broken"),
    "JPEG cut in the middle": (lambda: encoded(scene(), "JPEG")[:-9000], "broken"),
    "PNG signature only": (lambda: b"\x89PNG\r\n\x1a\n", "broken"),
    "PNG cut in the middle": (lambda: encoded(scene(), "PNG")[:-1500], "broken"),
    "PNG with a wrong checksum": (lambda: encoded(scene(), "PNG").replace(b"IDAT", b"IDAT\x00", 1), "broken"),
    "PNG without data": (lambda: png(100, 100), "broken"),
    "PNG of no width": (lambda: png(0, 100), "broken"),
    "PNG inside a JPEG's name": (lambda: b"\xff\xd8\xff" + encoded(scene(), "PNG"), "broken"),
    "WebP cut in the middle": (lambda: encoded(scene(), "WEBP")[:-3000], "broken"),
    "WebP header only": (lambda: webp_header(100, 100), "broken"),
    "HEIC cut in the middle": (lambda: heic()[:-3000], "broken"),
    "HEIC brand, then noughts": (lambda: b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(500), "broken"),
    "50 000 × 50 000 in a PNG header": (lambda: png(50_000, 50_000), "pixels"),
    "50 000 × 50 000 in a JPEG header": (lambda: with_size(encoded(scene(), "JPEG"), 50_000, 50_000), "pixels"),
    "16 384 × 16 384 in a WebP header": (lambda: webp_header(16_384, 16_384), "pixels"),
    "16 million × 16 million in a WebP header": (lambda: webp_header(1 << 24, 1 << 24), "pixels"),
    "30 000 × 30 000 in a HEIC header": (lambda: heic_of_size(30_000, 30_000), "pixels"),
    "2 000 million × 2 000 million in a PNG header": (lambda: png(2**31 - 1, 2**31 - 1), "pixels"),
    "a pixel row over 40 megapixels": (lambda: blank_png(8_000, 5_001), "pixels"),
    "a bomb of 400 megapixels in 50 kB": (lambda: blank_png(20_000, 20_000), "pixels"),
    "a progressive JPEG of 21 megapixels": (lambda: flat("JPEG", (7_000, 3_000), progressive=True), "pixels"),
    "a WebP of 13 megapixels": (lambda: flat("WEBP", (4_100, 3_200)), "pixels"),
    "a HEIC of 31 megapixels": (lambda: flat("HEIF", (6_800, 4_600)), "pixels"),
    "a JPEG of 3 000 scans": (lambda: with_scans(3_000), "heavy"),
    "PNG notes of a gigabyte": (text_bomb, "broken"),
}

KEPT: dict[str, Sample] = {
    "exactly 40 megapixels": (lambda: blank_png(8_000, 5_000), None),
    "a JPEG of 40 megapixels": (lambda: flat("JPEG", (8_000, 5_000)), None),
    "a CMYK JPEG of 40 megapixels, one long line": (lambda: flat("JPEG", (60_000, 660), "CMYK"), None),
    "a progressive CMYK JPEG of 20 megapixels": (
        lambda: flat("JPEG", (30_000, 660), "CMYK", progressive=True),
        None,
    ),
    "a PNG of 40 megapixels with transparency": (lambda: flat("PNG", (8_000, 5_000), "RGBA"), None),
    "a PNG of 40 megapixels of 16 bits": (
        lambda: png(8_000, 5_000, depth=16, colour=6, body=bytes((8_000 * 8 + 1) * 5_000)),
        None,
    ),
    "a WebP of 12 megapixels with transparency": (lambda: flat("WEBP", (4_000, 3_000), "RGBA", lossless=True), None),
    "an animated WebP of 12 megapixels": (
        lambda: flat("WEBP", (4_000, 3_000), save_all=True, append_images=[Image.new("RGB", (4_000, 3_000), "red")]),
        None,
    ),
    "a HEIC of 30 megapixels": (lambda: flat("HEIF", (6_700, 4_470)), None),
    "one pixel": (lambda: encoded(scene(1, 1), "PNG"), None),
    "a line of 30 000 pixels": (lambda: encoded(Image.new("L", (30_000, 1)), "PNG"), None),
    "a column of 30 000 pixels": (lambda: encoded(Image.new("L", (1, 30_000)), "PNG"), None),
    "CMYK JPEG": (lambda: encoded(scene().convert("CMYK"), "JPEG"), None),
    "grey JPEG": (lambda: encoded(scene().convert("L"), "JPEG"), None),
    "progressive JPEG": (lambda: encoded(scene(), "JPEG", progressive=True), None),
    "JPEG of thirty scans": (lambda: with_scans(20), None),
    "JPEG, then HTML and PHP": (lambda: encoded(scene(), "JPEG") + MARK, None),
    "JPEG, then a zip": (lambda: encoded(scene(), "JPEG") + zipped(), None),
    "JPEG with code in its comment": (lambda: encoded(scene(), "JPEG", comment=MARK), None),
    "JPEG with code in a segment": (lambda: with_segment(encoded(scene(), "JPEG"), 0xEF, MARK * 100), None),
    "JPEG of thousands of segments": (
        lambda: b"\xff\xd8" + b"\xff\xef\x00\x03x" * 100_000 + encoded(scene(), "JPEG")[2:],
        None,
    ),
    "JPEG with EXIF, XMP and a profile": (
        lambda: encoded(scene(), "JPEG", exif=exif(place=LANZHOU), xmp=XMP, icc_profile=profile()),
        None,
    ),
    "JPEG with looping EXIF": (lambda: with_segment(encoded(scene(), "JPEG"), 0xE1, tiff_loop()), None),
    "JPEG with random EXIF": (
        lambda: with_segment(encoded(scene(), "JPEG"), 0xE1, b"Exif\x00\x00II*\x00" + Random(5).randbytes(3000)),
        None,
    ),
    "JPEG with an impossible orientation": (lambda: encoded(scene(), "JPEG", exif=exif(orientation=99)), None),
    "JPEG of two pictures": (multi_picture, None),
    "PNG with notes and EXIF": (with_notes, None),
    "PNG, then a zip": (lambda: encoded(scene(), "PNG") + zipped(), None),
    "PNG of 16-bit grey": (lambda: encoded(Image.new("I;16", (300, 200), 40_000), "PNG"), None),
    "PNG of 16-bit colour": (lambda: png(64, 64, depth=16, body=(b"\x00" + b"\xff\x80" * 192) * 64), None),
    "PNG with a palette": (lambda: encoded(scene().convert("P"), "PNG"), None),
    "PNG with a clear palette colour": (lambda: encoded(scene().convert("P"), "PNG", transparency=0), None),
    "PNG of one bit": (lambda: encoded(scene().convert("1"), "PNG"), None),
    "PNG with transparency": (lambda: encoded(scene().convert("RGBA"), "PNG"), None),
    "PNG grey with transparency": (lambda: encoded(scene().convert("LA"), "PNG"), None),
    "animated PNG": (lambda: animated("PNG"), None),
    "WebP": (lambda: encoded(scene(), "WEBP"), None),
    "WebP with EXIF and XMP": (lambda: encoded(scene(), "WEBP", exif=exif(place=LANZHOU), xmp=XMP), None),
    "WebP with transparency": (lambda: encoded(scene().convert("RGBA"), "WEBP", lossless=True), None),
    "animated WebP": (lambda: animated("WEBP"), None),
    "HEIC": (heic, None),
    "HEIC with EXIF": (lambda: heic(exif=exif(place=LANZHOU).tobytes()), None),
}

UNCERTAIN: dict[str, Sample] = {
    "a colour profile of 300 MB": (profile_bomb, "any"),
    "a JPEG of no height": (lambda: with_size(encoded(scene(), "JPEG"), 800, 0), "any"),
    "a JPEG that claims to be higher": (lambda: with_size(encoded(scene(), "JPEG"), 5_000, 5_000), "any"),
    "a HEIC that claims to be larger": (lambda: heic_of_size(5_000, 5_000), "any"),
    **{f"JPEG scrambled, {n}": (lambda n=n: scrambled(encoded(scene(), "JPEG"), n), "any") for n in range(8)},
    **{f"PNG scrambled, {n}": (lambda n=n: scrambled(encoded(scene(), "PNG"), n), "any") for n in range(4)},
    **{f"WebP scrambled, {n}": (lambda n=n: scrambled(encoded(scene(), "WEBP"), n), "any") for n in range(8)},
    **{f"HEIC scrambled, {n}": (lambda n=n: scrambled(heic(), n), "any") for n in range(8)},
    **{f"HEIC header scrambled, {n}": (lambda n=n: scrambled(heic()[:600], n) + heic()[600:], "any") for n in range(8)},
}

HOSTILE: dict[str, Sample] = REFUSED | KEPT | UNCERTAIN
