"""The supervisors' board: `listing` the risks and what to do about them, `charts` the figures below, `reports` the
periodic sheets, `files` the case files."""

from django.urls import path

from pages import orders
from pages.board import files, listing, reports
from pages.orders import BOARD

app_name = "board"

urlpatterns = [
    path("", listing.index, name="index"),
    path("reports/", reports.index, name="reports"),
    path("reports/<str:period>/", reports.sheet, name="sheet"),
    path("<order:number>/case/", files.case, name="case"),
    *orders.urls(BOARD),
]
