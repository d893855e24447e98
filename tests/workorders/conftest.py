"""Tests marked `shared` compare with the data folder beside the checkout; without it they are not collected."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared"


def pytest_collection_modifyitems(config, items):
    """Leave out the `shared` tests of this folder when there is nothing to compare with; each has a twin that runs."""
    if SHARED.is_dir():
        return
    left_out = [item for item in items if HERE in item.path.parents and item.get_closest_marker("shared")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
