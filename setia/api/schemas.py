"""What calls take and give, noun by noun. Ids are texts, money is whole smallest units, times carry their zone."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SkipValidation, field_validator, model_validator

from setia.api.values import (
    LARGEST_MONEY,
    BirthDate,
    Email,
    ExternalId,
    Given,
    Id,
    MemberCode,
    Moment,
    Money,
    Phone,
    Quantity,
    Text20,
    Text64,
    Text80,
    Text120,
    Text160,
    Text500,
    Words64,
    Words200,
    wrong,
)
from setia.domains.customers.rules import PersonClaim
from setia.foundation.money import to_smallest

MOST_ITEMS = 1_000
MOST_LINES = 200
DEEPEST_PROPERTIES, LARGEST_PROPERTIES = 8, 8_000


class PersonIn(Given):
    """Who a customer is: what recognizes him, and what is known of him."""

    external_id: ExternalId | None = None
    member_code: MemberCode | None = None
    phone: Phone | None = None
    email: Email | None = None
    name: Text160 | None = None
    city: Text80 | None = None
    country: Text80 | None = None
    birth_date: BirthDate | None = None

    @model_validator(mode="after")
    def _names_somebody(self) -> "PersonIn":
        if self.external_id is None:
            claim = PersonClaim(external=self.member_code or "", phone=self.phone or "", email=self.email or "")
            if not claim.settled().identities():
                raise wrong("no_identity")
        return self


class CustomerChange(Given):
    """Fields of a customer to change; what is not sent stays, an empty text or null takes a value away."""

    phone: Phone | Literal[""] | None = None
    email: Email | Literal[""] | None = None
    name: Text160 | None = None
    city: Text80 | None = None
    country: Text80 | None = None
    address: Text500 | None = None
    birth_date: BirthDate | None = None


class ProductIn(Given):
    """A product: its SKU tells it from others, or its name where it has none."""

    sku: Annotated[Words64, Field(description="Recommended: it survives a new name.")] | None = None
    name: Words200
    category: Text80 | None = None
    price: Money | None = None


class ProductChange(Given):
    """Fields of a product to change; what is not sent stays."""

    name: Words200 | None = None
    category: Text80 | None = None
    price: Money | None = None


class Goods(Given):
    """What a line is of: a product that is known, or one that becomes known by this line."""

    product_id: Id | None = None
    sku: Words64 | None = None
    name: Words200 | None = None
    category: Text80 | None = None
    quantity: Quantity

    @model_validator(mode="after")
    def _names_a_product(self) -> "Goods":
        if self.product_id is None and self.sku is None and self.name is None:
            raise wrong("no_product")
        return self


class LineIn(Goods):
    """A line of an order. Its price before discount is quantity times unit_price, rounded half up."""

    unit_price: Money
    discount: Money = 0
    tax: Money = 0

    @model_validator(mode="after")
    def _adds_up(self) -> "LineIn":
        if self.quantity * self.unit_price > LARGEST_MONEY:
            raise wrong("amount_too_large")
        if self.discount > self.gross:
            raise wrong("discount_too_large")
        return self

    @property
    def gross(self) -> int:
        return to_smallest(self.quantity * self.unit_price, 0)


class _WithCustomer(Given):
    customer: PersonIn | None = Field(None, description="Recognized, or added to the shop.")
    customer_id: Id | None = None

    @model_validator(mode="after")
    def _one_customer(self) -> "_WithCustomer":
        if self.customer is not None and self.customer_id is not None:
            raise wrong("two_customers")
        return self


class OrderIn(_WithCustomer):
    """An order. Without a customer it is a passer-by's."""

    external_id: ExternalId
    number: Words64 | None = Field(None, description="What the receipt says; external_id where it is missing.")
    placed_at: Moment
    outlet: Words64 | None = Field(None, description="The code of an outlet of the shop.")
    channel: Text20 = ""
    tender: Text20 = Field("", description="What was paid with: cash, qris, card.")
    status: Literal["paid", "open", "shipped", "done", "cancelled"] = "paid"
    lines: list[LineIn] = Field(min_length=1, max_length=MOST_LINES)


class ReturnLineIn(Goods):
    """A line that came back; `total` is what was given back for it."""

    total: Money


class ReturnIn(_WithCustomer):
    """Goods that came back. With the order they were bought with, its customer need not be named."""

    external_id: ExternalId
    number: Text64 = ""
    order_external_id: ExternalId | None = None
    returned_at: Moment
    outlet: Words64 | None = None
    reason: Text120 = ""
    lines: list[ReturnLineIn] = Field(min_length=1, max_length=MOST_LINES)


class EventIn(_WithCustomer):
    """Something that happened in your program, such as `app.login`."""

    external_id: ExternalId
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,59}$", max_length=60)]
    occurred_at: Moment
    properties: dict[str, Any] = Field(default_factory=dict, description="Up to 8,000 characters of JSON; kept sealed.")

    @field_validator("properties")
    @classmethod
    def _shallow(cls, value: dict[str, Any]) -> dict[str, Any]:
        if _depth(value) > DEEPEST_PROPERTIES:
            raise wrong("too_deep")
        try:
            length = len(json.dumps(value))
            json.dumps(value, ensure_ascii=False).encode()
        except (ValueError, UnicodeEncodeError):
            raise wrong("invalid") from None
        if length > LARGEST_PROPERTIES:
            raise wrong("too_long", limit=LARGEST_PROPERTIES)
        return value


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        current, depth = waiting.pop()
        deepest = max(deepest, depth)
        if depth > DEEPEST_PROPERTIES:
            break
        children = current.values() if isinstance(current, dict) else current if isinstance(current, list) else ()
        waiting += [(child, depth + 1) for child in children]
    return deepest


# Each item of a bulk call is checked by itself, so that one that is wrong does not lose the others.
class _Bulk(Given):
    pass


class CustomersIn(_Bulk):
    """Up to 1,000 customers."""

    items: list[SkipValidation[PersonIn]] = Field(min_length=1, max_length=MOST_ITEMS)


class ProductsIn(_Bulk):
    """Up to 1,000 products."""

    items: list[SkipValidation[ProductIn]] = Field(min_length=1, max_length=MOST_ITEMS)


class OrdersIn(_Bulk):
    """Up to 1,000 orders with 10,000 lines in all."""

    items: list[SkipValidation[OrderIn]] = Field(min_length=1, max_length=MOST_ITEMS)


class ReturnsIn(_Bulk):
    """Up to 1,000 returns with 10,000 lines in all."""

    items: list[SkipValidation[ReturnIn]] = Field(min_length=1, max_length=MOST_ITEMS)


class EventsIn(_Bulk):
    """Up to 1,000 events."""

    items: list[SkipValidation[EventIn]] = Field(min_length=1, max_length=MOST_ITEMS)


class FieldErrorOut(BaseModel):
    field: str
    code: str
    message: str


class ProblemOut(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    errors: list[FieldErrorOut]


Status = Literal["created", "known", "changed", "extended", "refused"]


class Outcome(BaseModel):
    """What became of one item: `created`, `known` before, `changed`, `extended` by lines, or `refused`."""

    id: str
    external_id: str | None
    status: Literal["created", "known", "changed", "extended"]


class ItemOutcome(BaseModel):
    """What became of one item of a bulk call; `index` counts from 0, `errors` say why it was refused."""

    index: int
    id: str | None
    external_id: str | None
    status: Status
    errors: list[FieldErrorOut]


class Counts(BaseModel):
    created: int
    known: int
    changed: int
    extended: int
    refused: int


class BulkOut(BaseModel):
    """All that was accepted was written in one transaction; what was refused was left out."""

    counts: Counts
    results: list[ItemOutcome]


class CustomerOut(BaseModel):
    """A customer. `contact` is null without the scope customers:contact; `merged_into` is who he is now, if merged."""

    class Contact(BaseModel):
        phone: str
        email: str
        address: str
        birth_date: str | None

    id: str
    external_id: str | None
    name: str
    city: str
    country: str
    language: str
    joined_at: str
    created_at: str
    updated_at: str
    merged_into: str | None
    order_count: int
    spent_total: int
    returned_total: int
    first_order_at: str | None
    last_order_at: str | None
    contact: Contact | None


class ProductOut(BaseModel):
    id: str
    sku: str
    name: str
    category: str
    price: int
    created_at: str
    updated_at: str


class LineOut(BaseModel):
    product_id: str
    sku: str
    name: str
    quantity: str
    unit_price: int
    gross: int
    discount: int
    tax: int
    net: int


class OrderOut(BaseModel):
    id: str
    number: str
    customer_id: str | None
    outlet: str | None
    channel: str
    tender: str
    status: str
    placed_at: str
    created_at: str
    updated_at: str
    gross: int
    discount: int
    tax: int
    net: int
    returned_total: int
    lines: list[LineOut]


class ReturnLineOut(BaseModel):
    product_id: str
    sku: str
    name: str
    quantity: str
    total: int


class ReturnOut(BaseModel):
    id: str
    number: str
    customer_id: str | None
    order_id: str | None
    outlet: str | None
    reason: str
    returned_at: str
    created_at: str
    updated_at: str
    total: int
    lines: list[ReturnLineOut]


class EventOut(BaseModel):
    id: str
    name: str
    source: str
    customer_id: str | None
    occurred_at: str
    created_at: str
    properties: dict[str, Any]


class ScoresOut(BaseModel):
    """Scores of a customer as of a day of the shop; all null where he was not measured.

    `health`, `risk` and `engagement` are 0-100; `chance_silent` and `chance_lost` are probabilities of no purchase in
    the next days; `expected_value` is money and `expected_orders` a number of purchases of the next 365 days;
    `top_milli` is the share of buyers who spent as much or more in a year, in thousandths.
    """

    customer_id: str
    as_of: str | None
    rfm: str | None
    segment: str | None
    activity: str | None
    lifecycle: str | None
    health: int | None
    zone: str | None
    risk: int | None
    alarm: str | None
    engagement: int | None
    chance_silent: float | None
    chance_lost: float | None
    expected_orders: float | None
    expected_value: int | None
    recency_days: int | None
    top_milli: int | None


class ScoresList(BaseModel):
    data: list[ScoresOut]
    next_cursor: str | None


class CustomerList(BaseModel):
    data: list[CustomerOut]
    next_cursor: str | None


class ProductList(BaseModel):
    data: list[ProductOut]
    next_cursor: str | None


class OrderList(BaseModel):
    data: list[OrderOut]
    next_cursor: str | None


class ReturnList(BaseModel):
    data: list[ReturnOut]
    next_cursor: str | None


class EventList(BaseModel):
    data: list[EventOut]
    next_cursor: str | None
