"""Standing bars: simple, stacked, and the histogram."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from setia.console.charts.axes import Plot, grid, hover_columns, labels_below, plan, zero_line
from setia.console.charts.framing import (
    Key,
    Table,
    area_legend,
    blank,
    cell,
    drawing,
    figure,
    on_both_sheets,
    owner_id,
)
from setia.console.charts.inputs import Axis, Bin, Frame, Number, Point, Series, known, known_values, padded
from setia.console.charts.lettering import text_width
from setia.console.charts.svg import NOTHING, Sheet, filled, hatches, joined, number, tag, tone, words

_WIDEST_BAR = 64.0


def bars(frame: Frame, points: Sequence[Point], *, across: str, up: Axis) -> SafeString:
    """One standing bar per point, from zero; negative values hang down, unknown ones leave their place free.

    The value stands over each bar as soon as all of them have room for it.
    """
    if not known_values([point.value for point in points]):
        return blank(frame)
    labels = [point.label for point in points]

    def draw(sheet: Sheet) -> SafeString:
        # Hanging bars have their values below them, and the labels make way.
        extra = sheet.font if min(known_values([point.value for point in points])) < 0 else 0
        plot = plan(sheet, [point.value for point in points], up, labels=labels, top=24, below=30 + extra)
        texts = [cell(frame, point.value, up.text) for point in points]
        titles = [f"{label}: {text}" for label, text in zip(labels, texts, strict=True)]
        standing = [_bar(plot, index, len(points), point) for index, point in enumerate(points)]
        above = _values_above(plot, [point.value for point in points], up)
        return drawing(
            frame, sheet, grid(plot), *standing, zero_line(plot), above, _columns(plot, labels, titles, 19 + extra)
        )

    table = Table([across, up.name], [[point.label, cell(frame, point.value, up.text)] for point in points])
    return figure(frame, "bars", on_both_sheets(draw), table=table)


def stacked_bars(frame: Frame, labels: Sequence[str], series: Sequence[Series], *, across: str, up: Axis) -> SafeString:
    """One standing bar per label, made of one piece per series, first series at the bottom; negatives stack downward.

    A series shorter than `labels` is not yet known at its end; a longer one raises ValueError.
    """
    rows = [padded(row, len(labels)) for row in series]
    if not any(known_values(row.values) for row in rows):
        return blank(frame)
    chart = _Stack(frame, labels, rows, up)
    legend = area_legend(frame.id, [Key(index, row.name) for index, row in enumerate(rows)])
    head = [across, *(row.name for row in rows)]
    lines = [[label, *(cell(frame, row.values[at], up.text) for row in rows)] for at, label in enumerate(labels)]
    return figure(frame, "stack", legend, on_both_sheets(chart.draw), table=Table(head, lines))


def histogram(frame: Frame, bins: Sequence[Bin], *, across: Axis, up: Axis) -> SafeString:
    """How many values fell into each class; neighbors touch, and the marks below are the edges of the classes.

    The classes must follow each other and be equally wide (`bin_values` makes such), or heights would mislead.
    """
    if not any(part.count for part in bins):
        return blank(frame)

    def draw(sheet: Sheet) -> SafeString:
        write = across.tick or across.text
        edges = [write(part.low) for part in bins] + [write(bins[-1].high)]
        plot = plan(
            sheet, [part.count for part in bins], up, labels=edges, top=sheet.font * 2.5, below=sheet.font * 2 + 26
        )
        standing = [
            tag(
                "path",
                d=_bar_path(plot, *plot.slot(at, len(bins)), part.count, gap=1),
                class_="chart-fill chart-tone-1",
            )
            for at, part in enumerate(bins)
        ]
        places = [plot.slot(at, len(bins))[0] for at in range(len(bins))] + [plot.right]
        titles = [f"{_class_text(part, across)}: {up.text(part.count)}" for part in bins]
        return drawing(
            frame,
            sheet,
            words(up.name, 2, sheet.font * 0.8, kind="axis", size=sheet.font, limit=sheet.width - 4),
            grid(plot),
            *standing,
            zero_line(plot),
            labels_below(plot, edges, places),
            words(
                across.name,
                plot.right,
                plot.bottom + sheet.font + 26,
                anchor="end",
                kind="axis",
                size=sheet.font,
                limit=plot.width,
            ),
            hover_columns(plot, places, titles),
        )

    rows = [[_class_text(part, across), up.text(part.count)] for part in bins]
    return figure(frame, "histogram", on_both_sheets(draw), table=Table([across.name, up.name], rows))


def _class_text(part: Bin, axis: Axis) -> str:
    return f"{axis.text(part.low)} – {axis.text(part.high)}"


def _bar(plot: Plot, index: int, count: int, point: Point) -> SafeString:
    value = known(point.value)
    if value is None:
        return NOTHING
    path = _bar_path(plot, *_place(plot, index, count), value)
    return tag("path", d=path, class_=f"chart-fill {tone(point.tone - 1)}")


def _place(plot: Plot, index: int, count: int) -> tuple[float, float]:
    """Left edge and width of a bar: seven tenths of its column, but no wall when there are only two."""
    left, room = plot.slot(index, count)
    width = min(_WIDEST_BAR, room * 0.7)
    return left + (room - width) / 2, width


def _bar_path(plot: Plot, left: float, width: float, value: float, *, gap: float = 0) -> str:
    """A bar from zero to `value`, its far end rounded a little; zero itself is drawn as nothing."""
    left, width = left + gap / 2, max(0.5, width - gap)
    base, end = plot.base, plot.y(value)
    bend = min(3.0, width / 2, abs(base - end))
    inward = bend if end < base else -bend
    return (
        f"M{number(left)} {number(base)}V{number(end + inward)}Q{number(left)} {number(end)} "
        f"{number(left + bend)} {number(end)}H{number(left + width - bend)}Q{number(left + width)} {number(end)} "
        f"{number(left + width)} {number(end + inward)}V{number(base)}Z"
    )


def _values_above(plot: Plot, values: Sequence[Number | None], axis: Axis) -> SafeString:
    size, room = plot.sheet.font, plot.width / len(values)
    short = axis.tick or axis.text
    texts = [short(there) if (there := known(value)) is not None else "" for value in values]
    if max(text_width(text, size) for text in texts) > room - 4:
        return NOTHING
    parts: list[str] = []
    for index, (value, text) in enumerate(zip(values, texts, strict=True)):
        there = known(value)
        if there is not None:
            left, width = plot.slot(index, len(values))
            y = plot.y(there) + (-10 if there >= 0 else 10)
            parts.append(words(text, left + width / 2, y, anchor="middle", kind="value"))
    return joined(parts)


def _columns(plot: Plot, labels: Sequence[str], titles: Sequence[str], drop: float = 19) -> SafeString:
    """Labels under the middle of each column, and the columns that answer the pointer."""
    slots = [plot.slot(index, len(labels)) for index in range(len(labels))]
    centers = [left + width / 2 for left, width in slots]
    edges = [left for left, _ in slots] + [plot.right]
    return labels_below(plot, labels, centers, drop=drop) + hover_columns(plot, edges, titles)


@dataclass(frozen=True)
class _Stack:
    frame: Frame
    labels: Sequence[str]
    series: Sequence[Series]
    up: Axis

    def draw(self, sheet: Sheet) -> SafeString:
        owner = owner_id(self.frame, sheet)
        plot = plan(sheet, self._reach(), self.up, labels=self.labels, top=24)
        titles = [self._title(index) for index in range(len(self.labels))]
        return drawing(
            self.frame,
            sheet,
            hatches(owner, range(len(self.series))),
            grid(plot),
            *(self._pile(plot, owner, index) for index in range(len(self.labels))),
            zero_line(plot),
            self._totals_above(plot),
            _columns(plot, self.labels, titles),
        )

    def _values(self, index: int) -> list[Number | None]:
        return [known(row.values[index]) for row in self.series]

    def _reach(self) -> list[Number]:
        """The heights of all piles, up and down."""
        piles = [[value for value in self._values(index) if value is not None] for index in range(len(self.labels))]
        up = [sum(value for value in pile if value > 0) for pile in piles]
        return [*up, *(sum(value for value in pile if value < 0) for pile in piles)]

    def _pile(self, plot: Plot, owner: str, at: int) -> SafeString:
        left, width = _place(plot, at, len(self.labels))
        parts: list[str] = []
        above = below = 0.0
        for index, value in enumerate(self._values(at)):
            if not value:
                continue
            start = above if value > 0 else below
            end = start + value
            above, below = (end, below) if value > 0 else (above, end)
            y, other = plot.y(start), plot.y(end)
            path = f"M{number(left)} {number(y)}V{number(other)}H{number(left + width)}V{number(y)}Z"
            parts.append(filled(owner, index, path))
        return joined(parts)

    def _totals_above(self, plot: Plot) -> SafeString:
        """Totals over the piles; not where something is negative, since the top of a pile is then no total."""
        piles = [[value for value in self._values(index) if value is not None] for index in range(len(self.labels))]
        if any(value < 0 for pile in piles for value in pile):
            return NOTHING
        return _values_above(plot, [sum(pile) if pile else None for pile in piles], self.up)

    def _title(self, at: int) -> str:
        pieces = [f"{row.name}: {cell(self.frame, row.values[at], self.up.text)}" for row in self.series]
        return "\n".join([self.labels[at], *reversed(pieces)])
