"""How long customers stay: the curve against counting by hand, and phases that nobody was seen through."""

import pytest

from setia.domains.analytics.rules.survival import PHASES, phase_churn, survival


def test_a_curve_counts_whoever_was_seen_so_long():
    """Of ten five leave at once; two were seen 50 days only; of the three left one leaves on day 100."""
    curve = survival([(0, True, 5), (50, False, 2), (100, True, 1), (400, False, 2)])
    assert curve.people == 10
    assert [curve.at(day) for day in (0, 49, 99)] == [0.5, 0.5, 0.5]
    assert curve.at(100) == pytest.approx(0.5 * 2 / 3)
    assert curve.at(401) is None
    assert [curve.seen(day) for day in (0, 50, 90, 400, 500)] == [10, 5, 3, 2, 0]


def test_phases_know_what_was_seen_to_their_end():
    curve = survival([(0, True, 5), (50, False, 2), (100, True, 1), (400, False, 2)])
    churn = {phase.name: phase_churn(curve, phase) for phase in PHASES}
    assert churn["honeymoon"] == pytest.approx(0.5)
    assert churn["reality_check"] == pytest.approx(1 / 3)
    assert churn["stabilization"] == pytest.approx(0.0)
    assert churn["loyalty"] is None
    assert churn["ambassador"] is None


def test_nobody_and_everybody_gone():
    assert phase_churn(survival([]), PHASES[0]) is None
    gone = survival([(0, True, 5), (90, True, 5)])
    assert phase_churn(gone, PHASES[0]) == pytest.approx(0.5)
    assert phase_churn(gone, PHASES[1]) == pytest.approx(1.0)
    assert phase_churn(gone, PHASES[2]) is None
