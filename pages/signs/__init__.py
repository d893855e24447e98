"""Signs with QR codes: chiefs, communities, streets and administrators print them for their grids and spots."""

from django.urls import path

from pages.signs import papers, printing

app_name = "signs"

urlpatterns = [
    path("", printing.index, name="index"),
    path("<str:code>.svg", papers.drawing, name="svg"),
    path("<str:code>.pdf", papers.paper, name="pdf"),
    path("<str:code>/", printing.sign, name="sign"),
    path("<str:code>/close/", printing.close, name="close"),
]
