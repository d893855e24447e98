"""What is done with what residents tell: one page in plain words, linked from every form."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from pages.base import page


@never_cache
@page
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """What we ask for, why, who sees it, how long it is kept."""
    return render(request, "public/privacy.html")
