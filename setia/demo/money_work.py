"""What Kopi Senja spent on customers, and how its newest ones found it."""

from datetime import date, datetime, timedelta

from setia.domains.analytics.actions import Spent, save_spend
from setia.domains.customers.actions import change_customer
from setia.domains.customers.models import Customer
from setia.foundation.actors import SYSTEM

_MONTHS = 12
_MOST = 240
# How the newest customers came, in turns of ten; and what a month costs each way, in rupiah.
_SOURCES = ("Instagram",) * 4 + ("Teman",) * 2 + ("Brosur", "Google Maps", "Instagram", "Marketplace")
_COSTS = (
    ("Instagram", "win", 650_000), ("Brosur", "win", 220_000), ("Marketplace", "win", 260_000),
    ("Gathering pelanggan", "keep", 300_000), ("Kartu ucapan", "keep", 90_000),
)  # fmt: skip
_ROUND = 10_000


def begin_money_work(*, at: datetime) -> None:
    """Enter a year of spend, more of it before Lebaran and at the year's end, and the sources of those who came."""
    spent = []
    month = at.date().replace(day=1)
    for number in range(_MONTHS):
        month = (month - timedelta(days=1)).replace(day=1)
        share = 1.0 + 0.05 * (_MONTHS - number) + (0.5 if month.month in (3, 11, 12) else 0.0)
        spent += [
            Spent(month, channel, purpose, round(amount * share / _ROUND) * _ROUND)
            for channel, purpose, amount in _COSTS
        ]
    save_spend(spent=spent, by=SYSTEM, at=at, today=date(at.year, at.month, at.day))
    newest = Customer.objects.filter(canonical=None, acquisition_source="", joined_at__gt=at - timedelta(days=365))
    for number, customer in enumerate(newest.order_by("-joined_at", "-id")[:_MOST]):
        source = _SOURCES[number % len(_SOURCES)]
        change_customer(customer=customer, changes={"acquisition_source": source}, by=SYSTEM, at=at)
