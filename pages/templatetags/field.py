"""What the scripts of the phone need on a page. `{% load field %}`."""

from django import template
from django.conf import settings
from django.templatetags.static import PrefixNode
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from pages import spoken

register = template.Library()

# What phone.js asks for in any case: named in the head, so that it does not come one after the other.
MODULES = ("js/outbox/ground.js", "js/outbox/sender.js")


@register.inclusion_tag("phone/_script.html", takes_context=True)
def phone_script(context) -> dict:
    """The outbox on this page: whose it is, its words, its module."""
    return {"request": context["request"], "csrf_cookie": settings.CSRF_COOKIE_NAME, "words": spoken.words()}


@register.simple_tag
def preloaded(*more: str) -> SafeString:
    """Modules that others import, by the addresses they are imported by, which are never hashed."""
    prefix = PrefixNode.handle_simple("STATIC_URL")
    names = ((prefix, name) for name in (*MODULES, *more))
    return format_html_join("\n", '<link rel="modulepreload" href="{}{}">', names)
