"""The tables that can be brought, in the order in which a new installation needs them."""

from core.sheets import Sheet
from grids.sheets import AREAS, GRIDS
from personnel.sheets import PEOPLE
from workorders.history.sheet import ORDERS

SHEETS: tuple[Sheet, ...] = (AREAS, GRIDS, PEOPLE, ORDERS)
BY_NAME: dict[str, Sheet] = {sheet.name: sheet for sheet in SHEETS}
