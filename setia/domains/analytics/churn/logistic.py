"""Logistic regression on standardized inputs with a ridge, and its calibration on the youngest past."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from setia.domains.analytics.rules.weighing import Floats

# In units of the summed likelihood: it holds a thousand people's worth of noise down, and a million do not feel it.
RIDGE = 30.0


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted model: log-odds are intercept + weights · (inputs - middle) / spread."""

    middle: Floats
    spread: Floats
    weights: Floats
    intercept: float

    def contributions(self, inputs: Floats) -> Floats:
        """Return what each input adds to the log-odds against somebody average, shape (n, k)."""
        return np.asarray((inputs - self.middle) / self.spread * self.weights)

    def log_odds(self, inputs: Floats) -> Floats:
        """Return log-odds of shape (n,)."""
        return np.asarray(self.intercept + self.contributions(inputs).sum(axis=1))

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {
            "middle": self.middle.tolist(),
            "spread": self.spread.tolist(),
            "weights": self.weights.tolist(),
            "intercept": self.intercept,
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Logistic":
        """Return the model that was kept."""
        middle, spread, weights = (np.array(told[name], dtype=np.float64) for name in ("middle", "spread", "weights"))
        return cls(middle, spread, weights, float(told["intercept"]))


def fit_logistic(inputs: Floats, happened: Floats, *, ridge: float = RIDGE) -> Logistic:
    """Return the likeliest model of `happened` (0 or 1, shape (n,)) given inputs of shape (n, k)."""
    middle, spread = inputs.mean(axis=0), inputs.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    scaled = (inputs - middle) / spread
    base = float(np.clip(happened.mean(), 1e-6, 1 - 1e-6))

    def minus(parameters: Floats) -> tuple[float, Floats]:
        odds = parameters[0] + scaled @ parameters[1:]
        missed = expit(odds) - happened
        value = (np.logaddexp(0.0, odds) - happened * odds).sum() + 0.5 * ridge * (parameters[1:] ** 2).sum()
        slope = np.concatenate([[missed.sum()], scaled.T @ missed + ridge * parameters[1:]])
        return float(value) / len(happened), slope / len(happened)

    start = np.concatenate([[np.log(base / (1 - base))], np.zeros(inputs.shape[1])])
    found = minimize(minus, start, jac=True, method="L-BFGS-B", options={"maxiter": 300, "gtol": 1e-8}).x
    return Logistic(middle, spread, np.asarray(found[1:]), float(found[0]))


def calibrated(scores: Floats, happened: Floats) -> tuple[float, float]:
    """Return (a, b) so that expit(a + b · score) is a probability: Platt (1999), with his smoothed targets.

    b is never below 0: a score that points the wrong way says nothing.
    """
    ones, zeros = happened.sum(), len(happened) - happened.sum()
    target = np.where(happened > 0, (ones + 1) / (ones + 2), 1 / (zeros + 2))

    def minus(parameters: Floats) -> tuple[float, Floats]:
        odds = parameters[0] + parameters[1] * scores
        missed = expit(odds) - target
        value = float((np.logaddexp(0.0, odds) - target * odds).mean())
        return value, np.array([missed.mean(), (missed * scores).mean()])

    base = float(np.log((ones + 1) / (zeros + 1)))
    found = minimize(minus, np.array([base, 0.0]), jac=True, method="L-BFGS-B", bounds=[(None, None), (0.0, None)]).x
    return float(found[0]), float(found[1])
