"""The machine-readable description and its page, both made from the code and served without any network."""

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema as BaseSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from api import shapes


class TokenScheme(OpenApiAuthenticationExtension):
    """`Authorization: Token …`."""

    target_class = "api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict:
        """As OpenAPI writes it."""
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token …, from auth/token/"}


class SessionScheme(OpenApiAuthenticationExtension):
    """The browser's session."""

    target_class = "api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict:
        """As OpenAPI writes it."""
        from django.conf import settings

        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class AutoSchema(BaseSchema):
    """Every operation may be refused, and every POST may carry a key."""

    def get_override_parameters(self) -> list:
        """The header of contract §3 on each POST."""
        found = list(super().get_override_parameters())
        if self.method == "POST":
            words = "A UUID: the same key and body answer the first result again."
            found.append(OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=words))
        return found

    def _get_filter_parameters(self) -> list:
        return super()._get_filter_parameters() if self._is_paged() else []

    def _get_paginator(self) -> Any:
        return super()._get_paginator() if self._is_paged() else None

    def _is_paged(self) -> bool:
        """Moves, deadlines and likenesses are bare arrays."""
        return getattr(self.view, "action", None) in getattr(self.view, "paged", ())

    def _get_response_bodies(self, direction: str = "response") -> dict:
        found = super()._get_response_bodies(direction)
        refusal = OpenApiResponse(shapes.Problem, description="A refusal.")
        kinds = ["application/problem+json"]
        return {**found, "default": self._get_response_for_code(refusal, "default", kinds, direction)}


@functools.lru_cache(maxsize=8)
def _document(language: str | None) -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


class Schema(SpectacularAPIView):
    """OpenAPI 3, as YAML or JSON; made once per process and language."""

    permission_classes = (AllowAny,)
    authentication_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """The description."""
        return Response(_document(get_language()), headers={"Content-Disposition": 'inline; filename="gridgov.yaml"'})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """A page to read the description and to try it."""
    return render(request, "api/docs.html")
