"""`assessment/schemes/`: by which rules a month is assessed. Open to everybody who is assessed."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema

from api import shapes
from api.assessment.body import version_body
from api.base import answered, or_404
from api.paging import Pages, listed
from api.resource import Resource
from assessment import counting
from assessment.indicators import INDICATORS
from assessment.models import Scheme, SchemeVersion
from assessment.vocabulary import SchemeState


class Schemes(Resource):
    """All schemes; there is nothing to hide in them."""

    queryset = Scheme.objects.none()
    pagination_class = Pages

    @extend_schema(operation_id="assessment_schemes_list", responses=shapes.SchemeRow(many=True), tags=["assessment"])
    def list(self, request: Any) -> HttpResponse:
        """The schemes."""
        rows = Scheme.objects.prefetch_related("versions")
        return listed(request, rows, by="code", kind=str, show=lambda found: [_brief(one) for one in found])

    @extend_schema(operation_id="assessment_schemes_retrieve", responses=shapes.Scheme, tags=["assessment"])
    def retrieve(self, request: Any, code: str) -> HttpResponse:
        """A scheme: its indicators as weighed now, the counting rules, all versions."""
        scheme = or_404(Scheme.objects.prefetch_related("versions").filter(code=code).first())
        version = _in_force(scheme)
        given = version.body["indicators"] if version else {}
        return answered(
            {
                **_brief(scheme),
                "indicators": [
                    {
                        "code": one.code,
                        "name": str(one.name),
                        "klass": one.klass,
                        "better": one.better,
                        "unit": one.unit,
                        "clause": one.clause,
                        "weight": float(given[one.code]["weight"]),
                        "on": given[one.code]["on"],
                        "curve": given[one.code]["curve"],
                    }
                    for one in INDICATORS
                    if one.code in given
                ],
                "counting_rules": [str(rule) for rule in counting.RULES],
                "versions": [version_body(one) for one in scheme.versions.all()],
            }
        )


def _in_force(scheme: Scheme) -> SchemeVersion | None:
    held = [one for one in scheme.versions.all() if one.state in (SchemeState.APPROVED, SchemeState.IN_FORCE)]
    return max(held, key=lambda one: (one.in_force_from, one.number), default=None)


def _brief(scheme: Scheme) -> dict:
    version = _in_force(scheme)
    chinese = (get_language() or "zh").startswith("zh")
    return {
        "code": scheme.code,
        "name": scheme.name if chinese else scheme.name_en or scheme.name,
        "version": version.number if version else None,
    }
