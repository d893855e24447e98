from django.contrib import admin

from assessment.models import Adjustment, Appeal, AssessmentEvent, FactRecord, Run, Scheme, SchemeVersion
from core.admin import ReadOnlyAdmin


class VersionInline(admin.TabularInline):
    """The versions of a scheme; they are drafted and approved on the assessment's own pages."""

    model = SchemeVersion
    extra = 0
    can_delete = False
    fields = readonly_fields = ("number", "state", "in_force_from", "first_approver", "second_approver", "note")

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Scheme)
class SchemeAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "name_en")
    inlines = (VersionInline,)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("id", "period", "area", "status", "revision", "rows", "finished_at", "published_at")
    list_filter = ("status", "span", "provisional")
    list_select_related = ("area",)


@admin.register(FactRecord)
class FactRecordAdmin(ReadOnlyAdmin):
    list_display = ("on", "kind", "area", "done", "level", "key")
    list_filter = ("kind", "done")
    list_select_related = ("area",)


@admin.register(Adjustment)
class AdjustmentAdmin(ReadOnlyAdmin):
    list_display = ("period", "code", "area", "count", "entered_by", "confirmed_by", "withdrawn_at")
    list_filter = ("code",)
    list_select_related = ("area", "entered_by", "confirmed_by")


@admin.register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    list_display = ("at", "item", "state", "by", "answer_due", "outcome")
    list_filter = ("state",)
    list_select_related = ("by", "outcome")


@admin.register(AssessmentEvent)
class AssessmentEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "area_name", "actor_name", "actor_role", "data")
    list_filter = ("kind",)
