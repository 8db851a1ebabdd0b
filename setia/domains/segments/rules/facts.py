"""What is known of one person, as plain values: everything a rule may ask, loaded for the topics it asks about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


class DaySales(NamedTuple):
    """Orders of one day, outlet and channel that were not cancelled; `value` is net less what came back."""

    day: int
    outlet_id: int | None
    channel: str
    orders: int
    value: int


class LineSale(NamedTuple):
    """One line of such an order."""

    day: int
    order_id: int
    outlet_id: int | None
    channel: str
    product_id: int
    category: str
    net: int


class Answer(NamedTuple):
    """The standing answer to one purpose on one channel."""

    is_granted: bool
    is_guardian: bool


@dataclass(slots=True)
class Facts:
    """One person, all his rows together. Days are ordinals (`date.toordinal`); what was not loaded is empty."""

    customer_id: int
    sales: list[DaySales] = field(default_factory=list)
    lines: list[LineSale] = field(default_factory=list)
    returns: list[tuple[int, int | None]] = field(default_factory=list)  # day and outlet
    abandoned: list[int] = field(default_factory=list)
    joined_day: int | None = None
    birth_date: date | None = None
    family_days: list[date] = field(default_factory=list)
    texts: Mapping[str, str] = field(default_factory=dict)  # city, gender, language, source, preferred_channel
    interests: frozenset[str] = frozenset()
    owner_id: int | None = None
    reach: frozenset[str] = frozenset()
    tag_ids: frozenset[int] = frozenset()
    answers: Mapping[str, Answer] = field(default_factory=dict)  # by "purpose.channel"
    custom: Mapping[str, int | str] = field(default_factory=dict)  # by "custom.KEY.KIND"
    scores: Mapping[str, int | str | None] = field(default_factory=dict)  # by name of the field
    segment_ids: set[int] = field(default_factory=set)
