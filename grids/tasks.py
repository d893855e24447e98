"""Celery: what is drawn before anybody asks for it."""

from celery import shared_task

from core import clock


@shared_task(name="grids.tasks.draw_ahead")
def draw_ahead() -> int:
    """The outlines of the maps people open first, after the tree or an outline changed and on a new day."""
    from grids import shapes

    return shapes.draw_ahead(clock.today())
