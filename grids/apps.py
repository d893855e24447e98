from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridsConfig(AppConfig):
    """WHERE: the city–district–street–community–grid tree."""

    name = "grids"
    verbose_name = _("Areas and grids")
