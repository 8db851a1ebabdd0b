"""Pareto/NBD: people buy at random and may leave at any moment, unseen.

Schmittlein, Morrison and Colombo, Management Science 33 (1987). The likelihood is written as the chance to be there
still plus an integral over the moment of leaving,

    L = G(r+x) alpha^r beta^s / G(r) * [ (alpha+T)^-(r+x) (beta+T)^-s
                                         + s * integral from t_x to T of (alpha+y)^-(r+x) (beta+y)^-(s+1) dy ],

which stays finite where the hypergeometric form of it does not: hundreds of purchases, alpha far from beta. Over
v = ln((alpha+y)/(alpha+t_x)) the integrand falls about as exp(-(r+x-1) v); it is cut into pieces of a few powers of e,
and each is summed by Gauss and Legendre.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, logsumexp

from setia.domains.analytics.lifetime.counted import Counted, Floats
from setia.domains.analytics.lifetime.fitting import LONGEST, UnableToFit, likeliest

FEWEST = 10
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_PIECES = np.array([0.0, 0.5, 1.5, 3.0, 5.0, 8.0, 12.0, 18.0, 30.0])
_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class ParetoFit:
    """The fitted model. r and alpha (time) shape how often people buy, s and beta (time) how soon they leave."""

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    customers: int

    def p_alive(self, people: Counted) -> Floats:
        """Return for each row the probability that he has not left, shape (n,)."""
        here, gone = _terms(people.x, people.t_x, people.T, self.r, self.alpha, self.s, self.beta)
        return np.asarray(np.exp(here - np.logaddexp(here, gone)))

    def expected(self, people: Counted, *, within: ArrayLike) -> Floats:
        """Return for each row the expected number of purchases in the next `within` units of time, shape (n,)."""
        horizon = np.asarray(within, dtype=np.float64)
        pace = (self.r + people.x) / (self.alpha + people.T)
        start = self.beta + people.T
        if abs(self.s - 1.0) < 1e-9:
            time = start * np.log1p(horizon / start)
        else:
            time = start / (self.s - 1.0) * -np.expm1((self.s - 1.0) * np.log(start / (start + horizon)))
        return np.asarray(pace * time * self.p_alive(people))

    def p_none(self, people: Counted, *, within: float) -> Floats:
        """Return for each row the probability of no purchase in the next `within` units of time, shape (n,).

        Whoever is alive buys nothing while he stays, and may leave on the way; the moment of leaving is summed over.
        """
        bought = self.r + people.x
        base, start = self.alpha + people.T, self.beta + people.T
        stays = bought * np.log(base / (base + within)) + self.s * np.log(start / (start + within))
        nodes = (np.polynomial.legendre.leggauss(40)[0] + 1.0) / 2.0 * within
        weights = np.polynomial.legendre.leggauss(40)[1] / 2.0 * within
        y = nodes[None, :]
        leaving = bought[:, None] * np.log(base[:, None] / (base[:, None] + y))
        leaving += self.s * np.log(start)[:, None] - (self.s + 1.0) * np.log(start[:, None] + y) + np.log(self.s)
        quiet = np.exp(stays) + np.exp(leaving) @ weights
        return np.asarray(np.clip(1.0 - self.p_alive(people) * (1.0 - quiet), 0.0, 1.0))


def fit_pareto(people: Counted) -> ParetoFit:
    """Fit the model; raises UnableToFit."""
    if people.total < FEWEST:
        raise UnableToFit("too_few")
    if not (people.x > 0).any():
        raise UnableToFit("no_repeats")
    scale = LONGEST / people.T.max()
    t_x, T, weight = people.t_x * scale, people.T * scale, people.count / people.total

    def mean(parameters: Floats) -> float:
        r, alpha, s, beta = parameters
        here, gone = _terms(people.x, t_x, T, r, alpha, s, beta)
        head = gammaln(r + people.x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        return float(weight @ (head + np.logaddexp(here, gone)))

    def objective(parameters: Floats) -> tuple[float, Floats]:
        value, gradient = mean(parameters), np.empty(4)
        for index in range(4):
            step = _STEP * parameters[index]
            sides = [parameters.copy(), parameters.copy()]
            sides[0][index] -= step
            sides[1][index] += step
            gradient[index] = (mean(sides[1]) - mean(sides[0])) / (2.0 * step)
        return value, gradient

    r, alpha, s, beta = likeliest(objective, starts=((1.0, 1.0, 1.0, 1.0), (0.5, 2.0, 0.5, 3.0)))
    total = mean(np.array([r, alpha, s, beta])) * people.total
    total += float((people.count * people.x).sum()) * np.log(scale)
    return ParetoFit(
        float(r), float(alpha / scale), float(s), float(beta / scale), float(total), customers=int(people.total)
    )


def _terms(x: Floats, t_x: Floats, T: Floats, r: float, alpha: float, s: float, beta: float) -> tuple[Floats, Floats]:
    """Return the logarithms of both terms in the brackets of the likelihood, each of shape (n,)."""
    bought = r + x
    here = -bought * np.log(alpha + T) - s * np.log(beta + T)
    first = np.log(alpha + t_x)
    length = np.log(alpha + T) - first
    steep = np.maximum(bought - 1.0, 0.0) + s + 1.0
    # The pieces end where the integrand has fallen by e^30, or at T.
    edges = np.minimum(_PIECES[None, :] / steep[:, None], length[:, None])
    edges[:, -1] = length
    middle, half = (edges[:, 1:] + edges[:, :-1]) / 2.0, (edges[:, 1:] - edges[:, :-1]) / 2.0
    v = middle[:, :, None] + half[:, :, None] * _NODES
    y = np.exp(first[:, None, None] + v) - alpha
    with np.errstate(divide="ignore"):
        inside = (
            (1.0 - bought)[:, None, None] * v
            - (s + 1.0) * np.log(beta + y)
            + np.log(half)[:, :, None]
            + np.log(_WEIGHTS)
        )
    gone = logsumexp(inside.reshape(len(x), -1), axis=1) + (1.0 - bought) * first + np.log(s)
    return here, np.asarray(gone)
