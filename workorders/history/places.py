"""Where a row of history lies: by the code of a grid or community, else by its point, in bulk."""

import shapely

from grids.directory import Place, directory
from grids.levels import Level
from grids.models import Boundary

LEVELS = (Level.COMMUNITY, Level.GRID, Level.MICRO)


class Atlas:
    """The current outlines of all grids in memory, read when the first point is asked for."""

    def __init__(self):
        self._tree = None
        self._ids: list[int] = []

    def grid_at(self, lon: float, lat: float) -> Place | None:
        """The grid that contains the point; on a shared edge the one with the smallest code."""
        if self._tree is None:
            rows = Boundary.objects.filter(ends=None, area__level=Level.GRID, area__ends=None).order_by("area__code")
            found = list(rows.values_list("area_id", "wkb"))
            self._ids = [area_id for area_id, _wkb in found]
            self._tree = shapely.STRtree([shapely.from_wkb(bytes(wkb)) for _area, wkb in found])
        hits = self._tree.query(shapely.Point(lon, lat), predicate="covered_by")
        return directory().by_id[self._ids[min(hits)]] if len(hits) else None
