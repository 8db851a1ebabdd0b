"""The formulas of retention, each once. Whatever cannot be divided is None, and None stays None."""

import math

# Below this a share says too little to be judged by a band; it is shown with its interval and without a color.
FEWEST = 30
_Z = 1.959963984540054  # two-sided 95 %


def share(part: float | None, whole: float | None) -> float | None:
    """Return part / whole, or None where one is unknown or the whole is 0."""
    if part is None or not whole:
        return None
    return part / whole


def retention_rate(*, at_end: float, new: float, at_start: float) -> float | None:
    """Return CRR = (E - N) / S: of the customers at the start the share still there at the end."""
    return share(at_end - new, at_start)


def churn_rate(*, lost: float, at_start: float) -> float | None:
    """Return lost / S, which is 1 - CRR."""
    return share(lost, at_start)


def simple_lifetime_value(*, per_purchase: float | None, per_year: float | None, years: float | None) -> float | None:
    """Return value of a purchase x purchases a year x years; a run-rate that ranks well and promises too much."""
    if per_purchase is None or per_year is None or years is None:
        return None
    return per_purchase * per_year * years


def lifespan_years(yearly_churn: float | None) -> float | None:
    """Return the mean number of years somebody stays at a constant churn: 1 / churn."""
    return None if not yearly_churn else 1.0 / yearly_churn


def promoter_score(*, promoters: int, detractors: int, answers: int) -> float | None:
    """Return NPS = 100 (promoters 9-10 - detractors 0-6) / answers, from -100 to 100."""
    found = share(promoters - detractors, answers)
    return None if found is None else 100 * found


def acquisition_cost(*, spent: float, new: float) -> float | None:
    """Return CAC: what was spent on winning customers for each one won."""
    return share(spent, new)


def interval(part: float, whole: float) -> tuple[float, float] | None:
    """Return the 95 % interval of a share (Wilson, JASA 22, 1927), or None without a whole."""
    if whole <= 0:
        return None
    p, square = part / whole, _Z * _Z
    middle = (p + square / (2 * whole)) / (1 + square / whole)
    half = _Z * math.sqrt(p * (1 - p) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    return max(0.0, middle - half), min(1.0, middle + half)
