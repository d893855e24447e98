"""`suggestions/`: what a description may be about, where it goes, and what is alike. Proposals, never decisions."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema

from api import shapes
from api.areas import brief
from api.base import answered, body_of, known_fields, point_of
from api.resource import Resource
from api.workorders.orders import similar_body
from core import clock
from core.errors import Invalid
from grids.directory import Place, directory
from grids.levels import Level
from grids.locate import grid_at
from personnel.jurisdiction import units_directory
from workorders import catalogue
from workorders.guessing import Guess, guess
from workorders.intake import DESCRIPTION_LENGTH
from workorders.models import WorkOrder
from workorders.similar import similar_to


class Suggestions(Resource):
    """A look at a text before it becomes a report."""

    queryset = WorkOrder.objects.none()

    @extend_schema(
        operation_id="suggestions", request=shapes.Text, responses={200: shapes.Suggestions}, tags=["suggestions"]
    )
    def create(self, request: Any) -> HttpResponse:
        """Categories whose names match the text, the units they are routed to, the grid, likely duplicates."""
        body = body_of(request)
        known_fields(body, "text", "lon", "lat")
        text, place, point = self._read(body)
        guesses = guess(text)
        return answered(
            {
                "categories": [_likely(one) for one in guesses],
                "units": self._units(guesses, place),
                "area": brief(place.id) if place else None,
                "similar": self._similar(text, guesses, place, point),
            }
        )

    def _read(self, body: Any) -> tuple[str, Place | None, tuple[float | None, float | None]]:
        text, errors = body.get("text"), {}
        text = text.replace("\x00", "").strip() if isinstance(text, str) else ""
        if not 1 <= len(text) <= DESCRIPTION_LENGTH:
            errors["text"] = [_("Write 1 to %(most)d characters.") % {"most": DESCRIPTION_LENGTH}]
        lon, lat = point_of(body, errors)
        if errors:
            raise Invalid(errors=errors)
        place = grid_at(lon, lat, on=clock.date_of(self.at)) if lon is not None else None
        return text, place, (lon, lat)

    def _units(self, guesses: list[Guess], place: Place | None) -> list[dict]:
        if place is None:
            return []
        on, units = clock.date_of(self.at), units_directory().by_id
        routed = [catalogue.routed_unit(one.category.pk, place.id, on=on) for one in guesses]
        named = dict.fromkeys(unit_id for unit_id in routed if unit_id in units)
        return [{"code": units[unit_id].code, "name": units[unit_id].name} for unit_id in named]

    def _similar(self, text: str, guesses: list[Guess], place: Place | None, point: tuple) -> list[dict]:
        if place is None:
            return []
        community = directory().ancestor(place.id, Level.COMMUNITY)
        imagined = WorkOrder(
            area_id=place.id,
            community_id=community.id if community else None,
            lon=point[0],
            lat=point[1],
            category=guesses[0].category if guesses else None,
            description=text,
            reported_at=self.at,
        )
        return [similar_body(alike) for alike in similar_to(imagined, standing=self.standing)]


def _likely(one: Guess) -> dict:
    return {"code": one.category.code, "name": one.category.label, "probability": one.probability}
