"""Lists page by page, and single rows, as calls ask for them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from django.db.models import Model
from ninja import Query
from pydantic import BaseModel, ConfigDict, Field

from setia.api.problems import FieldError, Problem
from setia.api.values import ExternalId, Id, Moment, id_of
from setia.domains.commerce.queries.feeds import FeedPart
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import alias_ids
from setia.foundation.ids import first_id_of
from setia.foundation.paging import Page

_M = TypeVar("_M", bound=Model)


class Paging(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="Rows on a page.")
    cursor: str = Field("", max_length=1000, pattern=r"^[A-Za-z0-9_-]*$", description="next_cursor of the page before.")
    created_since: Moment | None = Field(None, description="Only what was written to Setia since then.")

    @property
    def since_id(self) -> int:
        return first_id_of(self.created_since) if self.created_since else 0


class ScorePaging(BaseModel):
    """Which page of the scores."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200, description="Rows on a page.")
    cursor: str = Field("", max_length=1000, pattern=r"^[A-Za-z0-9_-]*$", description="next_cursor of the page before.")


class Changes(Paging):
    """Which page, perhaps of what changed only."""

    updated_since: Moment | None = Field(
        None, description="Only what changed since then, in the order it changed; with the moment itself."
    )

    def part(self) -> FeedPart:
        """Return which part of a feed is asked for."""
        return FeedPart(self.since_id, self.updated_since, self.cursor, self.limit)


class OfCustomer(BaseModel):
    """Perhaps of one customer's rows only."""

    customer_id: Id | None = None

    def customer_ids(self) -> list[int] | None:
        """Return all ids of the customer asked for, None where none is; raises Problem."""
        if self.customer_id is None:
            return None
        person = Customer.objects.filter(id=id_of(self.customer_id) or 0).first()
        if person is None:
            raise Problem("validation_failed", FieldError("customer_id", "unknown_customer"))
        return alias_ids(person.canonical_id or person.id)


class CustomerPaging(OfCustomer, Paging):
    """Which page, perhaps of one customer's rows only."""


class CustomerChanges(OfCustomer, Changes):
    """Which page, perhaps of one customer's rows or of what changed only."""


class Lookup(BaseModel):
    """Your own identifier of one row."""

    model_config = ConfigDict(extra="forbid")

    external_id: ExternalId


class SkuLookup(BaseModel):
    """The SKU of one product."""

    model_config = ConfigDict(extra="forbid")

    sku: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\u0000]*$")]


Page_: Any = Query(...)  # type: ignore[type-arg]


def page_of(page: Page[_M], shown: Callable[[Sequence[_M]], list[dict[str, Any]]]) -> dict[str, Any]:
    """Return a page as plain JSON values."""
    return {"data": shown(page.rows), "next_cursor": page.next_cursor or None}


def id_in_path(text: str) -> int:
    """Return the id an address holds; raises Problem 404 for what can be none."""
    row_id = id_of(text)
    if row_id is None:
        raise Problem("not_found")
    return row_id


def moment(value: datetime | None) -> str | None:
    """Return a time as JSON holds it, or None."""
    return value.isoformat() if value else None


def quantity(milli: int) -> str:
    """Return a quantity in thousandths as a text that loses nothing: 1500 is "1.5"."""
    return f"{milli // 1000}.{milli % 1000:03d}".rstrip("0").rstrip(".")
