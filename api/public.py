"""`public/reports/`: residents report, follow, add and rate without an account, by a secret link or a code."""

import hmac
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny

from api import shapes
from api.base import answered, body_of, known_fields, or_404
from api.problems import NotThere
from api.resource import Resource
from api.workorders.body import local
from core import wording
from core.errors import Invalid
from workorders import commands, floodgate, following, intake
from workorders.commands.public import REASONS, last4_hash
from workorders.models import PublicReport
from workorders.vocabulary import Source

# What a resident may say of a report; the rest of the staff's fields is not for this door.
FIELDS = (
    "description",
    "title",
    "category",
    "lon",
    "lat",
    "area",
    "fix",
    "address",
    "urgency",
    "source",
    "occurred_at",
    "reporter_name",
    "reporter_phone",
)
NOTE_LENGTH = 1000


class PublicReports(Resource):
    """Open to everybody, in such numbers as people send: see workorders/floodgate.py."""

    queryset = PublicReport.objects.none()
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @property
    def address(self) -> str:
        """The network address the request came from."""
        return self.request.META.get("REMOTE_ADDR", "")

    def found(self, token: str) -> PublicReport:
        """The report behind a secret link."""
        return or_404(PublicReport.objects.select_related("order__lead", "order__category").filter(token=token).first())

    @extend_schema(
        operation_id="public_reports_create",
        request=shapes.PublicReport,
        responses={201: shapes.Receipt},
        tags=["public"],
    )
    def create(self, request: Any) -> HttpResponse:
        """Report without an account; keep `track_url`, or the code and the last four digits of the phone."""
        body = body_of(request)
        known_fields(body, *FIELDS)
        if body.get("source") not in (None, "", Source.PUBLIC):
            raise Invalid(errors={"source": [_("Reports from here have the source “public”.")]})
        read = intake.read(body, standing=None, at=self.at)
        floodgate.admit_report(address=self.address, grid=read.place, at=self.at)
        receipt = commands.report_publicly(read, at=self.at)
        return answered(
            {
                "token": receipt.token,
                "code": receipt.code,
                "track_url": request.build_absolute_uri(f"/t/{receipt.token}/"),
                "expect": _expect(following.follow(receipt.order, at=self.at)),
            },
            status=201,
        )

    @extend_schema(
        operation_id="public_reports_find",
        parameters=[
            OpenApiParameter("code", required=True, description="The ten letters and digits."),
            OpenApiParameter("last4", required=True, description="The last four digits of the phone."),
        ],
        responses=shapes.Followed,
        tags=["public"],
    )
    def find(self, request: Any) -> HttpResponse:
        """Find a report again. A wrong code and wrong digits get the same answer in the same time."""
        given = {name: request.query_params.get(name, "").replace("\x00", "").strip() for name in ("code", "last4")}
        missing = {name: [_("Please fill this in.")] for name, value in given.items() if not value}
        if missing:
            raise Invalid(errors=missing)
        code = "".join(given["code"].split()).replace("-", "").upper()
        floodgate.admit_lookup(address=self.address, code=code, at=self.at)
        report = PublicReport.objects.select_related("order__lead", "order__category").filter(code=code).first()
        offered = last4_hash(given["last4"]) or "-"
        kept = report.last4_hash if report is not None and report.last4_hash else "+" * len(offered)
        # The comparison is always made, so that the time taken says nothing.
        if not hmac.compare_digest(offered, kept) or report is None:
            raise NotThere("not_found", _("No report has this code with these digits. Check both and try again."))
        return answered(self._body(report))

    @extend_schema(operation_id="public_reports_retrieve", responses=shapes.Followed, tags=["public"])
    def retrieve(self, request: Any, token: str) -> HttpResponse:
        """How far it is: step 1 to 5, its dates, the unit, the public answer."""
        return answered(self._body(self.found(token)))

    @extend_schema(
        operation_id="public_reports_remark", request=shapes.Remark, responses={201: shapes.Followed}, tags=["public"]
    )
    def remarks(self, request: Any, token: str) -> HttpResponse:
        """Add something while the matter is open."""
        report, body = self.found(token), body_of(request)
        known_fields(body, "text")
        text = _text(body, "text", intake.DESCRIPTION_LENGTH, required=True)
        floodgate.admit_addition(address=self.address, token=token, at=self.at)
        commands.remark(report.order, at=self.at, text=text)
        return answered(self._body(self.found(token)), status=201)

    @extend_schema(
        operation_id="public_reports_answer", request=shapes.Remark, responses={201: shapes.Followed}, tags=["public"]
    )
    def answers(self, request: Any, token: str) -> HttpResponse:
        """Answer the question the handling unit asked; `question` tells whether there is one."""
        report, body = self.found(token), body_of(request)
        known_fields(body, "text")
        text = _text(body, "text", intake.DESCRIPTION_LENGTH, required=True)
        floodgate.admit_addition(address=self.address, token=token, at=self.at)
        commands.answer_publicly(report.order, at=self.at, text=text)
        return answered(self._body(self.found(token)), status=201)

    @extend_schema(
        operation_id="public_reports_rate", request=shapes.Rating, responses={201: shapes.Followed}, tags=["public"]
    )
    def rating(self, request: Any, token: str) -> HttpResponse:
        """Say once whether it is solved and how satisfied you are; an unhappy answer asks for a reopening."""
        report, body = self.found(token), body_of(request)
        known_fields(body, "resolved", "satisfaction", "reasons", "note")
        given = _rating(body)
        floodgate.admit_addition(address=self.address, token=token, at=self.at)
        commands.rate(report.order, at=self.at, **given)
        return answered(self._body(self.found(token)), status=201)

    def _body(self, report: PublicReport) -> dict:
        seen = following.follow(report.order, at=self.at)
        return {
            "code": report.code,
            "title": seen.order.title,
            "status": seen.main.status,
            "step": seen.step,
            "dates": [local(date) for date in seen.dates],
            "over": seen.is_over,
            "merged": seen.merged,
            "unit": seen.unit or (_("The grid's officer") if seen.officer else None),
            "public_answer": seen.answer or seen.reason or None,
            "expect": _expect(seen),
            "expected_by": local(seen.expected_by),
            "question": _question(seen),
            "may_add": seen.may_add,
            "may_rate": seen.may_rate,
            "rating": _given_rating(seen),
        }


def _expect(seen: following.Followed) -> str:
    """What happens next, and by when, in words."""
    if seen.may_rate:
        return _("Please say whether the problem is solved and how satisfied you are.")
    if seen.is_over:
        return _("The matter is closed.")
    if seen.waits_until is not None:
        return _("It has to wait; it is looked at again on %(date)s.") % {"date": wording.day(seen.waits_until)}
    if seen.expected_by is not None:
        moment = wording.moment(seen.expected_by)
        if seen.step == 1:
            return _("Somebody looks at your report by %(moment)s at the latest.") % {"moment": moment}
        return _("It is to be handled by %(moment)s.") % {"moment": moment}
    return _("People are working on it. Look here again tomorrow.")


def _question(seen: following.Followed) -> dict | None:
    if seen.question is None:
        return None
    return {"text": seen.question.question, "answer_by": local(seen.question.answer_by)}


def _given_rating(seen: following.Followed) -> dict | None:
    if seen.rating is None:
        return None
    return {"resolved": seen.rating.resolved, "satisfaction": seen.rating.satisfaction, "at": local(seen.rating.at)}


def _rating(body: Any) -> dict[str, Any]:
    """The answers, read. Raises Invalid naming every one at fault."""
    errors: dict[str, list] = {}
    resolved, satisfaction, reasons = body.get("resolved"), body.get("satisfaction"), body.get("reasons") or []
    if resolved not in (True, False, "true", "false"):
        errors["resolved"] = [_("This must be true or false.")]
    if isinstance(satisfaction, bool) or str(satisfaction) not in ("1", "2", "3", "4", "5"):
        errors["satisfaction"] = [_("Satisfaction is a number from 1 to 5.")]
    reasons = [reasons] if isinstance(reasons, str) else reasons
    if not isinstance(reasons, list) or not all(isinstance(one, str) and one in REASONS for one in reasons):
        errors["reasons"] = [_("Choose among: %(choices)s.") % {"choices": ", ".join(REASONS)}]
    try:
        note = _text(body, "note", NOTE_LENGTH)
    except Invalid as problem:
        errors |= problem.errors
    if errors:
        raise Invalid(errors=errors)
    return {
        "resolved": resolved in (True, "true"),
        "satisfaction": int(satisfaction),
        "reasons": list(dict.fromkeys(reasons)),
        "note": note,
    }


def _text(body: Any, name: str, most: int, *, required: bool = False) -> str:
    value = body.get(name)
    value = "" if value is None else value
    words = None
    if not isinstance(value, str):
        words = _("This must be text.")
    else:
        value = value.replace("\x00", "").strip()
        if required and not value:
            words = _("Please fill this in.")
        elif len(value) > most:
            words = _("This may have %(most)d characters; yours has %(count)d. Please shorten it.")
            words = words % {"most": most, "count": len(value)}
    if words:
        raise Invalid(errors={name: [words]})
    return value
