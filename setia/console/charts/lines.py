"""Line charts: the small one in a tile, one line, and several lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.safestring import SafeString

from setia.console.charts.axes import Plot, grid, hover_columns, labels_below, plan, zero_line
from setia.console.charts.framing import Key, Table, blank, cell, drawing, figure, line_legend, on_both_sheets
from setia.console.charts.inputs import Axis, Frame, Number, Point, Series, known, known_values, padded
from setia.console.charts.lettering import text_width
from setia.console.charts.svg import NOTHING, WIDE, Sheet, dash, joined, marker, number, tag, tone, words

_SPARK_WIDTH, _SPARK_HEIGHT, _SPARK_EDGE = 120, 36, 4
_DIRECT_LABELS = 6

Spot = tuple[float, float]


def spark_line(frame: Frame, values: Sequence[Number | None]) -> SafeString:
    """The course of `values` for a tile: no axes, no table, stretched to the tile's width, last value dotted.

    The height runs from the least to the greatest value, not from zero: it shows direction, the tile has the number.
    None is a gap; nothing known gives the empty text.
    """
    numbers = known_values(values)
    if not numbers:
        return tag("p", frame.empty, class_="chart-empty chart-empty-small", id=frame.id)
    low, high = min(numbers), max(numbers)
    room = _SPARK_HEIGHT - 2 * _SPARK_EDGE

    def spot(index: int, value: float) -> Spot:
        share = (value - low) / (high - low) if high > low else 0.5
        across = index / (len(values) - 1) if len(values) > 1 else 1.0
        x = _SPARK_EDGE + across * (_SPARK_WIDTH - 2 * _SPARK_EDGE)
        return x, _SPARK_HEIGHT - _SPARK_EDGE - share * room

    runs = _runs(values, spot)
    x, y = runs[-1][-1]
    return tag(
        "svg",
        tag("title", frame.title, id=f"{frame.id}-title"),
        tag("desc", frame.description, id=f"{frame.id}-desc"),
        *(_shade(run, _SPARK_HEIGHT) for run in runs),
        *(tag("path", d=_path(run), fill="none", class_="chart-stroke chart-tone-1") for run in runs),
        # A circle would be stretched with the picture; the round cap of a line without length is not.
        tag("path", d=f"M{number(x)} {number(y)}h0", fill="none", class_="chart-end chart-tone-1"),
        id=frame.id,
        class_="chart-spark",
        viewBox=f"0 0 {_SPARK_WIDTH} {_SPARK_HEIGHT}",
        preserveAspectRatio="none",
        role="img",
        aria_labelledby=f"{frame.id}-title {frame.id}-desc",
    )


def line(frame: Frame, points: Sequence[Point], *, across: str, up: Axis) -> SafeString:
    """One line over labelled steps (days, months) with a light shade below it; `across` names what the labels are.

    None is a gap, never a zero. Values are in the unit that `up.text` writes.
    """
    labels = [point.label for point in points]
    return _lines(frame, labels, [Series(up.name, [point.value for point in points])], across, up)


def multi_line(frame: Frame, labels: Sequence[str], series: Sequence[Series], *, across: str, up: Axis) -> SafeString:
    """Several lines over the same labels, told apart by color, mark and (on paper) dashes, with a legend.

    A series shorter than `labels` is not yet known at its end; a longer one raises ValueError. Up to six lines that
    reach the last label also get their names beside their ends on the wide sheet.
    """
    return _lines(frame, labels, [padded(row, len(labels)) for row in series], across, up)


def _lines(frame: Frame, labels: Sequence[str], series: Sequence[Series], across: str, up: Axis) -> SafeString:
    if not any(known_values(row.values) for row in series):
        return blank(frame)
    several = len(series) > 1
    reaching = len(labels) > 1 and all(known(row.values[-1]) is not None for row in series)
    direct = several and reaching and len(series) <= _DIRECT_LABELS
    chart = _Lines(frame, labels, series, up, direct)
    keys = [Key(index, row.name) for index, row in enumerate(series)]
    legend = line_legend(keys, narrow_only=direct) if several else NOTHING
    head = [across, *(row.name for row in series)]
    rows = [[label, *(cell(frame, row.values[index], up.text) for row in series)] for index, label in enumerate(labels)]
    return figure(frame, "line", legend, on_both_sheets(chart.draw), table=Table(head, rows))


@dataclass(frozen=True)
class _Lines:
    frame: Frame
    labels: Sequence[str]
    series: Sequence[Series]
    up: Axis
    direct: bool

    def draw(self, sheet: Sheet) -> SafeString:
        values = [value for row in self.series for value in row.values]
        named = self.direct and sheet is WIDE
        right = min(170.0, max(text_width(row.name, sheet.font) for row in self.series) + 24) if named else 10.0
        plot = plan(sheet, values, self.up, labels=self.labels, zero=self.up.zero, right=right)
        centers = _centers(plot, len(self.labels))
        strokes = [self._stroke(plot, centers, index, row) for index, row in enumerate(self.series)]
        return drawing(
            self.frame,
            sheet,
            grid(plot),
            zero_line(plot),
            labels_below(plot, self.labels, centers),
            *strokes,
            self._names(plot) if named else NOTHING,
            hover_columns(plot, _edges(plot, centers), [self._title(index) for index in range(len(self.labels))]),
        )

    def _stroke(self, plot: Plot, centers: Sequence[float], index: int, row: Series) -> SafeString:
        runs = _runs(row.values, lambda at, value: (centers[at], plot.y(value)))
        # A shade measures from zero; above a cut axis, or under several lines, it would say something untrue.
        shaded = len(self.series) == 1 and plot.ticks[0] <= 0 <= plot.ticks[-1]
        parts: list[str] = [_shade(run, plot.base) for run in runs] if shaded else []
        css = f"chart-stroke {tone(index)} {dash(index)}"
        parts += [tag("path", d=_path(run), fill="none", class_=css) for run in runs if len(run) > 1]
        parts += [marker(index, x, y) for x, y in self._marked(plot, runs, index)]
        return joined(parts)

    def _marked(self, plot: Plot, runs: Sequence[Sequence[Spot]], index: int) -> list[Spot]:
        """Every spot if they keep a distance; else some per line, shifted so that marks do not cover one another.

        One dense line alone needs none to be told apart. The last spot and those without neighbors are always marked:
        no stroke would show the latter at all.
        """
        spots = [spot for run in runs for spot in run]
        every = max(1, -(-len(self.labels) * 18 // round(plot.width)))
        shift = index * max(1, every // len(self.series))
        some = {spot for at, spot in enumerate(spots) if (at + shift) % every == 0}
        if every > 1 and len(self.series) == 1:
            some = set()
        lonely = {run[0] for run in runs if len(run) == 1}
        return sorted(some | lonely | set(spots[-1:]))

    def _names(self, plot: Plot) -> SafeString:
        """Names beside the ends of their lines, pushed apart where they would cover each other."""
        ends = [(plot.y(known(row.values[-1]) or 0.0), index) for index, row in enumerate(self.series)]
        parts: list[str] = []
        for y, (end, index) in zip(_spread([y for y, _ in sorted(ends)], plot, 18), sorted(ends), strict=True):
            if abs(y - end) > 1:
                path = f"M{number(plot.right + 6)} {number(end)}L{number(plot.right + 13)} {number(y)}"
                parts.append(tag("path", d=path, fill="none", class_=f"chart-leader {tone(index)}"))
            room = plot.sheet.width - plot.right - 18
            parts.append(
                words(self.series[index].name, plot.right + 16, y, kind="label", size=plot.sheet.font, limit=room)
            )
        return joined(parts)

    def _title(self, index: int) -> str:
        values = [(row.name, cell(self.frame, row.values[index], self.up.text)) for row in self.series]
        if len(values) == 1:
            return f"{self.labels[index]}: {values[0][1]}"
        return "\n".join([self.labels[index], *(f"{name}: {text}" for name, text in values)])


def _centers(plot: Plot, count: int) -> list[float]:
    if count == 1:
        return [plot.left + plot.width / 2]
    return [plot.left + plot.width * index / (count - 1) for index in range(count)]


def _edges(plot: Plot, centers: Sequence[float]) -> list[float]:
    middles = [(a + b) / 2 for a, b in pairwise(centers)]
    return [plot.left, *middles, plot.right]


def _runs(values: Sequence[Number | None], spot: Callable[[int, float], Spot]) -> list[list[Spot]]:
    """The spots of the known values, broken where one is unknown."""
    runs: list[list[Spot]] = [[]]
    for index, value in enumerate(values):
        there = known(value)
        if there is not None:
            runs[-1].append(spot(index, there))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _path(run: Sequence[Spot]) -> str:
    """Straight lines through the spots; one alone becomes a line of no length, which its round caps show as a dot."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in run) + ("h0" if len(run) == 1 else "")


def _shade(run: Sequence[Spot], base: float) -> SafeString:
    if len(run) < 2:
        return NOTHING
    path = f"{_path(run)}L{number(run[-1][0])} {number(base)}L{number(run[0][0])} {number(base)}Z"
    return tag("path", d=path, class_="chart-shade chart-tone-1")


def _spread(wanted: Sequence[float], plot: Plot, apart: float) -> list[float]:
    """Heights at least `apart`, near the wanted ones (ascending): one sweep down, then one up from the bottom."""
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, placed[-1] + apart) if placed else y)
    limit = plot.bottom + 4
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - apart
    return placed
