"""Forms of the money pages: calculators that ask by GET, and what was spent on customers."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from setia.console.money_field import MoneyField
from setia.domains.analytics.actions import Spent
from setia.domains.analytics.models import SpendPurpose
from setia.domains.analytics.rules import money as rules

_MOST = 10**12
_MOST_ROWS = 500
_EXAMPLE = "2026-09; Instagram; 1.500.000\n2026-09; Gathering; 400.000; keep"


def _amount(label: Any, **more: Any) -> MoneyField:
    return MoneyField(label=label, min_value=0, max_value=_MOST, **more)


def _count(label: Any, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=10**9, **more)


def _percent(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_value=100, decimal_places=2, localize=True, **more)


class _MoneyForm(forms.Form):
    """A form whose amounts are in units of the shop's currency."""

    def __init__(self, *args: Any, scale: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scale = scale
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.scale = scale

    def _small(self, name: str) -> int:
        """Return an amount in smallest units."""
        return int(cast("Decimal", self.cleaned_data[name] or Decimal(0)).scaleb(self.scale))


class WinOrKeepForm(_MoneyForm):
    """What was spent on winning and on keeping customers, and how many purchases each brought."""

    win_spent = _amount(_("Spent on winning new customers"))
    won = _count(_("Purchases by new customers"))
    keep_spent = _amount(_("Spent on keeping customers"))
    kept = _count(_("Purchases by customers you had"))

    def found(self) -> rules.WinOrKeep:
        """Return the cost of a purchase both ways."""
        given = self.cleaned_data
        return rules.win_or_keep(
            win_spent=self._small("win_spent"), won=given["won"], keep_spent=self._small("keep_spent"),
            kept=given["kept"],
        )  # fmt: skip


class ReturnForm(_MoneyForm):
    """What a programme cost and brought."""

    extra_revenue = _amount(
        _("Extra revenue it brought"),
        help_text=_("Only what would not have come without it: compare with a control group."),
    )
    margin = _percent(
        _("Margin on it, in %"), help_text=_("100 counts revenue itself as profit, which flatters the programme.")
    )
    cost = _amount(_("What it cost"), help_text=_("Rewards, messages and work, over the same time."))

    def found(self) -> dict[str, Any]:
        """Return the gain, in smallest units, and the ROI as a share."""
        revenue, cost, margin = (
            self._small("extra_revenue"),
            self._small("cost"),
            float(self.cleaned_data["margin"]) / 100,
        )
        return {
            "gain": round(revenue * margin - cost),
            "roi": rules.programme_return(extra_revenue=revenue, margin=margin, cost=cost),
        }


class BreakEvenForm(_MoneyForm):
    """A paid membership: its fee, what a member saves, and what the shop earns on a purchase."""

    fee = _amount(_("Fee for the term"))
    order_value = _amount(_("Value of an order"))
    discount = _percent(_("Discount for members, in %"))
    extra_saving = _amount(
        _("Other savings on each purchase"), required=False, help_text=_("Free shipping, for example.")
    )
    margin = _percent(_("Your margin before the discount, in %"))
    purchases_before = _count(_("Purchases in the term without membership"))

    def found(self) -> rules.BreakEven:
        """Return when it pays for the member and for the shop."""
        given = self.cleaned_data
        return rules.membership_break_even(
            fee=self._small("fee"), order_value=self._small("order_value"), discount=float(given["discount"]) / 100,
            extra_saving=self._small("extra_saving"), margin=float(given["margin"]) / 100,
            purchases_before=given["purchases_before"],
        )  # fmt: skip


_PURPOSES = ((SpendPurpose.ACQUISITION, _("Winning new customers")), (SpendPurpose.RETENTION, _("Keeping customers")))


class SpendForm(_MoneyForm):
    """One amount of one month; 0 takes an entry out."""

    month = forms.CharField(
        label=_("Month"), max_length=7, widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-10"})
    )
    channel = forms.CharField(
        label=_("Channel"), max_length=40,
        help_text=_("Called as the source of your customers is, their cost is known by source: Instagram, brochure."),
    )  # fmt: skip
    purpose = forms.ChoiceField(label=_("What for"), choices=_PURPOSES)
    amount = _amount(_("Amount"), help_text=_("0 takes the entry out."))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["month"].initial = f"{today:%Y-%m}"

    def clean_month(self) -> date:
        """Return the first day of the month."""
        return _month(self.cleaned_data["month"], self.today)

    def spent(self) -> list[Spent]:
        """Return what is to be saved."""
        given = self.cleaned_data
        return [Spent(given["month"], given["channel"], given["purpose"], self._small("amount"))]


class SpendRowsForm(_MoneyForm):
    """Many amounts at once, pasted from a table: month, channel, amount, and `keep` where it was for keeping."""

    rows = forms.CharField(
        label=_("Rows of a table"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": _EXAMPLE}),
        help_text=_(
            "One a line: month; channel; amount. Add “keep” at the end for what kept customers. Tabs from a "
            "spreadsheet work too."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self._spent: list[Spent] = []

    def clean_rows(self) -> str:
        """Read every line; one that cannot be read is named, and nothing is saved."""
        text = str(self.cleaned_data["rows"])
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) > _MOST_ROWS:
            raise forms.ValidationError(_("At most %(most)s lines at once."), params={"most": _MOST_ROWS})
        self._spent = [self._read(number, line) for number, line in lines]
        return text

    def _read(self, number: int, line: str) -> Spent:
        parts = [part.strip() for part in re.split(r"[;\t]", line)]
        reader = MoneyField(scale=self.scale, min_value=0, max_value=_MOST)
        try:
            if not 3 <= len(parts) <= 4 or not parts[1] or len(parts[1]) > 40:
                raise forms.ValidationError(_now("it needs a month, a channel and an amount"))
            month, amount = _month(parts[0], self.today), reader.clean(parts[2])
            keeps = {"": False, "win": False, "keep": True, "menarik": False, "menjaga": True}
            word = parts[3].casefold() if len(parts) == 4 else ""
            if word not in keeps:
                raise forms.ValidationError(_now("the last word is “win” or “keep”"))
        except forms.ValidationError as error:
            raise forms.ValidationError(
                _("Line %(number)s: %(why)s"), params={"number": number, "why": " ".join(error.messages)}
            ) from None
        purpose = SpendPurpose.RETENTION if keeps[word] else SpendPurpose.ACQUISITION
        return Spent(month, parts[1], purpose, int(amount.scaleb(self.scale)))

    def spent(self) -> list[Spent]:
        """Return what is to be saved."""
        return self._spent


def _month(text: str, today: date) -> date:
    match = re.fullmatch(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?", str(text).strip())
    found = date(int(match[1]), int(match[2]), 1) if match and 1 <= int(match[2]) <= 12 and int(match[1]) >= 1 else None
    if found is None:
        raise forms.ValidationError(_now("write the month as 2026-10"))
    if found > today:
        raise forms.ValidationError(_now("this month is still to come"))
    return found
