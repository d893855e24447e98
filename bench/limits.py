"""The lean limits: what Django and DRF cost on this machine with nothing of ours around them.

hello: an APIView that answers one word. insert: a serializer with the fields of a report, one INSERT. rows: fifty flat
rows of as many fields as ours have, by `.values()`. No middleware, no authentication, the same server settings.
"""

import os

import django
from django.conf import settings

COLUMNS = 36

if not settings.configured:
    from gridgov import environment

    _url = environment.database(os.environ["DATABASE_URL"])
    settings.configure(
        SECRET_KEY=os.environ["SECRET_KEY"],
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="bench.limits",
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
        MIDDLEWARE=[],
        USE_TZ=True,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql", "NAME": _url.name, "USER": _url.user,
                "PASSWORD": _url.password, "HOST": _url.host, "PORT": _url.port, "CONN_MAX_AGE": 600,
            }
        },
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [], "DEFAULT_PERMISSION_CLASSES": [], "UNAUTHENTICATED_USER": None,
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
    )  # fmt: skip
    django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import serializers  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Row(models.Model):
    """A flat row: the fields of a report, filled up to the width of a list row of ours."""

    description = models.TextField(max_length=4000)
    title = models.CharField(max_length=120)
    category = models.CharField(max_length=4)
    area = models.CharField(max_length=17)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    urgency = models.CharField(max_length=9, default="normal")
    reported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "bench"
        db_table = "bench_row"

    def __str__(self):
        return self.title


for _number in range(COLUMNS - 9):
    Row.add_to_class(f"extra{_number}", models.CharField(max_length=20, default="x"))


class ReportSerializer(serializers.Serializer):
    """The shape of a report."""

    description = serializers.CharField(max_length=4000)
    title = serializers.CharField(max_length=120, required=False, default="")
    category = serializers.RegexField(r"^\d{4}$")
    area = serializers.RegexField(r"^\d{15}$")
    lon = serializers.FloatField(required=False, allow_null=True, default=None)
    lat = serializers.FloatField(required=False, allow_null=True, default=None)
    urgency = serializers.ChoiceField(["normal", "urgent", "emergency"], default="normal")


class Insert(APIView):
    def post(self, request):
        given = ReportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = Row.objects.create(**given.validated_data)
        return Response({"id": row.pk, **given.validated_data}, status=201)


class Rows(APIView):
    def get(self, request):
        return Response(list(Row.objects.order_by("-id").values()[:50]))


class Hello(APIView):
    def get(self, request):
        return Response({"hello": "world"})


urlpatterns = [
    path("insert/", Insert.as_view()),
    path("rows/", Rows.as_view()),
    path("hello/", Hello.as_view()),
    path("healthz", Hello.as_view()),
]
application = get_wsgi_application()


def create_table() -> None:
    """Make the limit's table and fill it with a thousand rows."""
    from django.db import connection

    with connection.schema_editor() as editor:
        editor.create_model(Row)
    Row.objects.bulk_create(
        [Row(description="x" * 60, title="x" * 20, category="0502", area="9" * 15) for _n in range(1000)]
    )


if __name__ == "__main__":
    create_table()
