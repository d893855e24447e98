"""What helps a centre clear its queue: leases, steps to be taken back, suggestions, usual texts, bulk work, news."""
