"""Chart colors stand out from every paper, tints can be read, letters never collide."""

import itertools
import re
import shutil
from pathlib import Path

import pytest

from setia.console import charts
from setia.console.charts import Axis, samples

CSS = Path(charts.__file__).parents[1] / "static" / "setia" / "charts.css"
HOSTILE = "<script>alert(1)</script>\" onload='x"
COUNT = Axis(name="Pelanggan")
GALLERY = {sample.name: sample.html for sample in samples.gallery()}


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def css_colors(name: str) -> tuple[str, str]:
    """The light and the dark value of a custom property; the plain one must be the light one."""
    css = CSS.read_text("utf-8")
    (pair,) = re.findall(rf"--{name}: light-dark\((#\w{{6}}), (#\w{{6}})\);", css)
    assert f"--{name}: {pair[0]};" in css
    return pair[0], pair[1]


@pytest.mark.parametrize("number", range(1, 9))
def test_chart_colors_stand_out_from_every_paper(number: int) -> None:
    light, dark = css_colors(f"chart-{number}")
    assert min(contrast(light, "#ffffff"), contrast(light, "#f6f4ef"), contrast(dark, "#16201c")) >= 3


@pytest.mark.parametrize("number", range(10))
def test_heat_tints_can_be_read(number: int) -> None:
    inks = css_colors("heat-ink-low" if number < 5 else "heat-ink-high")
    assert all(contrast(tint, ink) >= 4.5 for tint, ink in zip(css_colors(f"heat-{number}"), inks, strict=True))


MEASURE = """() => [...document.querySelectorAll('svg.chart-svg')].filter(svg => svg.getBoundingClientRect().width)
  .map(svg => ({
    chart: svg.closest('.chart').id,
    smallest: Math.min(...[...svg.querySelectorAll('text')].map(
      text => svg.getScreenCTM().a * parseFloat(getComputedStyle(text).fontSize))),
    boxes: [...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect().toJSON()),
  }))"""


def overlapping(boxes: list[dict[str, float]]) -> bool:
    # Line boxes are taller than letters: three pixels of each edge are air.
    return any(
        a["left"] < b["right"]
        and b["left"] < a["right"]
        and a["top"] + 3 < b["bottom"] - 3
        and b["top"] + 3 < a["bottom"] - 3
        for a, b in itertools.combinations(boxes, 2)
    )


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1366, 1920])
def test_letters_are_large_enough_and_never_collide(width: int) -> None:
    api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.skip("no Chromium")
    # The padding is that of a card on the page.
    cards = "".join(f'<section style="padding: 0 34px">{html}</section>' for html in GALLERY.values())
    page_text = f"<!doctype html><style>body {{ margin: 0 }} {CSS.read_text('utf-8')}</style>{cards}"
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.set_content(page_text)
        drawings = page.evaluate(MEASURE)
        browser.close()
    assert len({each["chart"] for each in drawings}) == len(drawings) == 13
    assert [each["chart"] for each in drawings if each["smallest"] < 11 or overlapping(each["boxes"])] == []
