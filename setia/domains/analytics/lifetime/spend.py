"""Gamma-Gamma: what a purchase is worth. Fader and Hardie, "The Gamma-Gamma Model of Monetary Value" (2013)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, psi

from setia.domains.analytics.lifetime.counted import Floats
from setia.domains.analytics.lifetime.fitting import UnableToFit, likeliest

FEWEST = 10


@dataclass(frozen=True, slots=True)
class SpendFit:
    """The fitted model; p and q have no unit, gamma has that of the money.

    `correlation` is that of the number and the mean value of purchases, which the model takes to be near 0.
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float
    customers: int
    correlation: float

    @property
    def has_mean(self) -> bool:
        """Whether the average of the shop exists; where q is 1 or less some estimates would be negative."""
        return self.q > 1.0

    def expected(self, x: ArrayLike, mean: ArrayLike) -> Floats:
        """Return for each customer the expected value of a purchase, shape (n,); raises UnableToFit.

        `x` is his number of purchases that had a value, `mean` their mean. Who has none is worth the shop's average.
        Raises UnableToFit("no_mean") where there is no average.
        """
        if not self.has_mean:
            raise UnableToFit("no_mean")
        count, value = np.asarray(x, dtype=np.float64), np.asarray(mean, dtype=np.float64)
        total = np.where(count > 0, count * value, 0.0)
        return np.asarray(self.p * (self.gamma + total) / (self.p * count + self.q - 1.0))


def fit_spend(x: ArrayLike, mean: ArrayLike) -> SpendFit:
    """Fit the model to those who have bought again, with positive values; raises UnableToFit.

    Rows without purchases or with a mean of 0 or less are left out: the model knows no gifts and no debts.
    """
    count, value = np.asarray(x, dtype=np.float64), np.asarray(mean, dtype=np.float64)
    usable = (count > 0) & (value > 0) & np.isfinite(count) & np.isfinite(value)
    count, value = count[usable], value[usable]
    if len(count) < FEWEST:
        raise UnableToFit("too_few")
    unit = float(value.mean())
    likelihood = _Likelihood(count, value / unit)
    p, q, gamma = likeliest(likelihood, starts=((1.0, 2.0, 1.0), (6.0, 4.0, 0.5), (2.0, 10.0, 5.0)))
    per_customer, _ = likelihood(np.array([p, q, gamma]))
    spread = float(count.std()), float(value.std())
    return SpendFit(
        p=float(p),
        q=float(q),
        gamma=float(gamma * unit),
        # The density of a value in another unit of money differs by that unit.
        log_likelihood=float(per_customer * len(count) - len(count) * np.log(unit)),
        customers=len(count),
        correlation=float(np.corrcoef(count, value)[0, 1]) if min(spread) > 0 else 0.0,
    )


class _Likelihood:
    """The mean log-likelihood with its gradient, as a function of (p, q, gamma)."""

    def __init__(self, x: Floats, mean: Floats) -> None:
        self.x, self.mean = x, mean
        self.kinds, self.kind_of = np.unique(x, return_inverse=True)
        self.kind_weight = np.bincount(self.kind_of, minlength=len(self.kinds)) / len(x)
        log_mean, log_x = np.log(mean), np.log(x)
        self.level = float((x * (log_mean + log_x)).mean())
        self.constant = float(log_mean.mean())

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        p, q, gamma = parameters
        kinds, weight, x = self.kinds, self.kind_weight, self.x
        shapes = p * kinds
        spread = np.log(gamma + self.mean * x)
        value = float(
            weight @ (gammaln(shapes + q) - gammaln(shapes)) - gammaln(q) + q * np.log(gamma)
            + p * self.level - self.constant - ((p * x + q) * spread).mean()
        )  # fmt: skip
        slope_p = weight @ (kinds * (psi(shapes + q) - psi(shapes))) + self.level - (x * spread).mean()
        slope_q = weight @ psi(shapes + q) - psi(q) + np.log(gamma) - spread.mean()
        slope_gamma = q / gamma - ((p * x + q) / (gamma + self.mean * x)).mean()
        return value, np.array([slope_p, slope_q, slope_gamma])
