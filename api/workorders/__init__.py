"""`workorders/`: reports, lists, details, moves, photos."""
