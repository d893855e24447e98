"""`notices/`: what I was told, newest first."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema

from api import shapes
from api.base import answered, or_404
from api.paging import Pages, flag, listed
from api.resource import Resource
from api.workorders.body import local
from personnel.roles import home_of
from workorders.models import Notice
from workorders.sentences import notice_text

# The start pages under which an order has a page of its own.
_ROOMS = {"/desk/": "/desk/", "/inbox/": "/inbox/", "/board/": "/board/", "/m/": "/m/orders/"}


class Notices(Resource):
    """One's own notices and nobody else's."""

    queryset = Notice.objects.none()
    pagination_class = Pages

    def mine(self) -> models.QuerySet:
        """What this person was told."""
        return Notice.objects.filter(person=self.request.user)

    @extend_schema(
        operation_id="notices_list",
        parameters=[OpenApiParameter("unread", bool, description="1: only what was not read yet.")],
        responses=shapes.Notice(many=True),
        tags=["notices"],
    )
    def list(self, request: Any) -> HttpResponse:
        """What I was told, newest first."""
        rows = self.mine().filter(read_at__isnull=True) if flag(request, "unread") else self.mine()
        return listed(request, rows, by="-pk", kind=int, show=lambda notices: [self._body(one) for one in notices])

    @extend_schema(operation_id="notices_read", request=None, responses=shapes.Notice, tags=["notices"])
    def read(self, request: Any, id: int) -> HttpResponse:
        """Mark one as read; once is enough."""
        notice = or_404(self.mine().select_for_update().filter(pk=id).first())
        if notice.read_at is None:
            notice.read_at = self.at
            notice.save(update_fields=["read_at"])
        return answered(self._body(notice))

    def _body(self, notice: Notice) -> dict:
        number = notice.data.get("number") if notice.order_id else None
        home = home_of(self.standing.roles, is_superuser=self.request.user.is_superuser)
        return {
            "id": notice.pk,
            "order": number,
            "text": notice_text(notice),
            "link": f"{_ROOMS.get(home, '/board/')}{number}/" if number else None,
            "created_at": local(notice.created_at),
            "read_at": local(notice.read_at),
        }
