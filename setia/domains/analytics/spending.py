"""Verbs of marketing spend: what the shop paid to win and to keep customers, month by month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from setia.domains.analytics.events import SpendChanged
from setia.domains.analytics.models import MarketingSpend
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record


@dataclass(frozen=True, slots=True)
class Spent:
    """One amount, in smallest units; `purpose` is `win` or `keep`; 0 takes the entry out."""

    month: date
    channel: str
    purpose: str
    amount: int


class UnableToSaveSpend(Exception):
    """Raised with a code: `negative`, `no_channel` or `future`."""


def save_spend(*, spent: Iterable[Spent], by: Actor, at: datetime, today: date) -> int:
    """Write what was spent and return how many entries are different now; the same again changes nothing.

    One entry a month, channel (in whatever capitals) and purpose: a later one replaces it. All or nothing; raises
    UnableToSaveSpend.
    """
    rows = [Spent(each.month.replace(day=1), " ".join(each.channel.split()), *_rest(each, today)) for each in spent]
    changed: set[date] = set()
    count = 0
    with write_tx():
        for row in rows:
            standing = MarketingSpend.objects.filter(
                month=row.month, channel__iexact=row.channel, purpose=row.purpose
            ).first()
            if (standing.amount if standing else 0) == row.amount:
                continue
            if not row.amount and standing:
                standing.delete()
            elif standing:
                MarketingSpend.objects.filter(id=standing.id).update(amount=row.amount)
            else:
                MarketingSpend.objects.create(
                    month=row.month, channel=row.channel, purpose=row.purpose, amount=row.amount
                )
            count += 1
            changed.add(row.month)
        if changed:
            record(SpendChanged(months=[str(month) for month in sorted(changed)]), by=by, at=at)
    return count


def _rest(each: Spent, today: date) -> tuple[str, int]:
    if each.amount < 0:
        raise UnableToSaveSpend("negative")
    if not each.channel.strip():
        raise UnableToSaveSpend("no_channel")
    if each.month > today:
        raise UnableToSaveSpend("future")
    return each.purpose, each.amount
