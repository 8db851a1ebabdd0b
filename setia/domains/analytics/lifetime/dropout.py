"""BG/NBD and MBG/NBD: people buy at random, and may leave for good after any purchase.

Fader, Hardie and Lee, "Counting Your Customers the Easy Way", Marketing Science 24 (2005), equations (6) and (10), and
their note "Computing P(alive)". In the modified model of Batislam, Denizel and Filiztekin (IJRM 24, 2007) one may leave
after the first purchase already; its likelihood is the same with x + 1 chances to leave.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, hyp2f1, psi

from setia.domains.analytics.lifetime.counted import Counted, Floats
from setia.domains.analytics.lifetime.fitting import LONGEST, UnableToFit, likeliest

FEWEST = 10
# Beyond these the chance to leave is not told apart from none at all.
_LEAST_A, _MOST_B = 1e-4, 1e3
_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 0.5, 0.8, 2.5), (2.0, 2.0, 0.1, 5.0))


@dataclass(frozen=True, slots=True)
class DropoutFit:
    """The fitted model. r and alpha (time) shape how often people buy, a and b how often they leave."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    customers: int
    leaves_at_first: bool  # the modified model

    @property
    def tells_dropout(self) -> bool:
        """Whether the data say anything about leaving; where not, nobody must be called gone by this model."""
        return self.a >= _LEAST_A and self.b <= _MOST_B

    def p_alive(self, people: Counted) -> Floats:
        """Return for each row the probability that he has not left, shape (n,).

        No score of churn: BG/NBD calls everybody alive who bought once. See `p_none`.
        """
        chances = people.x + self.leaves_at_first
        odds = self._odds_of_leaving(people, chances)
        return np.asarray(1.0 / (1.0 + odds))

    def p_none(self, people: Counted, *, within: ArrayLike) -> Floats:
        """Return for each row the probability of no purchase in the next `within` units of time, shape (n,)."""
        share = (self.alpha + people.T) / (self.alpha + people.T + np.asarray(within, dtype=np.float64))
        return np.asarray(1.0 - self.p_alive(people) * -np.expm1((self.r + people.x) * np.log(share)))

    def expected(self, people: Counted, *, within: ArrayLike) -> Floats:
        """Return for each row the expected number of purchases in the next `within` units of time, shape (n,)."""
        horizon = np.asarray(within, dtype=np.float64)
        if abs(self.a - 1.0) < 1e-7:
            # The formula has a hole at a = 1; both of its sides meet there.
            sides = (self._expected(people, horizon, self.a + shift) for shift in (-1e-5, 1e-5))
            return np.asarray(sum(sides) / 2.0)
        return self._expected(people, horizon, self.a)

    def _expected(self, people: Counted, horizon: Floats, a: float) -> Floats:
        chances = people.x + self.leaves_at_first
        bought = self.r + people.x
        end = self.alpha + people.T + horizon
        share = (self.alpha + people.T) / end
        tail = hyp2f1(bought, self.b + chances, a + self.b + chances - 1.0, horizon / end)
        ahead = (a + self.b + chances - 1.0) / (a - 1.0) * (1.0 - share**bought * tail)
        # Where the series overflows (hundreds of purchases in a short time), someone alive goes on at his own pace.
        pace = bought / (self.alpha + people.T) * horizon
        ahead = np.where(np.isfinite(ahead), ahead, pace)
        return np.asarray(np.clip(ahead / (1.0 + self._odds_of_leaving(people, chances)), 0.0, None))

    def _odds_of_leaving(self, people: Counted, chances: Floats) -> Floats:
        bought = self.r + people.x
        with np.errstate(over="ignore", divide="ignore"):
            odds = (
                self.a
                / (self.b + chances - 1.0)
                * np.exp(bought * (np.log(self.alpha + people.T) - np.log(self.alpha + people.t_x)))
            )
        return np.where(chances > 0, odds, 0.0)


def fit_bgnbd(people: Counted) -> DropoutFit:
    """Fit BG/NBD; raises UnableToFit."""
    return _fit(people, leaves_at_first=False)


def fit_mbgnbd(people: Counted) -> DropoutFit:
    """Fit MBG/NBD; raises UnableToFit."""
    return _fit(people, leaves_at_first=True)


def _fit(people: Counted, *, leaves_at_first: bool) -> DropoutFit:
    if people.total < FEWEST:
        raise UnableToFit("too_few")
    if not (people.x > 0).any():
        raise UnableToFit("no_repeats")
    scale = LONGEST / people.T.max()
    likelihood = _Likelihood(people, scale=scale, leaves_at_first=leaves_at_first)
    r, alpha, a, b = likeliest(likelihood, starts=_STARTS)
    mean, _ = likelihood(np.array([r, alpha, a, b]))
    # A time that is scaled changes the likelihood of each repeat purchase by the scale.
    total = mean * people.total + float((people.count * people.x).sum()) * np.log(scale)
    return DropoutFit(
        r=float(r),
        alpha=float(alpha / scale),
        a=float(a),
        b=float(b),
        log_likelihood=float(total),
        customers=int(people.total),
        leaves_at_first=leaves_at_first,
    )


class _Likelihood:
    """The mean log-likelihood of both models with its gradient, as a function of (r, alpha, a, b).

    The gamma functions depend on x alone, of which there are few different ones: they are asked for those only.
    """

    def __init__(self, people: Counted, *, scale: float, leaves_at_first: bool) -> None:
        self.T, self.t_x, self.x = people.T * scale, people.t_x * scale, people.x
        self.kinds, self.kind_of = np.unique(people.x, return_inverse=True)
        self.weight = people.count / people.total
        self.kind_weight = np.bincount(self.kind_of, self.weight, minlength=len(self.kinds))
        self.chances = self.kinds + leaves_at_first

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = parameters
        kinds, chances, weight = self.kinds, self.chances, self.weight
        of_kinds = gammaln(r + kinds) - gammaln(r) + r * np.log(alpha)
        of_kinds += gammaln(a + b) + gammaln(b + chances) - gammaln(b) - gammaln(a + b + chances)
        bought = r + self.x
        log_stay, log_left = np.log(alpha + self.T), np.log(alpha + self.t_x)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_odds = np.where(chances > 0, np.log(a) - np.log(b + chances - 1.0), -np.inf)[self.kind_of]
            gone = log_odds + bought * (log_stay - log_left)
        both = -bought * log_stay + np.logaddexp(0.0, gone)
        value = float(self.kind_weight @ of_kinds + weight @ both)
        share = weight / (1.0 + np.exp(-np.clip(gone, -700.0, 700.0)))  # of those gone, times the weight
        share_of_kinds = np.bincount(self.kind_of, share, minlength=len(kinds))
        stay = weight - share
        slope_r = self.kind_weight @ (psi(r + kinds) - psi(r) + np.log(alpha)) - stay @ log_stay - share @ log_left
        slope_alpha = (
            r / alpha - (stay * bought) @ (1.0 / (alpha + self.T)) - (share * bought) @ (1.0 / (alpha + self.t_x))
        )
        common = psi(a + b) - psi(a + b + chances)
        slope_a = self.kind_weight @ common + share_of_kinds.sum() / a
        with np.errstate(divide="ignore", invalid="ignore"):
            leaving = np.where(chances > 0, share_of_kinds / (b + chances - 1.0), 0.0)
        slope_b = self.kind_weight @ (common + psi(b + chances) - psi(b)) - leaving.sum()
        return value, np.array([slope_r, slope_alpha, slope_a, slope_b])
