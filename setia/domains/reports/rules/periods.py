"""Periods of reports: whole weeks from Monday to Sunday and whole calendar months, half-open."""

from datetime import date, timedelta

WEEKLY = "weekly"
MONTHLY = "monthly"
KINDS = (WEEKLY, MONTHLY)


def last_whole(kind: str, today: date) -> tuple[date, date]:
    """Return the last week or month that is over on a day of the shop, as its first day and the day after its last."""
    if kind == WEEKLY:
        end = today - timedelta(days=today.weekday())
        return end - timedelta(days=7), end
    end = today.replace(day=1)
    return (end - timedelta(days=1)).replace(day=1), end


def before(kind: str, start: date) -> date:
    """Return the first day of the period before the one that begins on `start`."""
    return start - timedelta(days=7) if kind == WEEKLY else (start - timedelta(days=1)).replace(day=1)
