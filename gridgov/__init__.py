"""The project: wiring only."""

# Loaded with Django, so that `shared_task` finds the app and its broker in every process, the web server's included.
from gridgov.celery import app as celery_app

__all__ = ("celery_app",)
