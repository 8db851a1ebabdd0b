"""The words of advice: what each suggestion is called, why it is made, what its task says."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from setia.domains.advice.queries import Advised
from setia.domains.advice.rules.actions import Suggestion
from setia.domains.advice.rules.windows import Window

KINDS: dict[str, Any] = {
    "check_in": _("Ask whether all is well"),
    "cart": _("Follow up the cart"),
    "win_back": _("Win back"),
    "second": _("Invite to a second visit"),
    "replenish": _("Remind before it runs out"),
    "cross_sell": _("Mention something new"),
    "birthday": _("Birthday greeting"),
    "thank": _("Thank in person"),
    "vip": _("Care for a best customer"),
    "ask_consent": _("Ask for consent"),
    "complete": _("Complete the profile"),
}
REASONS: dict[str, Any] = {
    "not_now": _("Not now"),
    "not_suitable": _("Not suitable"),
    "already_done": _("Already done"),
}
FORBIDS: dict[str, Any] = {
    "no_contact": _("there is no phone number or e-mail"),
    "no_consent": _("there is no consent for it"),
    "open_task": _("somebody already has an open task about this customer"),
    "just_contacted": _("somebody was in touch only lately"),
}
SOURCES: dict[str, Any] = {
    "assumed": _("Setia's own cautious assumption"),
    "solved": _("far below the 33 % who return once their problem is solved, for many of them would have anyway"),
}
LISTS: dict[str, Any] = {
    "popularity": _("What sells best"),
    "personal": _("Only what the customer bought oftenest"),
    "frequency": _("Bought oftenest, filled with what sells best"),
    "decayed": _("Bought oftenest, lately counts more"),
    "cosine": _("Bought by people with the same products"),
}
_MISSING = {"name": _("name"), "contact": _("phone number or e-mail"), "birthday": _("birthday")}


def reason(one: Suggestion, money: Callable[[int], str], product: str = "") -> str:
    """Return why a suggestion is made, in a sentence."""
    figures = {name: round(value) for name, value in one.figures.items()}
    silent, gap = figures.get("silent", 0), figures.get("gap", 0)
    if one.kind == "check_in":
        return _trouble(figures)
    if one.kind == "cart":
        words = ngettext(
            "A cart of {total} was left behind {count} day ago.",
            "A cart of {total} was left behind {count} days ago.",
            figures["days"],
        )
        return words.format(total=money(figures["total"]), count=figures["days"])
    if one.kind in ("win_back", "vip"):
        told = _now("No purchase for {silent} days, usually every {gap} days.").format(silent=silent, gap=gap)
        best = _now("Among the best {top} % of buyers.").format(top=_top(one)) if one.kind == "vip" else ""
        return f"{best} {told}".strip()
    if one.kind == "second":
        return _now("Bought once, {silent} days ago. Whoever comes a second time mostly stays.").format(silent=silent)
    if one.kind == "replenish":
        words = _now("Buys {product} about every {gap} days, last {silent} days ago: it may be running out.")
        return words.format(product=product or _now("a product"), gap=gap, silent=silent)
    if one.kind == "cross_sell":
        words = _now("Those who buy the same products also like {product}. Mention it at the till.")
        return words.format(product=product or _now("something new"))
    if one.kind == "birthday":
        days = figures["days"]
        if days == 0:
            return _now("It is the birthday today.")
        return ngettext("The birthday is in {count} day.", "The birthday is in {count} days.", days).format(count=days)
    if one.kind == "thank":
        words = _now("Among the best {top} % of buyers, with {orders} orders. A personal word of thanks is noticed.")
        return words.format(top=_top(one), orders=figures["orders"])
    if one.kind == "ask_consent":
        words = _now("If you may write, “{name}” would be worth about {worth}. Ask at the till.")
        return words.format(name=KINDS[one.unlocks], worth=money(figures["worth"]))
    names = ", ".join(str(_MISSING[name]) for name in one.figures if name in _MISSING)
    return _now("Not known yet: {names}. Ask when the customer is here.").format(names=names)


def _trouble(figures: Mapping[str, int]) -> str:
    if "late" in figures:
        days = figures["late"]
        return ngettext(
            "A parcel is, or came, {count} day late. Say sorry before the customer complains.",
            "A parcel is, or came, {count} days late. Say sorry before the customer complains.",
            days,
        ).format(count=days)
    days = figures.get("back", 0)
    if days == 0:
        return _now("Goods came back today. Ask whether all is well now.")
    return ngettext(
        "Goods came back {count} day ago. Ask whether all is well now.",
        "Goods came back {count} days ago. Ask whether all is well now.",
        days,
    ).format(count=days)


def _top(one: Suggestion) -> str:
    return f"{max(one.figures.get('top', 0.0), 0.1):.3g}"


def product_of(advised: Advised, kind: str) -> str:
    """Return the name of the product that a suggestion speaks of, or an empty text."""
    best = advised.judged.best
    is_of_best = best is not None and best.kind == kind
    return advised.product.name if advised.product is not None and is_of_best else ""


def task_title(kind: str, product: str = "") -> str:
    """Return what the task of a suggestion is called."""
    name = str(KINDS[kind])
    return f"{name}: {product}" if product else name


def in_words(window: Window) -> str:
    """Return a window as a person says it: in about 2-5 weeks."""
    if window.high <= 14:
        return _now("in about {low}–{high} days").format(low=window.low, high=window.high)
    low, high = round(window.low / 7), max(round(window.high / 7), 1)
    if high > 12:
        months = max(round(window.low / 30), 1), max(round(window.high / 30), 2)
        return _now("in about {low}–{high} months").format(low=months[0], high=months[1])
    if low < 1:
        return _now("within about {high} weeks").format(high=high)
    return _now("in about {low}–{high} weeks").format(low=low, high=max(high, low + 1))
