"""Finding the parameters under which what was seen is likeliest."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize

from setia.domains.analytics.lifetime.counted import Floats

# Times are scaled so that the longest is this, which keeps the parameters of all shops near 1 whatever the unit.
LONGEST = 10.0
_BOUND = 12.0  # in logarithms: parameters between 6e-6 and 160,000


class UnableToFit(Exception):
    """Raised with a code: `too_few` customers, `no_repeats` among them, or `no_optimum` was found."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def likeliest(objective: Callable[[Floats], tuple[float, Floats]], *, starts: Sequence[Sequence[float]]) -> Floats:
    """Return positive parameters at the maximum of a log-likelihood.

    `objective` takes parameters of shape (k,) and returns the mean log-likelihood and its gradient of shape (k,). The
    search goes over the parameters' logarithms, from each start in turn until one converges. Raises UnableToFit.
    """

    def minus(logs: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logs)
        value, gradient = objective(parameters)
        if not np.isfinite(value):
            return 1e10, np.zeros_like(logs)
        return -value, -gradient * parameters

    best: tuple[float, Floats] | None = None
    for start in starts:
        logs = np.log(np.asarray(start, dtype=np.float64))
        found = minimize(
            minus,
            logs,
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_BOUND, _BOUND)] * len(logs),
            options={"maxiter": 500, "maxfun": 2_000, "ftol": 1e-14, "gtol": 1e-8},
        )
        if np.isfinite(found.fun) and found.fun < 1e9 and (best is None or found.fun < best[0]):
            best = (float(found.fun), np.exp(found.x))
        if best is not None and found.success:
            break
    if best is None:
        raise UnableToFit("no_optimum")
    return best[1]
