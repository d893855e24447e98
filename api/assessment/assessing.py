"""What only assessors do: who assesses nothing is told so before anything is read."""

from typing import Any

from api.resource import Resource
from assessment import ledger
from core.errors import NotPermitted


class ForAssessors(Resource):
    """The base of resources whose POSTs are the assessors' own."""

    def need_assessor(self) -> Any:
        """Raises NotPermitted for whoever assesses nothing; the command judges the area."""
        if not ledger.assessed_areas(self.request.user, at=self.at):
            raise NotPermitted()
