"""Scores through the API: one person's, and everybody's page by page."""

import pytest

from setia.domains.analytics.models import Analysis, AnalysisState, PersonScore
from setia.domains.apikeys.rules import Scope
from setia.domains.exports.rules import Filters
from setia.domains.exports.sources import SOURCES, walk
from setia.foundation.ids import new_id
from tests import cast
from tests.api.callers import Caller, told

pytestmark = pytest.mark.django_db
NAMES = ("dewi", "eko", "fitri")


@pytest.fixture
def measured():
    Analysis.objects.create(
        id=new_id(), state=AnalysisState.DONE, today=cast.NOW.date(), started_at=cast.NOW, finished_at=cast.NOW
    )
    for number, name in enumerate(NAMES):
        PersonScore.objects.create(
            customer=cast.member(name), recency_days=9, recency=4, frequency=3, money=2, segment="loyal", level=4,
            health=81 - number, risk=12, chance_silent=250, expected_milli=4_500, expected_value=900_000,
            activity="active", lifecycle="mature", top_milli=180, alarm=2,
        )  # fmt: skip


def test_a_customers_scores(measured):
    dewi = cast.member("dewi")
    assert Caller().get(f"scores/{dewi.id}").json() == {
        "customer_id": str(dewi.id), "as_of": "2026-11-22", "rfm": "432", "segment": "loyal", "activity": "active",
        "lifecycle": "mature", "health": 81, "zone": "green", "risk": 12, "alarm": "low", "engagement": None,
        "chance_silent": 0.25, "chance_lost": None, "expected_orders": 4.5, "expected_value": 900_000,
        "recency_days": 9, "top_milli": 180,
    }  # fmt: skip


def test_who_was_not_measured_has_no_scores(measured):
    found = Caller().get(f"scores/{cast.member('gilang').id}").json()
    assert found.pop("customer_id") == str(cast.member("gilang").id)
    assert set(found.values()) == {None}
    assert told(Caller().get("scores/17"))[:2] == (404, "not_found")
    assert told(Caller().get("scores/x"))[:2] == (404, "not_found")


def test_everybodys_scores_come_page_by_page(measured):
    caller, seen, cursor = Caller(), [], ""
    for _ in range(3):
        answer = caller.get(f"scores?limit=1&cursor={cursor}").json()
        seen += [row["customer_id"] for row in answer["data"]]
        cursor = answer["next_cursor"] or ""
    assert seen == sorted(str(cast.member(name).id) for name in NAMES)
    assert cursor == ""
    assert told(caller.get("scores?cursor=zzz"))[:2] == (422, "validation_failed")


def test_a_key_needs_the_scope(measured):
    assert told(Caller(Scope.CUSTOMERS_READ).get("scores"))[0] == 403
    assert Caller(Scope.SCORES_READ).get("scores").status_code == 200


def test_scores_leave_as_a_file(measured):
    rows = list(walk(SOURCES["scores"], Filters(), up_to=new_id()))
    columns = [column.name for column in SOURCES["scores"].columns]
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    assert [row["customer_name"].split()[0] for row in found] == ["Dewi", "Eko", "Fitri"]
    assert (found[0]["segment"], found[0]["health"], found[0]["chance_lost"]) == ("loyal", 81, None)
