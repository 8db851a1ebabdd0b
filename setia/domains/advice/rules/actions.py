"""What to do next about one customer: each possible action with its expected value, cost and what forbids it. Pure.

value = uplift x spend x margin, in smallest units. Uplift is by how much an action raises the probability of what the
spend is reckoned from. Nobody has measured it for this shop at the beginning, so each kind starts from a prior that is
Setia's own cautious assumption, worth `PRIOR_WEIGHT` decisions, and is moved by what followed (see `rules.learning`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from setia.domains.advice.rules.learning import KindLearned

CHECK_IN, CART, WIN_BACK, SECOND, REPLENISH = "check_in", "cart", "win_back", "second", "replenish"
CROSS_SELL, BIRTHDAY, THANK, VIP = "cross_sell", "birthday", "thank", "vip"
ASK_CONSENT, COMPLETE, NOTHING = "ask_consent", "complete", "nothing"
AHEAD_DAYS = 30
# Half of those who are asked say yes: assumed; it is worth half of what could then be said.
_YES = 0.5


@dataclass(frozen=True, slots=True)
class Prior:
    """A kind of action: assumed uplift, minutes of the team, messages, and by what way people are reached.

    `way` is "message" or "call" (both need consent to offers), "service" (about one's own order), or "till" (said to
    who stands there anyway). `source` says where the assumption comes from.
    """

    uplift: float
    minutes: float
    messages: int
    way: str
    source: str


# No trial of ours or of the literature at hand measured these against people left alone; where a source names a rate,
# it counts everybody who came back, also those who would have come anyway, so the prior is far below it.
PRIORS: dict[str, Prior] = {
    CHECK_IN: Prior(0.05, 6, 0, "service", "33 % of the lost return once their problem is solved (blueprint B1)"),
    CART: Prior(0.06, 1, 1, "message", "assumed"),
    WIN_BACK: Prior(0.04, 1, 1, "message", "33 % of the lost return once their problem is solved (blueprint B1)"),
    SECOND: Prior(0.05, 1, 1, "message", "assumed"),
    REPLENISH: Prior(0.06, 1, 1, "message", "assumed"),
    CROSS_SELL: Prior(0.03, 0.5, 0, "till", "assumed"),
    BIRTHDAY: Prior(0.04, 1, 1, "message", "assumed"),
    THANK: Prior(0.01, 4, 0, "call", "assumed"),
    VIP: Prior(0.03, 8, 0, "call", "assumed"),
    ASK_CONSENT: Prior(_YES, 1, 0, "till", "assumed"),
    COMPLETE: Prior(0.002, 1, 0, "till", "assumed"),
}
KINDS = tuple(PRIORS)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the shop reckons with: margin as a share, costs in smallest units, days of rest after a contact, and the
    shop's own mean order and gap in days, for whom too little is known of."""

    margin: float
    message_cost: int
    minute_cost: int
    pause_days: int
    usual_order: int
    usual_gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one customer at a moment. Days are whole; None is not known; money in smallest units."""

    order_count: int = 0
    silent: int | None = None
    gap: float | None = None
    average_order: int = 0
    worth: int = 0
    health: int | None = None
    risk: int | None = None
    activity: str = ""
    top_milli: int = 1000
    chance_silent: int | None = None
    may_message: bool = False
    may_call: bool = False
    may_serve: bool = True
    was_asked: bool = False
    objects: bool = False
    has_contact: bool = False
    contacted: int | None = None
    has_open_task: bool = False
    brought_back: int | None = None
    late_parcel: int | None = None
    birthday_in: int | None = None
    cart_total: int = 0
    cart_age: int | None = None
    missing: tuple[str, ...] = ()
    due_product: int | None = None
    due_silent: int = 0
    due_gap: float = 0.0
    also_product: int | None = None
    away: frozenset[str] = frozenset()

    @property
    def chance_anyway(self) -> float:
        """Return the probability of a purchase within 30 days if nothing is done: a third of the model's 90."""
        if self.chance_silent is None:
            return 0.0
        return 1.0 - float((self.chance_silent / 1000) ** (AHEAD_DAYS / 90))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One possible action: its value, cost and net in smallest units, and the figures its reason is told with.

    Asking for consent `unlocks` another kind.
    """

    kind: str
    value: int
    cost: int
    rank: float
    figures: Mapping[str, float] = field(default_factory=dict)
    unlocks: str = ""

    @property
    def net(self) -> int:
        return self.value - self.cost


@dataclass(frozen=True, slots=True)
class Judged:
    """The best first; then what would be worth it and may not be, with why."""

    suggestions: tuple[Suggestion, ...]
    forbidden: tuple[tuple[Suggestion, str], ...]

    @property
    def best(self) -> Suggestion | None:
        return self.suggestions[0] if self.suggestions else None


def judge(facts: Facts, terms: Terms, learned: Mapping[str, KindLearned]) -> Judged:
    """Return what is worth doing about a customer, best first; nothing where he does not want to be measured.

    Ranked by net value times how often such a suggestion is taken up: what the team always dismisses sinks.
    """
    if facts.objects:
        return Judged((), ())
    good: list[Suggestion] = []
    forbidden: list[tuple[Suggestion, str]] = []
    for kind, spend, figures in _occasions(facts, terms):
        one = _suggestion(kind, spend, facts, terms, learned, figures)
        why = _forbids(kind, facts, terms)
        if kind in facts.away or one.net <= 0:
            continue
        if why:
            forbidden.append((one, why))
        else:
            good.append(one)
    good += _asking(facts, terms, learned, forbidden)
    good.sort(key=lambda one: (-one.rank, KINDS.index(one.kind)))
    forbidden.sort(key=lambda pair: -pair[0].rank)
    return Judged(tuple(good), tuple(forbidden))


def _suggestion(
    kind: str, spend: float, facts: Facts, terms: Terms, learned: Mapping[str, KindLearned], figures: dict[str, float]
) -> Suggestion:
    prior = PRIORS[kind]
    known = learned.get(kind) or KindLearned.of(prior.uplift)
    # Who would buy anyway cannot be brought to it.
    room = 1.0 if kind in (CHECK_IN, THANK, VIP, COMPLETE) else 1.0 - facts.chance_anyway
    value = int(known.uplift * room * spend * terms.margin)
    cost = int(prior.minutes * terms.minute_cost + prior.messages * terms.message_cost)
    return Suggestion(kind, value, cost, (value - cost) * known.taken_up, figures)


def _occasions(facts: Facts, terms: Terms) -> list[tuple[str, float, dict[str, float]]]:
    """Return each action there is an occasion for, with the spend its uplift is of and the figures of its reason."""
    found: list[tuple[str, float, dict[str, float]]] = []
    order = facts.average_order or terms.usual_order
    gap = facts.gap or terms.usual_gap
    # What somebody spends in 90 days at his usual pace, one order at least.
    quarter = order * max(1.0, min(90.0 / max(gap, 1.0), 40.0))
    year = max(facts.worth, order)
    trouble = [days for days in (facts.brought_back, facts.late_parcel) if days is not None]
    if trouble and (facts.contacted is None or facts.contacted > min(trouble)):
        late = facts.late_parcel is not None
        found.append((CHECK_IN, year, {"late" if late else "back": min(trouble)}))
    if facts.cart_age is not None and facts.cart_total:
        found.append((CART, facts.cart_total, {"total": facts.cart_total, "days": facts.cart_age}))
    if facts.silent is not None:
        found += _by_silence(facts, order=order, gap=gap, quarter=quarter)
    if facts.birthday_in is not None:
        found.append((BIRTHDAY, quarter, {"days": facts.birthday_in}))
    is_best = facts.order_count >= 3 and facts.top_milli <= 200
    if is_best and facts.silent is not None:
        slipping = (facts.risk or 0) >= 50 or facts.silent > 1.5 * gap
        if slipping and facts.top_milli <= 100:
            found.append((VIP, year, {"silent": facts.silent, "gap": gap, "top": facts.top_milli / 10}))
        elif not slipping and (facts.contacted is None or facts.contacted > 90):
            found.append((THANK, year, {"orders": facts.order_count, "top": facts.top_milli / 10}))
    if facts.missing:
        found.append((COMPLETE, year, dict.fromkeys(facts.missing, 1)))
    return found


def _by_silence(facts: Facts, *, order: float, gap: float, quarter: float) -> list[tuple[str, float, dict[str, float]]]:
    found: list[tuple[str, float, dict[str, float]]] = []
    silent = facts.silent or 0
    if facts.order_count == 1 and 7 <= silent <= 90:
        found.append((SECOND, quarter, {"silent": silent}))
    if facts.order_count >= 2 and max(2 * gap, 30) < silent <= 730:
        found.append((WIN_BACK, quarter, {"silent": silent, "gap": gap}))
    elif facts.due_product is not None:
        found.append((REPLENISH, order, {"silent": facts.due_silent, "gap": facts.due_gap}))
    if facts.also_product is not None and silent <= max(1.5 * gap, 30):
        found.append((CROSS_SELL, order, {}))
    return found


def _forbids(kind: str, facts: Facts, terms: Terms) -> str:
    """Return why an action may not be taken now, or an empty text."""
    way = PRIORS[kind].way
    if way == "till":
        return ""
    if not facts.has_contact:
        return "no_contact"
    if facts.has_open_task:
        return "open_task"
    if way == "service":
        return "" if facts.may_serve else "no_consent"
    if facts.contacted is not None and facts.contacted < terms.pause_days:
        return "just_contacted"
    may = facts.may_message if way == "message" else facts.may_call or facts.may_message
    return "" if may else "no_consent"


def _asking(
    facts: Facts,
    terms: Terms,
    learned: Mapping[str, KindLearned],
    forbidden: list[tuple[Suggestion, str]],
) -> list[Suggestion]:
    """Return the suggestion to ask for consent: worth as often as people say yes what could then be said."""
    waiting = [one for one, why in forbidden if why == "no_consent" and PRIORS[one.kind].way != "service"]
    if facts.was_asked or not facts.has_contact or ASK_CONSENT in facts.away or not waiting:
        return []
    prior = PRIORS[ASK_CONSENT]
    known = learned.get(ASK_CONSENT) or KindLearned.of(prior.uplift)
    most = max(waiting, key=lambda one: one.net)
    value, cost = int(known.uplift * most.net), int(prior.minutes * terms.minute_cost)
    if value <= cost:
        return []
    rank = (value - cost) * known.taken_up
    return [Suggestion(ASK_CONSENT, value, cost, rank, {"worth": most.net}, most.kind)]
