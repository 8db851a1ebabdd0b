"""What a chart is drawn from: frozen dataclasses of words and numbers.

Numbers are plain ints or floats in whatever unit the caller's formatter speaks; nothing here knows money or members.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from setia.console.charts.formats import thousands

Number = int | float
Formatter = Callable[[float], str]

TONES = 8
HEATS = 10


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The texts around one chart; all translated by the caller, because a chart knows no language.

    `id` is an HTML id, unique on the page; everything inside the chart derives its own ids from it.
    `title` names the chart and `description` says in a sentence what it shows; both are read aloud, neither is drawn.
    `show_numbers` opens the table below, `empty` stands where there is nothing to draw, `unknown` where one value is.
    `save_picture`, `save_drawing` and `save_numbers` are the buttons that save the chart as PNG and as SVG, and its
    table as CSV; none when empty.
    """

    id: str
    title: str
    description: str
    show_numbers: str
    empty: str
    unknown: str
    save_picture: str = ""
    save_drawing: str = ""
    save_numbers: str = ""

    def __post_init__(self) -> None:
        # A space would silently split the id in aria-labelledby, and the picture would lose its name.
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", self.id):
            raise ValueError(f"not an HTML id: {self.id!r}")


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A measured direction: its name (table heading), and how its values are written.

    `text` writes a value in full; `tick` writes it short on the axis (None: like `text`).
    `zero` keeps 0 in view; only lines and scatters may give it up, since a cut bar lies about its length.
    """

    name: str
    text: Formatter = thousands
    tick: Formatter | None = None
    zero: bool = True


@dataclass(frozen=True)
class Point:
    """One labelled value; None is not known (never 0). `tone` 1..8 picks a color where bars have one each."""

    label: str
    value: Number | None
    tone: int = 1


@dataclass(frozen=True)
class Series:
    """One named row of values, beside the chart's labels; a shorter row than the labels is not yet known at its end."""

    name: str
    values: Sequence[Number | None]


@dataclass(frozen=True)
class Bin:
    """One class of a histogram: `low` <= value < `high` (the last one includes its `high`), and how many fell in it."""

    low: Number
    high: Number
    count: int


@dataclass(frozen=True)
class HeatRow:
    """One row of a heat table: label, size of the group (None: no such column), one cell per column, None = not yet."""

    label: str
    size: int | None
    cells: Sequence[Number | None]


@dataclass(frozen=True)
class Dot:
    """One mark of a scatter; dots of one `group` share color and shape."""

    label: str
    x: Number | None
    y: Number | None
    group: str = ""


def known(value: Number | None) -> float | None:
    """The value itself, or None for what cannot be drawn: None, NaN, the infinities, integers beyond any float."""
    if value is None:
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def known_values(values: Sequence[Number | None]) -> list[float]:
    return [number for value in values if (number := known(value)) is not None]


def padded(series: Series, length: int) -> Series:
    """The series at exactly `length` values; raises ValueError for more: then values have lost their labels."""
    if len(series.values) > length:
        raise ValueError(f"series {series.name!r} has {len(series.values)} values for {length} labels")
    return Series(series.name, (*series.values, *([None] * (length - len(series.values)))))
