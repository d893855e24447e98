from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Ground floor")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from core import tasks  # noqa: F401  the relay must be known to every process
