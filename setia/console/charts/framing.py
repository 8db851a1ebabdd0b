"""What surrounds a drawing: its name for those who listen, its legend, and the very same numbers as a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from setia.console.charts.inputs import Formatter, Frame, Number, known
from setia.console.charts.svg import NARROW, WIDE, Sheet, dash, filled, hatches, marker, tag, tone


@dataclass(frozen=True)
class Table:
    """Headings and rows as texts; the first cell of a row names it."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Key:
    """One entry of a legend: the index of its series, its name, and what may stand behind it (a value, a share)."""

    index: int
    name: str
    note: str = ""


def drawing(frame: Frame, sheet: Sheet, *body: str, height: float = 0) -> SafeString:
    """The <svg> of one sheet with its own title and description: ids must not be shared with the other sheet's."""
    owner = owner_id(frame, sheet)
    return tag(
        "svg",
        tag("title", frame.title, id=f"{owner}-title"),
        tag("desc", frame.description, id=f"{owner}-desc"),
        *body,
        class_=f"chart-svg chart-{sheet.key}",
        viewBox=f"0 0 {sheet.width} {round(height or sheet.height)}",
        font_size=sheet.font,
        role="img",
        aria_labelledby=f"{owner}-title {owner}-desc",
    )


def owner_id(frame: Frame, sheet: Sheet) -> str:
    return f"{frame.id}-{sheet.key}"


def on_both_sheets(draw: Callable[[Sheet], SafeString], *, wide: Sheet = WIDE) -> SafeString:
    return draw(wide) + draw(NARROW)


def figure(frame: Frame, kind: str, *body: str, table: Table) -> SafeString:
    """The whole chart: drawing and legend, then the table behind its <details>."""
    return tag("div", *body, details(frame, table), class_=f"chart chart-{kind}", id=frame.id)


def blank(frame: Frame) -> SafeString:
    """The honest empty state: a sentence instead of empty axes."""
    return tag("div", tag("p", frame.empty, class_="chart-empty"), class_="chart", id=frame.id)


def details(frame: Frame, table: Table) -> SafeString:
    head = tag("tr", *(tag("th", text, scope="col") for text in table.head))
    rows = (tag("tr", tag("th", row[0], scope="row"), *(tag("td", text) for text in row[1:])) for row in table.rows)
    whole = tag(
        "table",
        tag("caption", frame.title, class_="chart-aside"),
        tag("thead", head),
        tag("tbody", *rows, ""),
    )
    summary = tag("summary", frame.show_numbers)
    return tag("details", summary, scroller(frame, whole), _save_buttons(frame), class_="chart-table")


def _save_buttons(frame: Frame) -> SafeString | str:
    """Buttons that only a script can serve; it takes `hidden` away."""
    if not frame.save_picture:
        return ""
    kinds = (("png", frame.save_picture), ("svg", frame.save_drawing), ("csv", frame.save_numbers))
    buttons = (
        tag("button", text, type="button", class_="button quiet small", data_save=kind) for kind, text in kinds if text
    )
    return tag("p", *buttons, class_="chart-save no-print", hidden="hidden")


def scroller(frame: Frame, content: str) -> SafeString:
    """A box that scrolls sideways on a phone; it takes the focus, or the keyboard could not move it."""
    return tag("div", content, class_="chart-scroll", tabindex=0, role="group", aria_label=frame.title)


def cell(frame: Frame, value: Number | None, text: Formatter) -> str:
    """The value as the table writes it: in full, or as unknown."""
    return frame.unknown if value is None or known(value) is None else text(value)


def line_legend(keys: Sequence[Key], *, narrow_only: bool = False) -> SafeString:
    """Names of lines, each behind a piece of its line with its mark."""
    return _legend(keys, _line_swatch, "chart-legend-narrow" if narrow_only else "")


def dot_legend(keys: Sequence[Key]) -> SafeString:
    return _legend(keys, lambda key: _swatch(14, marker(key.index, 7, 7, 4.5)), "")


def area_legend(owner: str, keys: Sequence[Key]) -> SafeString:
    """Names of filled areas, each behind a little square with its hatch."""

    def square(key: Key) -> SafeString:
        mine = f"{owner}-key{key.index}"
        return _swatch(14, hatches(mine, (key.index,)), filled(mine, key.index, "M0 0H14V14H0Z"))

    return _legend(keys, square, "")


def _legend(keys: Sequence[Key], swatch: Callable[[Key], SafeString], css: str) -> SafeString:
    entries = (
        tag(
            "li",
            swatch(key),
            tag("span", key.name, class_="chart-name"),
            tag("span", key.note, class_="chart-note") if key.note else "",
        )
        for key in keys
    )
    return tag("ul", *entries, class_=f"chart-legend {css}".rstrip())


def _swatch(width: int, *body: str) -> SafeString:
    # Decoration: the name stands right beside it.
    return tag(
        "svg", *body, class_="chart-swatch", width=width, height=14, viewBox=f"0 0 {width} 14", aria_hidden="true"
    )


def _line_swatch(key: Key) -> SafeString:
    stroke = tag("path", d="M1 7H27", fill="none", class_=f"chart-stroke {tone(key.index)} {dash(key.index)}")
    return _swatch(28, stroke, marker(key.index, 14, 7, 4))
