"""The part of the lifetime-value benchmark that runs in a process of its own, on one thread."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import json  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from setia.domains.analytics.lifetime import Counted, fit_bgnbd  # noqa: E402
from tests.domains.analytics import cdnow  # noqa: E402

R, ALPHA, A, B = 0.243, 4.414, 0.793, 2.426


def drawn(count: int) -> tuple[Any, Any, Any]:
    """Draw customers from the model itself with the published parameters, in weeks at day grain."""
    chance = np.random.default_rng(1)
    rate, leaving = chance.gamma(R, 1 / ALPHA, count), chance.beta(A, B, count)
    T = np.round(chance.uniform(27, 39, count) * 7) / 7
    x, t_x, t = np.zeros(count), np.zeros(count), np.zeros(count)
    alive = np.ones(count, dtype=bool)
    while alive.any():
        t = t + chance.exponential(1, count) / np.maximum(rate, 1e-12)
        bought = alive & (t <= T)
        x[bought] += 1
        t_x[bought] = t[bought]
        alive = bought & (chance.random(count) > leaving)
    last = np.minimum(np.maximum(np.round(t_x * 7) / 7, 1 / 7), T)
    return x, np.where(x > 0, last, 0.0), T


def main() -> None:
    """Fit both and print the figures as one JSON object."""
    count = int(sys.argv[1])
    x, t_x, T = drawn(count)
    begun = time.process_time()
    people = Counted.of(x, t_x, T)
    counted = time.process_time()
    fit = fit_bgnbd(people)
    fitted = time.process_time()
    ahead = fit.expected(people, within=52)[people.where]
    done = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifetimes import BetaGeoFitter

        other_begun = time.process_time()
        other = BetaGeoFitter().fit(x, t_x, T)
        other_fitted = time.process_time()
        expected = other.conditional_expected_number_of_purchases_up_to_time(52, x, t_x, T)
        other_done = time.process_time()
    sample = fit_bgnbd(cdnow.sample())
    figures = {
        "customers": count,
        "different_customers": len(people.x),
        "cpu_seconds": round(done - begun, 3),
        "counting_cpu_seconds": round(counted - begun, 3),
        "fit_cpu_seconds": round(fitted - counted, 3),
        "forecast_cpu_seconds": round(done - fitted, 3),
        "lifetimes_cpu_seconds": round(other_done - other_begun, 3),
        "lifetimes_fit_cpu_seconds": round(other_fitted - other_begun, 3),
        "times_faster": round((other_done - other_begun) / (done - begun), 1),
        "parameters": [round(value, 4) for value in (fit.r, fit.alpha, fit.a, fit.b)],
        "true_parameters": [R, ALPHA, A, B],
        "expected_purchases": round(float(ahead.sum())),
        "lifetimes_expected_purchases": round(float(np.asarray(expected).sum())),
        "bgnbd": [round(value, 5) for value in (sample.r, sample.alpha, sample.a, sample.b)],
        "log_likelihood": round(sample.log_likelihood, 4),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(figures))


main()
