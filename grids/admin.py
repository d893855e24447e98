from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from mptt.admin import MPTTModelAdmin

from core import clock
from core.errors import DomainError

from . import commands
from .models import Area, AreaEvent, Boundary, Spot


class BoundaryInline(admin.TabularInline):
    """The versions of an outline, to look at; they come from files."""

    model = Boundary
    fields = readonly_fields = ("starts", "ends", "min_lon", "min_lat", "max_lon", "max_lat")
    extra = 0

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("geometry", "wkb")


class EventInline(admin.TabularInline):
    """What happened to the area."""

    model = AreaEvent
    fields = readonly_fields = ("at", "kind", "actor_name", "data")
    extra = 0

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Area)
class AreaAdmin(MPTTModelAdmin):
    """The tree, changed by the commands only: nothing here writes by itself, nothing is deleted.

    move, retire: the commands for that; whatever stands on areas brings its own (`workorders.admin`).
    """

    move, retire = staticmethod(commands.move_area), staticmethod(commands.retire_area)
    list_display = ("name", "code", "level", "kind", "households", "population", "ends")
    list_filter = ("level", "kind")
    search_fields = ("code", "name")
    autocomplete_fields = ("parent",)
    list_per_page = 100
    actions = ("retire_today",)
    inlines = (BoundaryInline, EventInline)
    fields = ("code", "name", "parent", "kind", "households", "population", "phone", "starts")
    fixed = ("code", "level", "starts", "ends", "predecessors", "tree_id", "lft", "rght", "depth")

    def get_fields(self, request, obj=None):
        return self.fields if obj is None else (*self.fields, "level", "ends", "predecessors", *self.fixed[-4:])

    def get_readonly_fields(self, request, obj=None):
        return () if obj is None else self.fixed

    def get_inlines(self, request, obj):
        return () if obj is None else self.inlines

    def has_delete_permission(self, request, obj=None):
        return False

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Django's page, with a refused command told as a message."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request, obj, form, change):
        """Carry out what was changed, each by its command."""
        given = form.cleaned_data
        if not change:
            made = commands.create_area(**{field: given[field] for field in self.fields}, by=request.user)
            obj.__dict__.update(made.__dict__)
            return
        if "name" in form.changed_data:
            commands.rename_area(obj, name=given["name"], by=request.user)
        if "parent" in form.changed_data:
            self.move(obj, to=given["parent"] or obj, by=request.user)
        details = {field: given[field] for field in ("kind", "households", "population", "phone")}
        commands.amend_area(obj, **details, by=request.user)

    @admin.action(description=_("Close the selected areas from today on"), permissions=["change"])
    def retire_today(self, request, queryset):
        """Retire areas one by one; those that may not be closed are told."""
        for area in queryset.order_by("-depth", "code"):
            try:
                self.retire(area, on=clock.today(), by=request.user)
            except DomainError as error:
                self.message_user(request, str(error), messages.ERROR)


@admin.register(Spot)
class SpotAdmin(admin.ModelAdmin):
    """Places with a sign of their own, to look at; they are opened and closed under *Signs*, where they are printed."""

    list_display = ("code", "name", "area", "starts", "ends")
    list_select_related = ("area",)
    search_fields = ("code", "name", "area__name", "area__code")
    list_per_page = 100

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
