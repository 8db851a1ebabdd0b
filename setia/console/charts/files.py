"""A chart as a file of its own, without any script: the drawing as SVG with its colors inside, its numbers as CSV."""

import csv
import io
import re
from html.parser import HTMLParser

from django.utils.safestring import SafeString

from setia.console.charts.inputs import TONES

# The colors of charts.css on white paper; programs that draw SVG know no variables of CSS.
_TONES = ("#027457", "#a87f05", "#1f45a8", "#b93500", "#8b4dac", "#2f8b8e", "#6e1539", "#4a545b")
_SVG = re.compile(r'<svg class="chart-svg chart-(?:wide|broad)" viewBox="0 0 (\d+) (\d+)".*?</svg>', re.DOTALL)


def _style() -> str:
    rules = [
        "text{font-family:sans-serif}",
        ".chart-tick,.chart-axis{fill:#55605b}.chart-label,.chart-value,.chart-sum{fill:#1c2321}.chart-value{font-weight:600}",
        ".chart-grid{stroke:#e3e0d8}.chart-zero{stroke:#55605b}.chart-hatch,.chart-hover{display:none}",
        ".chart-stroke,.chart-end,.chart-leader{fill:none;stroke-width:2;stroke-linejoin:round}",
        ".chart-shade{fill-opacity:.12}.chart-slope{fill-opacity:.14}.chart-mark{stroke:#fff}",
    ]
    for number, color in zip(range(1, TONES + 1), _TONES, strict=True):
        of = f".chart-tone-{number}"
        rules.append(f"{of}.chart-stroke,{of}.chart-end,{of}.chart-leader{{stroke:{color}}}")
        rules.append(f"{of}.chart-fill,{of}.chart-mark,{of}.chart-shade,{of}.chart-slope{{fill:{color}}}")
    return "".join(rules)


def as_svg(chart: SafeString) -> str | None:
    """Return the wide drawing of a chart as a document of its own, on white; None where there is nothing to draw."""
    found = _SVG.search(chart)
    if found is None:
        return None
    width, height = found[1], found[2]
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
    head, body = found[0].removeprefix("<svg ").split(">", 1)
    paper = f'<style>{_style()}</style><rect width="{width}" height="{height}" fill="#fff"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}{head}>{paper}{body}\n'


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data


def as_csv(chart: SafeString) -> str:
    """Return the numbers of a chart as they stand in its table; a cell that a program would reckon is quoted."""
    reader = _Cells()
    reader.feed(chart)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([[f"'{cell}" if cell[:1] in "=+@\t" and cell else cell for cell in row] for row in reader.rows])
    return out.getvalue()
