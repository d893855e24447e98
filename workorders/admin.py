"""Data tables for administrators: looked at here, set on their pages; areas and units also here, by commands."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin
from grids.admin import AreaAdmin
from grids.models import Area
from personnel.admin import UnitAdmin, UnitForm
from personnel.models import Unit
from workorders.administration import units
from workorders.commands import places
from workorders.deadlines import Limit
from workorders.models import AutoDispatch, Category, Delivery, Holiday, Route, StandardText, WorkOrder


@admin.register(Category)
class CategoryAdmin(ReadOnlyAdmin):
    list_display = (
        "code",
        "name",
        "name_en",
        "klass",
        "urgency",
        "difficulty",
        "lead",
        "limits",
        "self_rule",
        "is_active",
    )
    list_filter = ("is_active", "klass", "urgency", "self_rule", ("parent", admin.RelatedOnlyFieldListFilter))
    search_fields = ("code", "name", "name_en", "initials")
    list_select_related = ("parent",)

    @admin.display(description=_("limits"))
    def limits(self, category):
        return "; ".join(f"{stage['kind']} {Limit.from_json(stage)}" for stage in category.stages)


@admin.register(AutoDispatch)
class AutoDispatchAdmin(ReadOnlyAdmin):
    """Which categories follow the routing table by themselves."""

    list_display = ("category", "is_active", "note")
    list_filter = ("is_active",)
    list_select_related = ("category",)


@admin.register(StandardText)
class StandardTextAdmin(ReadOnlyAdmin):
    """Usual sentences the desk and the inbox offer."""

    list_display = ("text", "category", "status", "unit", "uses", "is_active")
    list_filter = ("is_active", "status")
    search_fields = ("text",)
    list_select_related = ("category", "unit")


@admin.register(Holiday)
class HolidayAdmin(ReadOnlyAdmin):
    list_display = ("date", "kind", "name")
    list_filter = ("kind", ("date", admin.DateFieldListFilter))
    search_fields = ("name", "date")
    date_hierarchy = "date"


@admin.register(Route)
class RouteAdmin(ReadOnlyAdmin):
    list_display = ("area", "category", "unit", "starts", "ends")
    list_filter = (("category__parent", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("area__name", "area__code", "category__name", "category__code", "unit__name", "unit__code")
    list_select_related = ("area", "category", "unit")


admin.site.unregister(Area)


@admin.register(Area)
class OrderAwareAreaAdmin(AreaAdmin):
    """The tree's own pages, with the commands that know of orders."""

    move, retire = staticmethod(places.move_area), staticmethod(places.retire_area)


class OrderAwareUnitForm(UnitForm):
    """A unit closes by the command that knows of orders and routes."""

    close = staticmethod(units.close_unit)


admin.site.unregister(Unit)


@admin.register(Unit)
class OrderAwareUnitAdmin(UnitAdmin):
    """The units' own pages, with that form."""

    form = OrderAwareUnitForm


@admin.register(WorkOrder)
class WorkOrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "title", "status", "area", "category", "lead", "reported_at", "due_at")
    list_filter = ("status", "source", "urgency", "card")
    search_fields = ("number", "title", "external_id")
    list_select_related = ("area", "category", "lead")
    date_hierarchy = "reported_at"
    show_full_result_count = False
    exclude = ("reporter_name", "reporter_phone", "reporter_phone_hash")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("notice", "channel", "sent_at", "attempts", "last_error")
    list_filter = ("channel", ("sent_at", admin.EmptyFieldListFilter))
