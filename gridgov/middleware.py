"""What happens to every request and every response, whichever door it uses."""

from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlencode

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from gridgov import failures

# Open to strangers. Everything else needs a log-in, known address or not, so that nobody learns which addresses exist.
PUBLIC_PREFIXES = (
    "/login/",
    "/logout/",
    "/r/",
    "/t/",
    "/static/",
    "/api/",
    "/open311/",
    "/i18n/",
)
PUBLIC_PATHS = frozenset(("/", "/healthz", "/readyz", "/metrics", "/sw.js", "/manifest.webmanifest"))


def client_address(request: HttpRequest) -> str:
    """The address the request came from, as `ClientAddress` settled it."""
    return request.META.get("REMOTE_ADDR", "")


class ClientAddress:
    """Settles REMOTE_ADDR once: with PROXY_COUNT proxies of ours in front, that many entries at the right are theirs.

    Entries further left are whatever the client wrote and are never believed: inventing some gains no log-in tries.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Replace the proxy's address by the client's."""
        if settings.PROXY_COUNT:
            chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            if len(chain) >= settings.PROXY_COUNT:
                try:
                    request.META["REMOTE_ADDR"] = str(ip_address(chain[-settings.PROXY_COUNT]))
                except ValueError:
                    pass
        return self.get_response(request)


class ExtraHeaders:
    """The headers Django has no setting for."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Add them unless the view said something stricter."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        if not request.path_info.startswith("/static/"):
            # Pages hold personal data: no shared or kept copy unless a view says so.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class DatabaseGone:
    """Turns "the database does not answer" into 503 with Retry-After, so that a phone keeps its outbox and tries again.

    Failures inside other middleware reach `failures.server_error`, which says the same.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Only the exception hook does anything."""
        return self.get_response(request)

    def process_exception(self, request, exception):
        """Answer for a view that could not reach the database or waited too long for it."""
        if isinstance(exception, OperationalError | InterfaceError):
            return failures.unavailable(request)
        return None


class LoginWall:
    """Strangers reach the public doors and the log-in page, nothing else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        """Let pass, or send to the log-in page."""
        if self.is_public(request.path_info) or request.user.is_authenticated:
            return self.get_response(request)
        return self.ask_to_log_in(request)

    @staticmethod
    def is_public(path: str) -> bool:
        """Whether a stranger may ask for this path at all."""
        return path in PUBLIC_PATHS or f"{path}/" in PUBLIC_PREFIXES or path.startswith(PUBLIC_PREFIXES)

    @staticmethod
    def ask_to_log_in(request: HttpRequest) -> HttpResponse:
        """The log-in page for people; 401 for scripts, which would take a redirected page for an answer."""
        target = f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}"
        if request.headers.get("HX-Request"):
            back = request.headers.get("HX-Current-URL", "")
            back = "/" + back.split("/", 3)[3] if back.count("/") >= 3 else "/"
            response = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
            response["HX-Redirect"] = f"{settings.LOGIN_URL}?{urlencode({'next': back})}"
            return response
        if request.method in {"GET", "HEAD"} and request.accepts("text/html"):
            return HttpResponseRedirect(target)
        if request.method == "POST" and request.accepts("text/html"):
            # What was posted is lost with the session; the page after the log-in is at least a page.
            return HttpResponseRedirect(settings.LOGIN_URL)
        return failures.problem(request, HTTPStatus.UNAUTHORIZED, code="not_authenticated")
