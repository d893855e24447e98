"""What makes the phone's pages an app: the manifest, and the service worker at the root of the site."""

import hashlib
import json
from functools import lru_cache

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import PrefixNode, static
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

app_name = "pwa"

# What a page of the phone loads by its own address, and the modules others import by an address that is never hashed.
NAMED = ("css/field.css", "img/icons.svg", "img/logo.svg", "js/base.js", "js/phone.js", "js/orders.js")
_MODULES = "outbox/ground outbox/sender outbox/forms outbox/receipt pictures report place pocket"
IMPORTED = tuple(f"js/{name}.js" for name in _MODULES.split())
ICONS = (("img/app-192.png", 192, "any"), ("img/app-512.png", 512, "any"), ("img/app-mask-512.png", 512, "maskable"))


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """How the phone's pages look when they are put on the home screen."""
    icons = [
        {"src": static(name), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
        for name, side, purpose in ICONS
    ]
    body = {
        "id": "/m/",
        "name": _("Gridgov"),
        "short_name": _("Gridgov"),
        "description": _("Report, dispatch, handle, feed back, review: every matter followed to its close."),
        "lang": get_language(),
        "start_url": "/m/",
        "scope": "/",
        "display": "standalone",
        "orientation": "portrait",
        "theme_color": "#0b5878",
        "background_color": "#f1f4f7",
        "icons": icons,
        "shortcuts": [{"name": _("Report"), "url": "/m/report/"}],
    }
    response = JsonResponse(body, content_type="application/manifest+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker: its text changes whenever one of its files does, so that browsers take the new ones."""
    prefix = PrefixNode.handle_simple("STATIC_URL")
    files = sorted({*(static(name) for name in NAMED), *(prefix + name for name in IMPORTED)})
    context = {"version": _version() if not settings.DEBUG else _version.__wrapped__(), "files": json.dumps(files)}
    response = render(
        request, "phone/sw.js", context | {"prefix": prefix}, content_type="text/javascript; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=1)
def _version() -> str:
    """A mark of what the files hold."""
    digest = hashlib.sha256()
    for name in (*NAMED, *IMPORTED):
        with open(finders.find(name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


urlpatterns = [
    path("manifest.webmanifest", manifest, name="manifest"),
    path("sw.js", service_worker, name="service_worker"),
]
