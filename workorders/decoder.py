"""The process that opens strangers' pictures. It is run as a script, alone, and imports nothing of ours.

`imaging` starts it with an empty environment and talks to it over its standard input, a socket:

1. The request is `!4sI`: the format to read as (`JPEG`, `PNG `, `WEBP`, `HEIF`) and the length; then the bytes. `COPY`
   asks for a copy of a JPEG we wrote: the length of a JSON object (`!I`), the object (`copied`), then the JPEG.
2. The answer is `!III`: the lengths of a JSON object, a JPEG and its thumbnail; then the three.
3. The object holds either `error` (`pixels` and how many may be, `heavy`, `broken`) or `width`, `height`, `phash` and
   what the EXIF data say: `taken`, `offset`, `lon`, `lat`.
4. At the end of the input the process ends. Whatever else happens to it, the caller starts another.

Memory, processor time, files and core dumps are limited by the kernel before the first byte is read.
"""

import io
import json
import math
import resource
import socket
import struct
import sys
import warnings

# So many that reading holds less than 300 MB: libwebp keeps four copies of a picture, libheif two and a half; of an
# ordinary JPEG only as much is unpacked as is kept, of a progressive one every coefficient.
MAX_PIXELS = {"JPEG": 40_000_000, "progressive": 20_000_000, "PNG": 40_000_000, "WEBP": 12_000_000, "HEIF": 30_000_000}
LONG_SIDE = 1600
THUMBNAIL_SIDE = 320
QUALITY = 82
THUMBNAIL_QUALITY = 75
# Of addresses, libraries included; what is really held stays under 300 MB (tests/workorders/test_imaging.py).
MEMORY = 512 << 20
# Pixels that are made smaller in one go.
STRIP = 1 << 20
CPU_SECONDS = 6
# A progressive JPEG has about ten scans, and a second small one may be inside; thousands are made to burn time.
MAX_SCANS = 40

REQUEST = struct.Struct("!4sI")
ANSWER = struct.Struct("!III")
ORDER = struct.Struct("!I")
# A photo is masked by the fields of a raster of so many columns and rows, counted from the upper left.
MASK_COLUMNS, MASK_ROWS = 12, 9
# So many squares of one colour across a masked field, and a strip of text at most so much of the height.
SQUARES, STRIP_SHARE = 2, 0.14

ORIENTATION, EXIF_IFD, GPS_IFD = 0x0112, 0x8769, 0x8825
DATE_TIME_ORIGINAL, OFFSET_TIME_ORIGINAL = 0x9003, 0x9011


class Refused(Exception):
    """The picture cannot be used; the reason is one of the protocol's words."""


def restrict():
    """Give up what decoding a picture does not need. Called when everything is imported."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def allow_time():
    """Grant processor time for one more picture; the kernel ends the process when it is used up."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + CPU_SECONDS, hard))


def check_size(width, height, kind):
    """Refuse by the header, before anything is unpacked."""
    if width * height > MAX_PIXELS[kind]:
        raise Refused("pixels", MAX_PIXELS[kind])
    if width < 1 or height < 1:
        raise Refused("broken")


def check_header(data, kind):
    """What Pillow would find out only after reserving memory or time."""
    if kind == "JPEG" and data.count(b"\xff\xda") > MAX_SCANS:
        raise Refused("heavy")
    if kind == "WEBP" and data[12:16] == b"VP8X" and len(data) >= 30:
        check_size(1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"), kind)


def read(data, kind):
    """Read a picture as this format and nothing else: (facts, JPEG, thumbnail). Raises Refused."""
    from PIL import Image

    check_header(data, kind)
    with Image.open(io.BytesIO(data), formats=(kind,)) as image:
        check_size(*image.size, "progressive" if kind == "JPEG" and image.info.get("progressive") else kind)
        if kind == "JPEG":
            image.draft("RGB", (LONG_SIDE, LONG_SIDE))
        image.load()
        facts, orientation = exif_facts(image)
        picture = upright(shrunk(image, LONG_SIDE), orientation)
    small = shrunk(picture, THUMBNAIL_SIDE)
    facts |= {"width": picture.width, "height": picture.height, "phash": perceptual_hash(small)}
    return facts, jpeg(picture, QUALITY), jpeg(small, THUMBNAIL_QUALITY)


def shrunk(image, side):
    """A new RGB picture, at most `side` long, without any of the original's attachments; transparency becomes white.

    A large picture is first made smaller by a whole number, strip by strip, so that it is never held twice.
    """
    from PIL import Image

    width, height = image.size
    size = [max(1, round(length * min(1, side / max(width, height)))) for length in image.size]
    factor = max(1, max(width, height) // (2 * side))
    if factor == 1:
        clean = plain(image)
    else:
        clean = Image.new("RGB", (math.ceil(width / factor), math.ceil(height / factor)))
        rows = factor * max(1, STRIP // (width * factor))
        for top in range(0, height, rows):
            strip = plain(image.crop((0, top, width, min(top + rows, height))))
            clean.paste(strip.reduce(factor), (0, top // factor))
    return clean.resize(size, Image.Resampling.LANCZOS) if clean.size != tuple(size) else clean


def plain(image):
    """The same pixels in RGB on white; a new picture."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        # Sixteen bits of grey: the upper eight.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode in ("1", "P", "PA") or (image.mode in ("L", "RGB") and "transparency" in image.info):
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    elif image.mode in ("LA", "La", "RGBa"):
        image = image.convert("RGBA")
    clean = Image.new("RGB", image.size, "white")
    clean.paste(image.convert("RGB"), mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return clean


def upright(picture, orientation):
    """Turned the way the camera was held."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return picture.transpose(turns[orientation]) if orientation in turns else picture


def jpeg(picture, quality):
    """Fresh bytes that hold the pixels and nothing else."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=False, progressive=False)
    return out.getvalue()


def exif_facts(image):
    """What the camera wrote about time and place, and how it was held; nonsense counts as nothing."""
    facts, orientation = {}, 1
    try:
        exif = image.getexif()
        orientation = exif.get(ORIENTATION, 1)
        camera = exif.get_ifd(EXIF_IFD)
        for name, tag in (("taken", DATE_TIME_ORIGINAL), ("offset", OFFSET_TIME_ORIGINAL)):
            if isinstance(value := camera.get(tag), str):
                facts[name] = value[:40]
        place = exif.get_ifd(GPS_IFD)
        lat, lon = degrees(place.get(2), place.get(1), 90), degrees(place.get(4), place.get(3), 180)
        # Exactly nought and nought is what phones write when they do not know.
        if lat is not None and lon is not None and (lat or lon):
            facts |= {"lat": lat, "lon": lon}
    except MemoryError:
        raise
    except Exception:  # noqa: S110 - a hundred ways to be malformed, and the picture is good without
        pass
    return facts, orientation


def degrees(parts, side, most):
    """Degrees from (degrees, minutes, seconds) and N, S, E or W; None when they are not on the globe."""
    if parts is None or len(parts) != 3:
        return None
    value = sum(float(part) / 60**place for place, part in enumerate(parts))
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return round(-value if side in ("S", "W") else value, 7)


COSINES = [[math.cos(math.pi * (2 * x + 1) * u / 64) for x in range(32)] for u in range(8)]


def perceptual_hash(picture):
    """64 bits in hex that change little when the picture is scaled, recoded or brightened (a DCT of 32 × 32 greys)."""
    grey = picture.convert("L").resize((32, 32)).tobytes()
    rows = [grey[start : start + 32] for start in range(0, 1024, 32)]
    across = [[sum(c * v for c, v in zip(wave, row, strict=True)) for wave in COSINES] for row in rows]
    down = [[sum(wave[y] * across[y][u] for y in range(32)) for u in range(8)] for wave in COSINES]
    values = [round(value, 3) for line in down for value in line]
    median = sorted(values[1:])[31]
    bits = sum(1 << place for place, value in enumerate(values) if value > median)
    return f"{bits:016x}"


def copied(data):
    """A copy of a photo we wrote: (facts, JPEG, nothing).

    The order may hold `side` (no longer than that), `cells` (fields that are made unrecognisable), `lines` (written
    into a strip at the bottom) and `font`, the file of their typeface.
    """
    from PIL import Image

    (length,) = ORDER.unpack_from(data)
    order = json.loads(data[ORDER.size : ORDER.size + length])
    with Image.open(io.BytesIO(data[ORDER.size + length :]), formats=("JPEG",)) as image:
        picture = image.convert("RGB")
    for cell in order.get("cells", ()):
        mask(picture, cell)
    if order.get("side"):
        picture = shrunk(picture, order["side"])
    if order.get("lines"):
        picture = watermarked(picture, order["lines"], order["font"])
    return {"width": picture.width, "height": picture.height}, jpeg(picture, QUALITY), b""


def mask(picture, cell):
    """Leave a few squares of one colour where somebody could be known."""
    from PIL import Image

    row, column = divmod(cell, MASK_COLUMNS)
    edges = [picture.width * at // MASK_COLUMNS for at in (column, column + 1)]
    rows = [picture.height * at // MASK_ROWS for at in (row, row + 1)]
    box = (edges[0], rows[0], edges[1], rows[1])
    size = (box[2] - box[0], box[3] - box[1])
    if min(size) > 0:
        coarse = picture.crop(box).resize((SQUARES, SQUARES), Image.Resampling.BOX)
        picture.paste(coarse.resize(size, Image.Resampling.NEAREST), box)


def watermarked(picture, lines, font):
    """The lines in white on a dark strip over the bottom; each as large as fits."""
    from PIL import Image, ImageDraw, ImageFont

    room, least = int(picture.height * STRIP_SHARE / len(lines)), 6
    sizes, wide = [], picture.width * 0.96
    for line in lines:
        size = max(least, min(int(picture.width / 28), int(room * 0.8)))
        while size > least and ImageFont.truetype(font, size).getlength(line) > wide:
            size -= 1
        sizes.append(size)
    size = min(sizes)
    step, edge = int(size * 1.35), int(picture.width * 0.02)
    strip = Image.new("RGBA", (picture.width, step * len(lines) + edge), (0, 0, 0, 150))
    draw, letters = ImageDraw.Draw(strip), ImageFont.truetype(font, size)
    for number, line in enumerate(lines):
        draw.text((edge, edge // 2 + number * step), line, font=letters, fill=(255, 255, 255, 255))
    picture.paste(strip.convert("RGB"), (0, picture.height - strip.height), strip.getchannel("A"))
    return picture


def answer(data, kind):
    """The facts and the two pictures, or the reason why not."""
    from PIL import Image

    try:
        return copied(data) if kind == "COPY" else read(data, kind)
    except Refused as refused:
        reason, *most = refused.args
        return {"error": reason, "most": most[0] if most else 0}, b"", b""
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        reason = "pixels"
    except MemoryError:
        reason = "heavy"
    except Exception as problem:
        reason = "heavy" if "memory" in str(problem).lower() else "broken"
    return {"error": reason}, b"", b""


def receive(connection, length):
    """Exactly so many bytes, or fewer at the end of the input."""
    parts = bytearray()
    while len(parts) < length:
        part = connection.recv(min(length - len(parts), 1 << 20))
        if not part:
            break
        parts += part
    return bytes(parts)


def main():
    """Import everything, give up everything else, answer until the input ends."""
    sys.path.extend(path for path in sys.argv[1:] if path not in sys.path)
    import PIL.Image
    import PIL.JpegImagePlugin
    import PIL.MpoImagePlugin
    import PIL.PngImagePlugin
    import PIL.WebPImagePlugin
    import pillow_heif

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    # Pillow's own guard, at our number, and as a refusal instead of a warning.
    PIL.Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS.values())
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", PIL.Image.DecompressionBombWarning)
    restrict()
    connection = socket.socket(fileno=0)
    while len(header := receive(connection, REQUEST.size)) == REQUEST.size:
        kind, length = REQUEST.unpack(header)
        data = receive(connection, length)
        if len(data) < length:
            return
        allow_time()
        facts, picture, thumbnail = answer(data, kind.decode().strip())
        told = json.dumps(facts).encode()
        connection.sendall(ANSWER.pack(len(told), len(picture), len(thumbnail)) + told + picture + thumbnail)


if __name__ == "__main__":
    main()
