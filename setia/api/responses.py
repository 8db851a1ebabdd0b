"""Which answers an address may give, for the OpenAPI."""

from typing import Any

from pydantic import BaseModel

from setia.api.schemas import BulkOut, Outcome, ProblemOut

_ALWAYS: dict[int, Any] = dict.fromkeys((400, 401, 403, 405, 422, 429, 500, 503), ProblemOut)
_WITH_BODY: dict[int, Any] = dict.fromkeys((409, 411, 413, 415), ProblemOut)


def reads(model: type[BaseModel], *, one: bool = False) -> dict[int, Any]:
    """Return the answers of an address that reads."""
    return {200: model, **_ALWAYS, **({404: ProblemOut} if one else {})}


def writes() -> dict[int, Any]:
    """Return the answers of an address that writes one item."""
    return {200: Outcome, 201: Outcome, **_ALWAYS, **_WITH_BODY}


def changes(model: type[BaseModel]) -> dict[int, Any]:
    """Return the answers of an address that changes one row."""
    return {200: model, **_ALWAYS, **_WITH_BODY, 404: ProblemOut}


def writes_many() -> dict[int, Any]:
    """Return the answers of a bulk address."""
    return {200: BulkOut, **_ALWAYS, **_WITH_BODY}
