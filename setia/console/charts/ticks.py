"""Where axes get their marks: steps of 1, 2 or 5 times a power of ten, and which labels fit beside each other."""

import math
from collections.abc import Sequence
from itertools import pairwise

from setia.console.charts.formats import compact, thousands
from setia.console.charts.inputs import Axis, Bin, Number, known_values


def _nice_step(span: float, at_most: int, *, whole: bool) -> float:
    least = span / at_most
    power = 10.0 ** math.floor(math.log10(least))
    # The tiny slack keeps 0.2 * 5 == 1 from needing a sixth step through binary rounding.
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
    return max(1.0, step) if whole else step


def nice_ticks(low: float, high: float, *, at_most: int = 5, whole: bool = False) -> tuple[float, ...]:
    """Marks that enclose `low`..`high` in about `at_most` equal steps of 1, 2 or 5 times a power of ten.

    `whole` forbids fractions, for things that come in pieces. The outermost marks may lie beyond the data, which can
    add one step; equal ends are opened to a span of their own, so that there is always something to draw on.
    """
    low, high = min(low, high), max(low, high)
    if high - low <= max(abs(low), abs(high)) * 1e-12:
        room = abs(high) or 1.0
        low, high = (min(0.0, low), max(0.0, high)) if high else (0.0, room)
    step = _nice_step(high - low, at_most, whole=whole)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, 1 - math.floor(math.log10(step)))
    if whole:
        return tuple(index * round(step) for index in range(first, last + 1))
    return tuple(round(index * step, digits) + 0.0 for index in range(first, last + 1))


def tick_texts(axis: Axis, ticks: Sequence[float]) -> tuple[str, ...]:
    """The marks written with the axis' short formatter, or in full where the short form makes two marks look equal."""
    short = axis.tick or axis.text
    if axis.tick is None and axis.text is thousands and max(abs(tick) for tick in ticks) >= 100_000:
        short = compact
    texts = tuple(short(tick) for tick in ticks)
    return texts if len(set(texts)) == len(texts) else tuple(axis.text(tick) for tick in ticks)


def shown_labels(count: int, *, width: float, gap: float, room: float) -> tuple[int, ...]:
    """Which of `count` labels to write when each needs `width` + `gap` and `room` lies between two neighbors.

    The last one is always among them: on a time axis the newest date is the one looked for.
    """
    if count == 0:
        return ()
    every = max(1, math.ceil((width + gap) / room)) if room > 0 else count
    return tuple(sorted(range(count - 1, -1, -every)))


def bin_values(values: Sequence[Number | None], *, at_most: int = 12) -> tuple[Bin, ...]:
    """Count `values` into at most about `at_most` classes of equal, round width; unknown values are left out.

    Whole numbers get classes of whole width. Nothing known gives no classes.
    """
    numbers = known_values(values)
    if not numbers:
        return ()
    whole = all(number == int(number) for number in numbers)
    low, high = min(numbers), max(numbers)
    # One value alone is a class of its own, not the whole way from zero.
    edges = nice_ticks(low, high if high > low else low + 1, at_most=at_most, whole=whole)
    # Classes exclude their upper edge, so a largest value that lies on the last edge shares the last class.
    counts = [0] * (len(edges) - 1)
    step = edges[1] - edges[0]
    for number in numbers:
        counts[min(int((number - edges[0]) / step + 1e-9), len(counts) - 1)] += 1
    return tuple(Bin(a, b, count) for (a, b), count in zip(pairwise(edges), counts, strict=True))
