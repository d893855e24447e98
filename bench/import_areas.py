"""`import_areas`: seconds to import a file of 30 000 areas, the tree numbered and sound afterwards."""

import csv
import tempfile
import time
from pathlib import Path

from django.db import transaction

from grids import tree
from grids.imports import import_areas
from grids.models import Area

AREAS = 30_000
LIMIT_SECONDS = 60.0


def rows(count: int = AREAS):
    """Rows of a made-up province 99: cities of 10 districts of 20 streets of 50 communities."""
    made = 0
    for city in range(1, 100):
        city_code = f"99{city:02}00000000"
        yield city_code, f"第{city}市", "city", "990000000000"
        made += 1
        for district in range(1, 11):
            district_code = f"99{city:02}{district:02}000000"
            yield district_code, f"第{district}区", "county", city_code
            made += 1
            for street in range(1, 21):
                street_code = f"99{city:02}{district:02}{street:03}000"
                yield street_code, f"第{street}街道", "street", district_code
                made += 1
                for community in range(1, 51):
                    if made >= count:
                        return
                    yield f"{street_code[:9]}{community:03}", f"第{community}社区", "community", street_code
                    made += 1


def run() -> dict:
    """Import into the database at hand, check the outcome, and take it back."""
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        path = Path(folder) / "areas.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("code", "name", "level", "parent_code"))
            writer.writerows(rows())
        before = Area.objects.count()
        since = time.perf_counter()
        report = import_areas(path)
        seconds = time.perf_counter() - since
        if report.problems or Area.objects.count() - before != AREAS or tree.check():
            raise RuntimeError("the import went wrong")
        transaction.set_rollback(True)
    return {"value": round(seconds, 2), "unit": "s", "limit": LIMIT_SECONDS}
