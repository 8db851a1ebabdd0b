"""What the best-spending tenth and fifth of a year's buyers spent, for each period of a grid."""

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.measuring.grids import Cut, Grid

# So many slices are laid beside each other in one table: a year of months lies in two of them.
_WIDTH = 12


def best_shares(
    engine: Engine, grid: Grid, *, place: str, lead: str
) -> Iterator[tuple[tuple[int, int], dict[str, float]]]:
    """Yield for each place and period what the best tenth, the best fifth and all buyers of its year spent.

    What somebody spent in each slice is laid out beside each other, because a sort of everybody for each of 36 years
    would cost more than all other measures together. A tenth of nine is one.
    """
    cuts = [cut for cut in grid.cuts if cut.year is not None]
    laid: set[int] = set()
    for chunks, some in groupby(sorted(cuts, key=_chunks), key=_chunks):
        for chunk in range(chunks[0], chunks[1] + 1):
            if chunk not in laid:
                _lay_out(engine, chunk, lead=lead)
                laid.add(chunk)
        named = [f"beside_{chunk}" for chunk in range(chunks[0], chunks[1] + 1)]
        joins = "".join(f" FULL JOIN {name} USING ({lead}person_id)" for name in named[1:])
        engine.view("beside", f"SELECT * FROM {named[0]}{joins}")  # noqa: S608 (our own names)
        for cut in some:
            yield from _shares(engine, cut, place=place)


def _chunks(cut: Cut) -> tuple[int, int]:
    """Return the first and the last chunk of slices that the year of a cut lies in."""
    return (cut.year or 0) // _WIDTH, (cut.end - 1) // _WIDTH


def _lay_out(engine: Engine, chunk: int, *, lead: str) -> None:
    """Make the table of a chunk: for each person what he spent in each of its slices, NULL for nothing."""
    slices = range(_WIDTH * chunk + 1, _WIDTH * (chunk + 1) + 1)
    columns = ", ".join(
        f"CAST(SUM(CASE WHEN slice = {slice_} THEN value END) AS BIGINT) AS v{slice_}" for slice_ in slices
    )
    engine.snapshot(
        f"beside_{chunk}",
        f"SELECT {lead}person_id, {columns} FROM visits "  # noqa: S608
        f"WHERE slice >= {slices[0]} AND slice <= {slices[-1]} GROUP BY {lead}person_id",
    )


def _shares(engine: Engine, cut: Cut, *, place: str) -> Iterator[tuple[tuple[int, int], dict[str, float]]]:
    slices = range((cut.year or 0) + 1, cut.end + 1)
    spent = " + ".join(f"COALESCE(v{slice_}, 0)" for slice_ in slices)
    came = " OR ".join(f"v{slice_} IS NOT NULL" for slice_ in slices)
    table = engine.run(f"SELECT {place} AS place, {spent} AS value FROM beside WHERE {came}")  # noqa: S608
    places, values = (np.asarray(table[name].to_numpy(), dtype=np.int64) for name in ("place", "value"))
    for one in np.unique(places).tolist():
        here: NDArray[np.int64] = values if one == 0 else values[places == one]
        yield (
            (one, cut.number),
            {
                "spenders": len(here),
                "best_tenth": -(-len(here) // 10),
                "best_fifth": -(-len(here) // 5),
                "spent": float(here.sum()),
                "tenth_spent": _best(here, 10),
                "fifth_spent": _best(here, 5),
            },
        )


def _best(values: NDArray[np.int64], part: int) -> float:
    """Return what the best of `part` equal parts spent; where heads cannot be parted evenly the best part is larger."""
    heads = -(-len(values) // part)
    return float(np.partition(values, len(values) - heads)[len(values) - heads :].sum())
