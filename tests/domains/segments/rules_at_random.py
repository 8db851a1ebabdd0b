"""Random rules and random people, for properties."""

from datetime import date

from hypothesis import strategies as st

from setia.domains.segments.rules.facts import Answer, DaySales, Facts, LineSale
from setia.domains.segments.rules.fields import FIELDS, Field, Kind, custom_field
from setia.domains.segments.rules.tree import And, Condition, Node, Not, Or, operators_of

TODAY = date(2026, 11, 22).toordinal()
CUSTOM = [("poin", "number"), ("ukuran", "choice"), ("haji", "yes_no"), ("kontrak", "date"), ("hobi", "text")]
EVERY_FIELD = [*FIELDS, *(custom_field(key, kind) for key, kind in CUSTOM)]
NAMES = {
    "tag": {1: "VIP", 2: "Ojol", 3: "Suka pedas"},
    "product": {11: "Kopi Susu", 12: "Teh Tarik"},
    "outlet": {21: "Dago", 22: "Braga"},
    "staff": {31: "Budi", 32: "Maya"},
    "segment": {41: "Setia sekali", 42: "Undian"},
}
WORDS = ["Bandung", "Cimahi", "online", "toko", "Kopi", "Teh"]
RANKED = (Kind.NUMBER, Kind.MONEY, Kind.DAYS, Kind.SHARE, Kind.DECIMAL)


class StoryNames:
    """The names above, as a shop would know them."""

    scale = 0

    def id_of(self, kind: str, name: str) -> int | None:
        return next((row_id for row_id, each in NAMES[kind].items() if each.casefold() == name.casefold()), None)

    def name_of(self, kind: str, row_id: int) -> str | None:
        return NAMES[kind].get(row_id)

    def near(self, kind: str, name: str) -> tuple[str, ...]:
        return tuple(sorted(NAMES[kind].values()))

    def fields(self) -> list[Field]:
        return EVERY_FIELD


def _number(field: Field) -> st.SearchStrategy[int]:
    low, high = field.lowest, field.highest
    near = {Kind.MONEY: 60_000, Kind.DAYS: 50, Kind.DECIMAL: 3_000}.get(field.kind, 8)
    return st.integers(max(low, -near), min(high, near)) | st.integers(low, high)


@st.composite
def a_condition(draw: st.DrawFn, fields: list[Field] | None = None) -> Condition:
    field = draw(st.sampled_from(fields or EVERY_FIELD))
    operator = draw(st.sampled_from(operators_of(field)))
    values: tuple[int | str, ...] = ()
    if operator not in ("known", "unknown"):
        if field.kind in RANKED:
            most = 2 if operator in ("=", "!=") else 1
            values = tuple(sorted(draw(st.lists(_number(field), min_size=1, max_size=most))))
        else:
            pool = list(field.choices) if field.choices else list(NAMES[field.refers]) if field.refers else WORDS
            values = tuple(draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique=True)))
    within = draw(st.none() | st.integers(1, 45) | st.integers(1, 3650)) if field.is_windowed else None
    where = []
    for name in sorted(field.where):
        if draw(st.integers(0, 3)) == 0:
            pool = list(NAMES[name]) if name in NAMES else WORDS
            where.append((name, tuple(draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2, unique=True)))))
    return Condition(field.name, operator, values, within, tuple(where))


def a_rule(fields: list[Field] | None = None) -> st.SearchStrategy[Node]:
    def grown(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(parts, min_size=2, max_size=3).map(tuple)
        return several.map(And) | several.map(Or) | parts.map(Not)

    return st.recursive(a_condition(fields), grown, max_leaves=5)


_DAYS = st.integers(TODAY - 60, TODAY + 6) | st.integers(TODAY - 2000, TODAY + 30)
_DATES = st.dates(date(1950, 1, 1), date(2026, 12, 31)) | st.sampled_from([date(2004, 2, 29), date(2008, 11, 25)])


@st.composite
def a_person(draw: st.DrawFn) -> Facts:
    outlets, channels = st.sampled_from([None, 21, 22]), st.sampled_from(["", "online", "Toko"])
    sales, lines = [], []
    for order_id in range(draw(st.integers(0, 6))):
        day, outlet, channel = draw(_DAYS), draw(outlets), draw(channels)
        value = draw(st.integers(-5_000, 60_000))
        sales.append(DaySales(day, outlet, channel, draw(st.integers(1, 2)), value))
        for _ in range(draw(st.integers(0, 2))):
            goods = draw(st.sampled_from([(11, "Kopi"), (12, "teh"), (13, "")]))
            lines.append(LineSale(day, order_id, outlet, channel, *goods, draw(st.integers(0, 30_000))))
    marks = st.sampled_from([None, Answer(True, False), Answer(False, False), Answer(True, True)])
    answers = {code: answer for code in ("marketing.email", "service.sms", "profiling.any") if (answer := draw(marks))}
    number = st.none() | st.integers(-3, 8)
    text = st.sampled_from(["", *WORDS])
    custom = {
        "custom.poin.number": draw(number), "custom.ukuran.choice": draw(text) or None,
        "custom.haji.yes_no": draw(st.sampled_from([None, "yes", "no"])),
        "custom.kontrak.date": draw(st.none() | _DAYS), "custom.hobi.text": draw(st.sampled_from([None, "-"])),
    }  # fmt: skip
    return Facts(
        customer_id=7, sales=sales, lines=lines,
        returns=draw(st.lists(st.tuples(_DAYS, outlets), max_size=3)), abandoned=draw(st.lists(_DAYS, max_size=3)),
        joined_day=draw(_DAYS), birth_date=draw(st.none() | _DATES), family_days=draw(st.lists(_DATES, max_size=3)),
        texts={name: draw(text) for name in ("city", "language", "source")}
        | {"gender": draw(st.sampled_from(["", "female"])), "preferred_channel": draw(st.sampled_from(["", "email"]))},
        interests=frozenset(draw(st.lists(st.sampled_from(WORDS), max_size=2))),
        owner_id=draw(st.sampled_from([None, 31, 32])),
        reach=frozenset(draw(st.lists(st.sampled_from(["phone", "email"]), max_size=2))),
        tag_ids=frozenset(draw(st.lists(st.sampled_from([1, 2, 3]), max_size=2))), answers=answers,
        custom={name: value for name, value in custom.items() if value is not None},
        scores={"recency": draw(number), "segment": draw(st.sampled_from([None, "loyal", "lost"])),
                "level": draw(number), "chance_silent": draw(number), "expected_value": draw(number)},
        segment_ids=set(draw(st.lists(st.sampled_from([41, 42]), max_size=2))),
    )  # fmt: skip
