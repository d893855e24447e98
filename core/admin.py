from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import outbox
from core.models import Outbox, Pulse, RevealLog


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that people look at and do not edit."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class StateFilter(admin.SimpleListFilter):
    """Waiting, given up, delivered."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return (("waiting", _("Waiting")), ("dead", _("Given up")), ("done", _("Delivered")))

    def queryset(self, request, queryset):
        states = {
            "waiting": {"done_at": None, "dead": False},
            "dead": {"done_at": None, "dead": True},
            "done": {"done_at__isnull": False},
        }
        return queryset.filter(**states.get(self.value(), {}))


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    list_display = ("id", "topic", "created_at", "attempts", "next_at", "done_at", "dead")
    list_filter = (StateFilter, "topic")
    ordering = ("-pk",)
    actions = ("try_again",)
    show_full_result_count = False

    @admin.action(description=_("Try again now"), permissions=("retry",))
    def try_again(self, request, queryset):
        number = outbox.retry(queryset)
        text = ngettext("%(number)d row is tried again.", "%(number)d rows are tried again.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)

    def has_retry_permission(self, request):
        """Only who may change outbox rows; the form itself stays closed to everybody."""
        return request.user.has_perm("core.change_outbox")


@admin.register(RevealLog)
class RevealLogAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "subject_kind", "subject_id", "field", "purpose")
    list_filter = ("subject_kind", "field")
    list_select_related = ("actor",)
    search_fields = ("actor__name", "actor__username", "purpose")
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(Pulse)
class PulseAdmin(ReadOnlyAdmin):
    list_display = ("name", "at")
