"""What an import says, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from setia.domains.imports.queries import reason_text

FIELD_NAMES = {
    "customer": _("Customer number"),
    "customer_name": _("Customer name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "city": _("City"),
    "country": _("Country"),
    "invoice": _("Invoice number"),
    "placed_at": _("Date and time"),
    "date": _("Date"),
    "time": _("Time"),
    "product": _("Product"),
    "sku": _("SKU"),
    "category": _("Category"),
    "quantity": _("Quantity"),
    "unit_price": _("Price each"),
    "line_total": _("Line total"),
    "discount": _("Discount"),
    "tax": _("Tax"),
    "outlet": _("Outlet"),
    "channel": _("Channel"),
    "tender": _("Payment method"),
    "currency": _("Currency"),
    "status": _("Order status"),
}

_REFUSALS = {
    "too_large": _("The file is larger than {limit_mib} MiB. Split it into smaller files."),
    "empty_file": _("The file is empty."),
    "missing_field": _("Choose the column for “{field}”: without it no orders can be made."),
    "other_currency": _("The shop sells in {shop} but this file is in {file}. Choose the right currency."),
    "wrong_state": _("This import has moved on meanwhile; here is where it stands now."),
}
_PROBLEMS = {
    "date_order": _("No date in this file tells the day from the month. Choose below which comes first."),
    "placed_at": _("Choose the column that holds the date."),
    "stopped": _("The work stopped with an error and can go on where it was: “{value}”."),
}


def refusal_text(code: str, about: Mapping[str, Any]) -> str:
    """Return why an import cannot go on, in one sentence that says how to mend it."""
    if code == "unreadable":
        return problem_text(about["code"], about.get("value", ""), about.get("column"))
    words = {**about, "field": FIELD_NAMES.get(about.get("field", ""), "")}
    return str(_REFUSALS[code]).format(**words)


def problem_text(code: str, value: str, column: str | None) -> str:
    """Return what is wrong with a row or a file, and how to mend it."""
    name = str(FIELD_NAMES.get(column or "", column or ""))
    text = str(_PROBLEMS[code]) if code in _PROBLEMS and not column else gettext(reason_text(code))
    # Values come from the file and may hold braces; they are put in, never read as a pattern.
    filled = text.replace("{value}", value).replace("{column}", name)
    return f"{name}: {filled}" if name and "{column}" not in text else filled


def skipped_rows(skipped: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return how many rows were left out for each reason, in words."""
    return [
        (gettext(reason_text(code)).replace("“{value}”", "…").replace("{value}", "…"), count)
        for code, count in skipped.items()
    ]
