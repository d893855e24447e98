"""What administrators set: the routing table, the taxonomy, the working calendar, the standard texts, units' ends.

One file for each. Every change is one command with `by` and `at`, leaves an event in the chain of its subject
(`personnel.administration.record`), and tells the copies in memory that they are old.
"""
