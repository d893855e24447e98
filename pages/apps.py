"""The HTML door."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    """Server-rendered pages; no models of its own."""

    name = "pages"
    verbose_name = _("Pages")
