"""The one clock. Doors read it and pass the instant down as `at=`; domains never ask what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Indonesia's three zones, as people name them.
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}

_frozen_at: ContextVar[datetime | None] = ContextVar("frozen_at", default=None)


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return _frozen_at.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[datetime]:
    """Hold the clock of this thread at one instant, for tests and for replays of history."""
    token = _frozen_at.set(at.astimezone(UTC))
    try:
        yield at
    finally:
        _frozen_at.reset(token)


def shop_day(at: datetime, *, zone: ZoneInfo, cutoff_hour: int) -> date:
    """Return the business day an instant belongs to.

    A day runs from `cutoff_hour` o'clock to the same hour of the next day, in local time, so that a bar that
    closes at two in the morning counts the whole night as one day.
    """
    return (at.astimezone(zone) - timedelta(hours=cutoff_hour)).date()


def day_start(day: date, *, zone: ZoneInfo, cutoff_hour: int) -> datetime:
    """Return the instant in UTC at which a business day begins; the day is half-open, [start, next start)."""
    return datetime.combine(day, time(cutoff_hour), tzinfo=zone).astimezone(UTC)


def zone_label(zone: ZoneInfo) -> str:
    """Return WIB, WITA or WIT for Indonesia's zones, else the zone's own name."""
    return ZONES.get(zone.key, zone.key)
