"""Which reports arrived with which photos: `python -m bench.phone_arrived MARK` prints {text: [digests]} per order."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridgov.settings")
django.setup()

from workorders.models import WorkOrder  # noqa: E402

if __name__ == "__main__":
    found = WorkOrder.objects.filter(description__startswith=sys.argv[1]).prefetch_related("attachments")
    rows = [[order.description, sorted(photo.sha256 for photo in order.attachments.all())] for order in found]
    print(json.dumps(rows))
