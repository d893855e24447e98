"""Static files of the npm packages, by an allow-list: a package holds hundreds of files, the pages need a handful."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

# Address below /static/ → file below node_modules/. A css file brings every file it names with url(), a script its
# source map: the storage with hashed names refuses to build otherwise.
VENDOR_FILES = {
    "vendor/leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "vendor/leaflet/leaflet.js.map": "leaflet/dist/leaflet.js.map",
    "vendor/leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "vendor/leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "vendor/leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "vendor/leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "vendor/leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "vendor/leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "vendor/geojson-vt/geojson-vt.js": "geojson-vt/geojson-vt.js",
}


class VendorFinder(BaseFinder):
    """Finds the listed files and no others."""

    def __init__(self, app_names=None, *args, **kwargs):
        self.root = Path(settings.BASE_DIR) / "node_modules"
        self.storage = _Renamed(location=self.root)

    def check(self, **kwargs) -> list:
        """Nothing to check: absent packages are the set-up's business."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs):
        """The real file behind one address."""
        target = VENDOR_FILES.get(path.replace("\\", "/"))
        file = self.root / target if target else None
        if file is None or not file.is_file():
            return []
        return [str(file)] if find_all else str(file)

    def list(self, ignore_patterns) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every listed file that is installed, as collectstatic wants them."""
        for path, target in VENDOR_FILES.items():
            if not matches_patterns(path, ignore_patterns or ()) and (self.root / target).is_file():
                yield path, self.storage


class _Renamed(FileSystemStorage):
    """Opens a file by its address instead of its place."""

    prefix = None

    def path(self, name: str) -> str:
        """The place of a listed address."""
        return super().path(VENDOR_FILES.get(name.replace("\\", "/"), name))
