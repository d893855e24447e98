"""Every answer carries the security headers, failures and static files included, and strangers meet the wall."""

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from gridgov import failures, middleware

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(self), geolocation=(self)",
    "Content-Security-Policy": "default-src 'self'",
}
CLOSED = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'", "style-src 'self'")


def assert_headers(response):
    for name, part in EXPECTED.items():
        assert part in response.headers.get(name, ""), name
    policy = response.headers["Content-Security-Policy"]
    assert all(part in policy for part in CLOSED)
    assert "unsafe" not in policy


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200),
        ("/static/vendor/leaflet/leaflet.js", 200),
        ("/static/nothing.js", 404),
        ("/api/v1/nothing-of-the-kind/", 404),
        ("/nothing/of/the/kind/", 302),
        ("/admin/", 302),
    ],
)
def test_every_answer_has_the_headers(client, path, status):
    response = client.get(path)
    response.close()
    assert response.status_code == status
    assert_headers(response)


@pytest.mark.django_db
def test_a_crash_has_the_headers_too(client, monkeypatch):
    def crash(request):
        raise ZeroDivisionError

    monkeypatch.setattr("gridgov.middleware.LoginWall.ask_to_log_in", staticmethod(crash))
    client.raise_request_exception = False
    response = client.get("/crash/")
    assert response.status_code == 500
    assert_headers(response)
    assert b"ZeroDivisionError" not in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/m/", "/desk/", "/admin/", "/no/such/page/", "/uploads/x.jpg"])
def test_a_stranger_learns_nothing_but_the_log_in_page(client, path):
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.django_db
def test_scripts_get_401_instead_of_a_page(client):
    assert client.get("/desk/", headers={"accept": "application/json"}).status_code == 401
    part = client.get("/desk/", headers={"hx-request": "true", "hx-current-url": "https://host/desk/?q=1"})
    assert part.status_code == 401
    assert part["HX-Redirect"] == "/login/?next=%2Fdesk%2F%3Fq%3D1"


def test_the_log_in_page_gets_no_foreign_address_to_return_to():
    request = RequestFactory().get("/x/", headers={"hx-request": "true", "hx-current-url": "https://evil.example//a/b"})
    target = middleware.LoginWall.ask_to_log_in(request)["HX-Redirect"]
    assert "evil" not in target


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "9.9.9.9", "127.0.0.1"),
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 9.9.9.9, 10.0.0.1", "9.9.9.9"),
        (2, "9.9.9.9", "127.0.0.1"),
        (1, "nonsense", "127.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, header, expected):
    settings.PROXY_COUNT = proxies
    request = RequestFactory().get("/", headers={"x-forwarded-for": header})
    assert middleware.ClientAddress(middleware.client_address)(request) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "kind"), [("/healthz", "text/html"), ("/api/v1/workorders/", "application/problem+json")]
)
def test_a_lost_database_is_503_with_a_time_to_come_back(path, kind):
    request = RequestFactory().get(path, headers={"accept": "text/html"})
    answer = middleware.DatabaseGone(None).process_exception(request, OperationalError("gone"))
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer["Content-Type"].startswith(kind)
    assert middleware.DatabaseGone(None).process_exception(request, ValueError()) is None


def test_a_database_lost_inside_middleware_is_503_as_well():
    try:
        raise OperationalError("gone")
    except OperationalError:
        assert failures.server_error(RequestFactory().get("/m/")).status_code == 503
    assert failures.server_error(RequestFactory().get("/m/")).status_code == 500
