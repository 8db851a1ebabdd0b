"""Charts drawn on the server as SVG: frozen dataclasses in, safe HTML out, no script and no inline style.

Every chart comes twice, for wide and for narrow places; `charts.css` shows the one that fits, and gives the colors.
"""

from setia.console.charts.bars import bars, histogram, stacked_bars
from setia.console.charts.dots import scatter
from setia.console.charts.formats import compact, percent, rupiah, rupiah_compact, thousands, whole_percent
from setia.console.charts.heat import heat_table
from setia.console.charts.inputs import Axis, Bin, Dot, Formatter, Frame, HeatRow, Number, Point, Series
from setia.console.charts.lines import line, multi_line, spark_line
from setia.console.charts.rounds import donut
from setia.console.charts.rows import bar_list, funnel
from setia.console.charts.ticks import bin_values

__all__ = [
    "Axis",
    "Bin",
    "Dot",
    "Formatter",
    "Frame",
    "HeatRow",
    "Number",
    "Point",
    "Series",
    "bar_list",
    "bars",
    "bin_values",
    "compact",
    "donut",
    "funnel",
    "heat_table",
    "histogram",
    "line",
    "multi_line",
    "percent",
    "rupiah",
    "rupiah_compact",
    "scatter",
    "spark_line",
    "stacked_bars",
    "thousands",
    "whole_percent",
]
