"""Who looks at whose pages, on every page. `{% load viewing %}`."""

from django import template

register = template.Library()


@register.inclusion_tag("_viewing.html", takes_context=True)
def viewing_banner(context) -> dict:
    """The strip above a page that an administrator sees as another person, with the way out."""
    viewing = getattr(context.get("request"), "viewing", None)
    return {"viewing": viewing, "csrf_token": context.get("csrf_token")}


@register.simple_tag(takes_context=True)
def is_viewing(context) -> bool:
    """Whether the page is another person's: then this device keeps nothing of it."""
    return getattr(context.get("request"), "viewing", None) is not None
