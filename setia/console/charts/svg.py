"""Building SVG and HTML elements without ever joining strings by hand: every value passes Django's escaping."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from setia.console.charts.inputs import TONES
from setia.console.charts.lettering import fit

Attribute = str | int | float | None

NOTHING = format_html("{}", "")


@dataclass(frozen=True)
class Sheet:
    """One of the two papers a chart is drawn on; CSS shows the one that fits the place.

    `font` is the size in units of the viewBox for the smallest place where the sheet is shown (the CSS makes the
    letters smaller in wider places, so what fits here fits there). `steps` is how many the value
    axis may have.
    """

    key: str
    width: int
    height: int
    font: float
    steps: int


WIDE = Sheet("wide", 680, 275, 16, 5)
NARROW = Sheet("narrow", 320, 220, 13, 4)
# Lists of lying bars have no use for so much width, and at twice their size they would be a poster.
LIST_WIDE = Sheet("broad", 560, 0, 14, 5)


def joined(parts: Iterable[str]) -> SafeString:
    """The parts one after the other; whatever is not already safe is escaped."""
    return format_html_join("", "{}", ((part,) for part in parts))


def number(value: float) -> str:
    """A coordinate with at most two decimals: finer than any screen, and half the bytes."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _attribute_text(value: str | int | float) -> str:
    return number(value) if isinstance(value, float) else str(value)


def _attribute_name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def tag(name: str, /, *children: str, **attributes: Attribute) -> SafeString:
    """One element; `class_` is class, `stroke_width` is stroke-width, None leaves an attribute out.

    Without children it closes itself, which only SVG elements may: give HTML elements at least an empty string.
    """
    # One template for the whole element: a chart has hundreds of them, and it is the calls of format_html that cost.
    pairs = [(_attribute_name(key), _attribute_text(value)) for key, value in attributes.items() if value is not None]
    opening = "<{}" + ' {}="{}"' * len(pairs)
    values = [name, *chain.from_iterable(pairs)]
    if not children:
        return format_html(opening + "/>", *values)
    return format_html(opening + ">" + "{}" * len(children) + "</{}>", *values, *children, name)


def words(
    text: str,
    x: float,
    y: float,
    *,
    anchor: str = "start",
    kind: str = "tick",
    size: float = 0,
    limit: float = 0,
) -> SafeString:
    """A text centered on height `y`; beyond `limit` units it is cut, and the whole text waits in its <title>.

    `size` is the font's, needed with a limit. The lowering is given in em and not as a baseline word, since only so
    does it follow the letters as CSS shrinks them.
    """
    shown = fit(text, size, limit) if limit else text
    parts: tuple[str, ...] = (shown,) if shown == text else (tag("title", text), shown)
    return tag("text", *parts, x=x, y=y, dy=".35em", text_anchor=anchor, class_=f"chart-{kind}")


def tone(index: int) -> str:
    """The color class of the series at `index`, counted from 0; colors come round again after eight."""
    return f"chart-tone-{index % TONES + 1}"


def dash(index: int) -> str:
    """The dash class of the line at `index`: only paper and high contrast show it, where colors do not help."""
    return f"chart-dash-{index % TONES + 1}"


def _polygon(x: float, y: float, radius: float, corners: int, turn: float) -> str:
    angles = (turn + 2 * math.pi * corner / corners for corner in range(corners))
    spots = (f"{number(x + radius * math.sin(a))} {number(y - radius * math.cos(a))}" for a in angles)
    return "M" + "L".join(spots) + "Z"


def _cross(x: float, y: float, radius: float, turned: bool) -> str:
    arm, half = radius * 1.15, radius * 0.4
    outline = (
        (-half, -arm), (half, -arm), (half, -half), (arm, -half), (arm, half), (half, half),
        (half, arm), (-half, arm), (-half, half), (-arm, half), (-arm, -half), (-half, -half),
    )  # fmt: skip
    c = math.sqrt(0.5)
    spots = (((dx - dy) * c, (dx + dy) * c) if turned else (dx, dy) for dx, dy in outline)
    return "M" + "L".join(f"{number(x + dx)} {number(y + dy)}" for dx, dy in spots) + "Z"


def marker(index: int, x: float, y: float, radius: float = 3.5) -> SafeString:
    """The mark of the series at `index`: eight shapes, so that a reader without colors still tells them apart."""
    shape = index % TONES
    css = f"chart-mark {tone(index)}"
    if shape == 0:
        return tag("circle", cx=x, cy=y, r=radius, class_=css)
    outlines = {
        1: lambda: _polygon(x, y, radius * 1.25, 4, math.pi / 4),
        2: lambda: _polygon(x, y, radius * 1.4, 3, 0),
        3: lambda: _polygon(x, y, radius * 1.35, 4, 0),
        4: lambda: _polygon(x, y, radius * 1.4, 3, math.pi),
        5: lambda: _cross(x, y, radius, turned=False),
        6: lambda: _polygon(x, y, radius * 1.25, 5, 0),
        7: lambda: _cross(x, y, radius, turned=True),
    }
    return tag("path", d=outlines[shape](), class_=css)


def hatch_id(owner: str, index: int) -> str:
    return f"{owner}-hatch-{index % TONES + 1}"


_HATCHES = (
    "",
    "M0 8L8 0M-2 2L2 -2M6 10L10 6",
    "M0 4H8",
    "M0 0L8 8M-2 6L2 10M6 -2L10 2",
    "M0 4H8M4 0V8",
    "M4 0V8",
    "M2 2h2v2h-2zM6 6h2v2h-2z",
    "M0 8L8 0M0 0L8 8",
)


def hatches(owner: str, indices: Iterable[int]) -> SafeString:
    """Patterns laid over filled areas on paper, named after the drawing that owns them; the first tone stays plain.

    Each drawing brings its own, because a pattern inside a picture that CSS hides paints nothing.
    """
    wanted = sorted({index % TONES for index in indices} - {0})
    return tag("defs", *(_hatch(owner, index) for index in wanted)) if wanted else NOTHING


def _hatch(owner: str, index: int) -> SafeString:
    line = tag("path", d=_HATCHES[index], class_="chart-hatch-line", fill="none")
    return tag("pattern", line, id=hatch_id(owner, index), width=8, height=8, patternUnits="userSpaceOnUse")


def filled(owner: str, index: int, path: str) -> SafeString:
    """An area in the tone of `index`, and over it the hatch that only paper and high contrast show."""
    area = tag("path", d=path, class_=f"chart-fill {tone(index)}")
    if index % TONES == 0:
        return area
    return area + tag("path", d=path, class_="chart-hatch", fill=f"url(#{hatch_id(owner, index)})")
