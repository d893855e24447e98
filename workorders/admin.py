"""Master data for administrators; orders are looked at here, never changed."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.revisions import bump
from grids.admin import AreaAdmin
from grids.models import Area
from workorders.commands import places
from workorders.deadlines import Limit
from workorders.models import AutoDispatch, Category, Delivery, Holiday, Route, StandardText, WorkOrder


class MasterDataAdmin(admin.ModelAdmin):
    """Rows other processes keep copies of: a change tells them to look again. Rows are retired, not deleted."""

    revision = ""

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        bump(self.revision)

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Category)
class CategoryAdmin(MasterDataAdmin):
    revision = "categories"
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
    autocomplete_fields = ("parent",)
    list_select_related = ("parent",)

    def get_readonly_fields(self, request, obj=None):
        return ("code", "parent") if obj else ()

    @admin.display(description=_("limits"))
    def limits(self, category):
        return "; ".join(f"{stage['kind']} {Limit.from_json(stage)}" for stage in category.stages)


@admin.register(AutoDispatch)
class AutoDispatchAdmin(MasterDataAdmin):
    """Which categories follow the routing table by themselves. Each switch is in the log of the administration."""

    revision = "automatic_dispatch"
    list_display = ("category", "is_active", "note")
    list_filter = ("is_active",)
    autocomplete_fields = ("category",)
    list_select_related = ("category",)


@admin.register(StandardText)
class StandardTextAdmin(admin.ModelAdmin):
    """Usual sentences the desk and the inbox offer."""

    list_display = ("text", "category", "status", "unit", "uses", "is_active")
    list_filter = ("is_active", "status")
    search_fields = ("text",)
    autocomplete_fields = ("category", "unit")
    list_select_related = ("category", "unit")
    readonly_fields = ("uses",)


@admin.register(Holiday)
class HolidayAdmin(MasterDataAdmin):
    """The working calendar. Days may be removed: a holiday that was moved did not happen."""

    revision = "calendar"
    list_display = ("date", "kind", "name")
    list_filter = ("kind", ("date", admin.DateFieldListFilter))
    search_fields = ("name", "date")
    date_hierarchy = "date"

    def has_delete_permission(self, request, obj=None):
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        bump(self.revision)

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        bump(self.revision)


@admin.register(Route)
class RouteAdmin(MasterDataAdmin):
    revision = "routes"
    list_display = ("area", "category", "unit", "starts", "ends")
    list_filter = (("category__parent", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("area__name", "area__code", "category__name", "category__code", "unit__name", "unit__code")
    autocomplete_fields = ("area", "category")
    raw_id_fields = ("unit",)
    list_select_related = ("area", "category", "unit")


admin.site.unregister(Area)


@admin.register(Area)
class OrderAwareAreaAdmin(AreaAdmin):
    """The tree's own pages, with the commands that know of orders."""

    move, retire = staticmethod(places.move_area), staticmethod(places.retire_area)


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at only."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


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
