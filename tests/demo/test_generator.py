"""The demo shop must be the same every time, never from the future, and believable to a statistician."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from datetime import date, datetime, timedelta
from functools import cache
from itertools import chain, islice
from statistics import mean, median
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from phonenumbers import carrier

from setia.demo import calendar, names
from setia.demo.catalogue import BEANS, HAMPERS, MERCHANDISE
from setia.demo.generator import DemoOrder, Person, outlets, people, products, walk_in_count, walk_ins

SEED = 20261122
JAKARTA = ZoneInfo("Asia/Jakarta")
UNTIL = datetime(2026, 11, 22, 15, 0, tzinfo=JAKARTA)
PRODUCTS = products()
ONLINE = {"online", "marketplace"}


@cache
def crowd() -> tuple[Person, ...]:
    """Eight thousand members: enough for the tolerances below, and half a second to make."""
    return tuple(people(customers=8_000, months=18, seed=SEED, until=UNTIL))


@cache
def orders() -> tuple[DemoOrder, ...]:
    return tuple(chain.from_iterable(person.orders for person in crowd()))


def paid(order: DemoOrder) -> int:
    return sum(line.quantity * line.unit_price - line.discount for line in order.lines)


def local(order: DemoOrder) -> datetime:
    return order.placed_at.astimezone(ZoneInfo(outlets()[order.outlet].zone))


def sold(category: str) -> list[tuple[Person, DemoOrder, int]]:
    return [
        (person, order, line.product)
        for person in crowd()
        for order in person.orders
        for line in order.lines
        if PRODUCTS[line.product].category == category
    ]


def test_same_arguments_make_the_same_people() -> None:
    first, second = (list(people(customers=150, months=18, seed=SEED, until=UNTIL)) for _ in range(2))
    assert first == second
    other = list(people(customers=150, months=18, seed=SEED + 1, until=UNTIL))
    assert sum(a.customer.name == b.customer.name for a, b in zip(first, other, strict=True)) < 15


def test_same_arguments_make_the_same_walk_ins() -> None:
    first, second = (list(walk_ins(count=300, months=6, seed=SEED, until=UNTIL)) for _ in range(2))
    assert first == second


def test_a_slice_equals_that_part_of_the_whole() -> None:
    part = tuple(people(customers=1_000_000, months=18, seed=SEED, until=UNTIL, start=500, stop=520))
    assert part == crowd()[500:520]
    assert [person.customer.number for person in part] == list(range(500, 520))


def test_a_slice_ends_with_the_customers() -> None:
    tail = list(people(customers=12, months=3, seed=SEED, until=UNTIL, start=10, stop=40))
    assert [person.customer.number for person in tail] == [10, 11]


def test_a_million_people_come_one_at_a_time() -> None:
    tracemalloc.start()
    stream = people(customers=1_000_000, months=18, seed=SEED, until=UNTIL, lines_per_customer=20)
    assert len(list(islice(stream, 10))) == 10
    for _ in islice(stream, 500):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6_000_000


def test_until_needs_a_zone_and_months_a_length() -> None:
    with pytest.raises(ValueError, match="`until` needs a time zone"):
        people(customers=1, months=1, seed=1, until=datetime(2026, 11, 22))  # noqa: DTZ001
    with pytest.raises(ValueError, match="`months` must be at least 1"):
        walk_ins(count=1, months=0, seed=1, until=UNTIL)


@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (3, 20), (7, 1), (15, 0), (23, 59)])
def test_nothing_happens_after_until(hour: int, minute: int) -> None:
    until = UNTIL.replace(hour=hour, minute=minute)
    for person in people(customers=1_500, months=2, seed=SEED, until=until):
        assert all(order.placed_at <= until for order in person.orders)
        assert all(back.returned_at <= until for back in person.returns)
        assert person.customer.joined_at <= until
    assert all(order.placed_at <= until for order in walk_ins(count=900, months=2, seed=SEED, until=until))


def test_each_history_runs_forward_from_joining() -> None:
    for person in crowd():
        moments = [person.customer.joined_at, *(order.placed_at for order in person.orders)]
        assert moments == sorted(moments)
        placed = {order.number: order.placed_at for order in person.orders}
        for back in person.returns:
            assert timedelta(0) < back.returned_at - placed[back.order_number] < timedelta(days=14)


def test_the_demo_trades_on_each_of_the_last_fourteen_days() -> None:
    demo = list(people(customers=600, months=18, seed=SEED, until=UNTIL))
    count = walk_in_count(customers=600, months=18, seed=SEED, until=UNTIL)
    strangers = walk_ins(count=count, months=18, seed=SEED, until=UNTIL)
    days = Counter(o.placed_at.astimezone(JAKARTA).date() for o in chain(strangers, *(p.orders for p in demo)))
    assert all(days[UNTIL.date() - timedelta(days=back)] >= 1 for back in range(14))
    assert date(2025, 5, 22) <= min(days) < date(2025, 5, 29)


def test_tills_ring_only_in_opening_hours_of_their_own_clock() -> None:
    tills = [order for order in orders() if order.channel == "pos"]
    assert {local(order).hour for order in tills} == set(range(7, 23))
    makassar = [order for order in tills if outlets()[order.outlet].zone == "Asia/Makassar"]
    assert len(makassar) > 1_000
    assert min(local(order).hour for order in makassar) == 7


def test_numbers_of_orders_and_returns_are_unique() -> None:
    strangers = walk_ins(count=3_000, months=18, seed=SEED, until=UNTIL)
    returned = (back.number for person in crowd() for back in person.returns)
    numbers = [*(order.number for order in chain(orders(), strangers)), *returned]
    assert len(numbers) == len(set(numbers))


def test_phones_are_unique_valid_and_held_by_no_operator() -> None:
    assert len({names.phone_of(number) for number in range(200_000)}) == 200_000
    for number in range(0, 100_000_000, 333_337):
        phone = phonenumbers.parse(names.phone_of(number))
        assert phonenumbers.is_valid_number(phone)
        assert phonenumbers.number_type(phone) == phonenumbers.PhoneNumberType.MOBILE
        assert carrier.name_for_number(phone, "en") == ""


def test_addresses_are_unique_and_ascii() -> None:
    emails = [person.customer.email for person in crowd() if person.customer.email]
    assert len(emails) == len(set(emails))
    assert all(email.isascii() and email.endswith("@contoh.id") and " " not in email for email in emails)


def test_some_lack_a_phone_or_an_address_but_nobody_both() -> None:
    customers = [person.customer for person in crowd()]
    assert 0.04 < mean(customer.phone is None for customer in customers) < 0.10
    assert 0.28 < mean(customer.email is None for customer in customers) < 0.45
    assert all(customer.phone or customer.email for customer in customers)


def test_people_on_whatsapp_have_a_phone() -> None:
    chatting = [p for p in crowd() if any(order.channel == "whatsapp" for order in p.orders)]
    assert len(chatting) > 500
    assert all(person.customer.phone for person in chatting)


def test_names_vary_in_words_and_letters() -> None:
    called = [person.customer.name for person in crowd()]
    assert 0.06 < mean(" " not in name for name in called) < 0.15
    assert any("'" in name for name in called)
    assert any(not name.isascii() for name in called)
    assert len(set(called)) > 6_000


def test_two_thirds_of_newcomers_never_return() -> None:
    counts = [len(person.orders) for person in crowd() if person.orders]
    assert 0.63 < mean(count == 1 for count in counts) < 0.70
    assert 0.96 < len(counts) / len(crowd()) < 0.98


def test_every_level_of_the_pyramid_is_peopled() -> None:
    counts = [len(person.orders) for person in crowd()]
    shares = [mean(low <= n <= high for n in counts) for low, high in ((2, 5), (6, 10), (11, 20), (21, 9_999))]
    assert shares == sorted(shares, reverse=True)
    assert 0.12 < shares[0] < 0.22
    assert 0.03 < shares[3] < 0.06


def test_the_best_fifth_brings_most_of_the_revenue() -> None:
    revenue = sorted((sum(map(paid, person.orders)) for person in crowd()), reverse=True)
    assert 0.65 < sum(revenue[:1_600]) / sum(revenue) < 0.80
    loyal = sum(sum(map(paid, person.orders)) for person in crowd() if len(person.orders) > 20)
    assert loyal / sum(revenue) > 0.2


def test_paydays_are_busier() -> None:
    days = Counter(local(order).date() for order in orders())
    payday = mean(count for day, count in days.items() if calendar.is_payday(day))
    assert 1.15 < payday / mean(count for day, count in days.items() if not calendar.is_payday(day)) < 1.40


@pytest.mark.parametrize("twin", [date(2025, 11, 11), date(2025, 12, 12), date(2026, 11, 11)])
def test_twin_days_peak_online(twin: date) -> None:
    days = Counter(local(order).date() for order in orders() if order.channel in ONLINE)
    around = mean(days[twin + timedelta(days=step)] for step in range(-10, 11) if step)
    assert 3 < days[twin] / around < 10


def test_ramadan_moves_drinks_to_the_evening() -> None:
    hours = {fasting: Counter[bool]() for fasting in (True, False)}
    for order in orders():
        if order.channel == "pos":
            at = local(order)
            hours[date(2026, 2, 18) <= at.date() < date(2026, 3, 20)][at.hour >= 17] += 1
    assert 0.70 < hours[True][True] / hours[True].total() < 0.88
    assert 0.20 < hours[False][True] / hours[False].total() < 0.35


def test_lebaran_is_quiet() -> None:
    days = Counter(local(order).date() for order in orders())
    feast = date(2026, 3, 20)
    around = mean(days[feast + timedelta(days=step)] for step in (*range(-14, -3), *range(7, 15)))
    assert mean((days[feast], days[feast + timedelta(days=1)])) < 0.35 * around


def test_hampers_sell_only_before_lebaran_and_christmas() -> None:
    days = {(PRODUCTS[product].name.split()[1], local(order).date()) for _, order, product in sold(HAMPERS)}
    assert {(feast, day.year, day.month) for feast, day in days} == {
        ("Natal", 2025, 12),
        ("Lebaran", 2026, 2),
        ("Lebaran", 2026, 3),
    }
    assert max(day for feast, day in days if feast == "Lebaran") < date(2026, 3, 20)


def test_beans_are_bought_again_after_three_to_five_weeks() -> None:
    gaps, bought = [], dict[tuple[int, int], datetime]()
    for person, order, product in sold(BEANS):
        if person.customer.level == "brewer":
            before = bought.get((person.customer.number, product))
            gaps += [(order.placed_at - before).days] if before else []
            bought[person.customer.number, product] = order.placed_at
    assert len(gaps) > 1_000
    assert 21 <= median(gaps) <= 35


def test_nobody_buys_the_same_souvenir_twice() -> None:
    bought = [(person.customer.number, product) for person, _, product in sold(MERCHANDISE)]
    assert len(bought) > 300
    assert len(bought) == len(set(bought))


def test_two_lines_in_a_hundred_come_back_mostly_from_parcels() -> None:
    channel = {order.number: order.channel for order in orders()}
    returns = [back for person in crowd() for back in person.returns]
    assert 0.015 < len(returns) / sum(len(order.lines) for order in orders()) < 0.03
    assert mean(channel[back.order_number] in ONLINE for back in returns) > 0.6
    assert len({back.reason for back in returns}) >= 6


def test_prices_discounts_and_refunds_add_up() -> None:
    lines = {(order.number, line.product): line for order in orders() for line in order.lines}
    for line in lines.values():
        assert line.unit_price == PRODUCTS[line.product].price
        assert line.quantity > 0
        assert 0 <= line.discount < line.quantity * line.unit_price
    assert 0.08 < mean(line.discount > 0 for line in lines.values()) < 0.18
    for back in chain.from_iterable(person.returns for person in crowd()):
        line = lines[back.order_number, back.product]
        assert 0 < back.quantity <= line.quantity
        assert 0 < back.amount <= line.quantity * line.unit_price - line.discount


def test_channels_tenders_and_outlets_are_all_used() -> None:
    assert {order.channel for order in orders()} == {"pos", "online", "marketplace", "whatsapp"}
    assert {order.tender for order in orders()} == {"cash", "qris", "card", "transfer", "ewallet"}
    assert {order.outlet for order in orders()} == set(range(5))
    assert all((order.outlet == 4) == (order.channel in ONLINE) for order in orders())
    assert all(order.tender != "cash" for order in orders() if order.channel != "pos")


def test_a_benchmark_gets_the_lines_it_asked_for() -> None:
    stream = people(customers=6_000, months=18, seed=SEED, until=UNTIL, lines_per_customer=20)
    lines = sum(len(order.lines) for person in stream for order in person.orders)
    assert 18 < lines / 6_000 < 22


def test_walk_ins_are_a_sixth_of_sales_in_order_of_time() -> None:
    count = walk_in_count(customers=8_000, months=18, seed=SEED, until=UNTIL)
    strangers = list(walk_ins(count=count, months=18, seed=SEED, until=UNTIL))
    assert len(strangers) == count
    assert 0.14 < count / (count + len(orders())) < 0.18
    assert [order.placed_at for order in strangers] == sorted(order.placed_at for order in strangers)
    assert {order.customer for order in strangers} == {None}


def test_the_assortment_is_well_formed() -> None:
    assert len(PRODUCTS) == len({product.sku for product in PRODUCTS}) == 46
    assert all(0 < product.cost < product.price for product in PRODUCTS)
    assert [outlet.code for outlet in outlets()] == ["DGO", "BRG", "BBT", "MKS", "ON"]
