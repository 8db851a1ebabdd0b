"""The table of steps, the money of an order, what a part of a line is worth, the promises of a return."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.commerce import rules
from setia.domains.commerce.models import OrderStatus
from setia.domains.commerce.rules import STATUSES, Balance, Policy

TABLE = {
    "open": "packed shipped done cancelled",
    "paid": "packed shipped done cancelled",
    "packed": "shipped done cancelled",
    "shipped": "delivered done",
    "delivered": "done",
    "done": "",
    "cancelled": "",
}


@pytest.mark.parametrize("from_status", STATUSES)
def test_only_the_steps_of_the_table_are_allowed(from_status: str) -> None:
    assert {to for to in STATUSES if rules.may_move(from_status, to)} == set(TABLE[from_status].split())
    assert not rules.may_move("nonsense", "paid")


def test_the_table_knows_every_status_and_no_other() -> None:
    assert set(STATUSES) == set(OrderStatus.values) == set(rules.TRANSITIONS)


@pytest.mark.parametrize(
    ("status", "fulfilment", "offered"),
    [
        ("paid", "", ("packed", "shipped", "done", "cancelled")),
        ("paid", "collect", ("packed", "done", "cancelled")),
        ("packed", "collect", ("done", "cancelled")),
        ("packed", "ship", ("shipped", "cancelled")),
        ("shipped", "ship", ("delivered", "done")),
        ("cancelled", "", ()),
    ],
)
def test_what_is_collected_is_not_shipped(status: str, fulfilment: str, offered: tuple[str, ...]) -> None:
    assert rules.next_statuses(status, fulfilment=fulfilment) == offered


@pytest.mark.parametrize(
    ("changes", "before"),
    [
        ([], None),
        ([("paid", False)], "paid"),
        ([("paid", False), ("packed", False)], "packed"),
        ([("paid", False), ("packed", True)], None),
        ([("paid", False), ("packed", False), ("shipped", True), ("packed", False)], "packed"),
    ],
)
def test_the_step_before_is_the_last_one_not_taken_back(changes: list[tuple[str, bool]], before: str | None) -> None:
    assert rules.status_before(changes) == before


@given(st.lists(st.booleans(), max_size=30))
def test_taking_steps_back_walks_the_way_in_reverse(history: list[bool]) -> None:
    way, changes = ["s0"], []
    for number, is_back in enumerate(history, 1):
        if is_back and len(way) > 1:
            changes.append((way.pop(), True))
        elif not is_back:
            changes.append((way[-1], False))
            way.append(f"s{number}")
    assert rules.status_before(changes) == (way[-2] if len(way) > 1 else None)


@pytest.mark.parametrize(
    ("money", "due", "rest", "surplus", "refundable"),
    [
        (Balance(net=100, paid=0), 100, 100, 0, 0),
        (Balance(net=100, paid=40), 100, 60, 0, 40),
        (Balance(net=100, paid=120), 100, 0, 20, 120),
        (Balance(net=100, paid=100, returned_here=30), 70, 0, 30, 100),
        (Balance(net=100, paid=100, returned_here=30, refunded=30), 70, 0, 0, 70),
        (Balance(net=100, paid=100, returned_elsewhere=30), 70, 0, 0, 70),
        (Balance(net=100, paid=100, is_cancelled=True), 0, 0, 100, 100),
        (Balance(net=100, paid=0, is_cancelled=True), 0, 0, 0, 0),
    ],
)
def test_the_money_of_an_order(money: Balance, due: int, rest: int, surplus: int, refundable: int) -> None:
    assert (money.due, money.rest, money.surplus, money.refundable) == (due, rest, surplus, refundable)


def test_without_payments_of_its_own_the_tills_status_says_what_was_paid() -> None:
    assert [rules.paid_by(status, 100, None) for status in ("open", "paid", "done")] == [0, 100, 100]
    assert rules.paid_by("open", 100, 70) == 70


@given(
    net=st.integers(0, 10**12),
    parts=st.lists(st.integers(1, 5_000), min_size=1, max_size=6),
    kept=st.integers(0, 5_000),
)
def test_the_parts_of_a_line_are_worth_the_whole_and_never_more(net: int, parts: list[int], kept: int) -> None:
    whole, before, worths = sum(parts) + kept, 0, []
    for part in parts:
        worths.append(rules.worth(net=net, quantity_milli=whole, before_milli=before, back_milli=part))
        before += part
    rest = rules.worth(net=net, quantity_milli=whole, before_milli=before, back_milli=kept)
    assert sum(worths) + rest == net
    assert min([*worths, rest]) >= 0


def test_promises_are_dates_and_stay_within_the_total() -> None:
    day = date(2026, 11, 22)
    usual = rules.promise(Policy(), returned=day)
    assert (usual.check_due_date, usual.refund_due_date, usual.done_due_date) == (
        date(2026, 11, 25),
        date(2026, 11, 30),
        date(2026, 12, 2),
    )
    tight = rules.promise(Policy(check_days_max=9, refund_days_max=9, total_days_max=4), returned=day)
    assert {tight.check_due_date, tight.refund_due_date, tight.done_due_date} == {date(2026, 11, 26)}


@pytest.mark.parametrize(
    ("days", "categories", "doubts"),
    [
        (0, ["Kopi"], ()),
        (14, ["Kopi"], ()),
        (15, ["Kopi"], ("window",)),
        (1, ["Kopi", " MINUMAN "], ("category",)),
        (30, ["minuman"], ("window", "category")),
        (1, [""], ()),
    ],
)
def test_the_policy_doubts_what_is_late_or_excluded(days: int, categories: list[str], doubts: tuple[str, ...]) -> None:
    policy = Policy(excluded_categories=("Minuman",))
    bought = date(2026, 11, 1)
    returned = bought + timedelta(days=days)
    assert rules.return_doubts(policy, received=bought, returned=returned, categories=categories) == doubts


def test_late_is_after_the_promised_day_or_still_missing_then() -> None:
    day, next_day = date(2026, 11, 22), date(2026, 11, 23)
    assert not rules.is_late(promised=day, actual=day, today=next_day)
    assert rules.is_late(promised=day, actual=next_day, today=next_day)
    assert rules.is_late(promised=day, actual=None, today=next_day)
    assert not rules.is_late(promised=day, actual=None, today=day)
    assert not rules.is_late(promised=None, actual=None, today=day)
