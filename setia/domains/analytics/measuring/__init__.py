"""Measures: each with one definition, which screens, exports, the API, the command line and the documents all read.

What answers them stands in `measuring.measuring` and is not loaded here: pages show measures and need no engine.
"""

from setia.domains.analytics.measuring.measure import Choices, Measure, Period, Value
from setia.domains.analytics.measuring.registry import MEASURES, measure_by_name

__all__ = ["MEASURES", "Choices", "Measure", "Period", "Value", "measure_by_name"]
