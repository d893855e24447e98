"""Photos for the demo's orders: drawn scenes, each a little different, stored like any photo."""

import datetime as dt
import io
import secrets
from random import Random

from PIL import Image, ImageDraw

from workorders import imaging
from workorders.commands.attaching import path_of
from workorders.models import Attachment
from workorders.simulation import loading

SIZE = (800, 600)
_SKIES = ("#b9d3ea", "#d7e3ee", "#f0d9b8", "#c8d4dc", "#a9c4e2")
_WALLS = ("#c9b79c", "#b8654f", "#d9d2c5", "#8f9aa5", "#a58a6f")
_GROUNDS = ("#8a8d8f", "#9c9384", "#7d8a73", "#a8a29a")
_HEAPS = ("#7a5c3e", "#5c5148", "#8b7a5a", "#4f5b4a", "#93492f")


class Album:
    """Takes photos for lives and keeps their rows; the files are written at once."""

    def __init__(self, dice: Random):
        self.dice = dice
        self.rows: list[Attachment] = []

    def take(self, life, at: dt.datetime, by, role: str, kind: str) -> int:
        """A photo of an order's spot, attached at that moment; returns its id."""
        photo = imaging.read_photo(draw(self.dice, tidy=kind == Attachment.Kind.AFTER))
        pk = loading.reserve(Attachment, 1)[0]
        row = Attachment(
            pk=pk,
            order_id=life.order.id,
            kind=kind,
            key=secrets.token_hex(16),
            sha256=photo.sha256,
            perceptual_hash=photo.phash,
            width=photo.width,
            height=photo.height,
            size=len(photo.jpeg),
            taken_at=at - dt.timedelta(seconds=self.dice.randint(5, 90)),
            lon=life.order.lon,
            lat=life.order.lat,
            by_id=by.id if by else None,
            uploaded_at=at,
        )
        for path, data in ((path_of(row.key), photo.jpeg), (path_of(row.key, thumbnail=True), photo.thumbnail)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.rows.append(row)
        life.attached(at, by, role, pk, kind)
        return pk

    def store(self):
        """Write the rows, after the orders."""
        Attachment.objects.bulk_create(self.rows)

    def forget(self, order_id: int):
        """Remove the photos of a life that was told in vain."""
        gone = [row for row in self.rows if row.order_id == order_id]
        self.rows = [row for row in self.rows if row.order_id != order_id]
        _remove(gone)

    def burn(self):
        """Remove the files of a load that failed."""
        _remove(self.rows)


def _remove(rows: list[Attachment]):
    for row in rows:
        path_of(row.key).unlink(missing_ok=True)
        path_of(row.key, thumbnail=True).unlink(missing_ok=True)


def draw(dice: Random, *, tidy: bool) -> bytes:
    """A street corner as JPEG: house, pavement, and, unless tidy, something in the way."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE, dice.choice(_SKIES))
    pen = ImageDraw.Draw(picture)
    floor = dice.randint(330, 430)
    left = dice.randint(-120, 260)
    right = left + dice.randint(320, 620)
    roof = dice.randint(30, 170)
    pen.rectangle((left, roof, right, floor), fill=dice.choice(_WALLS))
    columns, rows = dice.randint(3, 7), dice.randint(2, 4)
    for column in range(columns):
        for row in range(rows):
            x = left + (right - left) * (column + 0.25) / columns
            y = roof + (floor - roof) * (row + 0.2) / rows
            pen.rectangle((x, y, x + (right - left) / columns / 2, y + (floor - roof) / rows / 2), fill="#3f5566")
    pen.rectangle((0, floor, width, height), fill=dice.choice(_GROUNDS))
    pen.line((0, floor + 60, width, floor + dice.randint(40, 90)), fill="#e8e4da", width=dice.randint(3, 9))
    for _tree in range(dice.randint(0, 3)):
        x, size = dice.randint(20, width - 20), dice.randint(40, 110)
        pen.rectangle((x - 6, floor - size, x + 6, floor + 12), fill="#5b4632")
        pen.ellipse((x - size, floor - 2.4 * size, x + size, floor - 0.6 * size), fill="#5f7f4e")
    if not tidy:
        middle, broad = dice.randint(160, 640), dice.randint(90, 240)
        for _piece in range(dice.randint(18, 40)):
            x, y = dice.gauss(middle, broad / 2), dice.uniform(floor + 20, height - 30)
            size = dice.randint(10, 46)
            pen.ellipse((x - size, y - size * 0.7, x + size, y + size * 0.7), fill=dice.choice(_HEAPS))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=78)
    return out.getvalue()
