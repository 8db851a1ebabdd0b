"""The guide in words: mistakes with what to do, causes for leaving, goals."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class MistakeWords:
    """The name of a mistake or foundation, how it is judged, what to do, and the page where."""

    name: Any
    how: Any
    step: Any
    url_name: str


MISTAKES: dict[str, MistakeWords] = {
    "only_new": MistakeWords(
        _("Only chasing new customers"),
        _("A fault if more than 70% of what is spent, or of the contacts you begin, goes to new customers."),
        _("Plan something for those you have: enter what you spend on keeping them, and talk to the best."),
        "console:spend",
    ),
    "slow": MistakeWords(
        _("Slow service"),
        _("A fault if fewer than 90% of parcels arrive, or of tasks are done, by the day that was promised."),
        _("Promise what you can keep, and look at what is overdue every morning."),
        "console:tasks",
    ),
    "impersonal": MistakeWords(
        _("Nothing personal"),
        _("A fault if of more than half you know the name only: no birthday, no taste, no channel."),
        _("Ask one question at the till, and write the answer down."),
        "console:customers",
    ),
    "no_follow_up": MistakeWords(
        _("No word after the purchase"),
        _("A fault if with fewer than a fifth of the latest buyers anybody was in touch within 14 days."),
        _("Ask how it was: begin with those who bought for the first time."),
        "console:neglected",
    ),
    "no_programme": MistakeWords(
        _("No loyalty programme"),
        _("Judged once Setia keeps points, tiers or stamps."),
        _("Reckon meanwhile what a membership would have to bring."),
        "console:calculators",
    ),
    "deaf": MistakeWords(
        _("Deaf to what customers say"),
        _("A fault if fewer than 70% of returns say why. Surveys and complaints will count once Setia has them."),
        _("Ask for the reason with every return, and read the most given ones once a week."),
        "console:leaving",
    ),
    "no_vip": MistakeWords(
        _("The best are treated like everybody"),
        _("A fault if fewer than half of the best tenth have a colleague of their own or were talked to in 90 days."),
        _("Give each of them a colleague who knows them by name."),
        "console:neglected",
    ),
    "quality": MistakeWords(
        _("Quality that holds"),
        _("Goods that came back in the last whole month: healthy below 5%."),
        _("Look at the reasons given for returns before you win more customers."),
        "console:leaving",
    ),
    "experience": MistakeWords(
        _("An experience people like"),
        _("Judged by surveys (CSAT, effort)."),
        _("Until then ask ten customers yourself."),
        "console:customers",
    ),
    "trust": MistakeWords(
        _("Promises that are kept"),
        _("The rules for returns are written down, and at least 90% of parcels and returns keep their promised day."),
        _("Write down your rules for returns, and show them."),
        "console:return_policy",
    ),
}
FIGURES = {
    "spend_new": _("of what was spent in a year went to new customers"),
    "contacts_new": _("of the contacts you began in 90 days were with new customers"),
    "orders_new": _("of the orders of known customers in 90 days were first ones"),
    "parcels": _("of parcels in half a year arrived by the promised day"),
    "tasks": _("of tasks due in 90 days were done by their day"),
    "known": _("of customers are known by more than their name"),
    "followed": _("of the latest buyers heard from you within 14 days"),
    "reasons": _("of the returns of a year say why"),
    "vip": _("of the best tenth are looked after in person"),
    "vip_others": _("of the others are, for comparison"),
    "return_rate": _("of what was sold came back"),
    "cases": _("of returns in half a year were checked by the promised day"),
}
LACKS = {
    "spend": _("Nothing is entered of what you spend, and fewer than 30 contacts you began are logged."),
    "dates": _("Fewer than 30 parcels, tasks or returns had a promised day."),
    "people": _("Fewer than 30 customers."),
    "buyers": _("Fewer than 30 known buyers in the last 90 days."),
    "programme": _("Setia keeps no points or tiers yet, so nothing can be said."),
    "feedback": _("Fewer than 30 returns in a year, and no surveys or complaints are recorded yet."),
    "orders": _("Fewer than 30 orders in the last whole month."),
    "surveys": _("There are no surveys yet."),
    "policy": _("The rules for returns were never written down."),
}
CAUSES = {
    "ignored": _("Felt ignored"),
    "price": _("Too dear"),
    "quality": _("Quality"),
    "service": _("Service"),
    "delivery": _("Delivery"),
    "range": _("Did not find what he wanted"),
    "competitor": _("Another shop"),
    "moved": _("Moved away"),
    "no_need": _("Needs it no more"),
    "other": _("Something else"),
}
RHYTHMS = {
    "weekly": _("every week"),
    "biweekly": _("every two weeks"),
    "monthly": _("every month"),
    "quarterly": _("once a quarter"),
}
JUDGMENTS = {
    "unknown": (_("not yet known"), ""),
    "reached": (_("reached"), "good"),
    "on_track": (_("on track"), "good"),
    "behind": (_("behind"), "gold"),
    "far_behind": (_("far behind"), "bad"),
}
WISHES = {
    "retention": _("Keep more customers over a year"),
    "churn": _("Lose fewer customers a month"),
    "repeat": _("More customers who buy again"),
    "nps": _("Customers recommend us (NPS)"),
}
UNITS = {
    "share": _("percent"),
    "money": _("amount of money"),
    "count": _("number (whole)"),
    "number": _("number"),
    "days": _("days"),
}
REFUSALS = {
    "empty": _("Write what is meant."),
    "closed": _("This goal is closed. Open it again first."),
    "nowhere": _("Start and target are the same."),
    "measure": _("There is no such measure."),
    "unit": _("There is no such unit."),
    "many": _("Eight key results are the most; fewer are better."),
    "live": _("This figure comes from its measure by itself."),
}
