"""The words of scores: zones of health, the warning of churn, stages, and why somebody stands where he stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Group:
    """The name of a group of people, who that is, and what to do about them, step by step."""

    name: Any
    who: Any
    steps: tuple[Any, ...] = ()


ZONES: dict[str, Group] = {
    "green": Group(
        _("Green: healthy"),
        _("score 80 to 100"),
        (
            _("Thank them by name."),
            _("Ask for a review or a photo."),
            _("Invite them to bring a friend."),
        ),
    ),
    "yellow": Group(
        _("Yellow: slipping"),
        _("score 60 to 79"),
        (
            _("Whoever looks after them writes a personal message: how was the last visit?"),
            _("Call those who do not answer within three days."),
            _("Invite them to a tasting, a workshop or something new."),
            _("A discount comes last, and only where nothing else moved them."),
        ),
    ),
    "red": Group(
        _("Red: critical"),
        _("score below 60"),
        (
            _("The owner or a manager calls, one to one, and listens first."),
            _("Put right what went wrong; write it down on the customer's page."),
            _("Offer something made for this person, not a coupon from the stack."),
            _("Where nothing helps, let go: whom to let go is decided by a person."),
        ),
    ),
}

ALARMS: dict[str, Group] = {
    "high": Group(_("High risk"), _("70 or more: act now")),
    "medium": Group(_("Medium risk"), _("40 to 69: watch, and touch gently")),
    "low": Group(_("Low risk"), _("below 40: nothing to do")),
    "lost": Group(_("Lost already"), _("has not bought for longer than you count as lost")),
}

ACTIVITIES: dict[str, Group] = {
    "new": Group(_("New"), _("first bought less than 30 days ago")),
    "active": Group(_("Active"), _("bought within the days that count as active")),
    "at_risk": Group(_("At risk"), _("longer silent than active, not yet lost")),
    "lost": Group(_("Lost"), _("silent for longer than you count as lost")),
}

LIFECYCLES: dict[str, Group] = {
    "new": Group(_("New"), _("first 30 days"), (_("Help them to the second purchase."),)),
    "growing": Group(_("Growing"), _("1 to 3 months"), (_("Make it a habit: the same day, the same drink."),)),
    "mature": Group(_("Mature"), _("3 to 12 months, or longer and as lively as before"), (_("Offer more, often."),)),
    "declining": Group(_("Declining"), _("a year or longer, and coming less"), (_("Ask what changed."),)),
}

LEVELS: dict[str, Group] = {
    "suspect": Group(_("Suspect"), _("does not know you yet"), (_("Be seen."),)),
    "prospect": Group(_("Prospect"), _("known to you, has not bought"), (_("The first purchase."),)),
    "customer": Group(_("Customer: 1 purchase"), _("1 purchase"), (_("The second purchase."),)),
    "client": Group(_("Client: 2–5"), _("2 to 5 purchases"), (_("Coming more often."),)),
    "supporter": Group(_("Supporter: 6–10"), _("6 to 10 purchases"), (_("Telling others."),)),
    "advocate": Group(_("Advocate: 11–20"), _("11 to 20 purchases"), (_("Partnership."),)),
    "partner": Group(_("Partner: more than 20"), _("more than 20 purchases"), (_("For life."),)),
}

PARTS = {
    "recency": _("How lately they bought"),
    "frequency": _("How often in the last year"),
    "monetary": _("How much in the last year, against the other buyers"),
    "engagement": _("How much they are in touch"),
    "usage": _("How regularly they come, against their own pace"),
    "support": _("How their tickets went"),
    "payment": _("What they spend, against the three months before"),
    "silence": _("Days since the last purchase"),
    "drop": _("How far purchases became rarer"),
    "opens": _("Whether they open messages"),
    "survey": _("Whether they would recommend you"),
    "visits": _("Days with a purchase"),
    "app": _("Use of the website or app"),
    "contacts": _("Calls, chats and visits that began with them"),
    "carts": _("Carts they filled"),
    "consent": _("Consent to messages"),
}

SCORES = {
    "logistic": _("Learned: logistic regression"),
    "trees": _("Learned: boosted trees"),
    "transparent": _("Transparent risk"),
    "rfm": _("RFM ranks, weighted"),
    "silence": _("Days since the last purchase"),
}

CHURN_STATES = {
    "too_young": _(
        "Your sales do not reach back far enough yet: a model learns from days past and is tried on a later one."
    ),
    "too_few": _("Too few people, or too few of them left or stayed, to learn anything that holds."),
}

_WHY = {
    "g": _("away longer than ever before"),
    "s": _("silent for longer than counts as active"),
    "d": _("comes less often than before"),
    "o": _("bought once and has not returned"),
    "m": _("spends less than in the three months before"),
}
# Topics of the learned model, for leaving and for staying.
_TOPICS = {
    "s": _("away for long"),
    "S": _("was here lately"),
    "f": _("has not been a customer for long"),
    "F": _("a customer for long"),
    "o": _("buys seldom"),
    "O": _("buys often"),
    "m": _("spends little"),
    "M": _("spends much"),
    "b": _("small baskets"),
    "B": _("full baskets"),
}


def risk_reasons(letters: str) -> str:
    """Return in words why the transparent score says what it says; empty where nothing stands out."""
    return ", ".join(str(_WHY[letter]) for letter in letters if letter in _WHY)


def chance_reasons(letters: str) -> str:
    """Return in words what moved the learned chance most."""
    return ", ".join(str(_TOPICS[letter]) for letter in letters if letter in _TOPICS)


def move_reasons(before: int, after: int) -> list[str]:
    """Return in words what changed between two RFM cells, such as 545 and 345."""
    (r, f, m), (new_r, new_f, new_m) = (divmod_cell(cell) for cell in (before, after))
    found = []
    if new_r != r:
        found.append(_now("came again lately") if new_r > r else _now("has not come for longer"))
    if new_f != f:
        found.append(_now("has bought more often") if new_f > f else _now("has bought less often"))
    if new_m != m:
        found.append(_now("has spent more") if new_m > m else _now("has spent less, or sent goods back"))
    return found or [_now("the steps of the scores moved")]


def divmod_cell(cell: int) -> tuple[int, int, int]:
    """Return the three scores of an RFM cell."""
    return cell // 100, cell // 10 % 10, cell % 10


_TASK_TITLES = {
    "health.yellow": _("Health slipped to yellow: a personal message"),
    "health.red": _("Health is red: call personally"),
}


def task_title(title: str) -> str:
    """Return what a task is called: what Setia made is a code and said in the reader's language."""
    return str(_TASK_TITLES.get(title, title))


def task_steps(title: str) -> Sequence[Any]:
    """Return the playbook of a task that Setia made, step by step."""
    kind, _dot, zone = title.partition(".")
    return ZONES[zone].steps if kind == "health" and zone in ZONES else ()
