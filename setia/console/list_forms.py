"""The filters of the list of customers."""

from dataclasses import replace
from typing import ClassVar

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console.filter_forms import (
    YES_NO,
    Chip,
    Filter,
    FilterForm,
    choice,
    day,
    day_span,
    money,
    whole,
    word,
    written_day,
)
from setia.domains.commerce.queries import NOBODY, CustomerFilters
from setia.domains.lists.queries import names_of_tags, tag_names
from setia.domains.staff.queries import everybody, may
from setia.domains.staff.rules import Capability


class CustomerFilterForm(FilterForm):
    """What a list of customers can be narrowed by."""

    chips_of: ClassVar = {
        "owner": Filter(("owner",), ("owner_id",)),
        "city": Filter(("city",), ("city",)),
        "phone": Filter(("phone",), ("has_phone",)),
        "email": Filter(("email",), ("has_email",)),
        "spent": Filter(("spent_min", "spent_max"), ("spent_min", "spent_max")),
        "orders": Filter(("orders_min", "orders_max"), ("orders_min", "orders_max")),
        "last": Filter(("last_from", "last_to"), ("last_from", "last_to")),
        "birth": Filter(("birth",), ("birth_month",)),
        "source": Filter(("source",), ("source",)),
        "added": Filter(("added",), ("added_from",)),
    }
    layout: ClassVar = (
        ("owner", "city", "source"),
        ("spent_min", "spent_max", "orders_min", "orders_max"),
        ("last_from", "last_to", "added"),
        ("birth", "phone", "email"),
    )
    usual: ClassVar = "?stage=buyers"

    tag = forms.MultipleChoiceField(
        label=gettext_lazy("Tags (all of them)"), required=False, widget=forms.CheckboxSelectMultiple
    )
    owner = choice(gettext_lazy("Looked after by"))
    city = word(gettext_lazy("City"), 80)
    source = word(gettext_lazy("Came through"), 40)
    spent_min = money(gettext_lazy("Spent at least"))
    spent_max = money(gettext_lazy("Spent at most"))
    orders_min = whole(gettext_lazy("Orders at least"))
    orders_max = whole(gettext_lazy("Orders at most"))
    last_from = day(gettext_lazy("Last purchase from"))
    last_to = day(gettext_lazy("Last purchase until"))
    birth = choice(gettext_lazy("Birthday in"))
    added = day(gettext_lazy("Known to Setia since"))
    phone = choice(gettext_lazy("Has a phone number"), YES_NO)
    email = choice(gettext_lazy("Has an e-mail address"), YES_NO)

    def prepare(self) -> None:
        """Offer the shop's tags and team; whoever may not see a birthday may not find it out by asking."""
        self._tags = dict(tag_names())
        asked = [int(text) for text in self._query.getlist("tag") if text.isdecimal() and len(text) < 19]
        if missing := [tag_id for tag_id in asked if tag_id not in self._tags]:
            self._tags |= names_of_tags(missing)
        self._staff = {person.id: person for person in everybody()}
        self.choose_from("tag", [(str(tag_id), name) for tag_id, name in self._tags.items()])
        team = [(str(person.id), person.name) for person in self._staff.values() if person.is_active]
        self.choose_from("owner", [("", _("Never mind")), ("me", _("Me")), ("none", _("Nobody")), *team])
        months = [(str(number), str(name).capitalize()) for number, name in MONTHS.items()]
        self.choose_from("birth", [("", _("Any month")), *months])
        if not self._tags:
            del self.fields["tag"]
        if not may(self._viewer, Capability.VIEW_PERSONAL_DATA):
            del self.fields["birth"]

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """See FilterForm; each tag has a chip of its own."""
        return ("tag", *super().field_names())

    @property
    def filters(self) -> CustomerFilters:
        """Return what is asked for; fields that hold nonsense are left out."""
        owner = self.given("owner") or ""
        owners = {"": None, "me": self._viewer.id, "none": NOBODY}

        return CustomerFilters(
            tag_ids=tuple(int(text) for text in self.given("tag") or ()),
            owner_id=owners[owner] if owner in owners else int(owner),
            city=self.text("city"),
            has_phone=self.answer("phone"),
            has_email=self.answer("email"),
            spent_min=self.amount("spent_min"),
            spent_max=self.amount("spent_max"),
            orders_min=_bounded(self.given("orders_min")),
            orders_max=_bounded(self.given("orders_max")),
            last_from=self.given("last_from"),
            last_to=self.given("last_to"),
            birth_month=int(self.given("birth")) if self.given("birth") else None,
            source=self.text("source"),
            added_from=self.given("added"),
        )

    def chips(self) -> list[Chip]:
        """See FilterForm; the tags come first, each by itself."""
        filters = self.filters
        tags = [
            Chip(
                _("Tag: {name}").format(name=self._tags[tag_id]),
                self.url_without(("tag",), str(tag_id)),
                replace(filters, tag_ids=tuple(kept for kept in filters.tag_ids if kept != tag_id)),
            )
            for tag_id in filters.tag_ids
        ]
        return tags + super().chips()

    def label(self, name: str, asked: CustomerFilters) -> str:
        """See FilterForm."""
        if name == "owner" and asked.owner_id is not None:
            person = self._staff.get(asked.owner_id)
            who = _("nobody") if asked.owner_id == NOBODY else person.name if person else "–"
            return _("Looked after by: {name}").format(name=who)
        if name in ("phone", "email"):
            wanted = asked.has_phone if name == "phone" else asked.has_email
            texts = {
                ("phone", True): _("With a phone number"),
                ("phone", False): _("Without a phone number"),
                ("email", True): _("With an e-mail address"),
                ("email", False): _("Without an e-mail address"),
            }
            return texts.get((name, bool(wanted)), "") if wanted is not None else ""
        if name == "birth" and asked.birth_month is not None:
            return _("Birthday in {month}").format(month=str(MONTHS[asked.birth_month]))
        if name == "city" and asked.city:
            return _("City: {name}").format(name=asked.city)
        if name == "source" and asked.source:
            return _("Came through: {name}").format(name=asked.source)
        if name == "added" and asked.added_from:
            return _("Known since {day}").format(day=written_day(asked.added_from))
        return {
            "spent": self.money_span(_("Spent"), asked.spent_min, asked.spent_max),
            "orders": self.number_span(_("Orders"), asked.orders_min, asked.orders_max),
            "last": day_span(_("Last purchase"), asked.last_from, asked.last_to),
        }.get(name, "")


def _bounded(value: int | None) -> int | None:
    # A count of orders is a 32-bit number in the database.
    return None if value is None else min(value, 2**31 - 1)
