"""Buy-till-you-die models against the published figures, an independent implementation, and what cannot be."""

import warnings
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gamma as gamma_of

from setia.domains.analytics.lifetime import (
    Counted,
    DropoutFit,
    ParetoFit,
    UnableToFit,
    fit_bgnbd,
    fit_mbgnbd,
    fit_pareto,
    fit_spend,
)
from setia.domains.analytics.lifetime.dropout import _Likelihood
from tests.domains.analytics import cdnow

# Fader, Hardie and Lee (2005); Batislam and others (2007) as BTYDplus prints it; Fader and Hardie (2013).
BGNBD = DropoutFit(0.24259, 4.41353, 0.79289, 2.42575, -9582.4256, 2357, leaves_at_first=False)


def test_bgnbd_gives_the_published_parameters():
    fit = fit_bgnbd(cdnow.sample())
    assert [round(value, 3) for value in (fit.r, fit.alpha, fit.a, fit.b)] == [0.243, 4.414, 0.793, 2.426]
    assert fit.log_likelihood == pytest.approx(-9582.4256, abs=1e-3)
    assert fit.tells_dropout


def test_mbgnbd_gives_the_published_parameters():
    fit = fit_mbgnbd(cdnow.sample())
    assert [round(value, 3) for value in (fit.r, fit.alpha, fit.a, fit.b)] == [0.525, 6.183, 0.891, 1.614]
    assert fit.log_likelihood == pytest.approx(-9582.133, abs=1e-3)


def test_pareto_gives_the_published_parameters():
    fit = fit_pareto(cdnow.sample())
    assert [round(value, 3) for value in (fit.r, fit.alpha, fit.s, fit.beta)] == [0.553, 10.578, 0.606, 11.668]
    assert fit.log_likelihood == pytest.approx(-9594.974, abs=1e-2)


def test_gamma_gamma_gives_the_published_parameters():
    fit = fit_spend(*cdnow.repeat_spend())
    assert fit.customers == 946
    assert [round(value, 2) for value in (fit.p, fit.q, fit.gamma)] == [6.25, 3.74, 15.44]
    assert fit.log_likelihood == pytest.approx(-4055.92, abs=0.01)


def test_the_worked_example_of_one_customer():
    """Two repeat purchases, the last in week 30.43 of 38.86: 1.226 more in the next 39 weeks (Hardie's sheet)."""
    one = Counted.of([2], [30.43], [38.86])
    fit = DropoutFit(0.243, 4.414, 0.793, 2.426, 0.0, 1, leaves_at_first=False)
    assert fit.expected(one, within=39)[0] == pytest.approx(1.226, abs=1e-3)


def test_the_forecast_of_the_second_half_is_as_good_as_published():
    """Correlations of prediction and truth over 39 weeks: .626 (BG/NBD), .630 (Pareto/NBD), .996 with each other."""
    people, days = cdnow.sample(), cdnow.days()
    end = cdnow.CUT + timedelta(weeks=39)
    truth = np.array([sum(cdnow.CUT < day <= end for day in bought) for _, bought in sorted(days.items())], dtype=float)
    guesses = [fit.expected(people, within=39)[people.where] for fit in (fit_bgnbd(people), fit_pareto(people))]
    found = [np.corrcoef(guess, truth)[0, 1] for guess in guesses]
    assert found == pytest.approx([0.6256, 0.6302], abs=1e-3)
    assert np.corrcoef(*guesses)[0, 1] == pytest.approx(0.9955, abs=1e-3)


def test_probabilities_equal_those_of_another_implementation():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # archived in 2024, and it shows
        from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

    people = cdnow.sample()
    bg, mbg, pareto = fit_bgnbd(people), fit_mbgnbd(people), fit_pareto(people)
    others = BetaGeoFitter(), ModifiedBetaGeoFitter(), ParetoNBDFitter()
    for other, fit in zip(others, (bg, mbg, pareto), strict=True):
        names = ("r", "alpha", "s", "beta") if fit is pareto else ("r", "alpha", "a", "b")
        other.params_ = {name: getattr(fit, name) for name in names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for other, fit in zip(others, (bg, mbg, pareto), strict=True):
            alive = other.conditional_probability_alive(people.x, people.t_x, people.T)
            assert np.abs(np.asarray(alive) - fit.p_alive(people)).max() < 1e-9
            ahead = other.conditional_expected_number_of_purchases_up_to_time(39, people.x, people.t_x, people.T)
            assert np.abs(np.asarray(ahead) - fit.expected(people, within=39)).max() < 1e-8


def test_the_probability_of_silence_is_that_of_a_simulation():
    """People drawn from the model itself: who buys nothing in the next 13 weeks, against what it says of them."""
    chance, n = np.random.default_rng(7), 400_000
    fit = BGNBD
    rate, leaving = chance.gamma(fit.r, 1 / fit.alpha, n), chance.beta(fit.a, fit.b, n)
    T, t, x, t_x = 30.0, np.zeros(n), np.zeros(n), np.zeros(n)
    alive, silent = np.ones(n, dtype=bool), np.ones(n, dtype=bool)
    while (alive & (t <= T + 13)).any():
        t = t + chance.exponential(1.0, n) / np.maximum(rate, 1e-300)
        before, after = alive & (t <= T), alive & (t > T) & (t <= T + 13)
        x += before
        t_x = np.where(before, t, t_x)
        silent &= ~after
        alive &= (t <= T + 13) & (chance.random(n) > leaving)
    people = Counted.of(x, t_x, np.full(n, T))
    said = fit.p_none(people, within=13)[people.where]
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0)):
        band = (said >= low) & (said < high)
        assert band.sum() > 1_000
        assert silent[band].mean() == pytest.approx(said[band].mean(), abs=0.02)


def test_alive_is_no_score_of_churn():
    """BG/NBD calls everybody alive who bought once, however long ago; the probability of silence tells them apart."""
    people = Counted.of([0, 0], [0, 0], [1, 300])
    assert BGNBD.p_alive(people).tolist() == [1.0, 1.0]
    fresh, old = BGNBD.p_none(people, within=13)
    assert fresh < old


def test_hundreds_of_purchases_stay_finite():
    """Four customers of whom other implementations of Pareto/NBD said NaN (CLVTools #100)."""
    people = Counted.of(
        [221, 254, 161, 204], [103.42857, 97.14286, 94.71429, 98.57143], [103.57143, 97.28571, 98, 99.42857]
    )
    fit = ParetoFit(0.5143, 2.8845, 0.2856, 14.1087, 0.0, 4)
    assert np.all((fit.p_alive(people) > 0.7) & (fit.p_alive(people) < 1.0))
    for each in (fit, BGNBD):
        assert np.isfinite(each.expected(people, within=39)).all()
    many = Counted.of([5_000], [999], [1_000])
    assert BGNBD.expected(many, within=10)[0] == pytest.approx(50, rel=0.2)


def test_the_pareto_integral_is_that_of_a_careful_quadrature():
    fit = ParetoFit(0.55, 10.6, 0.61, 11.7, 0.0, 1)
    for x, t_x, T in ((0, 0, 38), (1, 5, 38), (7, 30, 38), (60, 37, 38)):

        def inside(y: float, x: int = x) -> float:
            return float((fit.alpha + y) ** -(fit.r + x) * (fit.beta + y) ** -(fit.s + 1))

        stays = (fit.alpha + T) ** -(fit.r + x) * (fit.beta + T) ** -fit.s
        gone = fit.s * quad(inside, t_x, T, epsabs=0, epsrel=1e-11)[0]
        assert fit.p_alive(Counted.of([x], [t_x], [T]))[0] == pytest.approx(stays / (stays + gone), rel=1e-9)


@pytest.mark.parametrize("leaves_at_first", [False, True])
@settings(max_examples=40, deadline=None)
@given(logs=st.lists(st.floats(-2.5, 2.5), min_size=4, max_size=4))
def test_the_gradient_is_that_of_the_likelihood(leaves_at_first, logs):
    people, parameters = cdnow.sample(), np.exp(logs)
    likelihood = _Likelihood(people, scale=10 / people.T.max(), leaves_at_first=leaves_at_first)
    _, gradient = likelihood(parameters)
    for index in range(4):
        step = 1e-6 * parameters[index]
        sides = [parameters.copy(), parameters.copy()]
        sides[0][index] -= step
        sides[1][index] += step
        slope = (likelihood(sides[1])[0] - likelihood(sides[0])[0]) / (2 * step)
        assert gradient[index] == pytest.approx(slope, rel=1e-4, abs=1e-6)


def test_the_likelihood_is_the_product_written_down():
    """One customer's likelihood, multiplied out as in equation (6) of the paper."""
    r, alpha, a, b, x, t_x, T = 0.9, 2.0, 0.7, 1.9, 3.0, 5.0, 9.0

    def beta_of(left: float, right: float) -> float:
        return float(gamma_of(left) * gamma_of(right) / gamma_of(left + right))

    head = gamma_of(r + x) * alpha**r / gamma_of(r)
    stays = beta_of(a, b + x) / beta_of(a, b) * (alpha + T) ** -(r + x)
    left = beta_of(a + 1, b + x - 1) / beta_of(a, b) * (alpha + t_x) ** -(r + x)
    people = Counted.of([x], [t_x], [T])
    value, _ = _Likelihood(people, scale=1.0, leaves_at_first=False)(np.array([r, alpha, a, b]))
    assert value == pytest.approx(np.log(head * (stays + left)), rel=1e-12)


def test_the_unit_of_time_changes_nothing_but_alpha():
    weeks = cdnow.sample()
    days = Counted.of(*(column[weeks.where] for column in (weeks.x, weeks.t_x * 7, weeks.T * 7)))
    in_weeks, in_days = fit_bgnbd(weeks), fit_bgnbd(days)
    assert in_days.alpha == pytest.approx(7 * in_weeks.alpha, rel=1e-3)
    assert (in_days.r, in_days.a, in_days.b) == pytest.approx((in_weeks.r, in_weeks.a, in_weeks.b), rel=1e-3)
    assert in_days.expected(days, within=273) == pytest.approx(in_weeks.expected(weeks, within=39), rel=1e-3)


def test_no_dropout_is_said_instead_of_guessed():
    """Everybody goes on buying at his own pace until the end: nothing can be learned about leaving."""
    chance = np.random.default_rng(3)
    rate = chance.gamma(3.0, 1 / 20.0, 3_000)
    x = chance.poisson(rate * 100.0).astype(float)
    last = np.where(x > 0, 100.0 * chance.random(3_000) ** (1.0 / np.maximum(x, 1.0)), 0.0)
    fit = fit_bgnbd(Counted.of(x, np.where(x > 0, np.maximum(last, 1e-3), 0.0), np.full(3_000, 100.0)))
    assert not fit.tells_dropout


def test_a_hole_in_the_formula_is_bridged():
    people = cdnow.sample()
    before, at, after = (
        DropoutFit(0.24, 4.4, a, 2.4, 0.0, 1, leaves_at_first=False).expected(people, within=39)
        for a in (0.999, 1.0, 1.001)
    )
    assert np.isfinite(at).all()
    assert np.all((np.minimum(before, after) - 1e-6 <= at) & (at <= np.maximum(before, after) + 1e-6))


@pytest.mark.parametrize("fit", [fit_bgnbd, fit_mbgnbd, fit_pareto])
@pytest.mark.parametrize(
    ("people", "code"),
    [
        (Counted.of([], [], []), "too_few"),
        (Counted.of([1], [2], [3]), "too_few"),
        (Counted.of([0] * 50, [0] * 50, range(1, 51)), "no_repeats"),
    ],
)
def test_too_little_is_said(fit, people, code):
    with pytest.raises(UnableToFit) as refused:
        fit(people)
    assert refused.value.code == code


@pytest.mark.parametrize("fit", [fit_bgnbd, fit_mbgnbd, fit_pareto])
def test_everybody_on_one_day_or_alike_is_no_error(fit):
    for people in (Counted.of([1] * 40, [1] * 40, [1] * 40), Counted.of([0] * 39 + [1], [0] * 39 + [1], [1] * 40)):
        assert np.isfinite(fit(people).expected(people, within=90)).all()


@pytest.mark.parametrize(
    "row", [(-1, 0, 5), (0.5, 1, 5), (2, 6, 5), (0, 1, 5), (1, 0, 5), (1, float("nan"), 5), (1, 1, float("inf"))]
)
def test_what_cannot_be_is_refused_with_its_row(row):
    with pytest.raises(ValueError, match="row 1"):
        Counted.of(*zip((1, 2, 5), row, strict=True))


def test_counting_loses_nobody():
    chance = np.random.default_rng(1)
    x = chance.integers(0, 4, 5_000).astype(float)
    T = chance.integers(5, 9, 5_000).astype(float)
    t_x = np.where(x > 0, np.minimum(T, chance.integers(1, 9, 5_000)), 0)
    people = Counted.of(x, t_x, T)
    assert people.total == 5_000
    for column, again in ((x, people.x), (t_x, people.t_x), (T, people.T)):
        assert (again[people.where] == column).all()


def test_spend_of_nobody_and_of_debts_is_left_out():
    with pytest.raises(UnableToFit):
        fit_spend([], [])
    counts, means = cdnow.repeat_spend()
    more = fit_spend([*counts, 0, 3, 2], [*means, 50.0, 0.0, -20.0])
    assert more == fit_spend(counts, means)


def test_a_shop_without_an_average_says_so():
    fit = fit_spend(*cdnow.repeat_spend())
    broken = type(fit)(fit.p, 0.9, fit.gamma, 0.0, 1, 0.0)
    with pytest.raises(UnableToFit) as refused:
        broken.expected([0], [0.0])
    assert refused.value.code == "no_mean"


def test_spend_lies_between_the_shop_and_the_person():
    fit = fit_spend(*cdnow.repeat_spend())
    average = fit.p * fit.gamma / (fit.q - 1)
    nothing, little, much = fit.expected([0, 1, 50], [0.0, 100.0, 100.0])
    assert nothing == pytest.approx(average)
    assert average < little < much < 100.0
