"""The resident's pages, without an account and without JavaScript: report in a grid, follow, add to it, rate it."""

from django.urls import path

from pages import places
from pages.public import about, finding, following, reporting

app_name = "public"

urlpatterns = [
    path("r/", reporting.choose, name="choose"),
    path("r/locate/", places.locate_view, name="locate"),
    path("r/privacy/", about.privacy, name="privacy"),
    path("r/<str:code>/", reporting.report, name="report"),
    path("t/", finding.find_again, name="find"),
    path("t/<str:token>/", following.track, name="track"),
    path("t/<str:token>/receipt/", reporting.receipt, name="receipt"),
    path("t/<str:token>/photos/<int:pk>/", following.photo, name="photo"),
]
