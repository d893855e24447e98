"""The account: log in and out, password, language, letters, and who I am."""

from http import HTTPStatus

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django import forms
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, logout, update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import check_for_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.errors import NotPermitted
from core.transactions import unit_of_work
from pages import base
from pages.base import Done, done, once, page, submitted
from personnel.models import Post, User

app_name = "account"

# The demo's accounts in the order the log-in page offers them, and their password: contract §4.
DEMO_PASSWORD = "gridgov-demo"  # noqa: S105
DEMO_CAST = (
    "officer", "officer2", "chief", "clerk", "instructor", "manager", "acceptor", "dispatcher", "duty", "reviewer",
    "inspector", "handler", "handler2", "assessor", "auditor", "dispatcher2", "admin",
)  # fmt: skip


# --- log in and out --------------------------------------------------------------------------------------------------


class LoginForm(AuthenticationForm):
    """User name and password, with words that say what to do."""

    error_messages = {
        "invalid_login": _lazy(
            "The user name or the password is wrong. Passwords tell capital letters from small ones. "
            "After five wrong tries this account is locked for 15 minutes here."
        ),
        "inactive": _lazy("This account has been closed. Ask your administrator."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["username"].widget.attrs.update(
            {"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}
        )
        if self.initial.get("password") and not self.is_bound:
            self.fields["password"].widget.render_value = True


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class Login(LoginView):
    """The log-in page. The first one a stranger sees, wherever they wanted to go."""

    template_name = "account/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_initial(self) -> dict:
        """The demo account that was chosen, filled in."""
        chosen = self.request.GET.get("as", "")
        return {"username": chosen, "password": DEMO_PASSWORD} if settings.DEMO and chosen in DEMO_CAST else {}

    def get_context_data(self, **kwargs) -> dict:
        """With the demo's accounts, where there is a demo."""
        return super().get_context_data(**kwargs, cast=_cast(), next_field=REDIRECT_FIELD_NAME)

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        """Say what was wrong; for a locked account, how long to wait."""
        if not getattr(self.request, "axes_locked_out", False):
            return super().form_invalid(form)
        # This is the answer; the middleware of axes would put a bare sentence in its place.
        self.request.axes_locked_out = False
        username = form.data.get("username", "")
        minutes = _minutes_locked(self.request, username)
        fresh = LoginForm(self.request, initial={"username": username})
        response = self.render_to_response(
            self.get_context_data(form=fresh, locked_minutes=minutes), status=HTTPStatus.TOO_MANY_REQUESTS
        )
        response["Retry-After"] = str(minutes * 60)
        return response

    def form_valid(self, form: LoginForm) -> HttpResponse:
        """Log in; without a language chosen in this browser the account's own holds."""
        response = super().form_valid(form)
        if settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            base.remember(response, settings.LANGUAGE_COOKIE_NAME, form.get_user().language)
        return response


def _minutes_locked(request: HttpRequest, username: str) -> int:
    """Minutes until the lock opens, rounded up; the whole lock when nothing is known."""
    whole = get_cool_off(request)
    latest = (
        AccessAttempt.objects.filter(username=username, ip_address=request.META.get("REMOTE_ADDR"))
        .order_by("-attempt_time")
        .first()
    )
    left = latest.attempt_time + whole - clock.now() if latest else whole
    return max(1, -(-int(left.total_seconds()) // 60))


def _cast() -> list[dict]:
    """The demo's accounts, each with its post; nothing outside a demo."""
    if not settings.DEMO:
        return []
    people = {
        person.username: person for person in User.objects.filter(is_demo=True, is_active=True, username__in=DEMO_CAST)
    }
    held = (
        Post.objects.on(clock.today()).filter(person__in=people.values()).select_related("area", "unit").order_by("pk")
    )
    post_of = {post.person_id: post for post in reversed(held)}
    return [
        {"username": name, "person": people[name], "post": post_of.get(people[name].pk)}
        for name in DEMO_CAST
        if name in people
    ]


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session and forget the language of the person who leaves."""
    logout(request)
    response = HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response


def start(request: HttpRequest) -> HttpResponse:
    """Send each person to the page their work starts from, strangers to the log-in page."""
    return HttpResponseRedirect(base.home(request) if request.user.is_authenticated else settings.LOGIN_URL)


# --- who I am --------------------------------------------------------------------------------------------------------


@page
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Who I am: posts with their days, language, letters, access of programs, log out."""
    today = clock.today()
    posts = list(request.user.mine())
    context = {
        "shell": base.shell(request),
        "trail": [(_("My account"), None)],
        "held": [post for post in posts if post.is_held(today)],
        "earlier": [post for post in posts if not post.is_held(today) and post.starts <= today],
        "coming": [post for post in posts if post.starts > today],
        "doors": base.posts(request),
        "tokens": request.user.tokens.filter(expires_at__gt=clock.now()),
        "large": base.is_large(request),
        "languages": settings.LANGUAGES,
    }
    return render(request, "account/me.html", context)


class PasswordForm(PasswordChangeForm):
    """The old password and the new one twice."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("Present password")


@page
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; the other sessions of the account end."""
    form = PasswordForm(request.user, request.POST or None)
    if submitted(request, form):
        if request.user.is_demo:
            raise NotPermitted(
                "demo_password",
                _("The demo accounts keep their password. Log in with an account of your own to try this."),
            )
        form.save()
        update_session_auth_hash(request, form.user)
        return done(request, "/me/", _("Your password has been changed. Other devices have to log in again."))
    context = {
        "form": form,
        "shell": base.shell(request),
        "back": "/me/",
        "trail": [(_("My account"), "/me/"), (_("Change password"), None)],
    }
    return render(request, "account/password.html", context)


@page
@require_POST
def end_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one program's access away."""

    def work() -> Done:
        with unit_of_work():
            ended, _per_model = request.user.tokens.filter(pk=pk).delete()
        text = ngettext("%(count)d access has been ended.", "%(count)d accesses have been ended.", ended) % {
            "count": ended
        }
        return Done("/me/", text)

    return once(request, work)


# --- language and letters --------------------------------------------------------------------------------------------


class LanguageForm(forms.Form):
    """One of the product's languages."""

    language = forms.ChoiceField(choices=lambda: settings.LANGUAGES)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of this browser, and of the account of whoever is logged in."""
    response = HttpResponseRedirect(base.next_of(request))
    chosen = LanguageForm(request.POST)
    if chosen.is_valid() and check_for_language(chosen.cleaned_data["language"]):
        code = chosen.cleaned_data["language"]
        base.remember(response, settings.LANGUAGE_COOKIE_NAME, code)
        if request.user.is_authenticated and request.user.language != code:
            request.user.language = code
            request.user.save(update_fields=["language"])
    return response


@require_POST
def letters(request: HttpRequest) -> HttpResponse:
    """Switch this browser to large letters and targets, or back."""
    response = HttpResponseRedirect(base.next_of(request))
    if request.POST.get("mode") == base.LARGE:
        base.remember(response, base.MODE_COOKIE, base.LARGE)
    else:
        response.delete_cookie(base.MODE_COOKIE, samesite="Lax")
    return response


urlpatterns = [
    path("", start, name="start"),
    path("login/", Login.as_view(), name="login"),
    path("logout/", log_out, name="logout"),
    path("me/", me, name="me"),
    path("me/password/", password, name="password"),
    path("me/tokens/<int:pk>/end/", end_token, name="end_token"),
    path("i18n/", language, name="language"),
    path("i18n/letters/", letters, name="letters"),
]
