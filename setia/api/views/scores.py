"""Scores of customers, as the last analysis found them."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from setia.api.answers import json_response
from setia.api.keys import needs
from setia.api.lists import Page_, ScorePaging, id_in_path, page_of
from setia.api.problems import Problem
from setia.api.responses import reads
from setia.api.schemas import ScoresList, ScoresOut
from setia.domains.analytics.models import PersonScore
from setia.domains.analytics.queries import latest_analysis, score_of, score_page
from setia.domains.apikeys.rules import Scope
from setia.domains.customers.queries import by_ids

router = Router(tags=["scores"])
_READ = needs(Scope.SCORES_READ)
_PLAIN = (
    *("segment", "activity", "lifecycle", "health", "risk", "engagement", "expected_value"),
    *("recency_days", "top_milli"),
)


@router.get("/scores", response=reads(ScoresList), summary="List scores", **_READ)
def list_scores(request: HttpRequest, paging: ScorePaging = Page_) -> HttpResponse:
    """List the scores of everybody who was measured, by customer id."""
    as_of = _as_of()

    def shown(rows: Sequence[PersonScore]) -> list[dict[str, Any]]:
        return [_shown(row.customer_id, row, as_of) for row in rows]

    return json_response(page_of(score_page(cursor=paging.cursor, size=paging.limit), shown))


@router.get("/scores/{customer_id}", response=reads(ScoresOut, one=True), summary="Read a customer's scores", **_READ)
def read_scores(request: HttpRequest, customer_id: str) -> HttpResponse:
    """Return the scores of one customer; all null for who has not bought, was not measured yet or objects to it."""
    found = by_ids([id_in_path(customer_id)])
    if not found:
        raise Problem("not_found")
    person_id = found[0].canonical_id or found[0].id
    return json_response(_shown(person_id, score_of(person_id), _as_of()))


def _as_of() -> str | None:
    analysis = latest_analysis()
    return analysis.today.isoformat() if analysis else None


def _shown(customer_id: int, row: PersonScore | None, as_of: str | None) -> dict[str, Any]:
    plain = {name: getattr(row, name) if row else None for name in _PLAIN}
    return {
        "customer_id": str(customer_id),
        "as_of": as_of if row else None,
        "rfm": f"{row.recency}{row.frequency}{row.money}" if row else None,
        **plain,
        "zone": row.zone_name if row else None,
        "alarm": row.alarm_name if row else None,
        "chance_silent": row.share_silent if row else None,
        "chance_lost": row.share_lost if row else None,
        "expected_orders": row.expected_milli / 1000 if row and row.expected_milli is not None else None,
    }
