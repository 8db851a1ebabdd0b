"""Plain forms of the work on orders, the catalogue and the return policy."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from setia.console.money_field import MoneyField
from setia.console.order_words import STATUS_NAMES
from setia.domains.commerce.models import OrderLine
from setia.domains.shop.rules import UnreadableHours, parse_hours
from setia.foundation.money import to_smallest

LARGEST = 10**12
_TENDER = {"list": "tenders", "autocomplete": "off"}


class MoveForm(forms.Form):
    """A step of an order: from where the page showed it, to where."""

    from_status = forms.ChoiceField(choices=list(STATUS_NAMES.items()))
    to_status = forms.ChoiceField(choices=list(STATUS_NAMES.items()))


class ShipForm(forms.Form):
    """A parcel."""

    from_status = forms.ChoiceField(choices=list(STATUS_NAMES.items()), widget=forms.HiddenInput)
    courier = forms.CharField(
        label=_("Courier"), max_length=60, widget=forms.TextInput(attrs={"list": "couriers", "autocomplete": "off"})
    )
    tracking_number = forms.CharField(label=_("Tracking number"), max_length=64, required=False)
    estimated_date = forms.DateField(
        label=_("Expected on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, ordered_date: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ordered_date = ordered_date

    def clean_estimated_date(self) -> date | None:
        expected: date | None = self.cleaned_data["estimated_date"]
        if expected and self._ordered_date and expected < self._ordered_date:
            raise forms.ValidationError(_("The parcel cannot arrive before it was ordered."))
        return expected


class _MoneyForm(forms.Form):
    """An amount and how it is paid; `scale` is the decimals of the shop's currency."""

    def __init__(self, *args: Any, scale: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._scale = scale
        self.fields["amount"] = MoneyField(
            label=_("Amount of money"), min_value=Decimal(1).scaleb(-scale), max_value=LARGEST, scale=scale
        )
        self.fields["tender"] = forms.CharField(
            label=_("Payment method"), max_length=20, widget=forms.TextInput(attrs=_TENDER)
        )

    def clean_amount(self) -> int:
        return to_smallest(self.cleaned_data["amount"], self._scale)


class PaymentForm(_MoneyForm):
    """Money that came in."""

    reference = forms.CharField(
        label=_("Reference"), max_length=80, required=False, help_text=_("For example the number of a transfer.")
    )


class RefundForm(_MoneyForm):
    """Money that goes back."""

    reason = forms.CharField(label=_("Reason"), max_length=120, required=False)


class ReturnForm(forms.Form):
    """What comes back of an order, why, and what is paid back now; a field for each line that has something left."""

    reason = forms.CharField(label=_("Reason"), max_length=120)
    amount = MoneyField(label=_("Pay back now"), min_value=0, max_value=LARGEST, required=False)
    tender = forms.CharField(
        label=_("Payment method"), max_length=20, required=False, widget=forms.TextInput(attrs=_TENDER)
    )
    exception_reason = forms.CharField(label=_("Why an exception"), max_length=200, required=False)

    def __init__(self, *args: Any, lines: Sequence[OrderLine], scale: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._scale = scale
        cast("MoneyField", self.fields["amount"]).scale = scale
        self.lines = [(line, left) for line in lines if (left := _left(line)) > 0]
        for line, left in self.lines:
            self.fields[f"quantity_{line.id}"] = forms.DecimalField(
                label=_("How many come back"),
                min_value=0,
                max_value=Decimal(left) / 1000,
                decimal_places=3,
                required=False,
                error_messages={"max_value": _("No more than %(limit_value)s are left to come back.")},
            )

    def line_rows(self) -> list[tuple[OrderLine, int, Any]]:
        """Return each line with what is left of it and its bound field, for the template."""
        return [(line, left, self[f"quantity_{line.id}"]) for line, left in self.lines]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["quantities"] = {
            line.id: to_smallest(cleaned.get(f"quantity_{line.id}") or Decimal(0), 3) for line, _left_over in self.lines
        }
        cleaned["refund"] = to_smallest(cleaned.get("amount") or Decimal(0), self._scale)
        if cleaned["refund"] and not cleaned.get("tender"):
            self.add_error("tender", _("Say how the money goes back."))
        return cleaned


def _left(line: OrderLine) -> int:
    returned: int = getattr(line, "returned_milli", 0) or 0
    return line.quantity_milli - returned


class ProductForm(forms.Form):
    """A product; its SKU is given once, when it is added."""

    name = forms.CharField(label=_("Name"), max_length=200)
    category = forms.CharField(
        label=_("Category"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
    )
    sku = forms.CharField(label=_("SKU"), max_length=64, required=False)

    def __init__(self, *args: Any, scale: int, with_sku: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._scale = scale
        self.fields["price"] = MoneyField(label=_("Price"), min_value=0, max_value=LARGEST, scale=scale)
        if not with_sku:
            del self.fields["sku"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_category(self) -> str:
        return " ".join(self.cleaned_data["category"].split())

    def clean_price(self) -> int:
        return to_smallest(self.cleaned_data["price"], self._scale)


class ReturnPolicyForm(forms.Form):
    """What the shop promises about returns."""

    window_days = forms.IntegerField(label=_("Days in which goods may come back"), min_value=0, max_value=3650)
    check_days_min = forms.IntegerField(label=_("Checking takes at least (days)"), min_value=0, max_value=365)
    check_days_max = forms.IntegerField(label=_("Checking takes at most (days)"), min_value=0, max_value=365)
    refund_days_min = forms.IntegerField(label=_("Paying back takes at least (days)"), min_value=0, max_value=365)
    refund_days_max = forms.IntegerField(label=_("Paying back takes at most (days)"), min_value=0, max_value=365)
    total_days_min = forms.IntegerField(label=_("All together at least (days)"), min_value=0, max_value=365)
    total_days_max = forms.IntegerField(label=_("All together at most (days)"), min_value=0, max_value=365)
    eligible_words = forms.CharField(
        label=_("What may come back"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    not_eligible_words = forms.CharField(
        label=_("What may not come back"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    excluded_categories = forms.CharField(
        label=_("Categories that may not come back"),
        max_length=2000,
        required=False,
        help_text=_("One category a line, as it stands in the list of products."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_excluded_categories(self) -> list[str]:
        lines = (" ".join(line.split()) for line in self.cleaned_data["excluded_categories"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("check", "refund", "total"):
            least, most = cleaned.get(f"{name}_days_min"), cleaned.get(f"{name}_days_max")
            if least is not None and most is not None and least > most:
                self.add_error(f"{name}_days_max", _("This must not be less than the number before it."))
        return cleaned


_HOURS_REFUSALS = {
    "day": _("“{line}”: begin with days or a date, like “Senin-Jumat” or “25 Des 2026”."),
    "time": _("“{line}”: write times like “07.00-22.00”, or “tutup”."),
    "overlap": _("“{line}”: these times overlap."),
    "twice": _("“{line}”: this day stands there twice."),
}


class HoursField(forms.CharField):
    """Opening hours, a line for some days."""

    widget = forms.Textarea

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_hours(text)
        except UnreadableHours as error:
            raise forms.ValidationError(str(_HOURS_REFUSALS[error.code]).format(line=error.line)) from None
