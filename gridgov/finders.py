"""Static files that are not simply in static/: packages from npm by an allow-list, and our own files joined to one.

A package holds hundreds of files, the pages need a handful. A resident's phone in a stairwell pays for every request,
so the residents' pages load one style sheet and one script, joined from the same files the other pages load.
"""

import gzip
import os
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
    "vendor/echarts/echarts.js": "echarts/dist/echarts.simple.min.js",
}

_GROUND = ("css/tokens.css", "css/base.css", "css/shells.css")
# Address below /static/ → the files of static/ it is joined from.
JOINED_FILES = {
    "css/field.css": (*_GROUND, "css/report.css", "css/phone.css", "css/orders.css"),
    "css/door.css": (*_GROUND, "css/report.css", "css/public.css"),
    "js/door.js": ("js/pictures.js", "js/public.js"),
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


class JoinedFinder(BaseFinder):
    """Writes the joined files below GRIDGOV_HOME whenever their parts have changed, and finds them there."""

    def __init__(self, app_names=None, *args, **kwargs):
        self.source = Path(settings.BASE_DIR) / "static"
        self.root = Path(settings.GRIDGOV_HOME) / "static"
        self.storage = FileSystemStorage(location=self.root)

    def check(self, **kwargs) -> list:
        """Nothing to check: the parts are our own."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs):
        """The file behind one address, fresh."""
        path = path.replace("\\", "/")
        if path not in JOINED_FILES:
            return []
        file = str(self._fresh(path))
        return [file] if find_all else file

    def list(self, ignore_patterns) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every joined file, fresh, as collectstatic and the web server want them."""
        for path in JOINED_FILES:
            if not matches_patterns(path, ignore_patterns or ()):
                self._fresh(path)
                yield path, self.storage
                if settings.STATIC_ROOT is None:  # collectstatic makes its own
                    yield f"{path}.gz", self.storage

    def _fresh(self, path: str) -> Path:
        file, joined = self.root / path, b"\n".join((self.source / part).read_bytes() for part in JOINED_FILES[path])
        if not file.is_file() or file.read_bytes() != joined:
            file.parent.mkdir(parents=True, exist_ok=True)
            # WhiteNoise sends the compressed one to whoever takes it, as it does with hashed files.
            _put(file.with_name(file.name + ".gz"), gzip.compress(joined, 9, mtime=0))
            _put(file, joined)
        return file


def _put(file: Path, data: bytes) -> None:
    """Several processes may write at once: each a part of its own, and the last one wins with the same bytes."""
    part = file.with_name(f"{file.name}.{os.getpid()}")
    part.write_bytes(data)
    part.replace(file)
