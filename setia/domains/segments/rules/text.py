"""The text form of a rule: reading and writing. One form only, with Indonesian words; see docs/segments.md.

belanja_terakhir >= 60 hari dan pesanan(365 hari, kategori: "Kopi") >= 3 dan bukan label = "Karyawan"
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.fields import CUSTOM_WORD, FILTERS, Field, Kind, field_named
from setia.domains.segments.rules.tree import (
    DEEPEST,
    LARGEST_NUMBER,
    MOST_CONDITIONS,
    And,
    Condition,
    Node,
    Not,
    Or,
    Value,
    checked,
)

LONGEST_TEXT = 5_000
_FILTER_WORDS = {name: word for word, name in FILTERS.items()}
_PATTERN = re.compile(
    r'(?P<string>"[^"\n]*")|(?P<id>\#\d{1,19})|(?P<number>-?\d+(?:[_.]\d+)*(?:,\d+)?%?)|(?P<word>[^\W\d][\w]*(?:\.[\w-]+)*)'
    r"|(?P<sign>\.\.|!=|<=|>=|[=<>(),:])|(?P<space>\s+)|(?P<other>.)"
)
_SCALES = {"ribu": 1_000, "juta": 1_000_000, "miliar": 1_000_000_000}


class Names(Protocol):
    """Where names come from: which id a name has now, and which name an id."""

    scale: int  # decimals of the shop's currency

    def id_of(self, kind: str, name: str) -> int | None:
        """Return the id of the row of a kind (tag, product, outlet, staff, segment) with a name, or None."""

    def name_of(self, kind: str, row_id: int) -> str | None:
        """Return the name of a row, or None where it is gone."""

    def near(self, kind: str, name: str) -> tuple[str, ...]:
        """Return names of a kind that somebody may have meant."""

    def fields(self) -> Sequence[Field]:
        """Return the fields there are in this shop."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _PATTERN.finditer(text):
        kind = match.lastgroup or "other"
        if kind == "other":
            raise BadRule("sign", at=match.start(), found=match[0], expected=("dan", "atau"))
        if kind != "space":
            found.append(_Token(kind, match[0], match.start()))
    return [*found, _Token("end", "", len(text))]


def parse(text: str, names: Names) -> Node:
    """Read a rule; raises BadRule that says where, what was expected, and what may have been meant."""
    if len(text) > LONGEST_TEXT:
        raise BadRule("long", at=LONGEST_TEXT)
    if not text.strip():
        raise BadRule("empty")
    return checked(_Reader(_tokens(text), names).rule())


class _Reader:
    """A reader by descent; each step takes the tokens it needs and says what it would have liked."""

    def __init__(self, tokens: list[_Token], names: Names) -> None:
        self._tokens, self._names, self._next, self._count = tokens, names, 0, 0
        self._fields = {each.word: each for each in names.fields()}

    def rule(self) -> Node:
        node = self._or(1)
        self._expect("end", "", ("dan", "atau"))
        return node

    @property
    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._here
        self._next += token.kind != "end"
        return token

    def _is(self, *texts: str) -> bool:
        return self._here.kind in ("word", "sign") and self._here.text.casefold() in texts

    def _expect(self, kind: str, text: str, expected: tuple[str, ...]) -> _Token:
        token = self._here
        if token.kind != kind or (text and token.text.casefold() != text):
            near = tuple(get_close_matches(token.text.casefold(), expected, n=2)) if token.text else ()
            raise BadRule("expected", at=token.at, found=token.text, expected=expected, near=near)
        return self._take()

    def _or(self, level: int) -> Node:
        parts = [self._and(level)]
        while self._is("atau"):
            self._take()
            parts.append(self._and(level))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self, level: int) -> Node:
        parts = [self._one(level)]
        while self._is("dan"):
            self._take()
            parts.append(self._one(level))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, level: int) -> Node:
        if level > DEEPEST + 2:
            raise BadRule("deep", at=self._here.at)
        if self._is("bukan"):
            self._take()
            return Not(self._one(level + 1))
        if self._is("("):
            self._take()
            node = self._or(level + 1)
            self._expect("sign", ")", (")", "dan", "atau"))
            return node
        return self._condition()

    def _condition(self) -> Condition:
        self._count += 1
        if self._count > MOST_CONDITIONS:
            raise BadRule("many", at=self._here.at)
        token = self._here
        field = self._fields.get(token.text.casefold()) if token.kind == "word" else None
        if field is None:
            near = tuple(get_close_matches(token.text.casefold(), list(self._fields), n=3, cutoff=0.7))
            code = "field" if token.kind == "word" else "expected_field"
            raise BadRule(code, at=token.at, found=token.text, near=near, expected=("bukan", "("))
        self._take()
        within, where = self._narrowed(field) if self._is("(") else (None, ())
        at = self._here.at
        try:
            operator, values = self._compared(field)
            found = Condition(field.name, operator, values, within, where)
            return checked(found)  # type: ignore[return-value]
        except BadRule as error:
            if not error.at:
                error.at = at
            raise

    def _narrowed(self, field: Field) -> tuple[int | None, tuple[tuple[str, tuple[Value, ...]], ...]]:
        opening = self._take()
        if not field.where and not field.is_windowed:
            raise BadRule("no_window", at=opening.at, found=field.word)
        within, where = None, {}
        words = tuple(_FILTER_WORDS[name] for name in field.where)
        while True:
            if self._here.kind == "number" and within is None:
                within = self._days()
            else:
                expected = (*words, *(("30 hari",) if field.is_windowed else ()))
                if not self._is(*words):
                    near = tuple(get_close_matches(self._here.text.casefold(), words, n=2))
                    raise BadRule("expected", at=self._here.at, found=self._here.text, expected=expected, near=near)
                name = FILTERS[self._take().text.casefold()]
                self._expect("sign", ":", (":",))
                if name in where:
                    raise BadRule("filter", at=self._here.at, found=_FILTER_WORDS[name])
                where[name] = self._listed(name if name in ("product", "outlet") else "")
            if not self._is(","):
                self._expect("sign", ")", (",", ")"))
                return within, tuple(sorted(where.items()))
            self._take()

    def _compared(self, field: Field) -> tuple[str, tuple[Value, ...]]:
        if self._is("ada", "kosong"):
            return ("known" if self._take().text.casefold() == "ada" else "unknown"), ()
        signs = ("=", "!=", "<", "<=", ">", ">=")
        if not self._is(*signs):
            raise BadRule("expected", at=self._here.at, found=self._here.text, expected=(*signs, "ada", "kosong"))
        sign = self._take().text
        if field.kind in (Kind.NUMBER, Kind.MONEY, Kind.DAYS, Kind.SHARE, Kind.DECIMAL):
            first = self._number(field)
            if self._is(".."):
                self._take()
                return sign, (first, self._number(field))
            return sign, (first,)
        if field.choices:
            return sign, self._listed_choices(field)
        return sign, self._listed(field.refers)

    def _days(self) -> int:
        token = self._take()
        if not token.text.isdecimal() or len(token.text) > 6:
            raise BadRule("days", at=token.at, found=token.text)
        self._expect("word", "hari", ("hari",))
        return int(token.text)

    def _number(self, field: Field) -> int:
        if field.kind is Kind.MONEY and self._is("rp"):
            self._take()
        token = self._here
        if token.kind != "number":
            raise BadRule("expected_number", at=token.at, found=token.text)
        self._take()
        digits = {Kind.MONEY: self._names.scale, Kind.SHARE: 1, Kind.DECIMAL: 3}.get(field.kind, 0)
        if field.kind is Kind.SHARE and not token.text.endswith("%"):
            raise BadRule("percent", at=token.at, found=token.text)
        factor = _SCALES[self._take().text.casefold()] if self._is(*_SCALES) else 1
        if field.kind is Kind.DAYS and self._is("hari"):
            self._take()
        return _whole(token, digits, factor, may_have_percent=field.kind is Kind.SHARE)

    def _listed(self, refers: str) -> tuple[Value, ...]:
        return self._several(lambda: self._name(refers))

    def _several(self, one: "Reading") -> tuple[Value, ...]:
        if not self._is("("):
            return (one(),)
        self._take()
        found = [one()]
        while self._is(","):
            self._take()
            found.append(one())
        self._expect("sign", ")", (",", ")"))
        return tuple(dict.fromkeys(found))

    def _name(self, refers: str) -> Value:
        token = self._here
        if token.kind == "id" and refers:
            self._take()
            return int(token.text[1:])
        if token.kind != "string":
            raise BadRule("expected_name", at=token.at, found=token.text)
        self._take()
        name = " ".join(token.text[1:-1].split())
        if not name:
            raise BadRule("value", at=token.at, found=token.text)
        if not refers:
            return name
        found = self._names.id_of(refers, name)
        if found is None:
            raise BadRule(f"no_{refers}", at=token.at, found=name, near=self._names.near(refers, name))
        return found

    def _listed_choices(self, field: Field) -> tuple[Value, ...]:
        codes = {word: code for code, word in field.choices.items()}

        def one() -> Value:
            token = self._take()
            word = token.text.casefold().strip('"')
            if word not in codes:
                near = tuple(get_close_matches(word, list(codes), n=3, cutoff=0.5))
                raise BadRule("choice", at=token.at, found=token.text, expected=tuple(codes), near=near)
            return codes[word]

        return self._several(one)


class Reading(Protocol):
    """Something that reads one value."""

    def __call__(self) -> Value: ...


def _whole(token: _Token, digits: int, factor: int, *, may_have_percent: bool) -> int:
    """Return a number in its field's smallest units; `digits` are the decimals it may have."""
    text = token.text
    if text.endswith("%"):
        if not may_have_percent:
            raise BadRule("expected_number", at=token.at, found=text)
        text = text[:-1]
    whole, _, fraction = text.replace("_", "").partition(",")
    if "." in whole and not re.fullmatch(r"-?\d{1,3}(\.\d{3})+", whole):
        raise BadRule("expected_number", at=token.at, found=token.text)
    whole = whole.replace(".", "")
    if len(whole) > 17 or len(fraction) > 6:
        raise BadRule("number", at=token.at, found=token.text)
    scaled = abs(int(whole or "0")) * 10**6 + int(fraction.ljust(6, "0") or "0")
    scaled *= factor * 10**digits
    if scaled % 10**6 or scaled // 10**6 > LARGEST_NUMBER:
        raise BadRule("number", at=token.at, found=token.text)
    number = int(scaled // 10**6)
    return -number if whole.startswith("-") else number


def written(node: Node, names: Names) -> str:
    """Return the text form of a rule; reading it gives the same rule while its names are what they are."""
    return _written(node, names, 0)


_AND, _NOT = 1, 2


def _written(node: Node, names: Names, tightness: int) -> str:
    if isinstance(node, Condition):
        return _condition_text(node, names)
    if isinstance(node, Not):
        return "bukan " + _written(node.part, names, _NOT)
    # A group of one, or of its own kind inside, keeps its parentheses' shape only where the reader would need it.
    inside, word = (_AND + 1, " dan ") if isinstance(node, And) else (1, " atau ")
    text = word.join(_written(part, names, inside) for part in node.parts)
    return f"({text})" if tightness >= inside else text


def _condition_text(condition: Condition, names: Names) -> str:
    field = field_named(condition.field)
    narrowed = [f"{condition.within} hari"] if condition.within is not None else []
    for name, values in condition.where:
        refers = name if name in ("product", "outlet") else ""
        narrowed.append(f"{_FILTER_WORDS[name]}: {_names_text(values, refers, names)}")
    head = field.word + (f"({', '.join(narrowed)})" if narrowed else "")
    if condition.operator in ("known", "unknown"):
        return f"{head} {'ada' if condition.operator == 'known' else 'kosong'}"
    if field.kind in (Kind.NUMBER, Kind.MONEY, Kind.DAYS, Kind.SHARE, Kind.DECIMAL):
        text = "..".join(_number_text(int(value), field, names) for value in condition.values)
        return f"{head} {condition.operator} {text}" + (" hari" if field.kind is Kind.DAYS else "")
    if field.choices:
        words = [field.choices.get(str(value), str(value)) for value in condition.values]
        return f"{head} {condition.operator} " + (words[0] if len(words) == 1 else f"({', '.join(words)})")
    return f"{head} {condition.operator} {_names_text(condition.values, field.refers, names)}"


def _names_text(values: Sequence[Value], refers: str, names: Names) -> str:
    texts = []
    for value in values:
        name = names.name_of(refers, int(value)) if refers else str(value)
        # A name that is gone, or that the reader would take for another's, is written as its id.
        known = name is not None and '"' not in name and (not refers or names.id_of(refers, name) == value)
        texts.append(f'"{name}"' if known else f"#{value}" if refers else '"' + str(value).replace('"', "'") + '"')
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _number_text(value: int, field: Field, names: Names) -> str:
    digits = {Kind.MONEY: names.scale, Kind.SHARE: 1, Kind.DECIMAL: 3}.get(field.kind, 0)
    sign, value = ("-", -value) if value < 0 else ("", value)
    whole, rest = divmod(value, 10**digits)
    fraction = f"{rest:0{digits}}".rstrip("0") if digits else ""
    return f"{sign}{whole}" + (f",{fraction}" if fraction else "") + ("%" if field.kind is Kind.SHARE else "")


def word_of_custom(key: str) -> str:
    """Return the word of a field of the shop's own."""
    return CUSTOM_WORD + key
