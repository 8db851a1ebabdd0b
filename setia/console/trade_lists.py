"""The filters of the lists of orders and products."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console.filter_forms import YES_NO, Filter, FilterForm, choice, day, day_span, money, word
from setia.console.order_words import STATUS_NAMES
from setia.domains.commerce.queries.order_lists import OrderFilters, recent_channels, recent_couriers
from setia.domains.commerce.queries.product_lists import ACTIVE_DAYS, ProductFilters
from setia.domains.commerce.queries.work import category_names
from setia.domains.staff.queries import outlets_of

_ANY = ("", gettext_lazy("Never mind"))
PAYMENT_NAMES = {
    "unpaid": gettext_lazy("Nothing paid yet"),
    "part": gettext_lazy("Paid in part"),
    "paid": gettext_lazy("Paid in full"),
    "refunded": gettext_lazy("Money was paid back"),
}
PARCEL_NAMES = {
    "on_way": gettext_lazy("On its way"),
    "late": gettext_lazy("Late: not there on the day promised"),
    "delivered": gettext_lazy("Delivered"),
    "no_number": gettext_lazy("Sent without a tracking number"),
}
SOLD_NAMES = {
    "yes": gettext_lazy("Sold in these days"),
    "no": gettext_lazy("Not sold in these days"),
    "never": gettext_lazy("Never sold"),
}
# No category is called so: names lose the blanks around them.
NO_CATEGORY = " "


class OrderFilterForm(FilterForm):
    """What a list of orders can be narrowed by; outlets that the viewer does not see are not offered."""

    chips_of: ClassVar = {
        "status": Filter(("status",), ("status",)),
        "outlet": Filter(("outlet",), ("outlet_id",)),
        "days": Filter(("first", "last"), ("first", "last")),
        "channel": Filter(("channel",), ("channel",)),
        "net": Filter(("net_min", "net_max"), ("net_min", "net_max")),
        "payment": Filter(("payment",), ("payment",)),
        "courier": Filter(("courier",), ("courier",)),
        "parcel": Filter(("parcel",), ("parcel",)),
        "return": Filter(("return",), ("has_return",)),
    }
    layout: ClassVar = (
        ("status", "payment", "outlet"),
        ("first", "last", "net_min", "net_max"),
        ("channel", "courier", "parcel", "return"),
    )

    status = choice(gettext_lazy("Status"), (_ANY, *STATUS_NAMES.items()))
    outlet = choice(gettext_lazy("Outlet"))
    first = day(gettext_lazy("From"))
    last = day(gettext_lazy("Until"))
    channel = word(gettext_lazy("Channel"), 20)
    net_min = money(gettext_lazy("Amount at least"))
    net_max = money(gettext_lazy("Amount at most"))
    payment = choice(gettext_lazy("Payment"), (_ANY, *PAYMENT_NAMES.items()))
    courier = word(gettext_lazy("Courier"), 60)
    parcel = choice(gettext_lazy("Parcel"), (_ANY, *PARCEL_NAMES.items()))

    def prepare(self) -> None:
        """Offer the outlets the viewer sees, and the channels and couriers of late."""
        self.fields["return"] = choice(_("Has a return"), YES_NO)  # no name that a class body takes
        self._outlets = {str(outlet.id): outlet.name for outlet in outlets_of(self._viewer)}
        self.choose_from("outlet", [("", _("All outlets")), *self._outlets.items()])
        self.suggest("channel", recent_channels())
        self.suggest("courier", recent_couriers())
        if not self._outlets:
            del self.fields["outlet"]

    @property
    def filters(self) -> OrderFilters:
        """Return what is asked for; fields that hold nonsense are left out."""
        outlet = self.given("outlet")
        return OrderFilters(
            status=self.given("status") or "",
            outlet_id=int(outlet) if outlet else None,
            first=self.given("first"),
            last=self.given("last"),
            channel=self.text("channel"),
            net_min=self.amount("net_min"),
            net_max=self.amount("net_max"),
            payment=self.given("payment") or "",
            courier=self.text("courier"),
            parcel=self.given("parcel") or "",
            has_return=self.answer("return"),
        )

    def label(self, name: str, asked: OrderFilters) -> str:
        """See FilterForm."""
        words: dict[str, Any] = {
            "status": STATUS_NAMES.get(asked.status, ""),
            "outlet": self._outlets.get(str(asked.outlet_id), ""),
            "days": day_span(_("Bought"), asked.first, asked.last),
            "channel": asked.channel and _("Channel: {name}").format(name=asked.channel),
            "net": self.money_span(_("Amount"), asked.net_min, asked.net_max),
            "payment": PAYMENT_NAMES.get(asked.payment, ""),
            "courier": asked.courier and _("Courier: {name}").format(name=asked.courier),
            "parcel": PARCEL_NAMES.get(asked.parcel, ""),
            "return": {None: "", True: _("With a return"), False: _("Without a return")}[asked.has_return],
        }
        return str(words[name])


class ProductFilterForm(FilterForm):
    """What a list of products can be narrowed by."""

    chips_of: ClassVar = {
        "category": Filter(("category",), ("category",)),
        "active": Filter(("active",), ("is_active",)),
        "price": Filter(("price_min", "price_max"), ("price_min", "price_max")),
        "sold": Filter(("sold", "sold_from", "sold_to"), ("sold", "sold_from", "sold_to")),
    }
    layout: ClassVar = (("category", "active", "price_min", "price_max"), ("sold", "sold_from", "sold_to"))

    category = choice(gettext_lazy("Category"))
    active = choice(
        gettext_lazy("Still sells"),
        (
            _ANY,
            ("yes", gettext_lazy("Yes, sold within 90 days")),
            ("no", gettext_lazy("No, nothing sold for 90 days")),
        ),
    )
    price_min = money(gettext_lazy("Price at least"))
    price_max = money(gettext_lazy("Price at most"))
    sold = choice(gettext_lazy("Sold"), (_ANY, *SOLD_NAMES.items()))
    sold_from = day(gettext_lazy("From"))
    sold_to = day(gettext_lazy("Until"))

    def prepare(self) -> None:
        """Offer the categories in use, and the one that is asked for."""
        names = category_names()
        asked = self._query.get("category", "").replace("\x00", "")[:80]
        if asked.strip() and asked not in names:
            names = [*names, asked]
        known = [(name, name) for name in names]
        self.choose_from("category", [_ANY, (NO_CATEGORY, _("Without a category")), *known])

    @property
    def filters(self) -> ProductFilters:
        """Return what is asked for; fields that hold nonsense are left out."""
        category = self.given("category")
        return ProductFilters(
            category=category.strip() if category else None,
            is_active=self.answer("active"),
            price_min=self.amount("price_min"),
            price_max=self.amount("price_max"),
            sold=self.given("sold") or "",
            sold_from=self.given("sold_from"),
            sold_to=self.given("sold_to"),
        )

    def label(self, name: str, asked: ProductFilters) -> str:
        """See FilterForm."""
        if name == "category" and asked.category is not None:
            return asked.category or _("Without a category")
        if name == "active" and asked.is_active is not None:
            text = _("Sold within {days} days") if asked.is_active else _("Nothing sold for {days} days")
            return text.format(days=ACTIVE_DAYS)
        if name == "price":
            return self.money_span(_("Price"), asked.price_min, asked.price_max)
        return self._sold_label(asked) if name == "sold" else ""

    def _sold_label(self, asked: ProductFilters) -> str:
        if asked.sold == "never":
            return _("Never sold")
        what = _("Not sold") if asked.sold == "no" else _("Sold")
        return day_span(what, asked.sold_from, asked.sold_to) or (what if asked.sold else "")
