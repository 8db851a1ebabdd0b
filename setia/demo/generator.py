"""The customers and sales of Kopi Senja, an invented Bandung coffee chain: deterministic, streaming, any size.

Each person's history is drawn from (seed, number) alone, so a slice can be made again without the rest and memory stays
flat. It knows nothing of Setia's tables; whoever loads a demo or a benchmark translates.

The model is Pareto/NBD (Schmittlein, Morrison & Colombo 1987, "Counting your customers", Management Science 33:1) for
several kinds of customer, with two departures that shops show: a share of newcomers never returns at all (the drop-out
directly after a purchase of BG/NBD; Fader, Hardie & Lee 2005, Marketing Science 24:2, and Batislam et al. 2007 for the
first purchase), and people who restock come at regular intervals (gamma gaps; Platzer & Reutterer 2016, "Ticking away
the moments", Marketing Science 35:5). Season, weekday and payday warp the clock on which all this runs (`calendar`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate, pairwise
from random import Random
from typing import Final

from setia.demo import calendar, catalogue, names
from setia.demo.calendar import MARKETPLACE, POS, WEB, WHATSAPP, Days
from setia.demo.catalogue import MAKASSAR, ONLINE, PRICES, DemoOutlet, DemoProduct, Tastes, Throw, outlets, products

__all__ = [
    "DemoCustomer",
    "DemoLine",
    "DemoOrder",
    "DemoOutlet",
    "DemoProduct",
    "DemoReturn",
    "Person",
    "outlets",
    "people",
    "products",
    "walk_in_count",
    "walk_ins",
]


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A member; `number` counts from 0, `phone` is E.164, `level` names the kind of shopper, for statistics only."""

    number: int
    name: str
    phone: str | None
    email: str | None
    city: str
    birth_date: date | None
    joined_at: datetime
    level: str


@dataclass(frozen=True, slots=True)
class DemoLine:
    """One article of an order: index into `products()`, pieces, rupiah a piece, rupiah off the whole line."""

    product: int
    quantity: int
    unit_price: int
    discount: int


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """One sale; `customer` is a person's number or None for a walk-in, `outlet` an index into `outlets()`."""

    number: str
    customer: int | None
    outlet: int
    channel: str
    tender: str
    placed_at: datetime
    lines: tuple[DemoLine, ...]


@dataclass(frozen=True, slots=True)
class DemoReturn:
    """Pieces of one line given back; `amount` is the rupiah refunded."""

    number: str
    order_number: str
    customer: int | None
    returned_at: datetime
    product: int
    quantity: int
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class Person:
    """One member with every order and return, each in order of time."""

    customer: DemoCustomer
    orders: tuple[DemoOrder, ...]
    returns: tuple[DemoReturn, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Parameters of one kind of customer, times in operational days (see `calendar`).

    `rate` is the mean number of purchases a day and `spread` the shape of its gamma distribution (small: unequal);
    `lifetime` and `tail` are mean and shape of the Pareto lifetime, `steady` the gamma shape of the gaps (1: Poisson).
    `lines` is the measured mean number of lines an order, used only to scale the volume of a benchmark.
    """

    curve: int
    name: str
    share: int
    returning: float
    rate: float
    spread: float
    lifetime: float
    tail: float
    steady: float
    channels: tuple[int, ...]
    promo: float
    lines: float
    scales: bool = False

    def expected_repeats(self, days: float) -> float:
        """Return purchases expected after the first within `days`, from Pareto/NBD's closed form of the mean.

        E[X(T)] = rate * beta / (s - 1) * (1 - (beta / (beta + T)) ** (s - 1)), with beta = lifetime * (s - 1). A
        regular buyer's next purchase lies a whole gap away, not "any moment", which costs up to (k - 1) / 2k purchases.
        """
        beta = self.lifetime * (self.tail - 1)
        mean = self.rate * self.lifetime * (1 - pow(beta / (beta + days), self.tail - 1))
        late = (self.steady - 1) / (2 * self.steady)
        return float(self.returning * max(0.0, mean - late * min(1.0, mean)))


def _channels(pos: int, web: int, marketplace: int, whatsapp: int) -> tuple[int, ...]:
    return (POS,) * pos + (WEB,) * web + (MARKETPLACE,) * marketplace + (WHATSAPP,) * whatsapp


# Shares in percent. Tuned together so that about two thirds of all newcomers are never seen again within 18 months and
# the best fifth brings about three quarters of revenue; tests/demo holds both to it.
_KINDS: Final = (
    _Kind(
        name="daily", curve=calendar.DAILY, share=34, returning=0.45,
        rate=1 / 9, spread=0.9, lifetime=330.0, tail=2.4, steady=1.0,
        channels=_channels(93, 2, 1, 4), promo=0.9, lines=1.59, scales=True,
    ),
    _Kind(
        name="weekend", curve=calendar.WEEKEND, share=25, returning=0.42,
        rate=1 / 21, spread=1.3, lifetime=330.0, tail=2.4, steady=1.0,
        channels=_channels(91, 3, 2, 4), promo=1.1, lines=2.75, scales=True,
    ),
    _Kind(
        name="brewer", curve=calendar.RESTOCK, share=17, returning=0.50,
        rate=1 / 28, spread=16.0, lifetime=400.0, tail=2.4, steady=14.0,
        channels=_channels(12, 46, 34, 8), promo=0.9, lines=1.86,
    ),
    _Kind(
        name="gift", curve=calendar.GIFT, share=9, returning=0.45,
        rate=1 / 75, spread=1.2, lifetime=500.0, tail=2.4, steady=1.0,
        channels=_channels(14, 46, 18, 22), promo=0.6, lines=1.27,
    ),
    _Kind(
        name="bargain", curve=calendar.BARGAIN, share=15, returning=0.42,
        rate=1 / 38, spread=1.0, lifetime=330.0, tail=2.4, steady=1.0,
        channels=_channels(6, 30, 62, 2), promo=1.7, lines=1.68,
    ),
)  # fmt: skip
_KIND_OF: Final = tuple(kind for kind in _KINDS for _ in range(kind.share))
_STRANGERS: Final = (_KINDS[0],) * 6 + (_KINDS[1],) * 3 + (_KINDS[4],)  # who walks in without a card
_BUYERS: Final = 0.97  # the others signed up on the website and never bought

_PERSON, _CROWD = 1, 2  # streams of randomness that must not meet

CHANNELS: Final = ("pos", "online", "marketplace", "whatsapp")
_TENDERS: Final[tuple[tuple[str, ...], ...]] = (
    ("qris",) * 46 + ("cash",) * 24 + ("ewallet",) * 17 + ("card",) * 13,
    ("ewallet",) * 30 + ("transfer",) * 30 + ("qris",) * 25 + ("card",) * 15,
    ("ewallet",) * 56 + ("transfer",) * 24 + ("card",) * 12 + ("qris",) * 8,
    ("transfer",) * 68 + ("qris",) * 32,
)
_HOMES: Final = (0,) * 38 + (1,) * 28 + (2,) * 20 + (MAKASSAR,) * 14
_CODES: Final = tuple(outlet.code for outlet in outlets())

_NEAR_BANDUNG: Final = ("Bandung",) * 62 + ("Cimahi",) * 14 + ("Kab. Bandung",) * 14 + ("Lembang", "Sumedang") * 5
_NEAR_MAKASSAR: Final = ("Makassar",) * 74 + ("Gowa",) * 16 + ("Maros",) * 10
_FAR_AWAY: Final = (
    ("Jakarta",) * 24 + ("Bandung",) * 20 + ("Bekasi", "Depok", "Tangerang") * 6 + ("Surabaya", "Bogor") * 5
    + ("Yogyakarta", "Semarang", "Makassar", "Medan") * 3 + ("Cirebon", "Tasikmalaya", "Garut", "Malang") * 2
    + ("Denpasar", "Palembang", "Padang", "Balikpapan", "Manado", "Pekanbaru", "Solo", "Serang")
)  # fmt: skip

# A line comes back: rarely over the counter (a wrong order), more often when couriers carried it.
_RETURNED: Final = (0.008, 0.062, 0.085, 0.012)
_COUNTER_REASONS: Final = ("Salah pesanan", "Salah pesanan", "Tidak sesuai selera", "Pesanan dobel")
_PARCEL_REASONS: Final = (
    ("Kemasan rusak",) * 6 + ("Barang tidak sesuai",) * 5 + ("Barang kurang", "Terlambat datang") * 2
    + ("Pesanan dobel", "Tidak sesuai selera")
)  # fmt: skip
_BEAN_REASONS: Final = (*_PARCEL_REASONS, *("Salah gilingan",) * 4)


@dataclass(frozen=True, slots=True)
class _Shopper:
    """One person's habits; `hour` is the favorite second of a working day at the outlet."""

    kind: _Kind
    home: int
    channel: int
    tender: str
    hour: float
    tastes: Tastes


_Visit = tuple[int, int, int, int]  # (moment in Unix seconds, day number, channel, outlet)


def people(
    *,
    customers: int,
    months: int,
    seed: int,
    until: datetime,
    lines_per_customer: float | None = None,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[Person]:
    """Yield persons `start` to `stop` of `customers`, one at a time, with all they did in the `months` before `until`.

    The same arguments give the same persons, whatever slice is asked for. `lines_per_customer` sets the expected number
    of order lines a customer by making drinkers come more often (the default lies near eight in 18 months); valley and
    re-order cycles stay, the best fifth's share of revenue rises with it.
    """
    days = _days(months, seed, until)
    pace = 1.0 if lines_per_customer is None else _pace(days, lines_per_customer)
    last = customers if stop is None else min(stop, customers)
    return _stream(days, seed, pace, range(max(0, start), last))


def _stream(days: Days, seed: int, pace: float, numbers: range) -> Iterator[Person]:
    dice = calendar.new_dice()
    for number in numbers:
        dice.seed(calendar.seed_of(seed, _PERSON, number))
        yield _person(dice, days, number, pace)


def _days(months: int, seed: int, until: datetime) -> Days:
    if until.tzinfo is None:
        raise ValueError("`until` needs a time zone")
    if months < 1:
        raise ValueError("`months` must be at least 1")
    return calendar.days_of(months, seed, until)


def _expected(days: Days, kind: _Kind) -> float:
    """Return repeat purchases a buyer of this kind makes on average, over all days one may have arrived on."""
    arrivals, curve = days.arrivals[kind.curve], days.curves[kind.curve]
    return sum(
        (after - before) * kind.expected_repeats(curve[-1] - curve[day])
        for day, (before, after) in enumerate(pairwise(arrivals))
    )


def _pace(days: Days, lines: float) -> float:
    """Return the factor on drinkers' rates that makes the expected number of lines a customer equal `lines`."""
    fixed = scaled = 0.0
    for kind in _KINDS:
        repeats = _BUYERS * kind.share / 100 * kind.lines * _expected(days, kind)
        fixed += _BUYERS * kind.share / 100 * kind.lines
        if kind.scales:
            scaled += repeats
        else:
            fixed += repeats
    return max(0.02, (lines - fixed) / scaled)


def _person(dice: Random, days: Days, number: int, pace: float) -> Person:
    throw = dice.random
    kind = _KIND_OF[int(throw() * 100)]
    shopper = _shopper(throw, kind, member=True)
    name = names.full_name(dice, makassar=shopper.home == MAKASSAR)
    visits = _visits(dice, days, shopper, pace)
    if throw() < _BUYERS:
        # Members sign up at the till or the check-out, moments before their first receipt.
        joined = visits[0][0] - int(20 + throw() * 160)
    else:
        joined, visits = visits[0][0], []
    customer = _customer(throw, shopper, number, name, joined, visits)
    orders: list[DemoOrder] = []
    returns: list[DemoReturn] = []
    for sequence, visit in enumerate(visits):
        label = f"{_CODES[visit[3]]}-{days.codes[visit[1]]}-{number}-{sequence}"
        order = _order(throw, days, shopper, visit, label, number)
        orders.append(order)
        _return_some(throw, days, visit, order, returns)
    returns.sort(key=_when)
    return Person(customer, tuple(orders), tuple(returns))


def _when(back: DemoReturn) -> datetime:
    return back.returned_at


def _shopper(throw: Throw, kind: _Kind, *, member: bool) -> _Shopper:
    return _Shopper(
        kind=kind,
        home=_HOMES[int(throw() * 100)],
        channel=kind.channels[int(throw() * 100)],
        tender=_TENDERS[POS][int(throw() * 100)],
        hour=calendar.POS_HOURS[int(throw() * len(calendar.POS_HOURS))] + throw() * 3_600,
        tastes=catalogue.tastes(throw, brews=member and throw() < 0.25),
    )


def _visits(dice: Random, days: Days, shopper: _Shopper, pace: float) -> list[_Visit]:
    """Return one person's purchases in order of time; there is always a first one, on the day of joining."""
    kind, throw = shopper.kind, dice.random
    curve, arrivals = days.curves[kind.curve], days.arrivals[kind.curve]
    share = throw()
    day = min(bisect_right(arrivals, share) - 1, days.count - 1)
    visits = [_visit(throw, days, shopper, day)]
    if throw() >= kind.returning:
        return visits
    rate = min(3.0, dice.gammavariate(kind.spread, kind.rate / kind.spread) * (pace if kind.scales else 1.0))
    if rate < 1e-4:
        return visits
    dropout = dice.gammavariate(kind.tail, 1 / (kind.lifetime * (kind.tail - 1)))
    within = (share - arrivals[day]) / (arrivals[day + 1] - arrivals[day])
    clock = curve[day] + within * (curve[day + 1] - curve[day])
    last = min(clock + dice.expovariate(dropout), curve[-1])
    steady, mean_part = kind.steady, 1 / (kind.steady * rate)
    while True:
        clock += dice.expovariate(rate) if steady == 1.0 else dice.gammavariate(steady, mean_part)
        if clock >= last:
            break
        visits.append(_visit(throw, days, shopper, days.day_at(kind.curve, clock)))
    visits.sort()
    return visits


def _visit(throw: Throw, days: Days, shopper: _Shopper, day: int) -> _Visit:
    """Choose channel, outlet and time of day for a purchase on `day`; never later than the end of the window."""
    channel = shopper.channel if throw() < 0.86 else shopper.kind.channels[int(throw() * 100)]
    if channel == POS and days.twin[day] and throw() < 0.2:
        channel = MARKETPLACE
    if not days.hours[day][channel]:
        channel = WEB  # the last day ends before the outlets open
    if channel in {WEB, MARKETPLACE}:
        outlet = ONLINE
    elif shopper.home == MAKASSAR or throw() < 0.86:
        outlet = shopper.home
    else:
        outlet = int(throw() * 3)
    today = day == days.count - 1
    if channel == POS and not (today or days.fasting[day] or days.weekend[day]) and throw() < 0.5:
        second = min(79_000.0, max(25_300.0, shopper.hour + (throw() + throw() - 1) * 2_700))
    else:
        slots = days.hours[day][channel]
        slot = slots[int(throw() * len(slots))]
        second = slot + throw() * (min(3_600, days.last_second - slot) if today else 3_600)
    moment = days.midnight + day * calendar.DAY + int(second)
    return (moment - calendar.WITA_AHEAD if outlet == MAKASSAR else moment, day, channel, outlet)


def _customer(
    throw: Throw, shopper: _Shopper, number: int, name: str, joined: int, visits: list[_Visit]
) -> DemoCustomer:
    at_the_till = shopper.channel in {POS, WHATSAPP}
    chats = any(channel == WHATSAPP for _, _, channel, _ in visits)
    phone = names.phone_of(number) if throw() < (0.95 if at_the_till else 0.90) or chats else None
    email = names.email_of(name, number) if throw() < (0.48 if at_the_till else 0.88) or phone is None else None
    near = _NEAR_MAKASSAR if shopper.home == MAKASSAR else _NEAR_BANDUNG
    cities = near if at_the_till else _FAR_AWAY
    joined_at = datetime.fromtimestamp(joined, UTC)
    birth_date = None
    if throw() < 0.68:
        age = 17 + 52 * throw() ** 1.9  # years; half of them are under 31
        birth_date = date.fromordinal(joined_at.toordinal() - int(age * 365.25))
    city = cities[int(throw() * len(cities))]
    return DemoCustomer(number, name, phone, email, city, birth_date, joined_at, shopper.kind.name)


def _order(throw: Throw, days: Days, shopper: _Shopper, visit: _Visit, label: str, customer: int | None) -> DemoOrder:
    moment, day, channel, outlet = visit
    percent, lines = _promo(throw, days, shopper.kind.promo, day, channel), []
    basket = catalogue.basket(throw, shopper.tastes, shopper.kind.curve, channel, day, days.hampers[day])
    for product, quantity in basket.items():
        discount = 0
        if percent and throw() < 0.75:
            discount = quantity * PRICES[product] * percent // 10_000 * 100
        lines.append(DemoLine(product, quantity, PRICES[product], discount))
    tender = shopper.tender
    if channel != POS or throw() < 0.2:
        tenders = _TENDERS[channel]
        tender = tenders[int(throw() * 100)]
    placed_at = datetime.fromtimestamp(moment, UTC)
    return DemoOrder(label, customer, outlet, CHANNELS[channel], tender, placed_at, tuple(lines))


def _promo(throw: Throw, days: Days, appetite: float, day: int, channel: int) -> int:
    """Return the percent off that runs on this order, mostly 0; the twin days discount nearly everything online."""
    if days.twin[day] and channel in {WEB, MARKETPLACE}:
        return (20, 25, 30, 40)[int(throw() * 4)] if throw() < 0.88 else 0
    chance = appetite * (0.11, 0.22, 0.34, 0.06)[channel] + (0.05 if days.payday[day] else 0.0)
    return (10, 10, 15, 20)[int(throw() * 4)] if throw() < chance else 0


def _return_some(throw: Throw, days: Days, visit: _Visit, order: DemoOrder, returns: list[DemoReturn]) -> None:
    """Send back a few lines: over the counter within the hour, parcels within 2 to 14 days at a shop's hours."""
    moment, day, channel, _ = visit
    rate = _RETURNED[channel]
    for index, line in enumerate(order.lines):
        if throw() >= rate:
            continue
        if channel in {POS, WHATSAPP}:
            later = moment + 240 + int(throw() * 2_700)
            reasons: tuple[str, ...] = _COUNTER_REASONS
        else:
            delay = 2 + int(12 * min(throw(), throw()))
            later = days.midnight + (day + delay) * calendar.DAY + 32_400 + int(throw() * 39_000)
            reasons = _BEAN_REASONS if catalogue.is_beans(line.product) else _PARCEL_REASONS
        if later > days.end:
            continue
        quantity = line.quantity if throw() < 0.7 else 1 + int(throw() * line.quantity)
        amount = (line.quantity * line.unit_price - line.discount) * quantity // line.quantity
        reason = reasons[int(throw() * len(reasons))]
        number, returned_at = f"R-{order.number}-{index}", datetime.fromtimestamp(later, UTC)
        returns.append(
            DemoReturn(number, order.number, order.customer, returned_at, line.product, quantity, amount, reason)
        )


def walk_in_count(
    *,
    customers: int,
    months: int,
    seed: int,
    until: datetime,
    share: float = 0.16,
    lines_per_customer: float | None = None,
) -> int:
    """Return how many anonymous orders make up `share` of all, beside `people` with the same arguments."""
    days = _days(months, seed, until)
    pace = 1.0 if lines_per_customer is None else _pace(days, lines_per_customer)
    orders = sum(kind.share / 100 * (1 + _expected(days, kind) * (pace if kind.scales else 1.0)) for kind in _KINDS)
    return round(customers * _BUYERS * orders * share / (1 - share))


def walk_ins(*, count: int, months: int, seed: int, until: datetime) -> Iterator[DemoOrder]:
    """Yield exactly `count` orders of people who showed no member card, in order of time."""
    days = _days(months, seed, until)
    return _crowd(days, seed, _crowd_sizes(days, seed, count))


def _crowd_sizes(days: Days, seed: int, count: int) -> list[int]:
    """Throw `count` orders on the days by the calendar's weights: an exact multinomial, 0.3 seconds a million.

    With two orders a day or more in the last fortnight, no day of it that had opening hours stays empty.
    """
    throw = calendar.new_dice(seed, _CROWD).random
    daily, weekend = days.curves[calendar.DAILY], days.curves[calendar.WEEKEND]
    opened = [
        after - before + (end - begin)
        for (before, after), (begin, end) in zip(pairwise(daily), pairwise(weekend), strict=True)
    ]
    # Half as many again come by at the end: the chain grows, though members grow faster than strangers.
    running = list(accumulate(weight * (1 + 0.5 * day / days.count) for day, weight in enumerate(opened)))
    sizes = [0] * days.count
    for _ in range(count):
        sizes[bisect_right(running, throw() * running[-1])] += 1
    for day in range(days.count - 14, days.count) if count >= 28 else ():
        if not sizes[day] and opened[day] > 1e-3:
            sizes[sizes.index(max(sizes))] -= 1
            sizes[day] = 1
    return sizes


def _crowd(days: Days, seed: int, sizes: list[int]) -> Iterator[DemoOrder]:
    dice, number = calendar.new_dice(), 0
    throw = dice.random
    for day, size in enumerate(sizes):
        dice.seed(calendar.seed_of(seed, _CROWD, day + 1))
        strangers = [_shopper(throw, _STRANGERS[int(throw() * 10)], member=False) for _ in range(size)]
        visits = [(_visit(throw, days, shopper, day), place) for place, shopper in enumerate(strangers)]
        for visit, place in sorted(visits):
            label = f"{_CODES[visit[3]]}-{days.codes[day]}-W{number}"
            yield _order(throw, days, strangers[place], visit, label, None)
            number += 1
