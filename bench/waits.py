"""How long the newest reports waited for their first notice. Prints sorted seconds as JSON."""

import json
import sys

import django


def main(count: int) -> None:
    """count: how many of the newest reports. Raises when one has no notice at all."""
    django.setup()
    from django.db.models import Min

    from workorders.models import Notice, WorkOrder

    newest = WorkOrder.objects.order_by("-pk")[:count]
    told = dict(
        Notice.objects.filter(order__in=list(newest), kind="report").values_list("order").annotate(at=Min("created_at"))
    )
    missing = [order.number for order in newest if order.pk not in told]
    if missing:
        raise RuntimeError(f"{len(missing)} reports were told to nobody, the first: {missing[0]}")
    print(json.dumps(sorted((told[order.pk] - order.reported_at).total_seconds() for order in newest)))  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]))
