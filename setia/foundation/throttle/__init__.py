"""Limits on repeated attempts, kept in the database: they survive a restart and hold over all processes."""

from setia.foundation.throttle.limits import Limit, allowed, forgive

__all__ = ["Limit", "allowed", "forgive"]
