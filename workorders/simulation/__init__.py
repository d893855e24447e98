"""Lives of orders made in memory and loaded in bulk: the demo city, and synthetic cities for load tests.

`Life` does in memory what the commands do in the database, move by move, with the same clocks, events and hashes;
tests/workorders/test_simulate.py holds the two against each other. Nothing here is called by a door.
"""
