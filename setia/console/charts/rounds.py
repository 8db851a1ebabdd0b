"""The donut: parts of one whole, few of them, with their values in the legend and not on the slices."""

import math
from collections.abc import Sequence

from django.utils.safestring import SafeString

from setia.console.charts.formats import percent
from setia.console.charts.framing import Key, Table, area_legend, blank, cell, figure
from setia.console.charts.inputs import TONES, Axis, Formatter, Frame, Number, Point, known, known_values
from setia.console.charts.lettering import text_width
from setia.console.charts.svg import filled, hatches, number, tag, words

_SIDE, _OUTER, _INNER = 200, 96.0, 60.0


def donut(
    frame: Frame,
    slices: Sequence[Point],
    *,
    across: str,
    up: Axis,
    rest: str,
    share: Formatter = percent,
) -> SafeString:
    """Parts of one whole as a ring, clockwise from the top in the given order, the sum in the middle.

    More than eight parts: the smallest are drawn as one under the name `rest` (the table still has them all).
    Negative values raise ValueError; unknown ones are only in the table. The ring keeps its size on every screen, so
    that there is one drawing instead of two.
    """
    numbers = known_values([part.value for part in slices])
    if not numbers:
        return blank(frame)
    if min(numbers) < 0:
        raise ValueError("a part of a whole cannot be negative")
    total = sum(numbers)
    shown = _folded([(part.label, there) for part in slices if (there := known(part.value)) is not None], rest)

    def part_of(value: float) -> str:
        return share(value / total) if total else frame.unknown

    keys = [Key(index, label, f"{up.text(value)} · {part_of(value)}") for index, (label, value) in enumerate(shown)]
    rows = [
        [part.label, cell(frame, part.value, up.text), frame.unknown if there is None else part_of(there)]
        for part in slices
        for there in [known(part.value)]
    ]
    ring = _ring(frame, shown, total, up)
    return figure(frame, "donut", ring, area_legend(frame.id, keys), table=Table([across, up.name, "%"], rows))


def _folded(parts: list[tuple[str, Number]], rest: str) -> list[tuple[str, Number]]:
    if len(parts) <= TONES:
        return parts
    kept = sorted(range(len(parts)), key=lambda index: -parts[index][1])[: TONES - 1]
    small = sum(value for index, (_, value) in enumerate(parts) if index not in kept)
    return [parts[index] for index in sorted(kept)] + [(rest, small)]


def _ring(frame: Frame, shown: Sequence[tuple[str, Number]], total: Number, up: Axis) -> SafeString:
    middle = _SIDE / 2
    parts: list[str] = []
    start = 0.0
    for index, (label, value) in enumerate(shown):
        if value > 0:
            end = start + value / total
            title = tag("title", f"{label}: {up.text(value)}")
            parts.append(tag("g", title, filled(f"{frame.id}-ring", index, _slice(start, end)), class_="chart-slice"))
            start = end
    if not total:
        css = "chart-hollow"
        parts.append(tag("circle", cx=middle, cy=middle, r=(_OUTER + _INNER) / 2, fill="none", class_=css))
    sum_text = _sum_text(up, total)
    return tag(
        "svg",
        tag("title", frame.title, id=f"{frame.id}-ring-title"),
        tag("desc", frame.description, id=f"{frame.id}-ring-desc"),
        hatches(f"{frame.id}-ring", range(len(shown))),
        *parts,
        words(sum_text, middle, middle - 9, anchor="middle", kind="sum", size=20, limit=_INNER * 2 - 8),
        words(up.name, middle, middle + 14, anchor="middle", size=13, limit=_INNER * 2 - 22),
        class_="chart-svg chart-ring",
        viewBox=f"0 0 {_SIDE} {_SIDE}",
        width=_SIDE,
        height=_SIDE,
        font_size=13,
        role="img",
        aria_labelledby=f"{frame.id}-ring-title {frame.id}-ring-desc",
    )


def _sum_text(up: Axis, total: Number) -> str:
    """The sum in full where the hole has room for it, else short."""
    full = up.text(total)
    return full if up.tick is None or text_width(full, 20) <= _INNER * 2 - 8 else up.tick(total)


def _slice(start: float, end: float) -> str:
    """A piece of the ring between two shares of the turn.

    More than half a turn needs two arcs, as one would take the short way; a whole turn is two circles without a seam.
    """
    stops = [start, (start + end) / 2, end] if end - start > 0.5 else [start, end]
    there = [_arc(_OUTER, stop, 1) for stop in stops[1:]]
    back = [_arc(_INNER, stop, 0) for stop in reversed(stops[:-1])]
    if end - start > 1 - 1e-9:
        return f"M{_spot(_OUTER, start)}{''.join(there)}ZM{_spot(_INNER, end)}{''.join(back)}Z"
    return f"M{_spot(_OUTER, start)}{''.join(there)}L{_spot(_INNER, end)}{''.join(back)}Z"


def _arc(radius: float, stop: float, sweep: int) -> str:
    return f"A{number(radius)} {number(radius)} 0 0 {sweep} {_spot(radius, stop)}"


def _spot(radius: float, turn: float) -> str:
    angle = 2 * math.pi * turn
    return f"{number(_SIDE / 2 + radius * math.sin(angle))} {number(_SIDE / 2 - radius * math.cos(angle))}"
