"""Changes of the tree that orders must live through: the commands of `grids`, with what they mean for orders."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from core.errors import NotAllowedNow
from core.revisions import bump
from core.transactions import command
from grids import commands as tree
from grids.directory import directory
from grids.levels import Level
from grids.models import Area
from personnel.models import Post
from workorders import searching
from workorders.figures import counting
from workorders.models import Route, WorkOrder


@command
def retire_area(area: Area, *, on: date, by) -> Area:
    """Close an area, unless orders in it are still open or somebody holds a post there; its routes end with it."""
    refuse_open_orders(area)
    refuse_posts(area, on)
    retired = tree.retire_area(area, on=on, by=by)
    routes = Route.objects.filter(area=area, starts__lt=on).filter(Q(ends=None) | Q(ends__gt=on))
    if routes.update(ends=on):
        bump("routes")
    return retired


@command
def move_area(area: Area, *, to: Area, by) -> Area:
    """Hang an area elsewhere in the tree; the orders in it follow, so that reach and lists agree with the tree."""
    moved = tree.move_area(area, to=to, by=by)
    refresh_places(moved)
    return moved


def refuse_open_orders(area: Area) -> None:
    """Raise NotAllowedNow while somebody still has to act on an order in the area."""
    count = WorkOrder.objects.open().within(area.pk).count()
    if count:
        raise NotAllowedNow(
            "area_has_open_orders",
            ngettext(
                "%(count)d order in “%(name)s” is still open. Close it or hand it over first.",
                "%(count)d orders in “%(name)s” are still open. Close them or hand them over first.",
                count,
            )
            % {"count": count, "name": area.name},
            count=count,
        )


def posts_left(area: Area, on: date) -> QuerySet[Post]:
    """Posts on the area that are held on that day or later."""
    return Post.objects.filter(area=area, ends=None) | Post.objects.filter(area=area, ends__gt=on)


def refuse_posts(area: Area, on: date) -> None:
    """Raise NotAllowedNow while somebody holds a post on the area."""
    count = posts_left(area, on).count()
    if count:
        raise NotAllowedNow(
            "area_has_posts",
            ngettext(
                "%(count)d post in “%(name)s” is still held. End it or transfer it first.",
                "%(count)d posts in “%(name)s” are still held. End them or transfer them first.",
                count,
            )
            % {"count": count, "name": area.name},
            count=count,
        )


def refresh_places(area: Area) -> int:
    """Copy the ancestors of each area below `area` anew onto its orders. Returns how many orders that were."""
    changed, known, areas = 0, directory(), []
    for place in known.by_id.values():
        if area.pk in place.path:
            areas.append(place.id)
            above = {known.by_id[one].level: one for one in place.path}
            changed += WorkOrder.objects.filter(area_id=place.id).update(
                community_id=above.get(Level.COMMUNITY),
                street_id=above.get(Level.STREET),
                district_id=above.get(Level.DISTRICT),
                city_id=above.get(Level.CITY),
            )
    if changed:
        searching.sort_in_within(areas)
        counting.spoil(areas)
    return changed
