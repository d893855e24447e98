"""The vendor files are served by the allow-list, nothing else of the packages is."""

import pytest
from django.contrib.staticfiles import finders

from gridgov.finders import VENDOR_FILES

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
