"""What every resource shares: who asks and in which language, one effect per POST, nothing shown by default."""

import datetime as dt
import functools
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.utils import translation
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.viewsets import GenericViewSet

from api import once
from api.base import JSONParser
from api.problems import NotThere
from api.schema import AutoSchema
from core import clock
from core.errors import TooLarge
from personnel.jurisdiction import Standing, standing_of

MOST_JSON, MOST_MULTIPART = 1024 * 1024, 32 * 1024 * 1024
# What is too large is still read to its end up to here, so that the sender gets the answer and not a reset.
MOST_READ = 64 * 1024 * 1024


class Resource(GenericViewSet):
    """The base of every viewset: closed until a method says what it shows.

    A POST is one unit of work and one commit, with or without an Idempotency-Key; see api/once.py.
    """

    queryset: models.QuerySet | None = None
    pagination_class = None
    # The actions that answer page by page.
    paged: tuple[str, ...] = ("list",)
    schema = AutoSchema()
    parser_classes = (JSONParser, FormParser, MultiPartParser)
    http_method_names = ["get", "post", "head"]
    metadata_class = None

    def get_queryset(self) -> models.QuerySet:
        """Nothing: each method starts from `visible_to`."""
        return self.queryset.none()

    def perform_authentication(self, request: Any) -> None:
        """Find out who asks, and speak their language unless the request names one."""
        super().perform_authentication(request)
        speak(request, request.user)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Refuse what is too large before it is read; let a POST have one effect."""
        super().initial(request, *args, **kwargs)
        if any(isinstance(value, str) and "\x00" in value for value in kwargs.values()):
            raise NotThere
        self._refuse_large(request)
        if request.method == "POST" and hasattr(self, "post"):
            self.post = functools.partial(self.post_once, self.post)

    def post_once(self, handler: Any, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Carry a POST out once per key."""
        return once.answer(request, lambda: handler(request, *args, **kwargs), person=request.user.pk)

    @functools.cached_property
    def at(self) -> dt.datetime:
        """The moment of the request: the door reads the clock once."""
        return clock.now()

    @property
    def standing(self) -> Standing:
        """What the reader holds today."""
        return standing_of(self.request.user, clock.date_of(self.at))

    @staticmethod
    def _refuse_large(request: Any) -> None:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        most = MOST_MULTIPART if (request.content_type or "").startswith("multipart/") else MOST_JSON
        if length <= most:
            return
        left = min(length, MOST_READ)
        while left > 0 and (piece := request._request.read(min(left, 1024 * 1024))):
            left -= len(piece)
        raise TooLarge(limit=most)


def speak(request: Any, user: Any) -> None:
    """Answer in the language the request asks for, else in the person's own."""
    language = getattr(user, "language", "")
    if language and request.META.get("HTTP_ACCEPT_LANGUAGE", "").strip() in ("", "*"):
        translation.activate(language)
        request._request.LANGUAGE_CODE = translation.get_language()
