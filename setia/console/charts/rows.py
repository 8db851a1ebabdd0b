"""Lying bars: a ranked list and the funnel. Their labels are read as lines of text, so they may be long."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from setia.console.charts.formats import percent, whole_percent
from setia.console.charts.framing import Table, blank, cell, drawing, figure, on_both_sheets
from setia.console.charts.inputs import Axis, Formatter, Frame, Point, known, known_values
from setia.console.charts.lettering import text_width
from setia.console.charts.svg import LIST_WIDE, NARROW, NOTHING, Sheet, joined, number, tag, tone, words


def bar_list(
    frame: Frame, points: Sequence[Point], *, across: str, up: Axis, share: Formatter | None = whole_percent
) -> SafeString:
    """One lying bar per point, in the given order, with its value and its share of the sum written beside it.

    `share` writes a share 0..1; None leaves shares out, and so does a negative value, for then there is no whole.
    Unknown values have a row without a bar. `Point.tone` colors each bar.
    """
    numbers = known_values([point.value for point in points])
    if not numbers:
        return blank(frame)
    total = sum(numbers) if min(numbers) >= 0 else 0.0
    shares = share if total > 0 else None
    chart = _BarList(frame, points, up, shares, total)
    head, rows = [across, up.name], [[point.label, cell(frame, point.value, up.text)] for point in points]
    if shares:
        head.append("%")
        for row, point in zip(rows, points, strict=True):
            there = known(point.value)
            row.append(frame.unknown if there is None else shares(there / total))
    return figure(frame, "list", on_both_sheets(chart.draw, wide=LIST_WIDE), table=Table(head, rows))


@dataclass(frozen=True)
class _BarList:
    frame: Frame
    points: Sequence[Point]
    up: Axis
    share: Formatter | None
    total: float

    def draw(self, sheet: Sheet) -> SafeString:
        lines = self._below_each_other if sheet is NARROW else self._beside_each_other
        step = 46 if sheet is NARROW else 34
        return drawing(self.frame, sheet, lines(sheet, step), height=len(self.points) * step + 8)

    def _text(self, point: Point) -> str:
        there = known(point.value)
        text = cell(self.frame, point.value, self.up.text)
        return f"{text} · {self.share(there / self.total)}" if self.share and there is not None else text

    def _kind(self, point: Point) -> str:
        return "tick" if known(point.value) is None else "value"

    def _zero_line(self, zero: float, height: float) -> SafeString:
        """Where bars to both sides begin; with bars to one side only, their common edge shows it."""
        if min(known_values([point.value for point in self.points])) >= 0:
            return NOTHING
        return tag("line", x1=zero, x2=zero, y1=2, y2=height, class_="chart-grid chart-zero")

    def _scale(self, left: float, right: float) -> tuple[float, float]:
        """Where zero lies, and how many units one of the value takes."""
        numbers = [*known_values([point.value for point in self.points]), 0.0]
        low, high = min(numbers), max(numbers)
        unit = (right - left) / (high - low) if high > low else 0.0
        return left - low * unit, unit

    def _row(self, point: Point, top: float, height: float, zero: float, unit: float) -> SafeString:
        there = known(point.value)
        if there is None:
            return NOTHING
        # A bar of no length would leave a row that looks forgotten; a hair says: measured, and next to nothing.
        width = max(1.5, abs(there) * unit)
        x = zero - width if there < 0 else zero
        css = f"chart-fill {tone(point.tone - 1)}"
        return tag("rect", x=x, y=top, width=width, height=height, rx=min(3.0, width / 2), class_=css)

    def _beside_each_other(self, sheet: Sheet, step: float) -> SafeString:
        texts = [self._text(point) for point in self.points]
        names = min(sheet.width * 0.38, max(text_width(point.label, sheet.font) for point in self.points))
        values = max(text_width(text, sheet.font) for text in texts)
        zero, unit = self._scale(names + 14, sheet.width - values - 12)
        parts: list[str] = []
        for index, (point, text) in enumerate(zip(self.points, texts, strict=True)):
            middle = index * step + step / 2 + 2
            end = zero + max(0.0, known(point.value) or 0.0) * unit
            parts.append(
                tag(
                    "g",
                    _title(point.label, text),
                    words(point.label, 0, middle, kind="label", size=sheet.font, limit=names),
                    self._row(point, middle - 9, 18, zero, unit),
                    words(text, end + 10, middle, kind=self._kind(point)),
                )
            )
        return joined((*parts, self._zero_line(zero, len(self.points) * step)))

    def _below_each_other(self, sheet: Sheet, step: float) -> SafeString:
        zero, unit = self._scale(0, sheet.width)
        parts: list[str] = []
        for index, point in enumerate(self.points):
            top, text = index * step + 6, self._text(point)
            room = sheet.width - text_width(text, sheet.font) - 12
            parts.append(
                tag(
                    "g",
                    _title(point.label, text),
                    words(point.label, 0, top + 8, kind="label", size=sheet.font, limit=room),
                    words(text, sheet.width, top + 8, anchor="end", kind=self._kind(point)),
                    self._row(point, top + 20, 14, zero, unit),
                )
            )
        return joined(parts)


def _title(label: str, text: str) -> SafeString:
    return tag("title", f"{label}: {text}")


def funnel(
    frame: Frame,
    stages: Sequence[Point],
    *,
    across: str,
    up: Axis,
    of_first: str,
    of_previous: str,
    share: Formatter = percent,
) -> SafeString:
    """Stages from first to last as centered bars; between two stages stands which share of the earlier one went on.

    Values are counts; unknown ones have no bar and no share. `of_first` and `of_previous` head the two columns of
    shares in the table. A negative count raises ValueError.
    """
    numbers = known_values([stage.value for stage in stages])
    if not numbers:
        return blank(frame)
    if min(numbers) < 0:
        raise ValueError("a funnel counts; it cannot hold fewer than none")
    chart = _Funnel(frame, stages, up, share)
    rows = [
        [stage.label, cell(frame, stage.value, up.text), chart.part(index, 0), chart.part(index, index - 1)]
        for index, stage in enumerate(stages)
    ]
    table = Table([across, up.name, of_first, of_previous], rows)
    return figure(frame, "funnel", on_both_sheets(chart.draw, wide=LIST_WIDE), table=table)


@dataclass(frozen=True)
class _Funnel:
    frame: Frame
    stages: Sequence[Point]
    up: Axis
    share: Formatter

    def part(self, index: int, of: int) -> str:
        """The share of stage `of` that reached stage `index`; unknown where there is no such stage or it was empty."""
        there = known(self.stages[index].value)
        before = known(self.stages[of].value) if of >= 0 else None
        return self.frame.unknown if there is None or not before else self.share(there / before)

    def draw(self, sheet: Sheet) -> SafeString:
        narrow = sheet is NARROW
        texts = [cell(self.frame, stage.value, self.up.text) for stage in self.stages]
        names = values = 0.0
        if not narrow:
            names = 14 + min(sheet.width * 0.3, max(text_width(stage.label, sheet.font) for stage in self.stages))
            values = 14 + max(text_width(text, sheet.font) for text in texts)
        room = sheet.width - names - values
        step, first, thick = (62, 24, 18) if narrow else (62, 4, 32)
        most = max(known_values([stage.value for stage in self.stages])) or 1.0
        widths = [max(1.5, (known(stage.value) or 0.0) / most * room) for stage in self.stages]
        parts: list[str] = []
        for index, (stage, text) in enumerate(zip(self.stages, texts, strict=True)):
            top = first + index * step
            limit = sheet.width - text_width(text, sheet.font) - 12 if narrow else names - 14
            line = top - 12 if narrow else top + thick / 2
            parts += [
                self._passage(sheet, names + room / 2, top + thick, top + step, widths, index),
                self._stage(stage, names + (room - widths[index]) / 2, top, widths[index], thick),
                words(stage.label, 0, line, kind="label", size=sheet.font, limit=limit),
                words(
                    text, sheet.width, line, anchor="end", kind="value" if known(stage.value) is not None else "tick"
                ),
            ]
        return drawing(self.frame, sheet, *parts, height=first + len(self.stages) * step - (step - thick) + 4)

    def _stage(self, stage: Point, left: float, top: float, width: float, thick: float) -> SafeString:
        if known(stage.value) is None:
            return NOTHING
        title = _title(stage.label, cell(self.frame, stage.value, self.up.text))
        css = "chart-fill chart-tone-1"
        return tag("rect", title, x=left, y=top, width=width, height=thick, rx=min(3.0, width / 2), class_=css)

    def _passage(
        self, sheet: Sheet, center: float, top: float, bottom: float, widths: Sequence[float], index: int
    ) -> SafeString:
        """The slope to the next stage, with an arrow and the share that went on."""
        pair = [known(stage.value) for stage in self.stages[index : index + 2]]
        if len(pair) < 2 or None in pair or pair[0] == 0:
            return NOTHING
        a, b = widths[index] / 2, widths[index + 1] / 2
        text = self.part(index + 1, index)
        slope = (
            f"M{number(center - a)} {number(top)}H{number(center + a)}"
            f"L{number(center + b)} {number(bottom)}H{number(center - b)}Z"
        )
        y = top + 15
        left = center - (18 + text_width(text, sheet.font)) / 2
        arrow = f"M{number(left + 5)} {number(y - 6)}v11m-4 -4l4 4l4 -4"
        return joined(
            (
                tag("path", d=slope, class_="chart-slope chart-tone-1"),
                tag("path", d=arrow, fill="none", class_="chart-arrow"),
                words(text, left + 16, y, kind="label"),
            )
        )
