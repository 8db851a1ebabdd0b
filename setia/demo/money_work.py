"""What Kopi Senja spent on customers, how its newest ones found it, and what it wants to reach this quarter."""

from datetime import date, datetime, timedelta

from setia.domains.analytics.actions import Spent, save_spend
from setia.domains.customers.actions import change_customer
from setia.domains.customers.models import Customer
from setia.domains.guidance.actions import Aim, add_initiative, check_in, set_objective
from setia.domains.staff.models import Staff
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
    _set_goal(at)


def _set_goal(at: datetime) -> None:
    """Let Sari want more customers to stay, with two measures, one figure by hand and two things to do."""
    sari = Staff.objects.filter(role="owner").order_by("id").first()
    if sari is None:
        return
    aims = [
        Aim(title="Pelanggan bertahan sepanjang tahun", measure="retention_year", start=0.12, target=0.20),
        Aim(title="Pelanggan yang belanja lagi", measure="repeat_rate", start=0.30, target=0.35),
        Aim(title="Skor rekomendasi (NPS)", start=42, target=55),
    ]
    goal = set_objective(
        title="Pelanggan makin betah di Kopi Senja", quarter=at.date(), rhythm="biweekly", owner=sari, aims=aims,
        by=sari.actor, at=at,
    )  # fmt: skip
    by_hand = goal.key_results.get(measure="")
    for number, value in enumerate((43, 46)):
        day = at.date() - timedelta(days=14 * (1 - number))
        check_in(key_result=by_hand, value=value, word="Tanya 20 pelanggan di kasir", day=day, by=sari, at=at)
    for title, days in (("Telepon 10 pelanggan terbaik tiap minggu", 14), ("Kartu ucapan untuk pelanggan setahun", 30)):
        due = at.date() + timedelta(days=days)
        add_initiative(objective=goal, title=title, due_date=due, by=sari.actor, at=at)
