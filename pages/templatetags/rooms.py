"""Addresses of one order inside a room, for templates: `{% order_link room number %}`."""

from django import template

register = template.Library()


@register.simple_tag
def order_link(room, number: str) -> str:
    """Where the room shows the order."""
    return room.detail(number)


@register.simple_tag
def reveal_link(room, number: str) -> str:
    """Where the room asks what the reporter's name is needed for."""
    return room.reveal(number)


@register.simple_tag
def photos_link(room, number: str) -> str:
    """Where the room takes photos."""
    return room.photos(number)
