"""The scatter: two measures of many things, and whether one goes with the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from setia.console.charts.axes import Plot, grid, plan, value_ticks, zero_line
from setia.console.charts.framing import Key, Table, blank, cell, dot_legend, drawing, figure, on_both_sheets
from setia.console.charts.inputs import Axis, Dot, Frame, known
from setia.console.charts.lettering import text_width
from setia.console.charts.svg import NOTHING, Sheet, joined, marker, tag, words
from setia.console.charts.ticks import shown_labels, tick_texts


def scatter(
    frame: Frame, dots: Sequence[Dot], *, across: Axis, up: Axis, label_head: str, group_head: str = ""
) -> SafeString:
    """One mark per dot at (x, y), each axis in the unit its formatter writes; groups differ in color and shape.

    A dot with an unknown measure is only in the table. `label_head` and `group_head` head the table's first columns;
    without `group_head` all dots are of one kind.
    """
    drawn = [dot for dot in dots if known(dot.x) is not None and known(dot.y) is not None]
    if not drawn:
        return blank(frame)
    groups = list(dict.fromkeys(dot.group for dot in dots)) if group_head else [""]
    chart = _Scatter(frame, drawn, across, up, groups)
    legend = dot_legend([Key(index, name) for index, name in enumerate(groups)]) if group_head else NOTHING
    head = [label_head, *([group_head] if group_head else []), across.name, up.name]
    rows = [
        [
            dot.label,
            *([dot.group] if group_head else []),
            cell(frame, dot.x, across.text),
            cell(frame, dot.y, up.text),
        ]
        for dot in dots
    ]
    return figure(frame, "scatter", legend, on_both_sheets(chart.draw), table=Table(head, rows))


@dataclass(frozen=True)
class _Scatter:
    frame: Frame
    dots: Sequence[Dot]
    across: Axis
    up: Axis
    groups: Sequence[str]

    def draw(self, sheet: Sheet) -> SafeString:
        plot = plan(
            sheet,
            [dot.y for dot in self.dots],
            self.up,
            zero=self.up.zero,
            top=sheet.font * 2.5,
            right=24,
            below=sheet.font * 2 + 26,
        )
        ticks = value_ticks([dot.x for dot in self.dots], self.across, at_most=sheet.steps + 2, zero=self.across.zero)
        return drawing(
            self.frame,
            sheet,
            words(self.up.name, 2, sheet.font * 0.8, kind="axis", size=sheet.font, limit=sheet.width - 4),
            grid(plot),
            self._upright(plot, ticks),
            zero_line(plot),
            words(
                self.across.name,
                plot.right,
                plot.bottom + sheet.font + 26,
                anchor="end",
                kind="axis",
                size=sheet.font,
                limit=plot.width,
            ),
            *(self._mark(plot, ticks, dot) for dot in self.dots),
        )

    def _upright(self, plot: Plot, ticks: Sequence[float]) -> SafeString:
        """Vertical grid lines; their values as far as they fit."""
        texts = tick_texts(self.across, ticks)
        size = plot.sheet.font
        widest = max(text_width(text, size) for text in texts)
        written = shown_labels(len(ticks), width=widest, gap=size, room=plot.width / (len(ticks) - 1))
        parts: list[str] = []
        for index, (tick, text) in enumerate(zip(ticks, texts, strict=True)):
            x = _x(plot, ticks, tick)
            parts.append(tag("line", x1=x, x2=x, y1=plot.top, y2=plot.bottom, class_="chart-grid"))
            if index in written:
                half = text_width(text, size) / 2
                center = min(max(x, half), plot.sheet.width - half)
                parts.append(words(text, center, plot.bottom + 19, anchor="middle"))
        return joined(parts)

    def _mark(self, plot: Plot, ticks: Sequence[float], dot: Dot) -> SafeString:
        title = f"{dot.label}: {cell(self.frame, dot.x, self.across.text)}, {cell(self.frame, dot.y, self.up.text)}"
        index = self.groups.index(dot.group) if len(self.groups) > 1 else 0
        mark = marker(index, _x(plot, ticks, known(dot.x) or 0.0), plot.y(known(dot.y) or 0.0), 4)
        return tag("g", tag("title", title), mark, class_="chart-dot")


def _x(plot: Plot, ticks: Sequence[float], value: float) -> float:
    return plot.left + (value - ticks[0]) / (ticks[-1] - ticks[0]) * plot.width
