"""Measures: each with one definition, which screens, exports, the API, the command line and the documents all read.

What answers them stands in `measuring.measuring` and is not loaded here: pages show measures and need no engine.
"""

from setia.domains.analytics.measuring.measure import GRAINS, Choices, Grain, Measure, Period, Value
from setia.domains.analytics.measuring.registry import MEASURES, WEEKLY_MEASURES, bands_of, measure_by_name, set_of

__all__ = [
    "GRAINS",
    "MEASURES",
    "WEEKLY_MEASURES",
    "Choices",
    "Grain",
    "Measure",
    "Period",
    "Value",
    "bands_of",
    "measure_by_name",
    "set_of",
]
