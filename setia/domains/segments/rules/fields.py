"""What a rule can speak of: one line a field. Builder, text form, evaluators and documents all read this table.

A field's topic names what it is computed from; news of that topic make the rules that use it be judged anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from setia.domains.segments.rules.errors import BadRule


class Kind(StrEnum):
    """What the values of a field look like."""

    NUMBER = "number"
    MONEY = "money"  # smallest units of the shop's currency
    DAYS = "days"  # whole days of the shop
    SHARE = "share"  # thousandths
    DECIMAL = "decimal"  # thousandths of a number with decimals
    TEXT = "text"  # compared without case
    TEXTS = "texts"  # several of them
    CHOICE = "choice"  # one of fixed codes
    CHOICES = "choices"  # several of them
    NAMES = "names"  # ids of rows that have names
    PRESENCE = "presence"  # said or not said, whatever it is


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a rule can speak of. `word` is its name in the text form, `refers` whose ids its values are."""

    name: str
    word: str
    kind: Kind
    topic: str
    refers: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    where: tuple[str, ...] = ()
    is_windowed: bool = False
    may_be_unknown: bool = True
    lowest: int = 0
    highest: int = 10**15


_GOODS = ("product", "category", "outlet", "channel")
# Filters of what is counted, by their word in the text form.
FILTERS = {"produk": "product", "kategori": "category", "outlet": "outlet", "saluran": "channel"}

RFM_WORDS = {
    "champions": "juara", "loyal": "setia", "potential_loyalist": "calon_setia", "new": "baru",
    "promising": "menjanjikan", "need_attention": "perlu_perhatian", "about_to_sleep": "hampir_tertidur",
    "at_risk": "berisiko", "cant_lose": "jangan_sampai_hilang", "hibernating": "tertidur", "lost": "hilang",
}  # fmt: skip
ACTIVITY_WORDS = {"new": "baru", "active": "aktif", "at_risk": "berisiko", "lost": "hilang"}
LIFECYCLE_WORDS = {"new": "baru", "growing": "tumbuh", "mature": "matang", "declining": "menurun"}
_CHANNEL_WORDS = {
    "whatsapp": "whatsapp", "email": "email", "sms": "sms", "phone": "telepon", "push": "push", "post": "pos",
}  # fmt: skip
CONSENT_WORDS = {
    **{f"marketing.{code}": f"penawaran_{word}" for code, word in _CHANNEL_WORDS.items()},
    **{f"service.{code}": f"layanan_{_CHANNEL_WORDS[code]}" for code in ("whatsapp", "email", "sms", "phone")},
    "sharing.any": "berbagi_data",
    "publishing.any": "publikasi",
}


def _count(name: str, word: str, topic: str, where: tuple[str, ...] = (), kind: Kind = Kind.NUMBER) -> Field:
    return Field(
        name, word, kind, topic, where=where, is_windowed=True, may_be_unknown=False,
        lowest=-(10**15) if kind is Kind.MONEY else 0,
    )  # fmt: skip


def _days(name: str, word: str, topic: str, where: tuple[str, ...] = (), *, highest: int = 36_500) -> Field:
    return Field(name, word, Kind.DAYS, topic, where=where, highest=highest)


# Columns of a person's scores that this version of analytics may not have yet are left out when they are not there.
_SCORES = (
    Field("rfm_recency", "skor_r", Kind.NUMBER, "scores", lowest=1, highest=5),
    Field("rfm_frequency", "skor_f", Kind.NUMBER, "scores", lowest=1, highest=5),
    Field("rfm_money", "skor_m", Kind.NUMBER, "scores", lowest=1, highest=5),
    Field("rfm_segment", "rfm", Kind.CHOICE, "scores", choices=RFM_WORDS),
    Field("level", "tingkat", Kind.NUMBER, "scores", lowest=1, highest=7),
    Field("chance_silent", "peluang_diam", Kind.SHARE, "scores", highest=1000),
    Field("expected_value", "perkiraan_nilai", Kind.MONEY, "scores"),
    Field("health", "kesehatan", Kind.NUMBER, "scores", highest=100),
    Field("risk", "risiko", Kind.NUMBER, "scores", highest=100),
    Field("engagement", "keterlibatan", Kind.NUMBER, "scores", highest=100),
    Field("chance_lost", "peluang_hilang", Kind.SHARE, "scores", highest=1000),
    Field("top_share", "teratas", Kind.SHARE, "scores", highest=1000),
    Field("activity", "aktivitas", Kind.CHOICE, "scores", choices=ACTIVITY_WORDS),
    Field("lifecycle", "siklus", Kind.CHOICE, "scores", choices=LIFECYCLE_WORDS),
)
# Where each score stands among the columns of a person's scores.
SCORE_COLUMNS = {
    "rfm_recency": "recency", "rfm_frequency": "frequency", "rfm_money": "money", "rfm_segment": "segment",
    "top_share": "top_milli",
    **{name: name for name in ("level", "chance_silent", "expected_value", "health", "risk", "engagement")},
    **{name: name for name in ("chance_lost", "activity", "lifecycle")},
}  # fmt: skip

FIELDS: tuple[Field, ...] = (
    _count("order_count", "pesanan", "orders", _GOODS),
    _count("spent", "belanja", "orders", _GOODS, Kind.MONEY),
    Field("average_order", "rata_rata", Kind.MONEY, "orders", where=("outlet", "channel"), is_windowed=True),
    _days("days_since_last", "belanja_terakhir", "orders", _GOODS),
    _days("days_since_first", "belanja_pertama", "orders", _GOODS),
    _count("return_count", "retur", "returns", ("outlet",)),
    _count("abandoned_carts", "keranjang_ditinggal", "carts"),
    _days("days_since_joined", "bergabung", "profile"),
    _days("days_to_birthday", "menuju_ulang_tahun", "profile", highest=366),
    _days("days_since_birthday", "sejak_ulang_tahun", "profile", highest=366),
    Field("age", "umur", Kind.NUMBER, "profile", highest=130),
    _days("days_to_family_day", "menuju_hari_keluarga", "family", highest=366),
    _days("days_since_family_day", "sejak_hari_keluarga", "family", highest=366),
    Field("city", "kota", Kind.TEXT, "profile"),
    Field("gender", "jenis_kelamin", Kind.CHOICE, "profile", choices={"female": "perempuan", "male": "laki_laki"}),
    Field("language", "bahasa", Kind.TEXT, "profile", may_be_unknown=False),
    Field("source", "asal", Kind.TEXT, "profile"),
    Field("preferred_channel", "saluran_kesukaan", Kind.CHOICE, "profile", choices=_CHANNEL_WORDS),
    Field("interests", "minat", Kind.TEXTS, "profile"),
    Field("owner", "ditangani", Kind.NAMES, "profile", refers="staff"),
    Field("reach", "kontak", Kind.CHOICES, "identity", choices={"phone": "telepon", "email": "email"}),
    Field("tags", "label", Kind.NAMES, "tags", refers="tag"),
    Field("consent", "izin", Kind.CHOICES, "consent", choices=CONSENT_WORDS, may_be_unknown=False),
    *_SCORES,
    Field("segment", "segmen", Kind.NAMES, "segments", refers="segment", may_be_unknown=False),
)
_BY_NAME = {each.name: each for each in FIELDS}
_BY_WORD = {each.word: each for each in FIELDS}
# Fields of the shop's own: `custom.KEY.KIND`, so that a rule can be judged without asking what kind a key has.
CUSTOM = "custom."
CUSTOM_WORD = "isian."
_CUSTOM_KINDS = {
    "number": Kind.DECIMAL, "choice": Kind.TEXT, "yes_no": Kind.CHOICE, "date": Kind.DAYS, "text": Kind.PRESENCE,
}  # fmt: skip
YES_NO = {"yes": "ya", "no": "tidak"}


@cache
def custom_field(key: str, kind: str) -> Field:
    """Return the shop's own field of a key as a rule speaks of it; raises KeyError for a kind that is none.

    A date is the number of days since it. Free words can only be there or not: they are sealed in the database.
    """
    found = _CUSTOM_KINDS[kind]
    number = 10**15 if found is Kind.DECIMAL else 36_500
    return Field(
        f"{CUSTOM}{key}.{kind}", f"{CUSTOM_WORD}{key}", found, "custom", choices=YES_NO if kind == "yes_no" else {},
        lowest=-number if found is Kind.DECIMAL else 0, highest=number,
    )  # fmt: skip


def field_named(name: str) -> Field:
    """Return the field of a name; raises BadRule where there is none."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    parts = name.split(".")
    if len(parts) == 3 and parts[0] == "custom" and parts[1] and len(name) <= 80 and parts[2] in _CUSTOM_KINDS:
        return custom_field(parts[1], parts[2])
    raise BadRule("field", found=name[:60])


def all_fields(custom: Iterable[tuple[str, str]] = (), *, score_columns: Iterable[str] | None = None) -> list[Field]:
    """Return every field there is, the shop's own (key and kind) last, without scores that have no column."""
    there = None if score_columns is None else set(score_columns)
    found = [
        each for each in FIELDS if there is None or each.topic != "scores" or SCORE_COLUMNS[each.name] in there
    ]  # fmt: skip
    return [*found, *(custom_field(key, kind) for key, kind in custom)]
