"""Run one measurement of the tree with Django at hand. Prints JSON."""

import importlib
import json
import sys

import django

if __name__ == "__main__":
    django.setup()
    print(json.dumps(importlib.import_module(f"bench.{sys.argv[1]}").run()))  # noqa: T201 - read by the parent process
