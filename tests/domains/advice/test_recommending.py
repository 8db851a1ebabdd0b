"""Recommendations find what was planted, keep to what the shop allows, and judge themselves without knowing the end."""

import random
from datetime import date, timedelta

import numpy as np
import pytest

from setia.domains.advice.recommending.bought import Bought, number_of
from setia.domains.advice.recommending.companions import Baskets
from setia.domains.advice.recommending.judging import hold_out
from setia.domains.advice.recommending.lists import also_like, buy_again, filled
from setia.domains.advice.recommending.rounds import Wishes, learn, pieces
from setia.domains.advice.recommending.windows import Spans, windows_of
from setia.domains.advice.rules.windows import window
from setia.domains.analytics.engine.duck import DuckEngine
from tests.domains.analytics.lakes import Sale, lake_of

TODAY = date(2026, 11, 22)
CATALOGUE = {product: "Kopi" if product <= 10 else "Roti" for product in range(1, 21)}


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SETIA_HOME", str(tmp_path / "home"))


ANYTHING = Wishes()


def recommended(sales, *, wishes=ANYTHING, today=TODAY, products=CATALOGUE, **more):
    """Return what was learned, and {person: (again, also)} as ids."""
    engine = DuckEngine(lake_of(sales, products=products, **more))
    try:
        known = learn(engine, today=today, wishes=wishes)
        found = {}
        for piece in pieces(engine, known, today=today):
            for person, again, also in zip(piece.people, piece.again, piece.also, strict=True):
                found[int(person)] = ([one for one in again if one >= 0], [one for one in also if one >= 0])
    finally:
        engine.close()
    return known, found


def two_circles(people=200, seed=1, days=360):
    """Let half of the people buy of products 1-10 and half of 11-20, each with favourites of his own."""
    chance, sales = random.Random(seed), []
    for person in range(1, people + 1):
        low = 1 if person % 2 else 11
        mine = chance.sample(range(low, low + 10), 4)
        for day in sorted(chance.sample(range(days), 5)):
            bought = {
                mine[0],
                chance.choice(mine),
                *chance.sample(range(low, low + 10), 1 if chance.random() < 0.6 else 0),
            }
            sales.append(Sale(person, TODAY - timedelta(days=days - day), products=tuple(sorted(bought))))
    return sales


def test_planted_circles_are_found_and_both_lists_beat_popularity():
    known, found = recommended(two_circles())
    judged = known.notes["judged"]
    assert (judged["again"]["is_judged"], judged["also"]["is_judged"]) == (True, True)
    assert judged["again"]["shown"] in ("frequency", "decayed")
    assert judged["again"]["lists"]["frequency"]["better"][1] > 0
    for person, (again, also) in found.items():
        circle = set(range(1, 11)) if person % 2 else set(range(11, 21))
        assert set(again) <= circle
        assert not set(also) & set(again)
        assert set(also[:1]) <= circle


def test_who_buys_at_random_is_shown_what_sells_best():
    chance = random.Random(3)
    weights = [30, 20, 10, *[1] * 17]
    sales = [
        Sale(person, TODAY - timedelta(days=chance.randint(0, 300)), products=(one,))
        for person in range(1, 260)
        for one in chance.choices(range(1, 21), weights=weights, k=5)
    ]
    known, found = recommended(sales)
    judged = known.notes["judged"]["also"]
    assert (judged["is_judged"], judged["shown"]) == (True, "popularity")
    again, also = found[1]
    popular = [int(one) for one in known.notes["popular"]]
    assert also == [one for one in popular if one not in {p for s in sales if s.person == 1 for p in s.products}][:6]


def test_what_the_shop_excludes_and_what_is_out_of_sale_is_never_recommended():
    sales = [sale for sale in two_circles() if 3 not in sale.products or (TODAY - sale.day).days > 120]
    wishes = Wishes(excluded_categories=("roti",), excluded_ids=(1, 2))
    _known, found = recommended(sales, wishes=wishes)
    shown = {one for again, also in found.values() for one in (*again, *also)}
    assert shown
    assert shown <= set(range(4, 11))


def test_what_was_given_back_each_time_is_not_bought_again():
    day = TODAY - timedelta(days=10)
    sales = [Sale(1, day - timedelta(days=30 * n), products=(1, 2)) for n in range(3)]
    sales += [Sale(2, day, products=(1, 2, 3))]
    _known, found = recommended(sales, back=[(1, 1), (1, 1), (1, 1)])
    assert found[1][0] == [2]
    assert set(found[2][0]) == {1, 2, 3}


def test_a_product_that_comes_back_often_stands_lower_among_the_new():
    day = TODAY - timedelta(days=5)
    sales = [Sale(person, day, products=(1, 2, 3)) for person in range(1, 30)] + [Sale(99, day, products=(1,))]
    back = [(person, 2) for person in range(1, 25)]
    _known, found = recommended(sales, back=back)
    assert found[99][1][:2] == [3, 2]


def test_nothing_known_of_the_last_basket_is_learned_from():
    bought = Bought.of(
        np.array([1, 2]), np.array([1, 1, 1, 2, 2]), np.array([0, 1, 2, 0, 3]), np.array([5, 6, 9, 1, 2]), back=None
    )
    held = hold_out(bought, since=9)
    assert held.before.people.tolist() == [1]
    assert (held.before.slot.tolist(), held.slot.tolist()) == ([0, 1], [2])
    assert held.before.last.max() < 9
    assert hold_out(bought, since=10) is None


def test_a_last_basket_that_only_the_end_explains_is_not_hit():
    """All switch to product 20 on the last day: whoever learned from that day would hit always."""
    sales = [
        Sale(person, TODAY - timedelta(days=30 * n), products=(1 + (person + n) % 5,))
        for person in range(1, 60)
        for n in range(1, 6)
    ] + [Sale(person, TODAY, products=(20,)) for person in range(1, 60)]
    known, _found = recommended(sales)
    figures = known.notes["judged"]["also"]["lists"]
    assert figures["popularity"]["hit_rate"][0] == 0.0
    assert figures["cosine"]["hit_rate"][0] == 0.0


def test_lists_are_in_order_and_filled():
    pairs = Bought.of(
        np.array([7]), np.full(6, 7), np.array([2, 2, 2, 1, 1, 0]), np.array([1, 2, 3, 1, 4, 9]), back=None
    ).pairs()
    popularity, allowed = np.array([9.0, 1.0, 1.0, 5.0, 4.0]), np.ones(5, dtype=bool)
    own = buy_again(pairs, limit=4, allowed=allowed, popularity=popularity)
    assert own.tolist() == [[2, 1, 0, -1]]
    assert filled(own, np.array([0, 3, 4])).tolist() == [[2, 1, 0, 3]]
    late = buy_again(pairs, limit=3, allowed=allowed, popularity=popularity, decay=0.1, moments=np.array([4]))
    assert late.tolist() == [[0, 1, 2]]


def test_new_lists_never_hold_what_was_bought():
    from scipy import sparse

    pairs = Bought.of(np.array([1]), np.array([1, 1]), np.array([0, 2]), np.array([1, 1]), back=None).pairs()
    near = sparse.csr_matrix(np.array([[0, 0.5, 0.9], [0.5, 0, 0.1], [0.9, 0.1, 0]], dtype=np.float32))
    found, learned = also_like(pairs, near, np.array([2, 0, 1]), limit=3)
    assert (found.tolist(), learned.tolist()) == ([[1, -1, -1]], [1])


def test_pairs_of_a_basket_are_counted_as_by_hand():
    sums = Baskets(3)
    baskets = [(0, 1)] * 6 + [(0,), (1,), (2,), (2,)]
    order = np.repeat(np.arange(10), [len(one) for one in baskets])
    sums.add(order, np.array([slot for one in baskets for slot in one]))
    found = sums.companions(least=3, allowed=np.ones(3, dtype=bool), limit=5)
    assert (found.slot.tolist(), found.other.tolist(), found.both.tolist()) == ([], [], [])  # lift 1.22 of 6 is chance
    sums.add(np.arange(100, 190), np.full(90, 2))
    found = sums.companions(least=3, allowed=np.ones(3, dtype=bool), limit=5)
    assert list(zip(found.slot.tolist(), found.other.tolist(), found.both.tolist(), strict=True)) == [
        (0, 1, 6),
        (1, 0, 6),
    ]
    assert (found.baskets, found.alone.tolist(), found.other_alone.tolist()) == (100, [7, 7], [7, 7])


def regulars(people=400, seed=5):
    """Let people buy at gaps of their own, of 5 to 40 days with some noise, for two years."""
    chance = np.random.default_rng(seed)
    owner, day, end = [], [], number_of(TODAY)
    for person in range(people):
        gap = chance.uniform(5, 40)
        now = end - 720 + chance.uniform(0, 40)
        while now < end:
            owner.append(person)
            day.append(int(now))
            now += gap * chance.gamma(8, 1 / 8)
    return Spans.of(np.array(owner), np.array(day)), end


def test_a_window_of_80_percent_covers_about_80_percent():
    spans, end = regulars()
    found = windows_of(spans, today=end, least=2)
    tried = found["tried"]
    assert tried["people"] == 400
    assert 0.74 <= tried["covered"] <= 0.92
    assert abs(tried["promised"] - tried["happened"]) < 0.08
    one = window(found["calibration"], moments=20, silent=1, gap=20.0)
    assert one is not None
    assert 5 <= one.low < one.high <= 45
    assert 0.5 < one.chance <= 1


def test_a_past_too_short_says_nothing():
    assert windows_of(Spans.of(np.array([1, 1]), np.array([1, 2])), today=30, least=2) == {}
    assert windows_of(Spans.of(np.array([], dtype=int), np.array([], dtype=int)), today=30, least=2) == {}


DAY = TODAY - timedelta(days=3)
ODD = {
    "no sales": [],
    "one customer": [Sale(1, DAY, products=(1,))],
    "one product": [Sale(p, DAY - timedelta(days=n), products=(1,)) for p in range(1, 50) for n in range(5)],
    "one basket each": [Sale(p, DAY - timedelta(days=p), products=(1, 2)) for p in range(1, 50)],
    "all on one day": [Sale(p, DAY, products=(1, 2, 3)) for p in range(1, 50)],
    "passers-by only": [Sale(0, DAY, products=(1, 2)) for _ in range(20)],
    "orders without lines": [Sale(p, DAY) for p in range(1, 5)],
    "cancelled only": [Sale(1, DAY, products=(1,), status="cancelled")],
    "in the future": [Sale(1, TODAY + timedelta(days=400), products=(1,))],
    "in 1970": [Sale(1, date(1970, 1, 1), products=(1,)), Sale(1, DAY, products=(2,))],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_shops_are_recommended_something_sensible(name):
    known, found = recommended(ODD[name])
    assert known.notes["judged"]["again"]["is_judged"] is (name == "one product")
    for _again, also in found.values():
        assert len(also) == len(set(also))
    if name in ("no sales", "passers-by only", "cancelled only", "in the future"):
        assert found == {}
    if name == "one product":
        assert (found[1], known.notes["judged"]["also"]["is_judged"]) == (([1], []), False)


def test_a_shop_without_products_has_no_lists():
    known, found = recommended([Sale(1, DAY)], products={})
    assert (found[1], known.notes["products"]) == (([], []), 0)
