"""Files of areas, grids and boundaries."""

from .areas import import_areas, import_grids
from .boundaries import import_boundaries
from .report import Problem, Report

__all__ = ("Problem", "Report", "import_areas", "import_boundaries", "import_grids")
