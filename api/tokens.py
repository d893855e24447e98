"""`auth/token/`: log in as a program."""

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_logged_in
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny

from api import once, shapes
from api.base import answered, body_of
from api.problems import NoIdentity
from api.resource import Resource, speak
from core import clock
from core.errors import Invalid, TooMany
from personnel.models import ApiToken, User


class AuthToken(Resource):
    """Log in as a program."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def post_once(self, handler: Any, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Log in before the unit of work begins: a wrong password is counted although the request is refused."""
        user = self._log_in(request)
        return once.answer(request, lambda: handler(request, user), person=user.pk)

    @extend_schema(operation_id="auth_token", request=shapes.LogIn, responses={200: shapes.Token}, tags=["auth"])
    def create(self, request: Any, user: User | None = None) -> HttpResponse:
        """A new token for a user name and a password. Each call makes a token of its own."""
        key, token = ApiToken.issue(user, self.at)
        return answered({"token": key, "expires_at": clock.local(token.expires_at)})

    @staticmethod
    def _log_in(request: Any) -> User:
        body = body_of(request)
        given = {name: body.get(name) for name in ("username", "password")}
        missing = [name for name, value in given.items() if not (isinstance(value, str) and value)]
        errors = {name: [_("Please fill this in.")] for name in missing}
        if errors:
            raise Invalid(errors=errors)
        # NUL cannot be stored, and nobody is called so.
        user = authenticate(request._request, **{name: value.replace("\x00", "") for name, value in given.items()})
        if user is None:
            if getattr(request._request, "axes_locked_out", False):
                # Our answer stands; the middleware of axes would put a bare sentence in its place.
                request._request.axes_locked_out = False
                raise TooMany(
                    "locked_out",
                    _("After five wrong tries this account is locked here for 15 minutes. Try again later."),
                    retry_after=900,
                )
            raise NoIdentity("bad_credentials", _("The user name or the password is wrong."))
        user_logged_in.send(sender=User, request=request._request, user=user)
        speak(request, user)
        return user
