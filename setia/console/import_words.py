"""What an import says, in the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from setia.domains.imports.queries import folder_text, reason_text
from setia.domains.shop.queries import the_shop
from setia.foundation.money import Currency, format_money

FIELD_NAMES: dict[str, Any] = {
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
    "card": _("Member card"),
    "market": _("Marketplace account"),
    "social": _("Social media account"),
    "salutation": _("Salutation"),
    "gender": _("Gender"),
    "birth_date": _("Birthday"),
    "address": _("Address"),
    "language": _("Language"),
    "interests": _("Interests"),
    "preferred_channel": _("Preferred channel"),
    "source": _("Came to know us by"),
    "acquisition_cost": _("Cost to win the customer"),
    "tags": _("Tags"),
    "joined_at": _("Customer since"),
    "order_total": _("Order total"),
    "shipping": _("Shipping cost"),
    "interaction_kind": _("Kind of contact"),
    "happened_at": _("Date and time"),
    "direction": _("Who got in touch (in or out)"),
    "outcome": _("Outcome"),
    "duration": _("Duration in seconds"),
    "words": _("What was said"),
    "reference": _("Reference number"),
    "purpose": _("Purpose"),
    "consent_channel": _("Channel"),
    "is_granted": _("Yes or no"),
    "given_at": _("Date and time"),
    "wording": _("Version of the words"),
    "evidence": _("Evidence"),
    "is_guardian": _("Given by the guardian"),
}
# Words for fields that mean something else in other kinds of files.
_OWN_NAMES: dict[tuple[str, str], Any] = {
    ("products", "unit_price"): _("Price"),
    ("orders", "invoice"): _("Order number"),
    ("order_lines", "invoice"): _("Order number"),
}
KIND_NAMES = {
    "lines": _("Sales lines of a till"),
    "customers": _("Customers"),
    "products": _("Products"),
    "orders": _("Orders with their lines"),
    "interactions": _("Contacts with customers"),
    "consents": _("Consents with evidence"),
}
# What a word of a file was read as.
CODE_WORDS: dict[str, Any] = {
    "yes": _("yes"),
    "no": _("no"),
    "male": _("male"),
    "female": _("female"),
    "other": _("other"),
    "any": _("any channel"),
    "whatsapp": _("WhatsApp"),
    "email": _("E-mail"),
    "sms": _("SMS"),
    "phone": _("Phone"),
    "push": _("Web push"),
    "post": _("Post"),
    "marketing": _("marketing"),
    "service": _("service"),
    "profiling": _("profiling"),
    "sharing": _("sharing"),
    "publishing": _("publishing"),
    "call": _("call"),
    "visit": _("visit"),
    "chat": _("chat"),
    "meeting": _("meeting"),
    "paid": _("paid"),
    "open": _("not paid yet"),
    "shipped": _("shipped"),
    "done": _("completed"),
    "cancelled": _("cancelled"),
}
# What a file that holds no sales lines changed.
RESULT_WORDS = {
    "people": _("new customers"),
    "products": _("new products"),
    "orders": _("new orders"),
    "lines": _("order lines"),
    "interactions": _("contacts"),
    "consents": _("answers"),
    "changed": _("changed"),
    "known": _("known before"),
    "known_lines": _("lines known before"),
    "refused_minor": _("left out: under 18 without a guardian"),
}

_REFUSALS = {
    "too_large": _("The file is larger than {limit_mib} MiB. Split it into smaller files."),
    "empty_file": _("The file is empty."),
    "missing_field": _("Choose the column for “{field}”: the file cannot be read without it."),
    "disk_full": _("The disk is full, so nothing was kept. Make room on the server and try again."),
    "other_currency": _("The shop sells in {shop} but this file is in {file}. Choose the right currency."),
    "wrong_state": _("This import has moved on meanwhile; here is where it stands now."),
}
_PROBLEMS = {
    "date_order": _("No date in this file tells the day from the month. Choose below which comes first."),
    "placed_at": _("Choose the column that holds the date."),
    "disk_full": _("The disk is full. Nothing was changed; make room on the server and check the file again."),
    "stopped": _("The work stopped with an error and can go on where it was: “{value}”."),
}


def field_name(field: str, table: str = "") -> str:
    """Return what a field is called; `table` is the kind of table it stands in."""
    if field.startswith("custom:"):
        return field.removeprefix("custom:")
    return str(_OWN_NAMES.get((table, field)) or FIELD_NAMES.get(field) or field)


def seen_text(kind: str, value: Any, of: Currency, language: str) -> str:
    """Return a value as it was read, as a person writes it."""
    if value is None or value == "":
        return "–"
    if kind in ("moment", "date") and isinstance(value, datetime):
        return date_format(localtime(value, the_shop().zone), "j M Y H:i")
    if kind == "day" and isinstance(value, date):
        return date_format(value, "j F Y")
    if kind == "money":
        return format_money(int(value), of, language)
    if kind in ("word", "yes_no"):
        return str(CODE_WORDS.get(value, value))
    return str(value)[:60]


def refusal_text(code: str, about: Mapping[str, Any]) -> str:
    """Return why an import cannot go on, in one sentence that says how to mend it."""
    if code == "unreadable":
        return problem_text(about["code"], about.get("value", ""), about.get("column"))
    field = str(about.get("field", ""))
    words = {**about, "field": field_name(field.removeprefix("lines."), "order_lines" if "." in field else "")}
    return str(_REFUSALS[code]).format(**words)


def problem_text(code: str, value: str, column: str | None) -> str:
    """Return what is wrong with a row or a file, and how to mend it."""
    name = field_name(column or "")
    text = gettext(reason_text(code)) if column or value else gettext(folder_text(code))
    if code in _PROBLEMS and not column:
        text = str(_PROBLEMS[code])
    # Values come from the file and may hold braces; they are put in, never read as a pattern.
    filled = text.replace("{value}", value).replace("{column}", name)
    return f"{name}: {filled}" if name and "{column}" not in text else filled


def skipped_rows(skipped: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return how many rows were left out for each reason, in words."""
    return [
        (gettext(reason_text(code)).replace("“{value}”", "…").replace("{value}", "…"), count)
        for code, count in skipped.items()
    ]
