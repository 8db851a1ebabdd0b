"""The heat table: a real table whose cells are tinted by value, for cohorts and for hours of the week."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from setia.console.charts.formats import percent, thousands
from setia.console.charts.framing import blank, scroller
from setia.console.charts.inputs import HEATS, Formatter, Frame, HeatRow, Number, known, known_values
from setia.console.charts.svg import NOTHING, joined, tag


def heat_table(
    frame: Frame,
    columns: Sequence[str],
    rows: Sequence[HeatRow],
    *,
    head: str,
    size_head: str = "",
    text: Formatter = percent,
    top: float | None = None,
) -> SafeString:
    """A table of values tinted in ten steps from zero to `top` (None: the greatest value there is).

    None, and cells missing at the end of a row, are not yet known: hatched and named so, never shown as 0. `head` names
    what the rows are, `size_head` the column with the size of each row's group (empty: no such column). It is itself
    the accessible table, so no second one follows. A row longer than `columns` raises ValueError.
    """
    for row in rows:
        if len(row.cells) > len(columns):
            raise ValueError(f"row {row.label!r} has {len(row.cells)} cells for {len(columns)} columns")
    numbers = known_values([value for row in rows for value in row.cells])
    if not numbers:
        return blank(frame)
    most = top if top is not None else max(numbers)
    sizes = [tag("th", size_head, scope="col", class_="heat-size")] if size_head else []
    heads = (tag("th", column, scope="col") for column in columns)
    body = (_row(frame, row, len(columns), most, text, sized=bool(size_head)) for row in rows)
    table = tag(
        "table",
        tag("caption", frame.title, tag("span", f" {frame.description}"), class_="chart-aside"),
        tag("thead", tag("tr", tag("th", head, scope="col"), *sizes, *heads)),
        tag("tbody", *body),
        class_="heat",
    )
    missing = any(known(value) is None for row in rows for value in _cells(row, len(columns)))
    return tag(
        "div", scroller(frame, table), _scale(frame, most, text, missing), class_="chart chart-heat", id=frame.id
    )


def heat_step(value: float, top: float) -> int:
    """The tint 0..9 of a value between zero and `top`; below and above it the outermost ones."""
    return min(HEATS - 1, max(0, int(value / top * HEATS + 1e-9))) if top > 0 else 0


def _cells(row: HeatRow, count: int) -> list[Number | None]:
    return [*row.cells, *([None] * (count - len(row.cells)))]


def _row(frame: Frame, row: HeatRow, count: int, top: float, text: Formatter, *, sized: bool) -> SafeString:
    size = []
    if sized:
        size = [tag("td", frame.unknown if row.size is None else thousands(row.size), class_="heat-size")]
    cells = (_cell(frame, value, top, text) for value in _cells(row, count))
    return tag("tr", tag("th", row.label, scope="row"), *size, *cells)


def _cell(frame: Frame, value: Number | None, top: float, text: Formatter) -> SafeString:
    there = known(value)
    if value is None or there is None:
        return tag("td", tag("span", frame.unknown, class_="chart-aside"), class_="heat-unknown", title=frame.unknown)
    return tag("td", text(value), class_=f"heat-{heat_step(there, top)}")


def _scale(frame: Frame, top: float, text: Formatter, missing: bool) -> SafeString:
    """The tints from zero to the top; a listener needs none of it, having heard the numbers."""
    steps = joined(tag("span", "", class_=f"heat-box heat-{step}") for step in range(HEATS))
    unknown: SafeString = NOTHING
    if missing:
        unknown = tag("span", tag("span", "", class_="heat-box heat-unknown"), frame.unknown, class_="heat-missing")
    return tag(
        "p",
        tag("span", text(0)),
        tag("span", steps, class_="heat-steps"),
        tag("span", text(top)),
        unknown,
        class_="heat-scale",
        aria_hidden="true",
    )
