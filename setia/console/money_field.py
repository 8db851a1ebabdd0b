"""An amount of money as people write it: 25000, 25.000, Rp 25.000, 1.250,50."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from setia.domains.imports.reading import BadValue, guess_number_style, parse_number
from setia.foundation.money import format_decimal

# Tills write ",00" also where the currency has nothing smaller.
_CENTS = 2


class MoneyField(forms.DecimalField):
    """Money in whole currency units; `scale` is the decimals of the shop's currency.

    A plain number field reads the 25.000 of an Indonesian hand as twenty-five, and says nothing. What could mean two
    amounts is refused here: 2.55 in rupiah, 54.000 in dollars.
    """

    widget = forms.TextInput

    def __init__(self, *, scale: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale

    @property
    def scale(self) -> int:
        """The decimals of the currency; forms that learn it late set it after they are made."""
        return self._scale

    @scale.setter
    def scale(self, scale: int) -> None:
        self._scale = scale
        self.widget.attrs |= {"inputmode": "decimal" if scale else "numeric", "autocomplete": "off"}

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Return the amount, None for nothing; raises ValidationError with an example of how to write it."""
        if value in self.empty_values or isinstance(value, (Decimal, int)):
            return None if value in self.empty_values else Decimal(value)
        text = str(value).strip()
        if not text:
            return None
        try:
            number = parse_number(text, guess_number_style([text], scale=self.scale))
        except BadValue:
            raise self._refusal() from None
        places = -int(number.as_tuple().exponent)
        if places > max(self.scale, _CENTS) or number != round(number, self.scale):
            raise self._refusal()
        return number

    def _refusal(self) -> forms.ValidationError:
        example = format_decimal(Decimal(25_000), self.scale, get_language() or "id")
        return forms.ValidationError(
            _("This is not an amount. Write it like %(example)s."), params={"example": example}
        )

    def prepare_value(self, value: Any) -> Any:
        """Return what the field shows: what was typed as it was, an amount with its thousands marks."""
        if isinstance(value, (Decimal, int)):
            return format_decimal(value, self.scale, get_language() or "id")
        return value
