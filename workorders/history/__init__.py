"""Orders of old systems and hotline exports, brought over from CSV or Excel with their own times.

1. `mapping` reads the map: which column is which field, formats, values, defaults.
2. `table` reads the file, `rows` judges each row and says in words what is wrong with it.
3. `writing` makes the orders: their known moments as events, the mark `imported`, and no clock, card or notice.

A file may be imported again and again: `external_id` within a source tells which rows are there already. Bad rows are
left out and told; all good rows are written in one transaction.
"""

from workorders.history.mapping import Mapping, read_map
from workorders.history.writing import Report, import_orders

__all__ = ["Mapping", "Report", "import_orders", "read_map"]
