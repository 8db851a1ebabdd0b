"""Rules in words: what each field is called, the sentence a rule says, and what is wrong with one that cannot be."""

from collections.abc import Callable
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from setia.console import measure_words
from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.fields import YES_NO, Field, Kind, field_named
from setia.domains.segments.rules.text import Names
from setia.domains.segments.rules.tree import And, Condition, Node, Not, conditions

LABELS: dict[str, Any] = {
    "order_count": _l("number of orders"),
    "spent": _l("spending"),
    "average_order": _l("average order"),
    "days_since_last": _l("days since the last purchase"),
    "days_since_first": _l("days since the first purchase"),
    "return_count": _l("number of returns"),
    "abandoned_carts": _l("carts left alone"),
    "days_since_joined": _l("days since they became a customer"),
    "days_to_birthday": _l("days until the birthday"),
    "days_since_birthday": _l("days since the birthday"),
    "age": _l("age"),
    "days_to_family_day": _l("days until a family day"),
    "days_since_family_day": _l("days since a family day"),
    "city": _l("city"),
    "gender": _l("gender"),
    "language": _l("language"),
    "source": _l("how they found the shop"),
    "preferred_channel": _l("likes to be reached by"),
    "interests": _l("likes"),
    "owner": _l("looked after by"),
    "reach": _l("can be reached by"),
    "tags": _l("tag"),
    "consent": _l("allows"),
    "rfm_recency": _l("R score"),
    "rfm_frequency": _l("F score"),
    "rfm_money": _l("M score"),
    "rfm_segment": _l("RFM segment"),
    "level": _l("level of the pyramid"),
    "chance_silent": _l("chance to stay silent for 90 days"),
    "expected_value": _l("expected spending in a year"),
    "health": _l("health"),
    "risk": _l("risk of leaving"),
    "engagement": _l("engagement"),
    "chance_lost": _l("chance to leave (learned)"),
    "top_share": _l("best by spending in a year"),
    "activity": _l("activity"),
    "lifecycle": _l("life stage"),
    "segment": _l("segment or list"),
}
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_l("Trade"), ("orders", "returns", "carts")),
    (_l("Person"), ("profile", "family", "identity", "tags", "consent")),
    (_l("Scores"), ("scores",)),
    (_l("Your own fields"), ("custom",)),
    (_l("Segments"), ("segments",)),
)
FILTER_LABELS = {"product": _l("product"), "category": _l("category"), "outlet": _l("outlet"), "channel": _l("channel")}
OPERATORS: dict[str, Any] = {
    ">=": _l("at least"), "<=": _l("at most"), "=": _l("is"), "!=": _l("is not"), ">": _l("more than"),
    "<": _l("less than"), "..": _l("between"), "known": _l("is known"), "unknown": _l("is not known"),
}  # fmt: skip
_CHANNELS: dict[str, Any] = {
    "whatsapp": _l("WhatsApp"), "email": _l("E-mail"), "sms": _l("SMS"), "phone": _l("Telephone"),
    "push": _l("Notification"), "post": _l("Post"), "any": "",
}  # fmt: skip
_PURPOSES = {
    "marketing": _l("offers"), "service": _l("messages about orders"), "sharing": _l("sharing of data"),
    "publishing": _l("publishing"),
}  # fmt: skip
_STAGES: dict[str, Any] = {
    "new": _l("New"), "active": _l("Active"), "at_risk": _l("At risk"), "lost": _l("Lost"), "growing": _l("Growing"),
    "mature": _l("Mature"), "declining": _l("Declining"),
}  # fmt: skip
_GENDERS = {"female": _l("Woman"), "male": _l("Man")}


def label(field: Field) -> Any:
    """Return what a field is called; one of the shop's own by its key."""
    return LABELS.get(field.name) or field.name.split(".")[1].replace("_", " ")


def choice(field: Field, value: str) -> Any:
    """Return what a fixed value of a field is called."""
    if field.name == "rfm_segment" and value in measure_words.SEGMENTS:
        return measure_words.SEGMENTS[value].name
    if field.name == "consent":
        purpose, _dot, channel = value.partition(".")
        return format_lazy("{} {}", _PURPOSES.get(purpose, purpose), _CHANNELS.get(channel, channel))
    if field.name in ("preferred_channel", "reach"):
        return _CHANNELS.get(value, value)
    if field.name in ("activity", "lifecycle"):
        return _STAGES.get(value, value)
    if field.name == "gender":
        return _GENDERS.get(value, value)
    return {"yes": _l("yes"), "no": _l("no")}[value] if value in YES_NO else value


class Sentences:
    """Says rules in the reader's language; `money` writes amounts."""

    def __init__(self, names: Names, money: Callable[[float], str]) -> None:
        self._names, self._money = names, money

    def rule(self, node: Node) -> str:
        """Return the sentence of a rule: whom it means."""
        return _("Customers for whom this holds: {rule}.").format(rule=self._say(node))

    def conditions(self, node: Node) -> list[str]:
        """Return the sentence of each condition, in the order in which reasons name them."""
        return [self.condition(each) for each in conditions(node)]

    def _say(self, node: Node, *, inside: bool = False) -> str:
        if isinstance(node, Condition):
            return self.condition(node)
        if isinstance(node, Not):
            return _("not ({part})").format(part=self._say(node.part))
        word = _("and") if isinstance(node, And) else _("or")
        text = f" {word} ".join(self._say(part, inside=True) for part in node.parts)
        return f"({text})" if inside else text

    def condition(self, condition: Condition) -> str:
        """Return the sentence of one condition."""
        field = field_named(condition.field)
        head = str(label(field))
        for name, values in condition.where:
            named = [self._name(name, value) for value in values]
            head += f", {FILTER_LABELS[name]} " + _(" or ").join(named)
        if condition.within is not None:
            days = ngettext("in the last {days} day", "in the last {days} days", condition.within)
            head += ", " + days.format(days=condition.within)
        operator = OPERATORS[condition.operator]
        if condition.operator in ("known", "unknown"):
            return f"{head} {operator}"
        if len(condition.values) == 2 and field.kind in _RANKED:
            low, high = (self._number(int(value), field) for value in condition.values)
            span = _("between {low} and {high}").format(low=low, high=high)
            return (
                f"{head} {span}" if condition.operator == "=" else _("{head} not {span}").format(head=head, span=span)
            )
        if field.kind in _RANKED:
            return f"{head} {operator} {self._number(int(condition.values[0]), field)}"
        named = [
            self._name(field.refers, value) if not field.choices else str(choice(field, str(value)))
            for value in condition.values
        ]
        return f"{head} {operator} " + _(" or ").join(named)

    def _name(self, kind: str, value: int | str) -> str:
        if not isinstance(value, int):
            return f"“{value}”"
        name = self._names.name_of(kind, value)
        return f"“{name}”" if name is not None else _("(one that is gone)")

    def _number(self, value: int, field: Field) -> str:
        if field.kind is Kind.MONEY:
            return self._money(value)
        if field.kind is Kind.SHARE:
            return f"{value / 10:g}%"
        if field.kind is Kind.DECIMAL:
            return f"{value / 1000:g}"
        return str(value)


_RANKED = (Kind.NUMBER, Kind.MONEY, Kind.DAYS, Kind.SHARE, Kind.DECIMAL)


def trouble(error: BadRule) -> str:
    """Return what is wrong with a rule, where, and what may have been meant."""
    found = error.found[:40]
    text = str(_TROUBLE.get(error.code, _l("This cannot be read.")))
    if found and error.code not in ("empty", "long"):
        text += " " + _("Found: “{found}”.").format(found=found)
    if error.near:
        text += " " + _("Did you mean: {near}?").format(near=", ".join(error.near))
    elif error.expected:
        text += " " + _("Expected: {expected}.").format(expected=", ".join(error.expected[:12]))
    return text


_TROUBLE: dict[str, Any] = {
    "empty": _l("The rule is empty: add at least one condition."),
    "long": _l("The text is too long."),
    "deep": _l("Groups are nested too deep; six levels at most."),
    "many": _l("Too many conditions; forty at most."),
    "field": _l("There is no such field."),
    "expected_field": _l("A field should stand here."),
    "expected": _l("Something else should stand here."),
    "expected_number": _l("A number should stand here."),
    "expected_name": _l("A name in quotation marks should stand here."),
    "percent": _l("A share is written with a percent sign, such as 50%."),
    "number": _l("This number cannot be."),
    "span": _l("The first number of a span must not be greater than the second."),
    "days": _l("Days are a whole number from 1 to 3,650."),
    "operator": _l("This comparison does not fit the field."),
    "value": _l("A value is missing, or does not fit the field."),
    "choice": _l("There is no such choice."),
    "filter": _l("This cannot be narrowed so, or twice."),
    "no_window": _l("This field counts nothing, so it has no days and no filters."),
    "sign": _l("This sign means nothing here."),
    "form": _l("This is no rule."),
    "no_tag": _l("There is no such tag."),
    "no_product": _l("There is no such product."),
    "no_outlet": _l("There is no such outlet."),
    "no_staff": _l("Nobody of the team is called so."),
    "no_segment": _l("There is no such segment or list."),
}
SAVING: dict[str, Any] = {
    "no_name": _l("Give the segment a name."),
    "name_taken": _l("Another segment has this name."),
    "circle": _l("This segment would use itself: one of the segments it names leads back to it."),
    "no_segment": _l("A segment that the rule names is gone."),
    "archived_part": _l("The rule names a segment that is archived. Restore it first, or take it out of the rule."),
    "archived": _l("An archived segment cannot be changed. Restore it first."),
    "used": _l("Other segments use this one: {names}."),
    "no_rule": _l("A segment without a rule cannot go live."),
    "by_rule": _l("Who is in this segment is decided by its rule."),
    "many": _l("There are 500 segments already. Archive some first."),
}
READY: dict[str, tuple[Any, Any]] = {
    "new": (_l("New customers"), _l("Bought for the first time within 30 days. Welcome them.")),
    "active": (_l("Active customers"), _l("Bought within 90 days.")),
    "at_risk": (_l("At risk"), _l("Silent for 91 to 180 days. Write to them before they are gone.")),
    "lost": (_l("Lost customers"), _l("Silent for more than half a year.")),
    "almost_lost": (_l("Regulars falling silent"), _l("Used to come again, and have been away for 45 to 90 days.")),
    "second_purchase": (_l("Due for a second purchase"), _l("Bought once, one to six weeks ago: most never return.")),
    "vip_fifth": (_l("Best 20%"), _l("The fifth that spends most in a year.")),
    "vip_tenth": (_l("Best 10%"), _l("The tenth that spends most in a year.")),
    "frequent": (_l("Come often"), _l("Six orders or more within 90 days.")),
    "premium": (_l("Big orders"), _l("Spend much each time. Offer quality, not discounts.")),
    "champions": (_l("RFM: champions"), _l("Came lately, come often, spend much.")),
    "cant_lose": (_l("RFM: must not be lost"), _l("Were among the best and have been away.")),
    "loyal": (_l("RFM: loyal"), _l("Come often and came lately.")),
    "hibernating": (_l("RFM: asleep or lost"), _l("Seldom came and have been away for long.")),
    "going_silent": (_l("Likely to stay silent"), _l("The model expects no purchase within 90 days.")),
    "valuable": (_l("Worth much in the coming year"), _l("Expected to spend a million or more.")),
    "birthday": (_l("Birthday within a week"), _l("And may be sent offers by WhatsApp.")),
    "family_day": (_l("Family day within two weeks"), _l("A child’s birthday, a wedding day.")),
    "cart": (_l("Left a cart this week"), _l("Put something together and did not order.")),
    "returned": (_l("Brought something back"), _l("A return within 60 days. Ask how they are.")),
    "whatsapp": (_l("Reachable by WhatsApp offers"), _l("Said yes, and there is a number.")),
    "email": (_l("Reachable by e-mail offers"), _l("Said yes, and there is an address.")),
    "no_consent": (_l("Buyers not yet asked"), _l("Ask them at the till whether they want offers.")),
    "nobody_cares": (_l("Regulars nobody looks after"), _l("Six orders or more in a year and no one in charge.")),
    "never_bought": (_l("Known, but never bought"), _l("Two weeks or longer in the list without an order.")),
}
