"""The filters of the list of customers: read from the address, shown as a form and as chips to take away."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console.money_field import MoneyField
from setia.domains.commerce.queries import NOBODY, CustomerFilters
from setia.domains.lists.queries import names_of_tags, tag_names
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import everybody, may
from setia.domains.staff.rules import Capability
from setia.foundation.money import format_money, format_number

_MOST = 10**15
_YES_NO = (("", gettext_lazy("Never mind")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))
# Which fields of the address stand behind each chip, and which conditions they are.
_CHIPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "owner": (("owner",), ("owner_id",)),
    "city": (("city",), ("city",)),
    "phone": (("phone",), ("has_phone",)),
    "email": (("email",), ("has_email",)),
    "spent": (("spent_min", "spent_max"), ("spent_min", "spent_max")),
    "orders": (("orders_min", "orders_max"), ("orders_min", "orders_max")),
    "last": (("last_from", "last_to"), ("last_from", "last_to")),
    "birth": (("birth",), ("birth_month",)),
    "source": (("source",), ("source",)),
    "added": (("added",), ("added_from",)),
}
FILTER_FIELDS = ("tag", *(name for names, _conditions in _CHIPS.values() for name in names))


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words, the address of the list without it, and the filters that are left then."""

    label: str
    url: str
    left: CustomerFilters


def _whole(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=_MOST)


def _amount(label: Any) -> MoneyField:
    return MoneyField(label=label, required=False, min_value=0, max_value=_MOST)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    bounds = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))]
    return forms.DateField(label=label, required=False, widget=widget, validators=bounds)


class CustomerFilterForm(forms.Form):
    """What a list of customers can be narrowed by; what is not understood counts as not asked."""

    tag = forms.MultipleChoiceField(
        label=gettext_lazy("Tags (all of them)"), required=False, widget=forms.CheckboxSelectMultiple
    )
    owner = forms.ChoiceField(label=gettext_lazy("Looked after by"), required=False)
    city = forms.CharField(label=gettext_lazy("City"), required=False, max_length=80)
    source = forms.CharField(label=gettext_lazy("Came through"), required=False, max_length=40)
    spent_min = _amount(gettext_lazy("Spent at least"))
    spent_max = _amount(gettext_lazy("Spent at most"))
    orders_min = _whole(gettext_lazy("Orders at least"))
    orders_max = _whole(gettext_lazy("Orders at most"))
    last_from = _day(gettext_lazy("Last purchase from"))
    last_to = _day(gettext_lazy("Last purchase until"))
    birth = forms.ChoiceField(label=gettext_lazy("Birthday in"), required=False)
    added = _day(gettext_lazy("Known to Setia since"))
    phone = forms.ChoiceField(label=gettext_lazy("Has a phone number"), required=False, choices=_YES_NO)
    email = forms.ChoiceField(label=gettext_lazy("Has an e-mail address"), required=False, choices=_YES_NO)

    def __init__(self, query: QueryDict, viewer: Staff) -> None:
        super().__init__(query)
        self._query = query
        self._viewer = viewer
        self._tags = dict(tag_names())
        asked = [int(text) for text in query.getlist("tag") if text.isdecimal() and len(text) < 19]
        if missing := [tag_id for tag_id in asked if tag_id not in self._tags]:
            self._tags |= names_of_tags(missing)
        self._staff = {person.id: person for person in everybody()}
        self._field("tag").choices = [(str(tag_id), name) for tag_id, name in self._tags.items()]
        team = [(str(person.id), person.name) for person in self._staff.values() if person.is_active]
        self._field("owner").choices = [("", _("Never mind")), ("me", _("Me")), ("none", _("Nobody")), *team]
        months = [(str(number), str(name).capitalize()) for number, name in MONTHS.items()]
        self._field("birth").choices = [("", _("Any month")), *months]
        if not self._tags:
            del self.fields["tag"]
        if not may(viewer, Capability.VIEW_PERSONAL_DATA):
            # Whoever may not see a birthday may not find it out by asking month after month either.
            del self.fields["birth"]
        self.full_clean()

    def _field(self, name: str) -> Any:
        return self.fields[name]

    @property
    def filters(self) -> CustomerFilters:
        """Return what is asked for; fields that hold nonsense are left out."""
        given = getattr(self, "cleaned_data", {})
        unit = 10 ** the_shop().currency.scale
        owner = given.get("owner") or ""
        owners = {"": None, "me": self._viewer.id, "none": NOBODY}

        def amount(name: str) -> int | None:
            value: Decimal | None = given.get(name)
            return None if value is None else min(int(value) * unit, _MOST * 100)

        def answer(name: str) -> bool | None:
            return {"yes": True, "no": False}.get(given.get(name) or "")

        return CustomerFilters(
            tag_ids=tuple(int(text) for text in given.get("tag") or ()),
            owner_id=owners[owner] if owner in owners else int(owner),
            city=(given.get("city") or "").replace("\x00", ""),
            has_phone=answer("phone"),
            has_email=answer("email"),
            spent_min=amount("spent_min"),
            spent_max=amount("spent_max"),
            orders_min=_bounded(given.get("orders_min")),
            orders_max=_bounded(given.get("orders_max")),
            last_from=given.get("last_from"),
            last_to=given.get("last_to"),
            birth_month=int(given["birth"]) if given.get("birth") else None,
            source=(given.get("source") or "").replace("\x00", ""),
            added_from=given.get("added"),
        )

    def chips(self) -> list[Chip]:
        """Return the filters in words, each with the list without it."""
        filters = self.filters
        chips = [
            Chip(
                _("Tag: {name}").format(name=self._tags[tag_id]),
                self._url_without(("tag",), str(tag_id)),
                CustomerFilters(**{**_values(filters), "tag_ids": _but(filters.tag_ids, tag_id)}),
            )
            for tag_id in filters.tag_ids
        ]
        for name, (fields, conditions) in _CHIPS.items():
            if label := self._label(name, filters):
                chips.append(Chip(label, self._url_without(fields), filters.without(*conditions)))
        return chips

    def _url_without(self, fields: tuple[str, ...], value: str = "") -> str:
        left = self._query.copy()
        for name in (*fields, "cursor"):
            values = [kept for kept in left.getlist(name) if value and name != "cursor" and kept != value]
            left.setlist(name, values)
        return f"?{left.urlencode()}" if left.urlencode() else "?stage=buyers"

    def _label(self, name: str, asked: CustomerFilters) -> str:
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
            return _("Known since {day}").format(day=date_format(asked.added_from, "j M Y"))
        return self._range_label(name, asked)

    def _range_label(self, name: str, asked: CustomerFilters) -> str:
        language, currency = self._viewer.language, the_shop().currency
        words = {
            "spent": (_("Spent"), asked.spent_min, asked.spent_max, lambda v: format_money(v, currency, language)),
            "orders": (_("Orders"), asked.orders_min, asked.orders_max, lambda v: format_number(v, language)),
            "last": (_("Last purchase"), asked.last_from, asked.last_to, lambda v: date_format(v, "j M Y")),
        }
        if name not in words:
            return ""
        what, low, high, written = words[name]
        return _span(what, low, high, written)


def _span(what: str, low: Any, high: Any, written: Callable[[Any], str]) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        return f"{what} ≤ {written(high)}"
    return f"{what} ≥ {written(low)}" if high is None else f"{what} {written(low)} – {written(high)}"


def _bounded(value: int | None) -> int | None:
    # A count of orders is a 32-bit number in the database.
    return None if value is None else min(value, 2**31 - 1)


def _values(filters: CustomerFilters) -> dict[str, Any]:
    return {name: getattr(filters, name) for name in CustomerFilters.__slots__}


def _but(ids: tuple[int, ...], gone: int) -> tuple[int, ...]:
    return tuple(kept for kept in ids if kept != gone)
