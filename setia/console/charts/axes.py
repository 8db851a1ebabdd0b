"""The inner rectangle of a chart: its scale, its grid, the labels below it and the columns that answer the pointer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.safestring import SafeString

from setia.console.charts.inputs import Axis, Number, known_values
from setia.console.charts.lettering import fit, text_width
from setia.console.charts.svg import NOTHING, Sheet, joined, tag, words
from setia.console.charts.ticks import nice_ticks, shown_labels, tick_texts


@dataclass(frozen=True)
class Plot:
    """A rectangle on a sheet, in units of its viewBox, with the value scale of its height."""

    sheet: Sheet
    left: float
    right: float
    top: float
    bottom: float
    ticks: tuple[float, ...]
    texts: tuple[str, ...]

    @property
    def width(self) -> float:
        return self.right - self.left

    def y(self, value: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)

    @property
    def base(self) -> float:
        """The height of zero, or of the edge nearest to it: where bars and shaded areas stand."""
        return self.y(min(max(0.0, self.ticks[0]), self.ticks[-1]))

    def slot(self, index: int, count: int) -> tuple[float, float]:
        """Left edge and width of one of `count` equal columns."""
        width = self.width / count
        return self.left + index * width, width


def value_ticks(values: Sequence[Number | None], axis: Axis, *, at_most: int, zero: bool) -> tuple[float, ...]:
    numbers = known_values(values)
    # Things counted in whole numbers get no half marks; a share in 0..1 comes as float and may have them.
    whole = all(isinstance(value, int) for value in values if value is not None)
    reach = [*numbers, 0.0] if zero else numbers
    return nice_ticks(min(reach), max(reach), at_most=at_most, whole=whole)


def plan(
    sheet: Sheet,
    values: Sequence[Number | None],
    axis: Axis,
    *,
    labels: Sequence[str] = (),
    zero: bool = True,
    top: float = 12,
    right: float = 10,
    below: float = 30,
) -> Plot:
    """The plot whose left margin holds the widest mark and whose right margin holds half of the last label."""
    ticks = value_ticks(values, axis, at_most=sheet.steps, zero=zero)
    limit = sheet.width * 0.4
    texts = tuple(fit(text, sheet.font, limit) for text in tick_texts(axis, ticks))
    left = max(text_width(text, sheet.font) for text in texts) + 12
    if labels:
        right = max(right, text_width(label_texts(sheet, labels)[-1], sheet.font) / 2 + 2)
    return Plot(sheet, left, sheet.width - right, top, sheet.height - below, ticks, texts)


def grid(plot: Plot) -> SafeString:
    """Horizontal lines with their values."""
    parts: list[str] = []
    for tick, text in zip(plot.ticks, plot.texts, strict=True):
        y = plot.y(tick)
        parts.append(tag("line", x1=plot.left, x2=plot.right, y1=y, y2=y, class_="chart-grid"))
        parts.append(words(text, plot.left - 8, y, anchor="end"))
    return joined(parts)


def zero_line(plot: Plot) -> SafeString:
    """The line bars stand on, if zero is in view; drawn after them, for their pale edges would nibble at it."""
    if not plot.ticks[0] <= 0 <= plot.ticks[-1]:
        return NOTHING
    return tag("line", x1=plot.left, x2=plot.right, y1=plot.base, y2=plot.base, class_="chart-grid chart-zero")


def _label_limit(sheet: Sheet, labels: Sequence[str]) -> float:
    """How long a label may be: a quarter of the sheet, but only its own column where it is one long label among short.

    So that one displaces no other. Where all are long, some are left out, rather than all cut to meaningless stumps.
    """
    column = sheet.width * 0.8 / len(labels) - sheet.font * 0.7
    widths = sorted(text_width(label, sheet.font) for label in labels)
    is_exception = widths[len(labels) // 2] <= column and widths[-1] > 2 * column and column >= sheet.font * 2.5
    return min(column, sheet.width * 0.27) if is_exception else sheet.width * 0.27


def label_texts(sheet: Sheet, labels: Sequence[str]) -> tuple[str, ...]:
    limit = _label_limit(sheet, labels)
    return tuple(fit(label, sheet.font, limit) for label in labels)


def labels_below(plot: Plot, labels: Sequence[str], centers: Sequence[float], *, drop: float = 19) -> SafeString:
    """As many labels as fit without touching, counted back from the last, `drop` units below the plot."""
    if not labels:
        return NOTHING
    sheet = plot.sheet
    texts = label_texts(sheet, labels)
    widest = max(text_width(text, sheet.font) for text in texts)
    room = centers[1] - centers[0] if len(centers) > 1 else plot.width
    limit = _label_limit(sheet, labels)
    parts: list[str] = []
    for index in shown_labels(len(labels), width=widest, gap=sheet.font * 0.7, room=room):
        half = text_width(texts[index], sheet.font) / 2
        x = max(half + 1, centers[index])
        parts.append(words(labels[index], x, plot.bottom + drop, anchor="middle", size=sheet.font, limit=limit))
    return joined(parts)


def hover_columns(plot: Plot, edges: Sequence[float], titles: Sequence[str]) -> SafeString:
    """Invisible columns between `edges` that show their title under the pointer: easier to hit than a small mark."""
    return joined(
        tag(
            "rect",
            tag("title", title),
            x=a,
            y=plot.top,
            width=max(0.0, b - a),
            height=plot.bottom - plot.top,
            class_="chart-hover",
            fill="transparent",
        )
        for (a, b), title in zip(pairwise(edges), titles, strict=True)
    )
