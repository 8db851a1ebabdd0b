"""Consent: purposes, channels, who may consent for himself. Pure decisions.

Sources: UU 27/2022 (articles 20-25, 40), PP 17/2025 (children under 18).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

ADULT_YEARS = 18


class Purpose(StrEnum):
    """What a shop may ask to use personal data for."""

    MARKETING = "marketing"  # news and offers, by channel
    SERVICE = "service"  # messages about one's own orders, by channel
    PROFILING = "profiling"  # scores and segments; allowed until the person objects
    SHARING = "sharing"  # handing data to others
    PUBLISHING = "publishing"  # showing a review or photo


class Channel(StrEnum):
    """Where a person may be reached; `any` where the purpose has no channel."""

    ANY = "any"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"
    PUSH = "push"
    POST = "post"


CHANNELS: dict[Purpose, tuple[Channel, ...]] = {
    Purpose.MARKETING: (Channel.WHATSAPP, Channel.EMAIL, Channel.SMS, Channel.PHONE, Channel.PUSH, Channel.POST),
    Purpose.SERVICE: (Channel.WHATSAPP, Channel.EMAIL, Channel.SMS, Channel.PHONE),
    Purpose.PROFILING: (Channel.ANY,),
    Purpose.SHARING: (Channel.ANY,),
    Purpose.PUBLISHING: (Channel.ANY,),
}
# What counts where nobody has said anything: messages about one's own order rest on the sale itself, and
# profiling on the shop's interest, to which a person may object (articles 10 and 20). All else needs a yes.
DEFAULTS: dict[Purpose, bool] = {
    Purpose.MARKETING: False,
    Purpose.SERVICE: True,
    Purpose.PROFILING: True,
    Purpose.SHARING: False,
    Purpose.PUBLISHING: False,
}
# To a child's disadvantage: refused by default whatever the defaults say, and a yes needs the guardian's.
GUARDED = frozenset({Purpose.MARKETING, Purpose.PROFILING, Purpose.SHARING, Purpose.PUBLISHING})


def fits(purpose: Purpose, channel: Channel) -> bool:
    """Tell whether a purpose is asked for this channel."""
    return channel in CHANNELS[purpose]


def is_minor(birth_date: date | None, *, on: date) -> bool:
    """Tell whether somebody is under 18 on a day; an unknown birthday says nothing and counts as grown up."""
    if birth_date is None:
        return False
    years = on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
    return years < ADULT_YEARS


@dataclass(frozen=True, slots=True)
class Answer:
    """One standing answer, for deciding."""

    purpose: str
    channel: str
    is_granted: bool
    is_guardian: bool
    given_at: datetime
    event_id: int


def standing(answers: Iterable[Answer]) -> dict[tuple[str, str], Answer]:
    """Return the latest answer for each purpose and channel; of two given at the same moment a no outranks a yes."""
    latest: dict[tuple[str, str], Answer] = {}
    for answer in sorted(answers, key=lambda row: (row.given_at, not row.is_granted, row.event_id)):
        latest[answer.purpose, answer.channel] = answer
    return latest


def is_allowed(purpose: Purpose, answer: Answer | None, *, minor: bool) -> bool:
    """Tell whether data may be used for a purpose, from the standing answer or its absence."""
    if minor and purpose in GUARDED:
        return answer is not None and answer.is_granted and answer.is_guardian
    return DEFAULTS[purpose] if answer is None else answer.is_granted
