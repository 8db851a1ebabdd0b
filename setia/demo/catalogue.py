"""What Kopi Senja sells, where, and what ends up together in a basket.

Prices are whole rupiah, invented at the level of Bandung's coffee bars in 2026; they copy no shop's list.
It knows neither who comes nor when: those stand in `generator` and `calendar`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from setia.demo.calendar import GIFT, POS, RESTOCK, WEEKEND, WHATSAPP

COFFEE, NON_COFFEE, BEANS = "Kopi", "Non-kopi", "Biji kopi"
PANTRY, FOOD, MERCHANDISE, HAMPERS = "Susu & sirup", "Kue & roti", "Merchandise", "Hampers"


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """One article; `price` and `cost` are whole rupiah per unit."""

    sku: str
    name: str
    category: str
    price: int
    cost: int


@dataclass(frozen=True, slots=True)
class DemoOutlet:
    """One place of sale; `zone` is the IANA time zone its clock shows."""

    code: str
    name: str
    city: str
    zone: str


# (sku, name, price, cost, weight): the weight is the product's share of choice within its category.
_Row = tuple[str, str, int, int, int]

_ASSORTMENT: dict[str, tuple[_Row, ...]] = {
    COFFEE: (
        ("KOP-01", "Kopi Susu Senja", 24_000, 8_200, 24),
        ("KOP-02", "Es Kopi Susu Gula Aren", 26_000, 9_100, 30),
        ("KOP-03", "Americano", 24_000, 6_000, 12),
        ("KOP-04", "Es Kopi Pandan", 29_000, 10_200, 9),
        ("KOP-05", "Cappuccino", 33_000, 10_900, 10),
        ("KOP-06", "Caffè Latte", 34_000, 11_600, 11),
        ("KOP-07", "Flat White", 35_000, 11_800, 5),
        ("KOP-08", "Kopi Tubruk Gayo", 20_000, 5_400, 5),
        ("KOP-09", "V60 Seduh Manual", 36_000, 11_000, 4),
        ("KOP-10", "Cold Brew Botol 250 ml", 32_000, 10_400, 5),
        ("KOP-11", "Mocha", 37_000, 13_000, 4),
        ("KOP-12", "Kopi Susu Literan 1 L", 92_000, 34_000, 2),
    ),
    NON_COFFEE: (
        ("NON-01", "Matcha Latte", 35_000, 12_800, 9),
        ("NON-02", "Cokelat Panas", 31_000, 10_700, 7),
        ("NON-03", "Teh Tarik", 24_000, 6_900, 7),
        ("NON-04", "Es Teh Leci", 26_000, 7_100, 7),
        ("NON-05", "Wedang Jahe Susu", 23_000, 6_500, 4),
    ),
    BEANS: (
        ("BIJ-01", "Biji Senja House Blend 200 g", 76_000, 43_000, 26),
        ("BIJ-02", "Biji Gayo 200 g", 96_000, 57_000, 18),
        ("BIJ-03", "Biji Toraja 200 g", 99_000, 60_000, 12),
        ("BIJ-04", "Biji Java Preanger 200 g", 94_000, 55_000, 14),
        ("BIJ-05", "Biji Senja House Blend 1 kg", 335_000, 204_000, 9),
        ("BIJ-06", "Biji Gayo 1 kg", 425_000, 268_000, 5),
        ("BIJ-07", "Biji Toraja 1 kg", 440_000, 281_000, 3),
        ("BIJ-08", "Drip Bag Senja isi 10", 88_000, 46_000, 13),
    ),
    PANTRY: (
        ("SUS-01", "Susu Barista UHT 1 L", 32_000, 23_500, 14),
        ("SUS-02", "Susu Oat 1 L", 54_000, 38_000, 8),
        ("SIR-01", "Sirup Gula Aren 500 ml", 59_000, 29_000, 10),
        ("SIR-02", "Sirup Vanila 500 ml", 69_000, 36_000, 5),
    ),
    FOOD: (
        ("KUE-01", "Croissant Mentega", 28_000, 11_500, 14),
        ("KUE-02", "Pain au Chocolat", 32_000, 13_600, 8),
        ("KUE-03", "Roti Bakar Bandung Cokelat Keju", 29_000, 10_200, 12),
        ("KUE-04", "Bolu Pisang (potong)", 22_000, 7_400, 11),
        ("KUE-05", "Donat Kentang", 15_000, 4_700, 13),
        ("KUE-06", "Pisang Bolen isi 6", 48_000, 21_000, 6),
        ("KUE-07", "Brownies Kukus (potong)", 21_000, 7_200, 10),
        ("KUE-08", "Kue Kering Kopi Toples", 68_000, 30_000, 5),
    ),
    MERCHANDISE: (
        ("MER-01", "Tumbler Senja 500 ml", 189_000, 96_000, 8),
        ("MER-02", "Mug Enamel", 95_000, 41_000, 6),
        ("MER-03", "Tas Belanja Kanvas", 85_000, 34_000, 5),
        ("MER-04", "Kaus Kopi Senja", 149_000, 68_000, 3),
        ("MER-05", "Set Dripper V60", 215_000, 121_000, 4),
    ),
    HAMPERS: (
        ("HAM-01", "Hampers Lebaran Kecil", 265_000, 148_000, 6),
        ("HAM-02", "Hampers Lebaran Besar", 575_000, 335_000, 3),
        ("HAM-03", "Hampers Natal Kecil", 275_000, 154_000, 6),
        ("HAM-04", "Hampers Natal Besar", 545_000, 318_000, 3),
    ),
}

_PRODUCTS: tuple[DemoProduct, ...] = tuple(
    DemoProduct(sku, name, category, price, cost)
    for category, rows in _ASSORTMENT.items()
    for sku, name, price, cost, _ in rows
)

_OUTLETS: tuple[DemoOutlet, ...] = (
    DemoOutlet("DGO", "Kopi Senja Dago", "Bandung", "Asia/Jakarta"),
    DemoOutlet("BRG", "Kopi Senja Braga", "Bandung", "Asia/Jakarta"),
    DemoOutlet("BBT", "Kopi Senja Buah Batu", "Bandung", "Asia/Jakarta"),
    DemoOutlet("MKS", "Kopi Senja Losari", "Makassar", "Asia/Makassar"),
    DemoOutlet("ON", "Kopi Senja Online", "Bandung", "Asia/Jakarta"),
)
MAKASSAR, ONLINE = 3, 4

PRICES: tuple[int, ...] = tuple(product.price for product in _PRODUCTS)


def products() -> tuple[DemoProduct, ...]:
    """Return the assortment; a line's `product` is an index into this tuple."""
    return _PRODUCTS


def outlets() -> tuple[DemoOutlet, ...]:
    """Return the places of sale; an order's `outlet` is an index into this tuple, the online shop comes last."""
    return _OUTLETS


def shelf(*categories: str) -> tuple[int, ...]:
    """Return product indexes of these categories, each as often as it is popular: a uniform draw is a weighted one."""
    weights = [row[4] for rows in _ASSORTMENT.values() for row in rows]
    return tuple(
        index
        for index, product in enumerate(_PRODUCTS)
        if product.category in categories
        for _ in range(weights[index])
    )


def indexes(*skus: str) -> tuple[int, ...]:
    """Return the indexes of these article numbers, in the order asked for."""
    places = {product.sku: index for index, product in enumerate(_PRODUCTS)}
    return tuple(places[sku] for sku in skus)


def is_beans(product: int) -> bool:
    """Tell whether a product index is one of coffee to brew at home, which can be ground wrongly."""
    return _PRODUCTS[product].category == BEANS


_DRINKS: Final = shelf(COFFEE, NON_COFFEE)
_FOOD: Final = shelf(FOOD)
_BEANS: Final = shelf(BEANS)
_PANTRY: Final = shelf(PANTRY)
_GOODS: Final = shelf(MERCHANDISE)
_GIFTS: Final = (
    indexes("BIJ-08", "KUE-08", "KUE-06", "BIJ-02"),
    indexes("HAM-01", "HAM-01", "HAM-02"),
    indexes("HAM-03", "HAM-03", "HAM-04"),
)
_BY_CHAT: Final = indexes("KOP-12", "KOP-12", "KOP-02", "KOP-01", "KUE-06")

Throw = Callable[[], float]  # the bound `random()` of someone's dice: uniform in [0, 1)


@dataclass(slots=True)
class Tastes:
    """What one person likes (product indexes) and has at home (days on which it runs out, a bit for each souvenir)."""

    drink: int
    second_drink: int
    bean: int
    brews: bool
    bean_due: int = -1
    milk_due: int = -1
    owned: int = 0


def tastes(throw: Throw, *, brews: bool) -> Tastes:
    """Draw favorites; `brews` tells whether the person buys beans now and then besides drinks."""
    return Tastes(
        drink=_DRINKS[int(throw() * len(_DRINKS))],
        second_drink=_DRINKS[int(throw() * len(_DRINKS))],
        bean=_BEANS[int(throw() * len(_BEANS))],
        brews=brews,
    )


def basket(throw: Throw, tastes: Tastes, curve: int, channel: int, day: int, season: int) -> dict[int, int]:
    """Return pieces by product, never none.

    `curve` and `channel` are those of `calendar`, `season` its `Days.hampers`; `tastes` remembers what was bought.
    """
    chosen: dict[int, int] = {}
    if curve == GIFT or (season and throw() < (0.03 if channel == POS else 0.16)):
        _gifts(throw, season, chosen)
    elif channel == WHATSAPP and curve != RESTOCK:
        chosen[_BY_CHAT[int(throw() * 5)]] = 2 + int(10 * throw() * throw())
        if throw() < 0.6:
            chosen[_FOOD[int(throw() * len(_FOOD))]] = 2 + int(6 * throw())
    elif channel == POS:
        _counter(throw, tastes, curve, day, chosen)
    else:
        _parcel(throw, tastes, curve, day, chosen)
    return chosen


def _gifts(throw: Throw, season: int, basket: dict[int, int]) -> None:
    for _ in range(2 if throw() < 0.4 else 1):
        choice = _GIFTS[season if throw() < 0.85 else 0]
        product, size = choice[int(throw() * len(choice))], throw()
        # Families send one or two; one in thirty buys for a whole office.
        basket[product] = 1 if size < 0.60 else 2 if size < 0.84 else 3 if size < 0.967 else 6 + int(throw() * 15)


def _counter(throw: Throw, tastes: Tastes, curve: int, day: int, basket: dict[int, int]) -> None:
    """Fill a basket at the till: drinks and food, beans when the bag at home is due, a souvenir once in a while."""
    mood, size = throw(), throw()
    outing = curve == WEEKEND
    if curve == RESTOCK or (tastes.brews and day >= tastes.bean_due):
        _restock(throw, tastes, day, basket)
    if curve != RESTOCK or mood < 0.6:
        other = _DRINKS[int(throw() * len(_DRINKS))]
        drink = tastes.drink if mood < 0.5 else tastes.second_drink if mood < 0.7 else other
        basket[drink] = 1 if size < (0.7 if outing else 0.88) else 2 if size < 0.95 else 3 + int(throw() * 3)
    if throw() < (0.7 if outing else 0.13):
        basket[_DRINKS[int(throw() * len(_DRINKS))]] = 1
    if throw() < (0.75 if outing else 0.36):
        basket[_FOOD[int(throw() * len(_FOOD))]] = 2 if outing and size < 0.4 else 1
    if outing and throw() < 0.3:
        basket[_FOOD[int(throw() * len(_FOOD))]] = 1
    if throw() < 0.012:
        _souvenir(throw, tastes, basket)


def _parcel(throw: Throw, tastes: Tastes, curve: int, day: int, basket: dict[int, int]) -> None:
    """Fill a basket that a courier brings: beans first, milk and syrup when they run out, goods for the kitchen."""
    if curve == RESTOCK:
        _restock(throw, tastes, day, basket)
        if throw() < 0.16:
            basket[_BEANS[int(throw() * len(_BEANS))]] = 1
    else:
        shelf = _BEANS if throw() < 0.62 else _PANTRY
        basket[shelf[int(throw() * len(shelf))]] = 1 if throw() < 0.8 else 2
        if throw() < 0.45:
            basket[_PANTRY[int(throw() * len(_PANTRY))]] = 1 if throw() < 0.7 else 3
        if throw() < 0.2:
            basket[_BEANS[int(throw() * len(_BEANS))]] = 1
    if throw() < 0.12:
        _souvenir(throw, tastes, basket)


def _restock(throw: Throw, tastes: Tastes, day: int, basket: dict[int, int]) -> None:
    """Take the usual beans, due again in three to five weeks; milk or syrup when two to four weeks have passed."""
    bean = tastes.bean if throw() < 0.85 else _BEANS[int(throw() * len(_BEANS))]
    basket[bean] = 1 if throw() < 0.88 else 2
    tastes.bean_due = day + 21 + int(throw() * 15)
    if day >= tastes.milk_due and throw() < 0.6:
        basket[_PANTRY[int(throw() * len(_PANTRY))]] = 1 if throw() < 0.6 else 2
        tastes.milk_due = day + 14 + int(throw() * 15)


def _souvenir(throw: Throw, tastes: Tastes, basket: dict[int, int]) -> None:
    """Add one piece of merchandise, but nobody needs the same tumbler twice."""
    product = _GOODS[int(throw() * len(_GOODS))]
    if not tastes.owned >> product & 1:
        tastes.owned |= 1 << product
        basket[product] = 1
