"""The filters of any list: read from its address, shown as a form and as chips to take away.

A list says in small tables which fields it has and how each of its filters is put into words; the rest is here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from setia.console.money_field import MoneyField
from setia.domains.commerce.queries.narrowing import Narrowing
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.foundation.money import format_money, format_number

MOST = 10**15
YES_NO = (("", gettext_lazy("Never mind")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words, the address of the list without it, and the filters that are left then."""

    label: str
    url: str
    left: Any


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: the fields of the address behind its chip, and which conditions they are."""

    fields: tuple[str, ...]
    conditions: tuple[str, ...]


def whole(label: Any) -> forms.IntegerField:
    """Return a field for a whole number that is not below zero."""
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST)


def money(label: Any) -> MoneyField:
    """Return a field for an amount in whole units of the currency, as people write it."""
    return MoneyField(label=label, required=False, min_value=0, max_value=MOST)


def day(label: Any) -> forms.DateField:
    """Return a field for a day that a shop may mean."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    bounds = [MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2200, 1, 1))]
    return forms.DateField(label=label, required=False, widget=widget, validators=bounds)


def word(label: Any, longest: int) -> forms.CharField:
    """Return a field for a word."""
    return forms.CharField(label=label, required=False, max_length=longest)


def choice(label: Any, choices: Any = ()) -> forms.ChoiceField:
    """Return a field for one of some answers."""
    return forms.ChoiceField(label=label, required=False, choices=choices)


class FilterForm(forms.Form):
    """What a list can be narrowed by; what is not understood counts as not asked.

    `chips_of` names its filters in the order of their chips, `layout` the rows of the form, `usual` the address of
    the list as it is without a view.
    """

    chips_of: ClassVar[dict[str, Filter]] = {}
    layout: ClassVar[tuple[tuple[str, ...], ...]] = ()
    usual: ClassVar[str] = "?view="

    def __init__(self, query: QueryDict, viewer: Staff) -> None:
        super().__init__(query)
        self._query = query
        self._viewer = viewer
        self.prepare()
        self.full_clean()

    def prepare(self) -> None:
        """Fill in the choices that the shop's rows give, and take away what the viewer may not ask."""

    @property
    def filters(self) -> Narrowing:
        """Return what is asked for; fields that hold nonsense are left out."""
        raise NotImplementedError

    def label(self, name: str, asked: Any) -> str:
        """Return a filter in words, or "" where it is not set."""
        raise NotImplementedError

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """Return the names of all fields of the address."""
        return tuple(name for part in cls.chips_of.values() for name in part.fields)

    @property
    def rows(self) -> list[list[Any]]:
        """Return the bound fields row by row, without those taken away."""
        return [[self[name] for name in row if name in self.fields] for row in self.layout]

    def kept(self, *others: str) -> list[tuple[str, str]]:
        """Return what a search beside the form has to keep of the address."""
        names = (*self.field_names(), *others)
        return [(name, value) for name in names for value in self._query.getlist(name) if value]

    def chips(self) -> list[Chip]:
        """Return the filters in words, each with the list without it."""
        asked = self.filters
        return [
            Chip(label, self.url_without(part.fields), asked.without(*part.conditions))
            for name, part in self.chips_of.items()
            if (label := self.label(name, asked))
        ]

    def url_without(self, fields: tuple[str, ...], value: str = "") -> str:
        """Return the address of the list without some fields, or without one value of theirs."""
        left = self._query.copy()
        for name in (*fields, "cursor"):
            values = [kept for kept in left.getlist(name) if value and name != "cursor" and kept != value]
            left.setlist(name, values)
        return f"?{left.urlencode()}" if left.urlencode() else self.usual

    # What the fields hold.

    def given(self, name: str) -> Any:
        """Return what a field holds, or None."""
        return getattr(self, "cleaned_data", {}).get(name)

    def text(self, name: str) -> str:
        """Return a word without what no database keeps."""
        return (self.given(name) or "").replace("\x00", "").strip()

    def answer(self, name: str) -> bool | None:
        """Return a yes or no, or None."""
        return {"yes": True, "no": False}.get(self.given(name) or "")

    def amount(self, name: str) -> int | None:
        """Return an amount of money in smallest units; people type whole units of the currency."""
        value: Decimal | None = self.given(name)
        return None if value is None else min(int(value) * 10 ** the_shop().currency.scale, MOST * 100)

    def choose_from(self, name: str, choices: Any) -> None:
        """Say what a field offers."""
        field: Any = self.fields[name]
        field.choices = choices

    def suggest(self, name: str, words: list[str]) -> None:
        """Offer words to a field that takes any."""
        field: Any = self.fields[name]
        field.widget.attrs |= {"list": f"{name}-words", "autocomplete": "off"}
        field.suggestions = words

    # Words for spans.

    def money_span(self, what: str, low: int | None, high: int | None) -> str:
        """Return a span of amounts in words, or ""."""
        currency, language = the_shop().currency, self._viewer.language
        return span(what, low, high, lambda value: format_money(value, currency, language))

    def number_span(self, what: str, low: int | None, high: int | None) -> str:
        """Return a span of numbers in words, or ""."""
        return span(what, low, high, lambda value: format_number(value, self._viewer.language))


def day_span(what: str, low: date | None, high: date | None) -> str:
    """Return a span of days in words, or ""."""
    return span(what, low, high, written_day)


def written_day(value: date) -> str:
    """Return a day as chips say it."""
    return date_format(value, "j M Y")


def span(what: str, low: Any, high: Any, written: Callable[[Any], str]) -> str:
    """Return a span in words, open at the end that is not given; "" where neither is."""
    if low is None and high is None:
        return ""
    if low is None:
        return f"{what} ≤ {written(high)}"
    return f"{what} ≥ {written(low)}" if high is None else f"{what} {written(low)} – {written(high)}"
