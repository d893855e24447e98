from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin import ReadOnlyAdmin
from core.errors import DomainError
from core.transactions import command
from personnel import commands
from personnel.jurisdiction import forget
from personnel.models import AdministrationEvent, Post, PostEvent, Unit, User


class RefusalsAsFormErrors:
    """Runs the command while the form is validated, so that a refusal stands beside its field."""

    def run(self, work):
        """The result of the command, None when it was refused."""
        try:
            return work()
        except DomainError as error:
            if not error.errors:
                self.add_error(None, str(error))
            for field, texts in (error.errors or {}).items():
                for text in texts:
                    self.add_error(field if field in self.fields else None, str(text))
        return None


class PostForm(RefusalsAsFormErrors, forms.ModelForm):
    """A new post is an appointment; of an existing one only the end can be set."""

    class Meta:
        model = Post
        fields = ("person", "role", "area", "unit", "starts", "ends")

    def _post_clean(self):
        """The command judges instead of the model; what it did is what `save` returns."""
        if self.errors:
            return
        data, by, at = self.cleaned_data, self.by, clock.now()
        if self.instance.pk is None:
            made = self.run(lambda: commands.appoint(by=by, at=at, **data))
        elif data["ends"] is None:
            made = self.add_error("ends", _("Say from which day the post is not held any more."))
        else:
            made = self.run(lambda: commands.relieve(self.instance, by=by, on=data["ends"], at=at))
        self.instance = made or self.instance

    def save(self, commit=True):
        self.save_m2m = lambda: None
        return self.instance


class UnitForm(RefusalsAsFormErrors, forms.ModelForm):
    """A new unit gets its code from area and kind; an existing one changes name and telephone, or ends."""

    class Meta:
        model = Unit
        fields = ("area", "kind", "name", "phone", "starts", "ends")

    close = staticmethod(commands.close_unit)

    def _post_clean(self):
        if self.errors:
            return
        data, by, at = self.cleaned_data, self.by, clock.now()
        ends = data.pop("ends", None)
        if self.instance.pk is None:
            made = self.run(lambda: commands.open_unit(by=by, at=at, **data))
        else:
            made = self.run(lambda: self._change(data, ends, by=by, at=at))
        self.instance = made or self.instance

    @command
    def _change(self, data, ends, *, by, at):
        """Name, telephone and end together or not at all."""
        before = Unit.objects.get(pk=self.instance.pk)
        unit = commands.change_unit(before, by=by, name=data["name"], phone=data["phone"], at=at)
        return self.close(unit, by=by, on=ends, at=at) if ends and ends != unit.ends else unit

    def save(self, commit=True):
        self.save_m2m = lambda: None
        return self.instance


class CommandAdmin(admin.ModelAdmin):
    """An admin whose form has already done the work by its command when it is valid."""

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    def save_model(self, request, obj, form, change):
        """Nothing is left to do: the command wrote the row."""

    def has_delete_permission(self, request, obj=None):
        return False


class HeldFilter(admin.SimpleListFilter):
    """Posts held today, to come, ended."""

    title = _("held")
    parameter_name = "held"

    def lookups(self, request, model_admin):
        return (("now", _("Held today")), ("later", _("To come")), ("ended", _("Ended")))

    def queryset(self, request, queryset):
        today = clock.today()
        if self.value() == "now":
            return queryset.on(today)
        if self.value() == "later":
            return queryset.filter(starts__gt=today)
        return queryset.filter(ends__lte=today) if self.value() == "ended" else queryset


@admin.register(Post)
class PostAdmin(CommandAdmin):
    form = PostForm
    list_display = ("person", "role", "area", "unit", "starts", "ends")
    list_filter = (HeldFilter, "role")
    list_select_related = ("person", "area", "unit")
    search_fields = ("person__name", "person__username", "area__name", "area__code", "unit__name", "unit__code")
    autocomplete_fields = ("person", "unit")
    raw_id_fields = ("area",)
    date_hierarchy = "starts"

    def get_readonly_fields(self, request, obj=None):
        return ("person", "role", "area", "unit", "starts") if obj else ()


@admin.register(Unit)
class UnitAdmin(CommandAdmin):
    form = UnitForm
    list_display = ("code", "name", "kind", "area", "phone", "starts", "ends")
    list_filter = ("kind",)
    list_select_related = ("area",)
    search_fields = ("code", "name")
    raw_id_fields = ("area",)

    def get_fields(self, request, obj=None):
        return ("code", *UnitForm.Meta.fields) if obj else UnitForm.Meta.fields[:-1]

    def get_readonly_fields(self, request, obj=None):
        return ("code", "area", "kind", "starts") if obj else ()


class UserCreationForm(AdminUserCreationForm):
    """Needs a name, too."""

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "name")


class PostInline(admin.TabularInline):
    """The posts of a person, to read; they are given and ended among the posts."""

    model = Post
    fields = readonly_fields = ("role", "area", "unit", "starts", "ends")
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("area", "unit")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    add_form = UserCreationForm
    list_display = ("username", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "is_demo")
    search_fields = ("username", "name")
    ordering = ("username",)
    inlines = (PostInline,)
    actions = ("close_accounts",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("name", "phone", "email", "language")}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "name", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_inlines(self, request, obj):
        return self.inlines if obj else ()

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        forget(obj)

    @admin.action(description=_("Close these accounts"), permissions=("change",))
    def close_accounts(self, request, queryset):
        number = queryset.exclude(pk=request.user.pk).update(is_active=False)
        self.message_user(request, _("%(number)d accounts closed.") % {"number": number}, messages.SUCCESS)


@admin.register(PostEvent)
class PostEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "post", "actor_name", "actor_role", "area_name")
    list_filter = ("kind",)
    list_select_related = ("post__area", "post__unit")
    search_fields = ("actor_name", "area_name", "post__person__name")
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(AdministrationEvent)
class AdministrationEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "subject", "actor_name", "actor_role", "area_name")
    list_filter = ("kind",)
    search_fields = ("actor_name", "area_name", "subject")
    date_hierarchy = "at"
    show_full_result_count = False
