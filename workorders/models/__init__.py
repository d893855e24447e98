"""What happens: categories and routes, orders, their clocks, events, assignments and papers."""

from workorders.models.assignment import Assignment
from workorders.models.attachment import Attachment
from workorders.models.category import Category, Holiday, Route
from workorders.models.clock import Clock, Pause
from workorders.models.count import CountedOrder, Cutoff, DayCount, OpenCount
from workorders.models.desk import AutoDispatch, BulkJob, BulkRow, Claim, HeldMove, OrderText, SavedView, StandardText
from workorders.models.event import WorkOrderEvent
from workorders.models.inquiry import Inquiry
from workorders.models.notice import Delivery, Notice
from workorders.models.order import WorkOrder
from workorders.models.part import OrderPart
from workorders.models.public import PublicReport, Rating
from workorders.models.record import Extension, Supervision
from workorders.models.redivision import Redivision, RehomedOrder
from workorders.models.risk import Risk

__all__ = [
    "Assignment",
    "Attachment",
    "AutoDispatch",
    "BulkJob",
    "BulkRow",
    "Category",
    "Claim",
    "Clock",
    "CountedOrder",
    "Cutoff",
    "DayCount",
    "Delivery",
    "Extension",
    "HeldMove",
    "Holiday",
    "Inquiry",
    "Notice",
    "OpenCount",
    "OrderPart",
    "OrderText",
    "Pause",
    "PublicReport",
    "Rating",
    "Redivision",
    "RehomedOrder",
    "Risk",
    "Route",
    "SavedView",
    "StandardText",
    "Supervision",
    "WorkOrder",
    "WorkOrderEvent",
]
