"""The vendor files are served by the allow-list, nothing else of the packages is; joined files are their parts."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from gridgov.finders import JOINED_FILES, VENDOR_FILES, JoinedFinder

# Closing an answer closes the connections of its request.
pytestmark = pytest.mark.django_db


def fetch(client, path):
    """Ask for a static file and close it again."""
    answer = client.get(path)
    answer.close()
    return answer


@pytest.mark.parametrize("path", sorted(VENDOR_FILES))
def test_every_listed_file_is_there(client, path):
    assert finders.find(path), "run npm ci"
    answer = fetch(client, f"/static/{path}")
    assert answer.status_code == 200
    assert "max-age=604800" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["leaflet/package.json", "vendor/leaflet/package.json", "vendor/leaflet/../../leaflet/package.json"]
)
def test_nothing_else_of_a_package_is_served(client, path):
    assert fetch(client, f"/static/{path}").status_code == 404


def test_htmx_comes_from_its_wheel(client):
    assert fetch(client, "/static/django_htmx/htmx-2.min.js").status_code == 200


def test_collecting_finds_the_same_files():
    listed = {path for finder in finders.get_finders() for path, _ in finder.list([]) if path.startswith("vendor/")}
    assert set(VENDOR_FILES) <= listed
    assert set(JOINED_FILES) <= {path for finder in finders.get_finders() for path, _ in finder.list([])}


@pytest.mark.parametrize("path", sorted(JOINED_FILES))
def test_joined_files_hold_their_parts_in_order(client, path):
    parts = [(Path(settings.BASE_DIR) / "static" / part).read_bytes() for part in JOINED_FILES[path]]
    answer = client.get(f"/static/{path}")
    assert b"".join(answer.streaming_content) == b"\n".join(parts)
    answer.close()
    answer = client.get(f"/static/{path}", headers={"accept-encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(b"".join(answer.streaming_content)) == b"\n".join(parts)
    answer.close()


def test_a_part_that_changed_is_joined_anew(monkeypatch, tmp_path, settings):
    settings.BASE_DIR, settings.GRIDGOV_HOME = tmp_path, tmp_path / "home"
    monkeypatch.setattr("gridgov.finders.JOINED_FILES", {"css/all.css": ("css/a.css", "css/b.css")})
    (tmp_path / "static" / "css").mkdir(parents=True)
    for name in "ab":
        (tmp_path / "static" / "css" / f"{name}.css").write_text(name)
    finder = JoinedFinder()
    assert Path(finder.find("css/all.css")).read_text() == "a\nb"
    (tmp_path / "static" / "css" / "b.css").write_text("c")
    assert Path(finder.find("css/all.css")).read_text() == "a\nc"
    assert finder.find("css/a.css") == [] and finder.find("css/all.css", True) == [str(finder.root / "css/all.css")]
