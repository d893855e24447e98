"""How often residents without an account may report, add, look up and rate: wide for people, narrow for machines."""

from datetime import datetime

from django.utils.translation import gettext as _

from core.buckets import Bucket, take

# A mobile network hides many people behind one address, so one address may do more than one person ever would.
REPORTS_OF_ADDRESS = Bucket("reports-address", 60, 600)
REPORTS_IN_GRID = Bucket("reports-grid", 120, 600)
REPORTS = Bucket("reports", 1200, 600)
ADDITIONS_TO_ORDER = Bucket("additions-order", 20, 600)
ADDITIONS_OF_ADDRESS = Bucket("additions-address", 120, 600)
# Four digits are ten thousand guesses: a known code must not be open to them.
LOOKUPS_OF_CODE = Bucket("lookups-code", 10, 3600)
LOOKUPS_OF_ADDRESS = Bucket("lookups-address", 30, 600)
LOCATIONS_OF_ADDRESS = Bucket("locations-address", 120, 600)


def admit_report(*, address: str, grid: str, at: datetime) -> None:
    """One more report from this network address in this grid. Raises TooMany."""
    take(
        (REPORTS_OF_ADDRESS, address),
        (REPORTS_IN_GRID, grid),
        (REPORTS, "all"),
        at=at,
        message=_("Very many reports came in here within a short time. Yours has not been taken yet."),
    )


def admit_addition(*, address: str, token: str, at: datetime) -> None:
    """One more remark, photo or rating for this report. Raises TooMany."""
    take(
        (ADDITIONS_OF_ADDRESS, address),
        (ADDITIONS_TO_ORDER, token),
        at=at,
        message=_("Very much was added within a short time. This has not been taken yet."),
    )


def admit_lookup(*, address: str, code: str, at: datetime) -> None:
    """One more try to find a report by code and digits, right or wrong. Raises TooMany."""
    take(
        (LOOKUPS_OF_ADDRESS, address),
        (LOOKUPS_OF_CODE, code.upper()[:10]),
        at=at,
        message=_("There were many tries to find a report."),
    )


def admit_location(*, address: str, at: datetime) -> None:
    """One more question which grid a point lies in. Raises TooMany."""
    take((LOCATIONS_OF_ADDRESS, address), at=at)
