"""Plain forms of the console: they check what was typed and keep it when it was wrong."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from setia.console.import_words import KIND_NAMES
from setia.console.money_field import MoneyField
from setia.console.order_forms import HoursField
from setia.console.order_words import FULFILMENT_NAMES
from setia.domains.commerce.models import Product
from setia.domains.customers.rules import email_or_none, phone_or_none
from setia.domains.shop.models import Outlet
from setia.domains.shop.queries import the_shop
from setia.domains.staff.rules import Role
from setia.foundation import clock
from setia.foundation.clock import ZONES
from setia.foundation.money import CURRENCIES

ZONE_CHOICES = [(name, f"{label} ({name.partition('/')[2]})") for name, label in ZONES.items()]
# Nobody alive is older; a year typed with two digits lies before it.
EARLIEST_BIRTH = date(1900, 1, 1)
ROLE_NAMES = {
    Role.OWNER: _("Owner"),
    Role.MANAGER: _("Manager"),
    Role.MARKETER: _("Marketer"),
    Role.AGENT: _("Service agent"),
    Role.CASHIER: _("Cashier"),
    Role.ANALYST: _("Analyst"),
}


class CustomerForm(forms.Form):
    """A person's profile."""

    name = forms.CharField(label=_("Name"), max_length=160, required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        help_text=_("However you write it: 0812…, 62812… or +62 812-…"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "off"}),
    )
    birth_date = forms.DateField(
        label=_("Birthday"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    address = forms.CharField(
        label=_("Address"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    city = forms.CharField(label=_("City"), max_length=80, required=False)

    def clean_phone(self) -> str:
        text: str = self.cleaned_data["phone"].strip()
        number = phone_or_none(text) if text else ""
        if number is None:
            raise forms.ValidationError(_("This is not a phone number. Write it like 0812-3456-7890."))
        return number

    def clean_birth_date(self) -> date | None:
        born: date | None = self.cleaned_data["birth_date"]
        if born and not EARLIEST_BIRTH <= born <= clock.now().astimezone(the_shop().zone).date():
            raise forms.ValidationError(_("Nobody can be born on this day. Check the year."))
        return born

    def clean_email(self) -> str:
        text: str = self.cleaned_data["email"].strip()
        address = email_or_none(text) if text else ""
        if address is None:
            raise forms.ValidationError(_("This is not an e-mail address. Write it like sari@contoh.id."))
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = [name for name in ("name", "phone", "email") if cleaned.get(name)]
        if not given and not self.errors:
            raise forms.ValidationError(_("Fill in a name, a phone number or an e-mail address."))
        return cleaned


class NoteForm(forms.Form):
    """Words about a customer."""

    body = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write something first.")},
    )


class OutletForm(forms.Form):
    """An outlet."""

    code = forms.CharField(label=_("Code"), max_length=64, help_text=_("What your till calls this outlet."))
    name = forms.CharField(label=_("Name"), max_length=120)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    zone_name = forms.ChoiceField(label=_("Time zone"), choices=ZONE_CHOICES)
    hours = HoursField(
        label=_("Opening hours"),
        max_length=2000,
        required=False,
        help_text=_("A line for some days: “Senin-Jumat 07.00-22.00”, “Minggu tutup”, “25 Des 2026 08.00-12.00”."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    opening_hours = forms.CharField(label=_("Note on the opening hours"), max_length=120, required=False)


class ShopForm(forms.Form):
    """The shop's profile."""

    name = forms.CharField(label=_("Shop name"), max_length=120)
    currency_code = forms.ChoiceField(
        label=_("Currency"), choices=[(code, f"{code} ({money.sign})") for code, money in CURRENCIES.items()]
    )
    zone_name = forms.ChoiceField(label=_("Time zone"), choices=ZONE_CHOICES)
    cutoff_hour = forms.IntegerField(
        label=_("The business day begins at hour"),
        min_value=0,
        max_value=23,
        help_text=_("0 is midnight. Choose 4 when you close after midnight, so that the night counts as one day."),
    )
    cart_idle_minutes = forms.IntegerField(
        label=_("A cart counts as abandoned after (minutes)"), min_value=1, max_value=43_200
    )


class DutiesForm(forms.Form):
    """A role, and a box for each outlet: none ticked is all of them."""

    def __init__(self, *args: Any, outlets: QuerySet[Outlet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._outlets = {f"outlet_{outlet.id}": outlet for outlet in outlets}
        for name, outlet in self._outlets.items():
            self.fields[name] = forms.BooleanField(label=outlet.name, required=False)

    def outlet_boxes(self) -> list[Any]:
        """Return the bound boxes, for the template."""
        return [self[name] for name in self._outlets]

    def outlet_ids(self) -> list[int]:
        """Return the ticked outlets."""
        return [outlet.id for name, outlet in self._outlets.items() if self.cleaned_data[name]]


class StaffForm(DutiesForm):
    """Somebody's account."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, name) for role, name in ROLE_NAMES.items()])


class RoleForm(DutiesForm):
    """Somebody's duties."""

    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, name) for role, name in ROLE_NAMES.items()])


class UploadForm(forms.Form):
    """A file to bring in; orders may have their lines in a second one."""

    kind = forms.ChoiceField(
        label=_("What is in the file?"), choices=[("", _("find out by itself")), *KIND_NAMES.items()], required=False
    )
    lines = forms.FileField(
        label=_("File with the order lines"),
        max_length=200,
        required=False,
        help_text=_("Only for orders whose lines stand in a file of their own."),
        widget=forms.FileInput(attrs={"accept": ".csv,.gz,.xlsx,.txt"}),
        error_messages={"empty": _("The file is empty.")},
    )
    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_("CSV, CSV.GZ or Excel (.xlsx) with the column headings in one row."),
        widget=forms.FileInput(attrs={"accept": ".csv,.gz,.xlsx,.txt"}),
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )


class OutletChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of outlets by name."""

    def label_from_instance(self, obj: Outlet) -> str:
        return obj.name


class OrderForm(forms.Form):
    """An order written down by hand: whom, where, and up to eight lines."""

    LINES = 8
    LARGEST_LINE = 10**12

    number = forms.CharField(label=_("Receipt number"), max_length=64, required=False)
    customer = forms.IntegerField(required=False, widget=forms.HiddenInput)
    outlet = OutletChoice(label=_("Outlet"), queryset=Outlet.objects.none(), required=False, empty_label="–")
    fulfilment = forms.ChoiceField(
        label=_("How it reaches the customer"), choices=list(FULFILMENT_NAMES.items()), required=False
    )
    tender = forms.CharField(
        label=_("Payment method"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"list": "tenders", "autocomplete": "off"}),
    )
    is_unpaid = forms.BooleanField(label=_("It will be paid later"), required=False)
    once = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, scale: int, outlets: QuerySet[Outlet], needs_outlet: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        outlet_field = cast("forms.ModelChoiceField[Outlet]", self.fields["outlet"])
        outlet_field.queryset = outlets
        outlet_field.required = needs_outlet
        for index in range(self.LINES):
            self.fields[f"product_{index}"] = forms.CharField(
                label=_("Product"),
                max_length=200,
                required=False,
                widget=forms.TextInput(attrs={"list": "products", "autocomplete": "off"}),
            )
            self.fields[f"quantity_{index}"] = forms.DecimalField(
                label=_("Quantity"),
                min_value=Decimal("0.001"),
                max_value=1_000_000,
                decimal_places=3,
                required=False,
                initial=1,
            )
            self.fields[f"price_{index}"] = MoneyField(
                label=_("Price each"), min_value=0, max_value=10**12, scale=scale, required=False
            )

    def line_rows(self) -> list[tuple[Any, Any, Any]]:
        """Return the bound fields line by line, for the template."""
        return [
            (self[f"product_{index}"], self[f"quantity_{index}"], self[f"price_{index}"]) for index in range(self.LINES)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lines: list[tuple[str, Decimal, Decimal | None, Product | None]] = []
        for index in range(self.LINES):
            product = " ".join((cleaned.get(f"product_{index}") or "").split())
            price = cleaned.get(f"price_{index}")
            if not product and price is None:
                continue
            if not product:
                self.add_error(f"product_{index}", _("Name the product."))
            elif f"price_{index}" in self.errors:
                # Said already what is wrong with the price; that the product is new would confuse.
                continue
            elif price is None:
                known = Product.objects.filter(name__iexact=product).first()
                if known is None:
                    self.add_error(f"price_{index}", _("This product is new, so its price is needed."))
                    continue
                quantity = cleaned.get(f"quantity_{index}") or Decimal(1)
                if quantity * known.price > self.LARGEST_LINE:
                    self.add_error(f"quantity_{index}", _("This amount is too large to be right."))
                lines.append((product, quantity, None, known))
            else:
                quantity = cleaned.get(f"quantity_{index}") or Decimal(1)
                if quantity * price > self.LARGEST_LINE:
                    self.add_error(f"price_{index}", _("This amount is too large to be right."))
                lines.append((product, quantity, price, None))
        if not lines and not self.errors:
            raise forms.ValidationError(_("Fill in at least one product."))
        cleaned["lines"] = lines
        return cleaned
