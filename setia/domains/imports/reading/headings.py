"""Which column of a till's export is which field: by its heading, and by its cells where words are not enough."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from setia.domains.imports.reading.cells import Cell, is_blank
from setia.domains.imports.reading.numbers import guess_number_style, parse_number
from setia.domains.imports.reading.reasons import BadValue
from setia.domains.imports.reading.synonyms import MOMENTS, OTHER_MEANINGS, PHRASES, TIMES, Words, word_set, words_of

FieldKind = Literal[
    "code", "text", "phone", "email", "moment", "date", "time", "number", "money", "day", "word", "yes_no", "list"
]


@dataclass(frozen=True, slots=True)
class Field:
    """This will describe one field of a row. A required one may have a stand-in.

    In sales lines `date` stands in for `placed_at`, `sku` for `product` and `line_total` for `unit_price`.
    """

    name: str
    required: bool
    kind: FieldKind


FIELDS: tuple[Field, ...] = (
    Field("customer", False, "code"),
    Field("customer_name", False, "text"),
    Field("phone", False, "phone"),
    Field("email", False, "email"),
    Field("city", False, "text"),
    Field("country", False, "text"),
    Field("invoice", False, "code"),
    Field("placed_at", True, "moment"),
    Field("date", False, "date"),
    Field("time", False, "time"),
    Field("product", True, "text"),
    Field("sku", False, "code"),
    Field("category", False, "text"),
    Field("quantity", False, "number"),
    Field("unit_price", True, "money"),
    Field("line_total", False, "money"),
    Field("discount", False, "money"),
    Field("tax", False, "money"),
    Field("outlet", False, "text"),
    Field("channel", False, "text"),
    Field("tender", False, "text"),
    Field("currency", False, "text"),
    Field("status", False, "text"),
)
_KINDS = {field.name: field.kind for field in FIELDS}
_MAX_SAMPLES = 50
_EXACT = 1_000
_PART = 300
_DISTINCTIVE = word_set(
    "phone email sku quantity price discount tax outlet category channel currency city country subtotal product"
)

_PHONE = re.compile(r"'?(?:\+?62|0)[\s.-]?8[0-9][0-9\s.-]{6,14}|\+[1-9][0-9\s.-]{8,16}")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_NUMBER = re.compile(
    r"[-+(]?\s*(?:rp\.?|idr|\$|usd)?\s*[-+]?[0-9][0-9.,\s\N{NO-BREAK SPACE}]*(?:,-+|-|\))?\s*%?", re.IGNORECASE
)
_DATE = re.compile(
    r"(?:\w{3,9}\.?,?\s+)?(?:[0-9]{1,4}\s?[/.-]\s?[0-9]{1,2}\s?[/.-]\s?[0-9]{1,4}|[0-9]{1,2}[\s.-]?[a-z]{3,9}\.?[\s.-]?[0-9]{2,4}"
    r"|[a-z]{3,9}\.?\s[0-9]{1,2},?\s[0-9]{4}|20[0-9]{6}(?:[0-9]{4,6})?\b)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:^|[\s,T])([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?(?=\s*(?:$|[AaPp]\.?[Mm]|Z|[+-]|[A-Z]{3,4}))"
)
_CODE = re.compile(r"#?[\w./-]*[0-9][\w./-]*")
_EXCEL_DAYS = (30_000, 60_000)


@dataclass(frozen=True, slots=True)
class _Profile:
    """Shares, from 0 to 1, of a column's non-blank samples that look like something."""

    count: int
    number: float
    phone: float
    email: float
    date: float
    clock: float
    only_clock: float
    code: float
    large: float


def profile_of(cells: Iterable[Cell]) -> _Profile:
    seen = [cell for cell in cells if not is_blank(cell)][:_MAX_SAMPLES]
    tallies = dict.fromkeys(("number", "phone", "email", "date", "clock", "only_clock", "code", "large"), 0)
    for cell in seen:
        for looks in _looks(cell):
            tallies[looks] += 1
    count = len(seen)
    return _Profile(count, **{name: tally / max(1, count) for name, tally in tallies.items()})


def _looks(cell: Cell) -> Iterator[str]:
    if isinstance(cell, datetime):
        yield "date"
        if cell.time() != time():
            yield "clock"
    elif isinstance(cell, date):
        yield "date"
    elif isinstance(cell, time):
        yield "only_clock"
    elif isinstance(cell, (int, float)):
        yield from ("number", "code")
        if abs(cell) >= 1_000:
            yield "large"
    elif isinstance(cell, str):
        yield from _text_looks(cell.strip()[:200])


def _text_looks(text: str) -> Iterator[str]:
    if _EMAIL.fullmatch(text):
        yield "email"
    if _PHONE.fullmatch(text):
        yield "phone"
    if _CODE.fullmatch(text):
        yield "code"
    clock = _CLOCK.search(text)
    if _DATE.match(text):
        yield "date"
        if clock and any(int(part or 0) for part in clock.groups()):
            yield "clock"
    elif clock and clock.start() == 0 and ":" in text:
        yield "only_clock"
    elif _NUMBER.fullmatch(text):
        yield "number"
        if len(re.sub(r"[.,][0-9]{1,2}\Z|[^0-9]", "", text)) >= 4:
            yield "large"
        # 14.05 is a time and a number; the heading decides.
        if clock and clock.start() == 0 and int(clock[1]) < 24 and int(clock[2]) < 60:
            yield "only_clock"


def guess_mapping(headings: Sequence[str], samples: Sequence[Sequence[Cell]]) -> dict[str, int]:
    """This will return field name -> column index for the fields it recognises; no column is used twice.

    `samples` are rows. They may be none, but decide much: whether "Pelanggan" holds codes or names, whether "Tanggal"
    has times, which of several totals is quantity times price. It is a proposal for a person to confirm.
    """
    words = [words_of(heading) for heading in headings]
    profiles = [profile_of(row[i] for row in samples if i < len(row)) for i in range(len(headings))]
    mapping = _moments(words, profiles)
    offers: list[tuple[int, int, str]] = []
    for column, (meaning, profile) in enumerate(zip(words, profiles, strict=True)):
        if column in mapping.values() or not meaning:
            continue
        for field, ranks in PHRASES.items():
            score = likeness(meaning, ranks, field)
            if score and (fit := _fitness(field, meaning, profile)) is not None:
                offers.append((score + fit, -column, field))
    for _, minus_column, field in sorted(offers, reverse=True):
        if field not in mapping and -minus_column not in mapping.values():
            mapping[field] = -minus_column
    _settle_total(mapping, offers, samples)
    _add_by_cells(mapping, words, profiles)
    return {field.name: mapping[field.name] for field in FIELDS if field.name in mapping}


def likeness(meaning: Words, ranks: dict[Words, int], field: str) -> int:
    """How well a heading names a field: as a whole far more than in part, 0 for not at all."""
    rank = ranks.get(meaning)
    if rank is not None:
        return _EXACT - 5 * rank
    if meaning & OTHER_MEANINGS:
        return 0
    # A part must be telling: "Nama Kasir" contains "nama" and is no customer.
    parts = [phrase for phrase in ranks if phrase < meaning and (len(phrase) > 1 or phrase <= _DISTINCTIVE)]
    best = max((len(phrase) * 100 // len(meaning) - ranks[phrase] // 4 for phrase in parts), default=0)
    return _PART + best if parts else 0


def _fitness(field: str, meaning: Words, profile: _Profile) -> int | None:
    """What a column's cells say about it being `field`: None forbids it."""
    if not profile.count:
        return 0
    kind = _KINDS[field]
    if kind in ("money", "number"):
        if profile.number < 0.5 or profile.date >= 0.5:
            return None
        # "Jumlah" is a count in one till and an amount in the next.
        if meaning == {"jumlah"} and (field == "quantity") == (profile.large >= 0.5):
            return -200
        return 0
    if kind == "phone":
        return (
            None if profile.email >= 0.5 or (profile.code < 0.1 and profile.phone < 0.1) else round(100 * profile.phone)
        )
    if kind == "email":
        return None if profile.phone >= 0.5 or profile.number >= 0.8 else round(100 * profile.email)
    if kind == "code":
        return _code_fitness(field, meaning, profile)
    # Shopify calls its order number "Name"; see _code_fitness.
    if field == "customer_name" and meaning == {"name"} and profile.code >= 0.8:
        return None
    if field == "customer_name" and (profile.phone >= 0.5 or profile.email >= 0.5):
        return None
    # A text field full of numbers is a count or an amount: "Produk" 3, "Pembayaran" 50.000.
    return None if profile.number >= 0.9 and field != "outlet" else 0


def _code_fitness(field: str, meaning: Words, profile: _Profile) -> int | None:
    if profile.date >= 0.8 or profile.email >= 0.8:
        return None
    if field == "invoice" and meaning == {"name"} and profile.code < 0.8:
        return None
    bare = meaning <= {"customer", "member", "buyer"}
    if field == "customer" and bare and profile.code < 0.5:
        return -200
    if field == "customer" and profile.phone >= 0.8:
        return -300
    return 0


def _moments(words: list[Words], profiles: list[_Profile]) -> dict[str, int]:
    """The column of the moment, or those of the date and the time of day."""
    dated: list[tuple[int, int]] = []
    timed: list[tuple[int, int]] = []
    for column, (meaning, profile) in enumerate(zip(words, profiles, strict=True)):
        score, time_score = likeness(meaning, MOMENTS, "placed_at"), likeness(meaning, TIMES, "time")
        if time_score and (profile.only_clock >= 0.5 or not profile.count):
            timed.append((time_score, -column))
        is_serial = profile.count and profile.number >= 0.8 and profile.large >= 0.8
        if score and (profile.date >= 0.5 or is_serial or not profile.count):
            dated.append((score, -column))
    # Without samples a "Jam" beside a "Tanggal" is the time of it, not another moment.
    only_dated = [offer for offer in dated if offer[1] not in {column for _, column in timed}] or dated
    if not only_dated:
        return {}
    best = -max(only_dated)[1]
    clocks = [(score, column) for score, column in only_dated if profiles[-column].clock >= 0.1]
    if profiles[best].clock >= 0.1:
        return {"placed_at": best}
    others = [offer for offer in timed if -offer[1] != best]
    if others:
        return {"date": best, "time": -max(others)[1]}
    return {"placed_at": -max(clocks)[1] if clocks else best}


def _settle_total(
    mapping: dict[str, int], offers: list[tuple[int, int, str]], samples: Sequence[Sequence[Cell]]
) -> None:
    """Of several totals, an order's total repeats on each line; the line's own is quantity times price."""
    if not {"quantity", "unit_price", "line_total"} <= mapping.keys():
        return
    taken = {column for field, column in mapping.items() if field != "line_total"}
    rivals = [
        -column for _, column, field in sorted(offers, reverse=True) if field == "line_total" and -column not in taken
    ]
    if len(rivals) < 2:
        return
    quantities = _numbers(samples, mapping["quantity"])
    prices = _numbers(samples, mapping["unit_price"])

    def agreement(column: int) -> int:
        triples = zip(quantities, prices, _numbers(samples, column), strict=True)
        return sum(q is not None and p is not None and t is not None and abs(q * p - t) < 1 for q, p, t in triples)

    # max takes the first of equals, which is the one that its heading recommends most.
    mapping["line_total"] = max(rivals, key=agreement)


def _numbers(samples: Sequence[Sequence[Cell]], column: int) -> list[Decimal | None]:
    cells = [row[column] if column < len(row) else None for row in samples[:_MAX_SAMPLES]]
    style = guess_number_style(cells, scale=0)
    numbers: list[Decimal | None] = []
    for cell in cells:
        try:
            numbers.append(parse_number(cell, style))
        except BadValue:
            numbers.append(None)
    return numbers


def _add_by_cells(mapping: dict[str, int], words: list[Words], profiles: list[_Profile]) -> None:
    """Telephone numbers and addresses of e-mail are known by sight, whatever stands above them."""
    for column, profile in enumerate(profiles):
        if column in mapping.values() or words[column] & OTHER_MEANINGS or not profile.count:
            continue
        if profile.email >= 0.8:
            mapping.setdefault("email", column)
        elif profile.phone >= 0.8:
            mapping.setdefault("phone", column)
