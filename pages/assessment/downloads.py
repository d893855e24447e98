"""Stored evidence on its way to whoever may see it."""

from typing import Any

from django.http import HttpResponse

from assessment import evidence
from pages import downloads


def send(field: Any) -> HttpResponse:
    """The file of a model's field; 404 where it is gone."""
    return downloads.send(field, name=evidence.name_of(field))
