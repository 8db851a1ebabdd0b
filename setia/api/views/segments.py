"""Segments: which there are, who is in them and why, and making one from its text form."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from setia.api.answers import IdempotencyKey, json_response, key_of, written
from setia.api.keys import needs
from setia.api.lists import Page_, ScorePaging, id_in_path, moment, page_of
from setia.api.problems import FieldError, Problem
from setia.api.responses import reads, writes
from setia.api.segment_schemas import InSegmentList, MemberList, SegmentIn, SegmentList, SegmentOut
from setia.domains.apikeys.rules import Scope
from setia.domains.customers.queries import by_ids
from setia.domains.segments import actions, queries
from setia.domains.segments.models import Segment, SegmentState, Standing
from setia.domains.segments.names import ShopNames
from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.text import parse
from setia.domains.segments.rules.text import written as rule_text
from setia.domains.segments.rules.tree import from_json
from setia.domains.segments.standing import bits
from setia.foundation import clock

router = Router(tags=["segments"])
_READ, _WRITE = needs(Scope.SEGMENTS_READ), needs(Scope.SEGMENTS_WRITE)


@router.post("/segments", response=writes(), summary="Make a segment", **_WRITE)
def write_segment(request: HttpRequest, body: SegmentIn, idempotency_key: IdempotencyKey = None) -> HttpResponse:
    """Make a segment from a rule in its text form; one of the same name and rule is known and answered as it stands.

    With `is_live` its people are found at once, in the background; else it is a draft.
    """

    def work() -> tuple[int, Mapping[str, Any]]:
        segment, is_new = _made(body, key_of(request).actor)
        status = "created" if is_new else "known"
        return (201 if is_new else 200), {"id": str(segment.id), "external_id": None, "status": status}

    return written(request, idempotency_key, work)


def _made(body: SegmentIn, by: Any) -> tuple[Segment, bool]:
    at = clock.now()
    try:
        node = parse(body.rule, ShopNames())
        standing = next((row for row in queries.all_segments() if row.name == " ".join(body.name.split())), None)
        if standing is not None and standing.rule and from_json(standing.rule) == node:
            return standing, False
        segment = actions.make_segment(name=body.name, node=node, description=body.description or "", by=by, at=at)
        return (actions.go_live(segment=segment, by=by, at=at) if body.is_live else segment), True
    except BadRule as error:
        near = ", ".join(error.near or error.expected[:6])
        raise Problem("validation_failed", FieldError("rule", "bad_rule", f"{error.at + 1}; {near}")) from None
    except actions.UnableToSave as error:
        code = "name_taken" if error.code == "name_taken" else "invalid"
        field = "name" if error.code in ("name_taken", "no_name") else "rule"
        raise Problem("validation_failed", FieldError(field, code)) from None


@router.get("/segments", response=reads(SegmentList), summary="List segments", **_READ)
def list_segments(request: HttpRequest) -> HttpResponse:
    """List all segments and lists that are not archived, by name; there are 500 at most, so there is one page."""
    names = ShopNames()
    return json_response({"data": [_shown(row, names) for row in queries.all_segments()], "next_cursor": None})


@router.get("/segments/{segment_id}", response=reads(SegmentOut, one=True), summary="Read a segment", **_READ)
def read_segment(request: HttpRequest, segment_id: str) -> HttpResponse:
    """Return one segment with its rule, its size, and how many come and go within seven days if nothing happens."""
    return json_response(_shown(_segment(segment_id), ShopNames()))


@router.get(
    "/segments/{segment_id}/customers", response=reads(MemberList, one=True), summary="List who is in it", **_READ
)
def list_segment_customers(request: HttpRequest, segment_id: str, paging: ScorePaging = Page_) -> HttpResponse:
    """List the customers of a segment, those first who came last, with the moment at which each leaves by itself."""
    segment = _segment(segment_id)
    page = queries.member_page(segment.id, cursor=paging.cursor, size=paging.limit, is_strict=True)

    def shown(rows: Sequence[Standing]) -> list[dict[str, Any]]:
        return [
            {"customer_id": str(r.customer_id), "since": moment(r.since), "leaves_at": moment(r.recheck_at)}
            for r in rows
        ]

    return json_response(page_of(page, shown))


@router.get(
    "/customers/{customer_id}/segments",
    response=reads(InSegmentList, one=True),
    summary="A customer's segments",
    **_READ,
)
def list_customer_segments(request: HttpRequest, customer_id: str) -> HttpResponse:
    """List the segments a customer is in, since when, and the places of the conditions that brought him in."""
    found = by_ids([id_in_path(customer_id)])
    if not found:
        raise Problem("not_found")
    rows = queries.segments_of(found[0].canonical_id or found[0].id)
    data = [
        {
            "segment_id": str(each.segment.id),
            "name": each.segment.name,
            "since": moment(each.standing.since),
            "leaves_at": moment(each.standing.recheck_at),
            "conditions": list(bits(each.standing.reason)),
        }
        for each in rows
    ]
    return json_response({"data": data, "next_cursor": None})


def _segment(text: str) -> Segment:
    row = queries.segment_or_none(id_in_path(text))
    if row is None or row.state == SegmentState.ARCHIVED:
        raise Problem("not_found")
    return row


def _shown(row: Segment, names: ShopNames) -> dict[str, Any]:
    entering, leaving = queries.coming(row.id, at=clock.now(), limit=0)
    try:
        text = rule_text(from_json(row.rule), names) if row.rule else None
    except BadRule:
        text = None
    return {
        "id": str(row.id),
        "name": row.name,
        "description": row.description,
        "kind": row.kind,
        "state": row.state,
        "size": row.member_count,
        "is_filling": row.is_filling,
        "entering_in_7_days": entering.count,
        "leaving_in_7_days": leaving.count,
        "rule": text,
        "rule_json": row.rule,
        "version": row.version,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.changed_at),
    }
