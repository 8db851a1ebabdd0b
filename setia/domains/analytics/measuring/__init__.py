"""Measures: each with one definition, which screens, exports, the API, the command line and the documents all read."""

from setia.domains.analytics.measuring.measure import Choices, Measure, Period, Value
from setia.domains.analytics.measuring.measuring import lay_out, measure_all, months_until
from setia.domains.analytics.measuring.registry import MEASURES, measure_by_name

__all__ = [
    "MEASURES",
    "Choices",
    "Measure",
    "Period",
    "Value",
    "lay_out",
    "measure_all",
    "measure_by_name",
    "months_until",
]
