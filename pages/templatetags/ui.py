"""The building blocks of every page: marks, times, form fields. `{% load ui %}`; catalogue in docs/frontend.md."""

import datetime as dt
import functools

from django import template
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core import clock
from pages import base, nav, words

register = template.Library()


# --- shapes and marks ------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, label: str = "", large: bool = False) -> SafeString:
    """One drawing of static/img/icons.svg. Decoration unless `label` says what it means."""
    return _drawing(_sheet(), name, str(label), large)


@functools.cache
def _sheet() -> str:
    return static("img/icons.svg")


@functools.lru_cache(maxsize=1024, typed=True)
def _drawing(sheet: str, name: str, label: str, large: bool) -> SafeString:
    """A list draws the same few hundreds of times."""
    spoken = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" width="20" height="20"{}><use href="{}#{}"></use></svg>',
        " icon-large" if large else "",
        spoken,
        sheet,
        name,
    )


def _mark(css: str, mark: words.Mark | None) -> SafeString:
    return _chip(css, icon(mark.icon), str(mark.word)) if mark else mark_safe("")


@functools.lru_cache(maxsize=1024, typed=True)
def _chip(css: str, drawing: SafeString, word: str) -> SafeString:
    return format_html('<span class="{}">{}{}</span>', css, drawing, word)


@register.simple_tag
def status_chip(status: str) -> SafeString:
    """The status of an order as a word and a shape."""
    mark = words.status_mark(status)
    return _mark(f"status-chip status-chip-{mark.tone}", mark)


@register.simple_tag
def lamp(value: str | None, due: dt.datetime | None = None, now: dt.datetime | None = None) -> SafeString:
    """The lamp of a clock (green, amber, red, paused); with `due`, a red one three days late becomes "long overdue"."""
    mark = words.lamp_mark(value, due, now or clock.now())
    return _mark(f"lamp tone-{mark.tone}" if mark else "", mark)


@register.simple_tag
def card_mark(card: str | None) -> SafeString:
    """The yellow or red card of an order; nothing without one."""
    mark = words.CARDS.get(card or "")
    return _mark(f"card-mark tone-{mark.tone}" if mark else "", mark)


@register.simple_tag
def urgency_mark(urgency: str, quiet: bool = True) -> SafeString:
    """Urgent or emergency as a word and arrows; the normal case says nothing unless `quiet` is false."""
    mark = None if quiet and urgency == "normal" else words.URGENCIES.get(urgency)
    return _mark(f"urgency tone-{mark.tone}" if mark else "", mark)


@register.simple_tag
def due(at: dt.datetime | None, lamp: str | None = None, now: dt.datetime | None = None) -> SafeString:
    """The due clock in words ("3 h 20 min left", "overdue by 2 days"), the exact moment as its title."""
    now = now or clock.now()
    mark = words.lamp_mark(lamp, at, now)
    if lamp == "paused":
        return format_html('<span class="due due-paused">{}{}</span>', icon(mark.icon), mark.word)
    if at is None:
        return mark_safe("")
    return format_html(
        '<time class="due due-{}" datetime="{}" title="{}">{}{}</time>',
        mark.tone if mark else "ok",
        clock.local(at).isoformat(timespec="minutes"),
        words.when(at),
        icon(mark.icon if mark else "clock"),
        words.due_words(at, now),
    )


# --- times and words -------------------------------------------------------------------------------------------------


@register.filter
def due_words(at: dt.datetime | None, now: dt.datetime | None = None) -> str:
    """What is left until a moment, or how long it has passed."""
    return words.due_words(at, now or clock.now())


@register.filter
def of(table: dict, key):
    """What a table holds under a key; nothing where there is none."""
    return (table or {}).get(key, "")


@register.filter
def when(at: dt.datetime | None) -> str:
    """A moment on the local clock, as text."""
    return words.when(at)


@register.filter
def day(on: dt.date | None) -> str:
    """A day, as text."""
    return words.day_words(on)


@register.simple_tag
def moment(at: dt.datetime | None, short: bool = False, empty: str = "–") -> SafeString:
    """A moment as a `<time>` element; `short` for narrow columns (the full moment stays in the title)."""
    if at is None:
        return format_html('<span class="soft">{}</span>', empty)
    full = words.when(at)
    stamp = clock.local(at).isoformat(timespec="minutes")
    if not short:
        return format_html('<time class="figures" datetime="{}">{}</time>', stamp, full)
    return format_html(
        '<time class="figures keep" datetime="{}" title="{}">{}</time>', stamp, full, words.when_short(at, clock.now())
    )


@register.filter
def lang_tag(language: str) -> str:
    """Django's language code as browsers and screen readers know it."""
    return {"zh-hans": "zh-CN", "zh-hant": "zh-TW"}.get(language, language)


# --- forms -----------------------------------------------------------------------------------------------------------


def _described(field: BoundField) -> dict[str, str]:
    """What ties a control to its help and its errors for people who do not see them."""
    ids = ([f"{field.auto_id}_help"] if field.help_text else []) + ([f"{field.auto_id}_error"] if field.errors else [])
    return {"aria-describedby": " ".join(ids)} if ids else {}


@register.inclusion_tag("_field.html")
def field(bound: BoundField, label: str = "", rows: int = 0, placeholder: str = "", inputmode: str = "") -> dict:
    """One form field with label, help and errors. The widget decides the shape: radio buttons become chips."""
    widget = bound.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        shape = "chips"
    else:
        shape = "check" if isinstance(widget, CheckboxInput) else "plain"
    attrs = {**_described(bound), **({"aria-invalid": "true"} if bound.errors else {})}
    if shape == "plain":
        attrs["class"] = f"{widget.attrs.get('class', '')} input".strip()
    if isinstance(widget, FileInput):
        attrs.pop("aria-invalid", None)
    for name, value in (("rows", rows), ("placeholder", placeholder), ("inputmode", inputmode)):
        if value:
            attrs[name] = value
    return {
        "field": bound,
        "shape": shape,
        "label": label or bound.label,
        "control": bound.as_widget(attrs=attrs) if shape != "chips" else "",
        "described": _described(bound).get("aria-describedby", ""),
    }


@register.inclusion_tag("_error_summary.html", takes_context=True)
def error_summary(context, form) -> dict:
    """What was refused and what to correct, above the form, each line a link to its field. Every form has one."""
    request = context.get("request")
    mine = getattr(request, "problem_form", None) is form
    return {"form": form, "problem": request.problem if mine else None}


@register.simple_tag(takes_context=True)
def form_key(context) -> SafeString:
    """The hidden key that makes a form sent twice have one effect, see pages.base.once; kept while it is corrected."""
    return format_html('<input type="hidden" name="{}" value="{}">', base.FORM_KEY, base.key_of(context["request"]))


# --- the shells ------------------------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def large_letters(context) -> bool:
    """Whether this browser chose large letters."""
    request = context.get("request")
    return request is not None and base.is_large(request)


@register.simple_tag(takes_context=True)
def mode_attribute(context) -> SafeString:
    """The large letters somebody chose, for `<html>`; works on error pages, where there may be no request."""
    return mark_safe(' data-mode="large"') if large_letters(context) else mark_safe("")


@register.inclusion_tag("_desk_menu.html", takes_context=True)
def desk_menu(context) -> dict:
    """The left menu: what the reader's posts open, each entry once."""
    return {"sections": nav.desk(context["request"]), "request": context["request"]}


@register.inclusion_tag("_phone_bar.html", takes_context=True)
def phone_bar(context) -> dict:
    """The four tabs of the phone."""
    return {"tabs": nav.phone(context["request"])}


@register.inclusion_tag("_bell.html", takes_context=True)
def bell(context) -> dict:
    """The way to the notices, with how many are unread."""
    return {"unread": base.count("unread", context["request"])}


@register.inclusion_tag("_user_menu.html", takes_context=True)
def user_menu(context) -> dict:
    """Name, posts, language, letters, log out."""
    request = context["request"]
    return {
        "request": request,
        "posts": base.posts(request),
        "large": base.is_large(request),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("_messages.html", takes_context=True)
def strips(context) -> dict:
    """What just happened (messages) and what was refused (request.problem), at the top of the page."""
    request = context.get("request")
    problem = None if getattr(request, "problem_form", None) else getattr(request, "problem", None)
    return {"messages": context.get("messages") or (), "problem": problem}


@register.inclusion_tag("_steps.html")
def step_bar(status: str, notes: dict | None = None) -> dict:
    """The five phases of an order and where it stands."""
    return {"steps": words.steps(status, notes)}
