"""What an analysis finds out about the whole shop: one that breaks costs nobody the others."""

from datetime import date

import pytest

from setia.domains.analytics import findings
from setia.domains.analytics.findings import find_all
from setia.domains.analytics.models import Finding
from setia.domains.analytics.writing import write_findings

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)


def fine(this: object) -> dict[str, int]:
    return {"people": 3}


def broken(this: object) -> dict[str, int]:
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one finding be fine and one broken."""
    monkeypatch.setattr(findings, "FINDINGS", (("broken", f"{__name__}.broken"), ("fine", f"{__name__}.fine")))


def test_a_finding_that_breaks_is_named_and_the_others_are_made() -> None:
    failed: dict[str, str] = {}
    assert find_all(None, failed=failed) == {"fine": {"people": 3}}
    assert failed == {"broken": "ZeroDivisionError"}


def test_where_nobody_asks_what_failed_it_is_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        find_all(None)


@pytest.mark.django_db
def test_what_could_not_be_made_stays_as_it_was_and_says_of_which_day() -> None:
    write_findings({"broken": {"n": 1}, "fine": {"n": 1}, "gone": {"n": 1}}, as_of=MONDAY)
    write_findings({"fine": {"n": 2}}, as_of=TUESDAY, keep=["broken"])
    rows = Finding.objects.order_by("name").values_list("name", "as_of", "found")
    assert list(rows) == [("broken", MONDAY, {"n": 1}), ("fine", TUESDAY, {"n": 2})]
