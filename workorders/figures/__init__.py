"""The one set of figures: map, wall, desk, board, exports and periodic sheets ask here and nowhere else.

`reading.py` answers, `counting.py` keeps the counts, `checking.py` compares them with the orders, `periods.py` names
the stretches of days. docs/figures.md says what each figure means.
"""

from workorders.figures.counting import count, count_everything, spoil
from workorders.figures.periods import Period
from workorders.figures.reading import Figures, Scope, as_of, by_area, by_category, by_day, by_unit, of

__all__ = [
    "Figures",
    "Period",
    "Scope",
    "as_of",
    "by_area",
    "by_category",
    "by_day",
    "by_unit",
    "count",
    "count_everything",
    "of",
    "spoil",
]
