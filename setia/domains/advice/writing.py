"""Writing advice back: only rows that differ, a few thousand a transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Model
from numpy.typing import NDArray

from setia.domains.advice.facts import gather, people_worth_a_look
from setia.domains.advice.models import AGAIN, Companion, NextAction, Recommended
from setia.domains.advice.recommending.companions import Companions
from setia.domains.advice.recommending.rounds import Piece
from setia.domains.advice.rules.actions import Terms, judge
from setia.domains.advice.rules.learning import KindLearned
from setia.domains.customers.models import Customer
from setia.domains.shop.queries import the_shop
from setia.foundation.db import bulk_put, write_tx
from setia.foundation.ids import new_ids

STEP = 2_000
_PEOPLE = 2_000
_COLUMNS = ("day_count", "gap_tenths", "last_day", "again", "also")
_AGAIN = np.dtype([("product", ">i8"), ("times", ">u2"), ("gap", ">u2"), ("last", ">u2")])


def write_lists(pieces: Iterable[Piece], *, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Bring everybody's lists to what was found and return how many rows changed; pieces come in order of people.

    Raises InterruptedError when it was told to stop; what was written stays.
    """
    changed, done = 0, -(2**62)
    for piece in pieces:
        last = int(piece.people[-1])
        changed += _bring(Recommended, _COLUMNS, _packed(piece), low=done, high=last, should_stop=should_stop)
        done = last + 1
    return changed + _bring(Recommended, _COLUMNS, {}, low=done, high=2**62, should_stop=should_stop)


def _packed(piece: Piece) -> dict[int, tuple[Any, ...]]:
    """Return the rows of a piece by person, as the table keeps them."""
    again = np.zeros(piece.again.shape, dtype=_AGAIN)
    for name, values in (("product", piece.again), ("times", piece.times), ("gap", piece.gap), ("last", piece.last)):
        again[name] = np.maximum(values, 0)
    also = piece.also.astype(">i8")
    lengths = [AGAIN.size * (piece.again >= 0).sum(axis=1), also.itemsize * (piece.also >= 0).sum(axis=1)]
    rows = zip(
        piece.people.tolist(), piece.day_count.tolist(), piece.own_gap.tolist(), piece.last_day.tolist(),
        again, also, lengths[0].tolist(), lengths[1].tolist(), strict=True,
    )  # fmt: skip
    return {
        person: (days, gap, last, own.tobytes()[:own_size], new.tobytes()[:new_size])
        for person, days, gap, last, own, new, own_size, new_size in rows
    }


def write_companions(found: Companions, product_ids: NDArray[np.int64]) -> int:
    """Bring the companions of all products to what was found and return how many rows changed."""
    rows: dict[tuple[int, int], tuple[int, ...]] = {}
    place: dict[int, int] = {}
    columns = (found.slot, found.other, found.both, found.alone, found.other_alone)
    for slot, other, both, alone, other_alone in zip(*(column.tolist() for column in columns), strict=True):
        place[slot] = place.get(slot, 0) + 1
        values = (int(product_ids[other]), both, alone, other_alone, found.baskets)
        rows[int(product_ids[slot]), place[slot]] = values
    names = ("other_id", "both", "alone", "other_alone", "baskets")
    stands = {(row[0], row[1]): row[2:] for row in Companion.objects.values_list("product_id", "place", *names)}
    fresh = [(*key, *values) for key, values in rows.items() if stands.get(key) != values]
    gone = [key for key in stands if key not in rows]
    with write_tx():
        for part in _steps([*gone, *(row[:2] for row in fresh)], 400):
            places = {product: [] for product, _place in part}  # type: dict[int, list[int]]
            for product, number in part:
                places[product].append(number)
            for product, numbers in places.items():
                Companion.objects.filter(product_id=product, place__in=numbers).delete()
        Companion.objects.bulk_create(
            [
                Companion(id=row_id, product_id=row[0], place=row[1], **dict(zip(names, row[2:], strict=True)))
                for row_id, row in zip(new_ids(len(fresh)), fresh, strict=True)
            ],
            batch_size=500,
        )
    return len(fresh) + len(gone)


def write_actions(
    *,
    terms: Terms,
    learned: Mapping[str, KindLearned],
    at: datetime,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Bring everybody's next action to what is worth doing now; returns how many rows changed and how many of each.

    Everybody is judged anew, for days pass for all; raises InterruptedError when it was told to stop.
    """
    shop, changed, done = the_shop(), 0, -(2**62)
    counts: dict[str, int] = {}
    for people in people_worth_a_look(size=_PEOPLE):
        wanted: dict[int, tuple[Any, ...]] = {}
        for known in gather(people, at=at, shop=shop):
            best = judge(known.facts, terms, learned).best
            if best is not None:
                wanted[known.customer.id] = (best.kind, coarse(int(best.rank)))
                counts[best.kind] = counts.get(best.kind, 0) + 1
        last = people[-1].id
        changed += _bring(NextAction, ("kind", "net"), wanted, low=done, high=last, should_stop=should_stop)
        done = last + 1
    changed += _bring(NextAction, ("kind", "net"), {}, low=done, high=2**62, should_stop=should_stop)
    return {"actions": counts, "actions_changed": changed}


def coarse(amount: int) -> int:
    """Return an amount in two leading digits: what changes by less each day is the same suggestion."""
    size = 10 ** max(len(str(abs(amount))) - 2, 0)
    return int(round(amount / size) * size)


def _bring(
    model: type[Model],
    columns: Sequence[str],
    wanted: Mapping[int, tuple[Any, ...]],
    *,
    low: int,
    high: int,
    should_stop: Callable[[], bool],
) -> int:
    """Make the rows of customers in low <= id <= high just these, and return how many differed."""
    rows = model._default_manager.filter(customer_id__gte=low, customer_id__lte=high)
    stands = {
        row[0]: tuple(bytes(value) if isinstance(value, memoryview) else value for value in row[1:])
        for row in rows.values_list("customer_id", *columns)
    }
    fresh = [(row_id, *row) for row_id, row in wanted.items() if stands.get(row_id) != row]
    gone = [row_id for row_id in stands if row_id not in wanted]
    for step in _steps(fresh, STEP):
        if should_stop():
            raise InterruptedError
        _upsert(model, columns, step)
    for ids in _steps(gone, 500):
        with write_tx():
            model._default_manager.filter(customer_id__in=ids).delete()
    return len(fresh) + len(gone)


def _upsert(model: type[Model], columns: Sequence[str], rows: list[Any]) -> None:
    with write_tx():
        # Whoever was erased since the lake was filled has no row any more that advice could belong to.
        alive = set(Customer.objects.filter(id__in=[row[0] for row in rows]).values_list("id", flat=True))
        bulk_put(model, ("customer", *columns), (row for row in rows if row[0] in alive))


def _steps(rows: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
