"""Reading from the lake what recommendations are made of, in the words that all engines know."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from setia.domains.advice.recommending.bought import Bought, slots
from setia.domains.advice.recommending.catalogue import POPULAR_DAYS, Catalogue
from setia.domains.advice.recommending.companions import Baskets
from setia.domains.analytics.engine.base import Engine

Whole = NDArray[np.int64]
BASKET_DAYS = 365
_MONTH = 31

CANCELLED = "SELECT order_id FROM orders WHERE status = 'cancelled'"
PEOPLE = """
SELECT DISTINCT c.person_id AS person_id FROM orders o JOIN customers c ON c.customer_id = o.customer_id
WHERE o.status <> 'cancelled' AND o.shop_day <= $today ORDER BY person_id
"""
LINES = """
SELECT c.person_id AS person_id, l.product_id AS product_id,
       DATE_DIFF('day', CAST('1970-01-01' AS DATE), l.shop_day) AS day
FROM lines l JOIN customers c ON c.customer_id = l.customer_id
WHERE c.person_id >= $low AND c.person_id <= $high AND l.shop_day <= $today
  AND c.person_id % $every = 0
  AND NOT EXISTS (SELECT 1 FROM cancelled x WHERE x.order_id = l.order_id)
"""
GIVEN_BACK = """
SELECT c.person_id AS person_id, r.product_id AS product_id, COUNT(*) AS times
FROM return_lines r JOIN customers c ON c.customer_id = r.customer_id
WHERE c.person_id >= $low AND c.person_id <= $high
GROUP BY c.person_id, r.product_id
"""
BASKETS = """
SELECT l.order_id AS order_id, l.product_id AS product_id FROM lines l
WHERE l.shop_day > $since AND l.shop_day <= $until
  AND NOT EXISTS (SELECT 1 FROM cancelled x WHERE x.order_id = l.order_id)
"""
STANDING = """
SELECT p.product_id AS product_id, p.category AS category,
       COALESCE(s.sold, 0) AS sold, COALESCE(s.late, 0) AS late,
       COALESCE(s.pieces, 0) AS pieces, s.last_day AS last_day, COALESCE(b.pieces, 0) AS pieces_back
FROM products p
LEFT JOIN (
    SELECT product_id, COUNT(*) AS sold, SUM(CASE WHEN shop_day > $since THEN 1 ELSE 0 END) AS late,
           SUM(quantity_milli) AS pieces, DATE_DIFF('day', CAST('1970-01-01' AS DATE), MAX(shop_day)) AS last_day
    FROM lines l WHERE shop_day <= $until
      AND NOT EXISTS (SELECT 1 FROM cancelled x WHERE x.order_id = l.order_id)
    GROUP BY product_id
) s ON s.product_id = p.product_id
LEFT JOIN (SELECT product_id, SUM(quantity_milli) AS pieces FROM return_lines GROUP BY product_id) b
  ON b.product_id = p.product_id
ORDER BY p.product_id
"""
# The sums of who bought what with what are a square of the catalogue: 100 MB at this size.
MOST_PRODUCTS = 5_000


def people_of(engine: Engine, *, today: date) -> Whole:
    """Return the ids of everybody who has bought, in order."""
    return _column(engine.run(PEOPLE, {"today": today}), "person_id")


def read_bought(engine: Engine, product_ids: Whole, people: Whole, *, today: date, every: int = 1) -> Bought:
    """Return what a run of neighbouring people bought, after the snapshot `cancelled` was made.

    `product_ids` is the sorted catalogue; with `every`, `people` are those whose id it divides.
    """
    asked = {"low": int(people[0]), "high": int(people[-1])}
    lines = engine.run(LINES, {**asked, "today": today, "every": every})
    back = engine.run(GIVEN_BACK, asked)
    given_back = (_column(back, "person_id"), slots(product_ids, _column(back, "product_id")), _column(back, "times"))
    return Bought.of(
        people, _column(lines, "person_id"), slots(product_ids, _column(lines, "product_id")), _column(lines, "day"),
        back=given_back,
    )  # fmt: skip


def read_catalogue(
    engine: Engine,
    *,
    until: date,
    excluded_categories: Collection[str] = (),
    excluded_ids: Collection[int] = (),
    out_of_sale_days: int = 90,
    only: Whole | None = None,
) -> Catalogue:
    """Return the catalogue as it stood at the end of a day, after the snapshot `cancelled` was made.

    With `only`, its products are just these; of more than `MOST_PRODUCTS` those that sold most count. A product that
    did not sell for `out_of_sale_days` before the shop's last sale counts as out of sale.
    """
    table = engine.run(STANDING, {"until": until, "since": until - timedelta(days=POPULAR_DAYS)})
    ids = np.asarray(table["product_id"].to_numpy(), dtype=np.int64)
    sold = np.asarray(table["sold"].to_numpy(), dtype=np.int64)
    if only is not None or len(ids) > MOST_PRODUCTS:
        kept = np.isin(ids, only) if only is not None else np.sort(np.lexsort((ids, -sold))[:MOST_PRODUCTS])
        table = table.take(np.flatnonzero(kept) if only is not None else kept)
        ids = np.asarray(table["product_id"].to_numpy(), dtype=np.int64)
    pieces = np.asarray(table["pieces"].to_numpy(), dtype=np.float64)
    back = np.asarray(table["pieces_back"].to_numpy(), dtype=np.float64)
    last = np.array([-1 if day is None else int(day) for day in table["last_day"].to_pylist()], dtype=np.int64)
    newest = int(last.max()) if len(last) else -1
    names = {name.casefold() for name in excluded_categories}
    in_category = np.array([(each or "").casefold() not in names for each in table["category"].to_pylist()], dtype=bool)
    allowed = (last >= 0) & (last > newest - out_of_sale_days) & in_category
    allowed &= ~np.isin(ids, np.array(sorted(excluded_ids), dtype=np.int64))
    return Catalogue(
        ids,
        np.asarray(table["late"].to_numpy(), dtype=np.float64),
        1.0 - np.minimum(back / np.maximum(pieces, 1.0), 1.0),
        allowed,
    )


def count_baskets(engine: Engine, product_ids: Whole, *, today: date) -> Baskets:
    """Return the baskets of a year, of known people and passers-by, month by month, so that memory stays small."""
    sums = Baskets(len(product_ids))
    until = today
    while until > today - timedelta(days=BASKET_DAYS):
        since = max(until - timedelta(days=_MONTH), today - timedelta(days=BASKET_DAYS))
        table = engine.run(BASKETS, {"since": since, "until": until})
        order_id = np.asarray(table["order_id"].to_numpy(), dtype=np.int64)
        product_id = np.asarray(table["product_id"].to_numpy(), dtype=np.int64)
        sums.add(order_id, slots(product_ids, product_id))
        until = since
    return sums


def _column(table: Any, name: str) -> Whole:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)
