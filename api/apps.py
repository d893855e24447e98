"""The REST door as Django sees it."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Door 1."""

    name = "api"

    def ready(self) -> None:
        """Let the schema know our ways of authentication."""
        from api import schema  # noqa: F401
