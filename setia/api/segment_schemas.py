"""Bodies and answers of segments."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from setia.api.values import Given, RuleText, Text80, Words64


class SegmentIn(Given):
    """A segment by rule, in the text form of docs/segments.md."""

    name: Words64
    rule: Annotated[RuleText, Field(description="The text form, see docs/segments.md.")]
    description: Text80 | None = None
    is_live: bool = False


class SegmentOut(BaseModel):
    """A segment or a list by hand; `rule` is its text form, null for a list."""

    id: str
    name: str
    description: str
    kind: Literal["dynamic", "static"]
    state: Literal["draft", "live", "archived"]
    size: int
    is_filling: bool
    entering_in_7_days: int
    leaving_in_7_days: int
    rule: str | None
    rule_json: dict[str, Any] | None
    version: int
    created_at: str
    updated_at: str


class SegmentList(BaseModel):
    data: list[SegmentOut]
    next_cursor: str | None


class MemberOut(BaseModel):
    """Somebody in a segment; `leaves_at` is when he leaves by himself if nothing happens."""

    customer_id: str
    since: str
    leaves_at: str | None


class MemberList(BaseModel):
    data: list[MemberOut]
    next_cursor: str | None


class InSegmentOut(BaseModel):
    """A segment a customer is in; `conditions` are the places of those in its rule that held when he came."""

    segment_id: str
    name: str
    since: str
    leaves_at: str | None
    conditions: list[int]


class InSegmentList(BaseModel):
    data: list[InSegmentOut]
    next_cursor: str | None
