"""The registry: every indicator there is. A new one is one entry more; old runs keep their own list of codes."""

from assessment.indicators.management import MANAGEMENT
from assessment.indicators.registry import HIGHER, LOWER, Indicator, Measurement
from assessment.indicators.service import SERVICE

INDICATORS: tuple[Indicator, ...] = (*MANAGEMENT, *SERVICE)
BY_CODE: dict[str, Indicator] = {one.code: one for one in INDICATORS}
BIT: dict[str, int] = {one.code: place for place, one in enumerate(INDICATORS)}

__all__ = ["BIT", "BY_CODE", "HIGHER", "INDICATORS", "LOWER", "Indicator", "Measurement"]
