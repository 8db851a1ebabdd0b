"""What a model reads of a person: twelve numbers, and the words its reasons are told in."""

import numpy as np

from setia.domains.analytics.rules.weighing import Floats
from setia.domains.analytics.scoring.features import Columns

# Each input and the topic that tells it: inputs of one topic move together, and only their sum says something.
INPUTS: dict[str, str] = {
    "silence": "silence",
    "silence_by_gap": "silence",
    "age": "age",
    "days": "often",
    "days_90": "often",
    "gap": "often",
    "is_once": "often",
    "spent": "spent",
    "order_value": "spent",
    "lines": "basket",
    "lines_by_order": "basket",
    "last_lines": "basket",
}
TOPICS = ("silence", "age", "often", "spent", "basket")


def inputs(known: Columns) -> Floats:
    """Return the inputs of shape (n, 12), in the order of INPUTS: logarithms, for twice as much is one step more."""
    days, orders = known["day_count"], np.maximum(known["order_count"], 1)
    # Who bought on one day has no gap yet; the longest it can be so far is his whole time here.
    gap = np.where(days > 1, known["t_x"] / np.maximum(days - 1, 1), known["age_days"] + 1.0)
    spent = np.maximum(known["value"], 0)
    columns = {
        "silence": np.log1p(known["recency_days"]),
        "silence_by_gap": np.log1p(known["recency_days"] / (gap + 1.0)),
        "age": np.log1p(known["age_days"]),
        "days": np.log(np.maximum(days, 1)),
        "days_90": np.log1p(known["days_90"]),
        "gap": np.log1p(gap),
        "is_once": (days == 1).astype(np.float64),
        "spent": np.log1p(spent),
        "order_value": np.log1p(spent / orders),
        "lines": np.log1p(known["line_count"]),
        "lines_by_order": np.log1p(known["line_count"] / orders),
        "last_lines": np.log1p(known["last_line_count"]),
    }
    return np.column_stack([columns[name] for name in INPUTS])


def by_topic(contributions: Floats) -> Floats:
    """Return what each topic adds, shape (n, 5), of what each input adds, shape (n, 12)."""
    members = [[place for place, topic in enumerate(INPUTS.values()) if topic == each] for each in TOPICS]
    return np.column_stack([contributions[:, places].sum(axis=1) for places in members])
