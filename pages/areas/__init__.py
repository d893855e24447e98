"""Areas for their administrators: the tree, outlines, new areas, splits and mergers; each looked at, then confirmed."""

from django.urls import path

from pages.areas import changes, dividing, editing, index, outline

app_name = "areas"

urlpatterns = [
    path("", index.index, name="index"),
    path("new/", editing.new, name="new"),
    path("changes/", changes.index, name="changes"),
    path("changes/<int:pk>/", changes.change, name="change"),
    path("changes/<int:pk>/cancel/", changes.cancel, name="cancel"),
    path("<area:code>/", outline.outline, name="outline"),
    path("<area:code>/edit/", editing.edit, name="edit"),
    path("<area:code>/close/", editing.close, name="close"),
    path("<area:code>/split/", dividing.split, name="split"),
    path("<area:code>/merge/", dividing.merge, name="merge"),
]
