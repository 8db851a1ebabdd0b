"""What calls about advice take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from setia.api.values import Given, Words64, wrong

AdviceKind = Literal[
    "check_in", "cart", "win_back", "second", "replenish", "cross_sell", "birthday", "thank", "vip", "ask_consent",
    "complete",
]  # fmt: skip


class AdviceIn(Given):
    """A suggestion that is taken up, with what its task is called, or dismissed with the reason: it stays away 14 days
    (not_now), 180 (not_suitable) or 30 (already_done)."""

    kind: AdviceKind
    decision: Literal["accept", "dismiss"]
    title: Annotated[Words64, Field(description="With accept.")] | None = None
    reason: Literal["not_now", "not_suitable", "already_done"] | None = None

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> "AdviceIn":
        if self.decision == "accept" and self.title is None:
            raise wrong("no_title")
        if self.decision == "dismiss" and self.reason is None:
            raise wrong("no_reason")
        return self


class SuggestionOut(BaseModel):
    """One thing worth doing: value, cost and net in smallest units, `figures` are what its reason rests on."""

    kind: str
    value: int
    cost: int
    net: int
    figures: dict[str, float]


class ForbiddenOut(SuggestionOut):
    """What would be worth doing and may not be; `why` is no_contact, no_consent, open_task or just_contacted."""

    why: str


class WindowOut(BaseModel):
    """Days from today in which a purchase is likely, with its probability."""

    from_days: int
    to_days: int
    probability: float


class AgainOut(BaseModel):
    product_id: str
    name: str
    days_bought: int
    mean_gap_days: float
    next: WindowOut | None


class NewProductOut(BaseModel):
    product_id: str
    name: str


class AdviceOut(BaseModel):
    """What is worth doing next about a customer, best first, and what to recommend to him."""

    customer_id: str
    objects_to_profiling: bool
    suggestions: list[SuggestionOut]
    forbidden: list[ForbiddenOut]
    buy_again: list[AgainOut]
    may_also_like: list[NewProductOut]
    next_purchase: WindowOut | None


class AdviceDecision(BaseModel):
    """What was decided about a suggestion, and until when it stays away."""

    decision_id: str
    kind: str
    is_accepted: bool
    reason: str
    task_id: str | None
    stays_away_until: str
