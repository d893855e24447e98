"""Who acts in the measurements: a person per role around the busiest district, with tokens. Prints JSON."""

import json

import django


def find() -> dict:
    """{tokens: {role: token}, unit, grid, district (codes), numbers of closed orders, orders, grids}."""
    from django.db.models import Count

    from core import clock
    from grids.models import Area
    from personnel.jurisdiction import holders, members
    from personnel.models import ApiToken, Unit
    from personnel.roles import Role
    from workorders.models import Assignment, WorkOrder

    today = clock.today()
    district_id = WorkOrder.objects.values_list("district_id").annotate(n=Count("pk")).order_by("-n")[0][0]
    district = Area.objects.get(pk=district_id)
    unit_ids = (
        Assignment.objects.filter(unit__area=district, kind="lead").values_list("unit_id").annotate(n=Count("pk"))
    )
    unit = Unit.objects.get(pk=unit_ids.order_by("-n")[0][0])
    people = {
        role: holders(role, [district_id], today).first() for role in (Role.ACCEPTOR, Role.DISPATCHER, Role.REVIEWER)
    }
    people[Role.HANDLER] = members([unit.pk], today).first()
    grids = Area.objects.under(district).filter(level="grid", ends=None).order_by("code")
    grid = next(one for one in grids if holders(Role.OFFICER, [one.pk], today).exists())
    people[Role.OFFICER] = holders(Role.OFFICER, [grid.pk], today).first()
    tokens = {str(role): ApiToken.issue(person, clock.now())[0] for role, person in people.items()}
    numbers = list(
        WorkOrder.objects.filter(district_id=district_id, status="closed").values_list("number", flat=True)[:200]
    )
    return {
        "tokens": tokens, "unit": unit.code, "grid": grid.code, "district": district.code, "numbers": numbers,
        "orders": WorkOrder.objects.count(), "grids": [one.code for one in grids[:500]],
    }  # fmt: skip


if __name__ == "__main__":
    django.setup()
    print(json.dumps(find()))  # noqa: T201 - this is how the parent process hears of it
