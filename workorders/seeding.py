"""The defaults an installation starts with: taxonomy, calendar, routing table. Safe to run again; edits are kept."""

from datetime import date

from core.revisions import bump
from core.transactions import command
from grids.models import Area
from personnel.models import Unit
from workorders import taxonomy
from workorders.models import Category, Route


def seed_categories(Category) -> int:
    """Add the categories of the default taxonomy that are missing. Category: the model, historical in a migration."""
    known = dict(Category.objects.values_list("code", "pk"))
    added = 0
    for row in taxonomy.rows():
        if row.code in known:
            continue
        fields = {
            "name": row.name,
            "name_en": row.name_en,
            "initials": taxonomy.initials(row.name),
            "parent_id": known.get(row.code[:2]) if len(row.code) == 4 else None,
        }
        if len(row.code) == 4:
            fields |= {
                "klass": row.klass,
                "difficulty": row.difficulty,
                "urgency": row.urgency,
                "stages": row.stages_json(),
                "lead": row.lead,
                "self_rule": row.self_rule,
                "self_limit": row.self_limit.to_json() if row.self_limit else None,
            }
        known[row.code] = Category.objects.create(code=row.code, **fields).pk
        added += 1
    return added


def seed_holidays(Holiday) -> int:
    """Add the days of the shipped calendar that are missing."""
    known = set(Holiday.objects.values_list("date", flat=True))
    rows = [Holiday(date=day, kind=kind, name=name) for day, kind, name in taxonomy.holidays() if day not in known]
    Holiday.objects.bulk_create(rows)
    return len(rows)


@command
def seed_routes(district, *, on: date) -> int:
    """Give a district the default routing: every minor to the unit of its lead department there.

    Community and street matters are routed to the committee and the street office of each place. Existing routes stay.
    """
    areas = Area.objects.under(district).filter(level__in=("district", "street", "community"))
    units = {(unit.area_id, unit.kind): unit for unit in Unit.objects.active(on).filter(area__in=areas)}
    known = set(Route.objects.filter(area__in=areas).values_list("area_id", "category_id"))
    rows = []
    for category in Category.objects.filter(parent__isnull=False, is_active=True):
        for (area_id, kind), unit in units.items():
            if kind == category.lead and (area_id, category.pk) not in known:
                rows.append(Route(category=category, area_id=area_id, unit=unit, starts=on))
    Route.objects.bulk_create(rows, batch_size=2000)
    bump("routes")
    return len(rows)
