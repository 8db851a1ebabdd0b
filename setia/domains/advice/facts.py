"""Gathering what is known of customers for their next action: a fixed number of questions for one or for thousands."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import F, Max, Model, Q, QuerySet

from setia.domains.advice.models import Decision, Recommended
from setia.domains.advice.rules.actions import Facts
from setia.domains.advice.rules.windows import PRIOR_GAPS
from setia.domains.analytics.models import PersonScore
from setia.domains.commerce.models import Cart, CartState, CustomerCounters, Return, Shipment
from setia.domains.customers.models import ConsentEvent, Customer, Identity
from setia.domains.customers.rules.consents import CHANNELS, Answer, Channel, Purpose, is_allowed, is_minor, standing
from setia.domains.shop.models import Shop
from setia.domains.shop.queries import the_shop
from setia.domains.teamwork.models import Task, TaskState
from setia.domains.timeline.models import Interaction
from setia.foundation.clock import shop_day
from setia.foundation.events.models import VoidedBatch

_M = TypeVar("_M", bound=Model)
_TROUBLE_DAYS = 14
_CART_DAYS = 14
_LATE_DAYS = 30
_BIRTHDAY_DAYS = 7
_SOME = 100
_SCORES = ("worth", "health", "risk", "activity", "top_milli", "chance_silent")
_MESSAGES = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL, Channel.PUSH)


@dataclass(frozen=True, slots=True)
class Known:
    """A customer and all that advice rests on."""

    customer: Customer
    facts: Facts
    owner_id: int | None


class _Rows:
    """The rows of at least one person, and to whom each belongs: merged rows are the person's."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        ids = sorted(customer.id for customer in customers)
        self._low, self._high = ids[0], ids[-1]
        self.person: dict[int, int] = {one: one for one in ids}
        aliases = dict(self._of(Customer.objects.filter(canonical__isnull=False), "canonical_id", ids).values_list(
            "id", "canonical_id"
        ))  # fmt: skip
        self.person |= {row: who for row, who in aliases.items() if who in self.person}
        self._aliases = [row for row, who in aliases.items() if who in self.person]
        self._few = list(self.person) if len(self.person) <= _SOME else None

    def of(self, rows: QuerySet[_M], column: str = "customer_id") -> QuerySet[_M]:
        """Return the rows of these people: by their ids where they are few, else those in between."""
        if self._few is not None:
            return rows.filter(**{f"{column}__in": self._few})
        between = Q(**{f"{column}__gte": self._low, f"{column}__lte": self._high})
        return rows.filter(between | Q(**{f"{column}__in": self._aliases}) if self._aliases else between)

    def _of(self, rows: QuerySet[_M], column: str, ids: Sequence[int]) -> QuerySet[_M]:
        if len(ids) <= _SOME:
            return rows.filter(**{f"{column}__in": ids})
        return rows.filter(**{f"{column}__gte": self._low, f"{column}__lte": self._high})

    def by_person(self, pairs: Iterable[Sequence[Any]]) -> dict[int, list[Any]]:
        """Return values by person, of pairs (row's customer, value, …) of which strangers are left out."""
        found: dict[int, list[Any]] = defaultdict(list)
        for customer_id, *values in pairs:
            who = self.person.get(customer_id)
            if who is not None:
                found[who].append(values[0] if len(values) == 1 else tuple(values))
        return found


def gather(customers: Sequence[Customer], *, at: datetime, shop: Shop | None = None) -> list[Known]:
    """Return what is known of these people (rows that stand for a person, not merged ones), in their order."""
    if not customers:
        return []
    shop = shop or the_shop()
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    rows = _Rows(customers)

    def day_of(moment: datetime | None) -> date | None:
        return shop_day(moment, zone=shop.zone, cutoff_hour=shop.cutoff_hour) if moment else None

    counters = _counters(rows)
    scores = {one: values for one, *values in rows.of(PersonScore.objects.all()).values_list("customer_id", *_SCORES)}
    lists = {row.customer_id: row for row in rows.of(Recommended.objects.all())}
    consents = _consents(rows)
    contacts = _contacted(rows, day_of)
    reachable = set(rows.by_person(rows.of(Identity.objects.all()).values_list("customer_id", "kind")))
    busy = set(rows.by_person(rows.of(Task.objects.filter(state=TaskState.OPEN)).values_list("customer_id", "id")))
    troubles = _troubles(rows, today, day_of)
    carts = _carts(rows, at)
    away = _away(rows, today)
    known: list[Known] = []
    for customer in customers:
        one = customer.id
        score, lists_of = scores.get(one), lists.get(one)
        facts: dict[str, Any] = {
            **_trade(counters.get(one, _Trade()), today, day_of),
            **_scored(score),
            **_allowed(consents.get(one, []), customer, today),
            **troubles.get(one, {}),
            **carts.get(one, {}),
            **_due(lists_of, today),
            "contacted": (today - contacts[one]).days if one in contacts else None,
            "has_contact": one in reachable,
            "has_open_task": one in busy,
            "birthday_in": _birthday_in(customer.birth_date, today),
            "missing": _missing(customer, one in reachable),
            "away": frozenset(away.get(one, [])),
        }
        known.append(Known(customer, Facts(**facts), customer.owner_id))
    return known


@dataclass(slots=True)
class _Trade:
    orders: int = 0
    spent: int = 0
    first: datetime | None = None
    last: datetime | None = None


def _counters(rows: _Rows) -> dict[int, _Trade]:
    """Return the purchases of each person; counters of merged rows are already the person's, and stay 0 themselves."""
    found: dict[int, _Trade] = {}
    columns = ("customer_id", "order_count", "spent_total", "first_order_at", "last_order_at")
    for customer_id, *values in rows.of(CustomerCounters.objects.all()).values_list(*columns):
        if rows.person.get(customer_id) == customer_id:
            found[customer_id] = _Trade(*values)
    return found


def _trade(trade: _Trade, today: date, day_of: Callable[[datetime | None], date | None]) -> dict[str, Any]:
    first, last = day_of(trade.first), day_of(trade.last)
    gap = None
    if trade.orders >= 2 and first and last and last > first:
        gap = (last - first).days / (trade.orders - 1)
    return {
        "order_count": trade.orders,
        "silent": max((today - last).days, 0) if last else None,
        "gap": gap,
        "average_order": trade.spent // trade.orders if trade.orders else 0,
    }


def _scored(score: list[Any] | None) -> dict[str, Any]:
    return {} if score is None else dict(zip(_SCORES, score, strict=True))


def _consents(rows: _Rows) -> dict[int, list[tuple[str, Answer]]]:
    """Return the answers of each person, without those of imports that were undone."""
    asked = rows.of(ConsentEvent.objects.all()).values_list(
        *("customer_id", "purpose", "channel", "is_granted", "is_guardian", "given_at", "id", "origin_id")
    )
    events = list(asked)
    origins = {row[7] for row in events if row[7]}
    voided = set(VoidedBatch.objects.filter(batch_id__in=origins).values_list("batch_id", flat=True)) if origins else ()
    kept = ((row[0], row[1], Answer(*row[1:7])) for row in events if row[7] not in voided)
    return rows.by_person(kept)


def _allowed(answers: Sequence[tuple[str, Answer]], customer: Customer, today: date) -> dict[str, Any]:
    latest = standing(answer for _purpose, answer in answers)
    minor = is_minor(customer.birth_date, on=today)

    def may(purpose: Purpose, channels: Sequence[Channel]) -> bool:
        return any(is_allowed(purpose, latest.get((purpose.value, channel.value)), minor=minor) for channel in channels)

    return {
        "may_message": may(Purpose.MARKETING, _MESSAGES),
        "may_call": may(Purpose.MARKETING, [Channel.PHONE]),
        "may_serve": may(Purpose.SERVICE, CHANNELS[Purpose.SERVICE]),
        "was_asked": any(purpose == Purpose.MARKETING for purpose, _answer in answers),
        "objects": not may(Purpose.PROFILING, [Channel.ANY]),
    }


def _contacted(rows: _Rows, day_of: Callable[[datetime | None], date | None]) -> dict[int, date]:
    latest = rows.of(Interaction.objects.all()).values("customer_id").annotate(last=Max("happened_at"))
    found = rows.by_person(latest.values_list("customer_id", "last"))
    return {who: day for who, moments in found.items() if (day := day_of(max(moments)))}


def _troubles(rows: _Rows, today: date, day_of: Callable[[datetime | None], date | None]) -> dict[int, dict[str, int]]:
    """Return what went wrong lately: goods that came back, a parcel that is late or came late."""
    since = today - timedelta(days=_TROUBLE_DAYS)
    back = rows.by_person(rows.of(Return.objects.filter(shop_day__gte=since)).values_list("customer_id", "shop_day"))
    promised = Shipment.objects.filter(estimated_date__gte=today - timedelta(days=_LATE_DAYS), estimated_date__lt=today)
    parcels = rows.by_person(
        rows.of(promised).values_list("customer_id", "estimated_date", "delivered_at", "order__status")
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for who, days in back.items():
        found[who]["brought_back"] = max((today - max(days)).days, 0)
    for who, sent in parcels.items():
        late = [
            (today - promise).days
            for promise, came, status in sent
            if status != "cancelled" and ((came is None and status != "done") or (day_of(came) or promise) > promise)
        ]
        if late:
            found[who]["late_parcel"] = min(late)
    return found


def _carts(rows: _Rows, at: datetime) -> dict[int, dict[str, int]]:
    states = [CartState.OPEN, CartState.ABANDONED]
    left = Cart.objects.filter(
        state__in=states, updated_at__gte=at - timedelta(days=_CART_DAYS), updated_at__lte=at - timedelta(hours=1)
    )
    carts = rows.by_person(rows.of(left).values_list("customer_id", "updated_at", "total"))
    found = {}
    for who, them in carts.items():
        updated, total = max(them)
        found[who] = {"cart_age": (at - updated).days, "cart_total": total}
    return found


def _away(rows: _Rows, today: date) -> dict[int, list[str]]:
    """Return which kinds of advice stay away: dismissed or taken up not long ago, or their task is still open."""
    keeps = Q(until__gt=today) | Q(task__state=TaskState.OPEN)
    decided = rows.of(Decision.objects.filter(keeps, stands=True)).values_list("customer_id", "kind")
    return rows.by_person(decided)


def _due(lists: Recommended | None, today: date) -> dict[str, Any]:
    """Return what is about to run out, and what else might be liked."""
    if lists is None:
        return {}
    found: dict[str, Any] = {}
    now = (today - date(1970, 1, 1)).days
    for own in lists.own_products:
        silent = now - own.last_day
        # Once bought is no rhythm; and whoever is twice as late has found it elsewhere or does not want it.
        if own.times >= 3 and own.gap >= PRIOR_GAPS and 0.8 * own.gap <= silent <= 2 * own.gap:
            found = {"due_product": own.product_id, "due_silent": silent, "due_gap": own.gap}
            break
    new = lists.new_products
    return {**found, "also_product": new[0] if new else None}


def _birthday_in(birth_date: date | None, today: date) -> int | None:
    """Return in how many days the birthday is, within a week; the 29th of February is kept on the 28th."""
    if birth_date is None:
        return None
    for year in (today.year, today.year + 1):
        try:
            day = birth_date.replace(year=year)
        except ValueError:
            day = date(year, 2, 28)
        if 0 <= (day - today).days <= _BIRTHDAY_DAYS:
            return (day - today).days
    return None


def _missing(customer: Customer, is_reachable: bool) -> tuple[str, ...]:
    gaps = (("name", not customer.name), ("contact", not is_reachable), ("birthday", customer.birth_date is None))
    return tuple(name for name, is_missing in gaps if is_missing)


def people_worth_a_look(*, size: int) -> Iterable[list[Customer]]:
    """Walk over all customers who stand for a person and have bought or put something in a cart, by their ids."""
    last = 0
    has_traded = Q(counters__order_count__gt=0) | Q(id__in=Cart.objects.exclude(customer=None).values("customer_id"))
    rows = Customer.objects.filter(canonical__isnull=True).filter(has_traded).order_by(F("id"))
    rows = rows.only("id", "name", "birth_date", "owner_id", "canonical_id")
    while some := list(rows.filter(id__gt=last)[:size]):
        yield some
        last = some[-1].id
