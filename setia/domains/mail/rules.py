"""When a letter is tried again. Pure."""

from datetime import timedelta

# A server that is down for a night is waited for; after two days somebody should look.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
# Longer than any attempt: the connection gives up after 20 seconds a step.
LEASE = timedelta(minutes=5)
KEEP = timedelta(days=90)


def wait_after(attempts: int) -> timedelta | None:
    """Return how long after so many failed attempts to wait, or None where it is given up."""
    return WAITS[attempts - 1] if 1 <= attempts <= len(WAITS) else None
