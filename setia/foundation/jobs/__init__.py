"""Background work: the standard tasks API on our own tables, with leases, fencing, retries and a schedule."""
