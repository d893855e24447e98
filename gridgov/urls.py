"""The addresses: administration, the two doors, and what operations ask for."""

from django.contrib import admin
from django.urls import include, path, re_path

from api.problems import unknown_address
from gridgov import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("api.urls")),
    re_path("^api/", unknown_address),
    path("", include("pages.urls")),
]
handler500 = "gridgov.failures.server_error"
