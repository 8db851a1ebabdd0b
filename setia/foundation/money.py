"""Money: whole numbers of a currency's smallest unit. Rupiah has none smaller, so its scale is 0 here."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency: ISO 4217 code, number of decimals of its smallest unit, sign shown to people."""

    code: str
    scale: int
    sign: str


# ISO 4217 gives IDR two decimals; nobody has seen a sen for decades, so a rupiah is our smallest unit.
CURRENCIES = {
    currency.code: currency
    for currency in (
        Currency("IDR", 0, "Rp"),
        Currency("USD", 2, "$"),
        Currency("SGD", 2, "S$"),
        Currency("MYR", 2, "RM"),
        Currency("EUR", 2, "€"),
        Currency("GBP", 2, "£"),
        Currency("AUD", 2, "A$"),
        Currency("JPY", 0, "¥"),
    )
}


class UnknownCurrency(ValueError):
    """Raised for a code outside the table above."""


def currency(code: str) -> Currency:
    """Return the currency of an ISO 4217 code; raises UnknownCurrency."""
    try:
        return CURRENCIES[code.upper()]
    except KeyError:
        known = ", ".join(sorted(CURRENCIES))
        raise UnknownCurrency(f"{code!r} is not a currency Setia knows; choose one of {known}.") from None


def to_smallest(amount: Decimal, scale: int) -> int:
    """Round an amount in whole currency units to the smallest unit, halves away from zero as tills do."""
    return int(amount.scaleb(scale).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def from_smallest(amount: int, scale: int) -> Decimal | None:
    """Return an amount in whole currency units, as a form shows it; None for nothing, which leaves the field empty."""
    return Decimal(amount).scaleb(-scale) if amount else None


def _grouped(digits: str, mark: str) -> str:
    head = len(digits) % 3 or 3
    return mark.join([digits[:head], *(digits[i : i + 3] for i in range(head, len(digits), 3))])


def format_number(value: int, language: str = "id") -> str:
    """Write a whole number with thousands marks: 1.250.000 in Indonesian, 1,250,000 in English."""
    text = _grouped(str(abs(value)), "." if language == "id" else ",")
    return f"−{text}" if value < 0 else text


def format_decimal(value: float | Decimal, places: int, language: str = "id") -> str:
    """Write a number with a fixed count of decimals: 41,8 in Indonesian, 41.8 in English."""
    thousands, point = (".", ",") if language == "id" else (",", ".")
    whole, _, fraction = f"{abs(value):.{places}f}".partition(".")
    text = _grouped(whole, thousands) + (f"{point}{fraction}" if fraction else "")
    return f"−{text}" if value < 0 and float(text.replace(thousands, "").replace(point, ".")) else text


def format_money(amount: int, of: Currency, language: str = "id") -> str:
    """Write an amount of smallest units with its sign: Rp 1.250.000, £ 8.911,40; a minus stands in front."""
    body = format_decimal(Decimal(abs(amount)).scaleb(-of.scale), of.scale, language)
    return f"{'−' if amount < 0 else ''}{of.sign}\u00a0{body}"


_STEPS = {
    "id": ((10**12, "T"), (10**9, "M"), (10**6, "jt"), (10**3, "rb")),
    "en": ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")),
}


def format_money_short(amount: int, of: Currency, language: str = "id") -> str:
    """Write an amount in few characters for cards and charts: Rp 812 jt, Rp 1,2 M, Rp 350 rb."""
    units = Decimal(abs(amount)).scaleb(-of.scale)
    for step, word in _STEPS["id" if language == "id" else "en"]:
        # 999,950 would read "1.000,0 rb"; the next unit starts where rounding reaches it.
        if units >= step - Decimal(step) / 2000:
            short = units / step
            places = 1 if short < Decimal("99.95") else 0
            return f"{'−' if amount < 0 else ''}{of.sign}\u00a0{format_decimal(short, places, language)}\u00a0{word}"
    return format_money(amount, of, language)
