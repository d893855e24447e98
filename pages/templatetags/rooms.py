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


@register.simple_tag
def slip_link(room, number: str, kind: str) -> str:
    """Where the room prints a slip of the order."""
    return f"{room.detail(number)}slips/{kind}/"


@register.simple_tag
def split_link(room, number: str) -> str:
    """Where the room splits the order."""
    return f"{room.detail(number)}split/"


@register.simple_tag
def case_link(number: str) -> str:
    """Where the board puts the case file of the order together."""
    return f"/board/{number}/case/"
