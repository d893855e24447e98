"""What happens: categories and routes, orders, their clocks, events, assignments and papers."""

from workorders.models.assignment import Assignment
from workorders.models.attachment import Attachment
from workorders.models.category import Category, Holiday, Route
from workorders.models.clock import Clock, Pause
from workorders.models.event import WorkOrderEvent
from workorders.models.notice import Delivery, Notice
from workorders.models.order import WorkOrder
from workorders.models.public import PublicReport, Rating
from workorders.models.record import Extension, Supervision

__all__ = [
    "Assignment",
    "Attachment",
    "Category",
    "Clock",
    "Delivery",
    "Extension",
    "Holiday",
    "Notice",
    "Pause",
    "PublicReport",
    "Rating",
    "Route",
    "Supervision",
    "WorkOrder",
    "WorkOrderEvent",
]
