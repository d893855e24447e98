"""The centre's desk: one queue with saved views, the order beside it, keys, bulk work, and news of what others do."""

from django.urls import path

from pages import orders, phrases
from pages.desk import bulk, calling, live, queue, viewing, working
from pages.orders import DESK

app_name = "desk"

urlpatterns = [
    path("", queue.index, name="index"),
    path("find/", queue.find, name="find"),
    path("new/", calling.enter_call, name="new"),
    path("views/", viewing.tabs_part, name="views"),
    path("views/new/", viewing.save_view, name="save_view"),
    path("views/<int:pk>/delete/", viewing.delete_view, name="delete_view"),
    path("bulk/", bulk.choose, name="bulk"),
    path("bulk/<int:pk>/", bulk.job, name="job"),
    path("live/", live.stream, name="live"),
    path("arrived/", queue.arrived, name="arrived"),
    path("undo/", working.undo, name="undo"),
    path("seen/", working.seen, name="seen"),
    path("keys/", working.keys, name="keys"),
    path("texts/<int:pk>/used/", phrases.used_page(DESK), name="text_used"),
    path("<order:number>/row/", queue.row, name="row"),
    path("<order:number>/claim/", working.claim, name="claim"),
    path("<order:number>/release/", working.release, name="release"),
    *orders.urls(DESK, around=queue.queue, beside=working.beside, hold=working.hold),
]
