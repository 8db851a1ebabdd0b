"""Which fields the files of each kind may have, and which column is which: by its heading, and by its cells."""

from collections.abc import Sequence

from setia.domains.imports.reading.cells import Cell
from setia.domains.imports.reading.headings import FIELDS, Field, FieldKind, guess_mapping, likeness, profile_of
from setia.domains.imports.reading.synonyms import MOMENTS, OTHER_PHRASES, PHRASES, Words, by_field, words_of

Ranks = dict[Words, int]

_PERSON: tuple[tuple[str, FieldKind, str], ...] = (
    ("customer", "code", "person_code"),
    ("card", "code", "card"),
    ("phone", "phone", "person_phone"),
    ("email", "email", "person_email"),
    ("market", "text", "market"),
    ("social", "text", "social"),
    ("customer_name", "text", "person_name"),
)
# Name of the field, how its cells are read, and the phrases that name it; the first fields win a column.
_TABLES: dict[str, tuple[tuple[str, FieldKind, str], ...]] = {
    "customers": (
        *_PERSON,
        ("salutation", "word", "salutation"),
        ("gender", "word", "gender"),
        ("birth_date", "day", "birth_date"),
        ("address", "text", "address"),
        ("city", "text", "person_city"),
        ("country", "text", "person_country"),
        ("language", "word", "language"),
        ("interests", "list", "interests"),
        ("preferred_channel", "word", "preferred_channel"),
        ("source", "text", "source"),
        ("acquisition_cost", "money", "acquisition_cost"),
        ("tags", "list", "tags"),
        ("joined_at", "moment", "joined_at"),
    ),
    "products": (
        ("sku", "code", "sku"),
        ("product", "text", "list_name"),
        ("category", "text", "category"),
        ("unit_price", "money", "list_price"),
    ),
    "orders": (
        ("invoice", "code", "invoice"),
        ("placed_at", "moment", "placed_at"),
        ("time", "time", "order_time"),
        *_PERSON,
        ("city", "text", "person_city"),
        ("country", "text", "person_country"),
        ("status", "word", "status"),
        ("order_total", "money", "order_total"),
        ("discount", "money", "discount"),
        ("tax", "money", "tax"),
        ("shipping", "money", "shipping"),
        ("outlet", "text", "outlet"),
        ("channel", "text", "channel"),
        ("tender", "text", "tender"),
        ("currency", "text", "currency"),
    ),
    "order_lines": (
        ("invoice", "code", "invoice"),
        ("sku", "code", "sku"),
        ("product", "text", "product"),
        ("category", "text", "category"),
        ("quantity", "number", "quantity"),
        ("unit_price", "money", "unit_price"),
        ("line_total", "money", "line_total"),
        ("discount", "money", "discount"),
        ("tax", "money", "tax"),
    ),
    "interactions": (
        *_PERSON,
        ("interaction_kind", "word", "interaction_kind"),
        ("happened_at", "moment", "happened_at"),
        ("direction", "word", "direction"),
        ("outcome", "text", "outcome"),
        ("duration", "number", "duration"),
        ("words", "text", "words"),
        ("outlet", "text", "outlet"),
        ("reference", "code", "reference"),
    ),
    "consents": (
        *_PERSON,
        ("purpose", "word", "purpose"),
        ("consent_channel", "word", "consent_channel"),
        ("is_granted", "yes_no", "is_granted"),
        ("given_at", "moment", "given_at"),
        ("wording", "number", "wording"),
        ("evidence", "text", "evidence"),
        ("is_guardian", "yes_no", "is_guardian"),
    ),
}
_ORDER_TIMES = by_field("order_time: order time | transaction time | sale time | time | payment time")
_RANKS: dict[str, Ranks] = {**PHRASES, **OTHER_PHRASES, **_ORDER_TIMES, "placed_at": MOMENTS}
_EXACT_ONLY = 900

TABLE_FIELDS: dict[str, tuple[Field, ...]] = {
    "lines": FIELDS,
    **{table: tuple(Field(name, False, kind) for name, kind, _ in fields) for table, fields in _TABLES.items()},
}


def guess_fields(
    table: str, headings: Sequence[str], samples: Sequence[Sequence[Cell]], custom: Sequence[tuple[str, str]] = ()
) -> dict[str, int]:
    """This will return field name -> column index for a table of this kind; no column is used twice.

    `custom` are (key, label) of the shop's own fields: a column with one of these names is the field `custom:key`.
    """
    if table == "lines":
        return guess_mapping(headings, samples)
    own = {words_of(text): key for key, label in custom for text in (key, label)}
    offers: list[tuple[int, int, int, str]] = []
    for column, heading in enumerate(headings):
        meaning = words_of(heading)
        if not meaning:
            continue
        if meaning in own or heading.casefold().startswith("custom:"):
            key = own.get(meaning) or heading.partition(":")[2].strip()
            if any(key == known for known, _ in custom):
                offers.append((2_000, -column, 0, f"custom:{key}"))
        for place, (name, kind, phrases) in enumerate(_TABLES[table]):
            score = likeness(meaning, _RANKS[phrases], name)
            if score and _suits(kind, [row[column] for row in samples if column < len(row)]):
                offers.append((score, -column, -place, name))
    mapping: dict[str, int] = {}
    for _, minus_column, _, name in sorted(offers, reverse=True):
        if name not in mapping and -minus_column not in mapping.values():
            mapping[name] = -minus_column
    return mapping


def _suits(kind: FieldKind, cells: list[Cell]) -> bool:
    """Tell whether a column's cells allow a kind of field; an empty column allows all."""
    profile = profile_of(cells)
    if not profile.count:
        return True
    if kind in ("money", "number"):
        return profile.number >= 0.5 and profile.date < 0.5
    if kind in ("moment", "day"):
        return profile.date >= 0.3 or profile.large >= 0.8
    if kind == "phone":
        return profile.email < 0.5 and (profile.code >= 0.1 or profile.phone >= 0.1)
    if kind == "email":
        return profile.phone < 0.5 and profile.number < 0.8
    return True


def guess_kind(headings: Sequence[str], samples: Sequence[Sequence[Cell]]) -> str:
    """This will return which kind of file these headings speak of; a file of sales lines when nothing says more."""

    def surely(table: str, *names: str) -> bool:
        ranks = {name: _RANKS[phrases] for name, _, phrases in _TABLES[table]}
        found = guess_fields(table, headings, samples)
        meanings = {name: words_of(headings[column]) for name, column in found.items()}
        return all(name in found and likeness(meanings[name], ranks[name], name) >= _EXACT_ONLY for name in names)

    if surely("consents", "purpose", "is_granted"):
        return "consents"
    sale = guess_mapping(headings, samples)
    is_priced = "unit_price" in sale or "line_total" in sale
    sells = ("product" in sale or "sku" in sale) and is_priced
    # A list of products may say since when it has each; nobody bought anything in it.
    is_sold = bool({"quantity", "invoice", "line_total", "customer", "phone"} & set(sale)) or "sku" not in sale
    if sells and is_sold and ("placed_at" in sale or "date" in sale):
        return "lines"
    if surely("interactions", "interaction_kind", "happened_at"):
        return "interactions"
    if "invoice" in sale and "placed_at" in guess_fields("orders", headings, samples):
        return "orders"
    person = guess_fields("customers", headings, samples)
    if "phone" in person or "email" in person or "card" in person or "birth_date" in person:
        return "customers"
    if sells or ("product" in sale and "category" in sale):
        return "products"
    return "customers" if "customer" in person or ("customer_name" in person and not sale.get("product")) else "lines"
