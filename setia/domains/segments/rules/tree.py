"""A rule as a tree of conditions: its parts, its limits, and the JSON it is kept as."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.fields import Field, Kind, field_named

# A rule somebody can still read; and the reasons of a membership are the bits of one whole number.
DEEPEST, MOST_CONDITIONS, MOST_VALUES = 6, 40, 50
LONGEST_VALUE = 100
LONGEST_DAYS = 3_650
LARGEST_NUMBER = 10**15

Value = int | str
OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "known", "unknown")
_RANKED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.DAYS, Kind.SHARE, Kind.DECIMAL})


@dataclass(frozen=True, slots=True)
class Condition:
    """One statement about a person.

    `values` holds one value for a comparison, two for a span (`=` of a number), any number for a choice. `within`
    narrows what is counted to so many days up to today, today included; `where` to goods, outlets and channels.
    """

    field: str
    operator: str
    values: tuple[Value, ...] = ()
    within: int | None = None
    where: tuple[tuple[str, tuple[Value, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """What must not hold."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """Everything must hold."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of these must hold."""

    parts: tuple["Node", ...]


Node = Condition | Not | And | Or


def conditions(node: Node) -> Iterator[Condition]:
    """Yield the conditions of a rule in the order they are read; their places are the bits of a reason."""
    if isinstance(node, Condition):
        yield node
    elif isinstance(node, Not):
        yield from conditions(node.part)
    else:
        for part in node.parts:
            yield from conditions(part)


def depth(node: Node) -> int:
    """Return how deep a rule nests; a lone condition is 1."""
    if isinstance(node, Condition):
        return 1
    if isinstance(node, Not):
        return 1 + depth(node.part)
    return 1 + max((depth(part) for part in node.parts), default=0)


def topics_of(node: Node) -> frozenset[str]:
    """Return what a rule depends on: news of anything else cannot change who fits."""
    found: set[str] = set()
    for condition in conditions(node):
        found.add(field_named(condition.field).topic)
        if any(name in ("product", "category") for name, _ in condition.where):
            found.add("lines")
    return frozenset(found)


def refers_to(node: Node) -> frozenset[int]:
    """Return the ids of the segments and lists a rule speaks of."""
    return frozenset(
        int(value)
        for condition in conditions(node)
        if field_named(condition.field).refers == "segment"
        for value in condition.values
    )


def checked(node: Node) -> Node:
    """Return a rule if it can be; raises BadRule with the first thing that cannot."""
    if depth(node) > DEEPEST:
        raise BadRule("deep")
    found = list(conditions(node))
    if not found:
        raise BadRule("empty")
    if len(found) > MOST_CONDITIONS:
        raise BadRule("many")
    for condition in found:
        _check(condition)
    return node


def _check(condition: Condition) -> None:
    field = field_named(condition.field)
    if condition.operator not in operators_of(field):
        raise BadRule("operator", found=condition.operator, expected=operators_of(field))
    _check_values(condition, field)
    if condition.within is not None and not field.is_windowed:
        raise BadRule("no_window", found=field.word)
    if condition.within is not None and not 1 <= condition.within <= LONGEST_DAYS:
        raise BadRule("days", found=str(condition.within))
    for name, values in condition.where:
        if name not in field.where:
            raise BadRule("filter", found=name, expected=field.where)
        if not values or len(values) > MOST_VALUES:
            raise BadRule("value", found=name)
    if len({name for name, _ in condition.where}) != len(condition.where):
        raise BadRule("filter", found=condition.where[0][0])


def _check_values(condition: Condition, field: Field) -> None:
    values = condition.values
    if condition.operator in ("known", "unknown"):
        if values:
            raise BadRule("value", found=str(values[0]))
        return
    if not values or len(values) > MOST_VALUES:
        raise BadRule("value", found=field.word)
    if field.kind in _RANKED:
        most = 2 if condition.operator in ("=", "!=") else 1
        if len(values) > most or any(isinstance(value, str) for value in values):
            raise BadRule("value", found=str(values[0]))
        numbers = [int(value) for value in values]
        if any(not field.lowest <= number <= field.highest for number in numbers):
            raise BadRule("number", found=str(numbers[0]), expected=(str(field.lowest), str(field.highest)))
        if len(numbers) == 2 and numbers[0] > numbers[1]:
            raise BadRule("span", found=f"{numbers[0]}..{numbers[1]}")
        return
    wants_id = bool(field.refers)
    for value in values:
        if isinstance(value, int) != wants_id or len(str(value)) > LONGEST_VALUE or not str(value).strip():
            raise BadRule("value", found=str(value))
        if field.choices and value not in field.choices:
            raise BadRule("choice", found=str(value), expected=tuple(field.choices.values()))


def operators_of(field: Field) -> tuple[str, ...]:
    """Return the operators a field has."""
    known = ("known", "unknown") if field.may_be_unknown else ()
    if field.kind in _RANKED:
        return (*("=", "!=", "<", "<=", ">", ">="), *known)
    if field.kind is Kind.PRESENCE:
        return ("known", "unknown")
    return ("=", "!=", *known)


def tidied(node: Node) -> Node:
    """Return a rule without groups of one, as its text reads; raises BadRule for a group of none."""
    if isinstance(node, Condition):
        return node
    if isinstance(node, Not):
        return Not(tidied(node.part))
    if not node.parts:
        raise BadRule("empty")
    parts = tuple(tidied(part) for part in node.parts)
    return parts[0] if len(parts) == 1 else type(node)(parts)


def as_json(node: Node) -> dict[str, Any]:
    """Return a rule as it is kept; ids are texts, as everywhere in JSON."""
    if isinstance(node, And):
        return {"all": [as_json(part) for part in node.parts]}
    if isinstance(node, Or):
        return {"any": [as_json(part) for part in node.parts]}
    if isinstance(node, Not):
        return {"not": as_json(node.part)}
    field = field_named(node.field)
    found: dict[str, Any] = {"field": node.field, "is": node.operator}
    if node.values:
        found["values"] = [str(value) if field.refers else value for value in node.values]
    if node.within is not None:
        found["within"] = node.within
    if node.where:
        found["where"] = {name: [str(v) if name in IDS else v for v in values] for name, values in node.where}
    return found


IDS = frozenset({"product", "outlet"})


def from_json(plain: Any, *, level: int = 1) -> Node:
    """Read a rule that was kept or sent; raises BadRule for whatever is none."""
    node = _read(plain, level)
    return checked(tidied(node)) if level == 1 else node


def _read(plain: Any, level: int) -> Node:
    if level > DEEPEST + 1:
        raise BadRule("deep")
    if not isinstance(plain, dict):
        raise BadRule("form", found=str(plain)[:40])
    if "all" in plain or "any" in plain:
        parts = plain.get("all", plain.get("any"))
        if not isinstance(parts, list) or len(plain) != 1:
            raise BadRule("form", found=str(plain)[:40])
        if not parts:
            raise BadRule("empty")
        nodes = tuple(_read(part, level + 1) for part in parts[: MOST_CONDITIONS + 1])
        return And(nodes) if "all" in plain else Or(nodes)
    if "not" in plain:
        return Not(_read(plain["not"], level + 1))
    return _condition(plain)


def _condition(plain: dict[str, Any]) -> Condition:
    unknown = set(plain) - {"field", "is", "values", "within", "where"}
    name, operator, where = plain.get("field"), plain.get("is", ""), plain.get("where", {})
    if unknown or not isinstance(name, str) or not isinstance(operator, str) or not isinstance(where, dict):
        raise BadRule("form", found=str(plain)[:40])
    field = field_named(name)
    within = plain.get("within")
    if within is not None and (not isinstance(within, int) or isinstance(within, bool)):
        raise BadRule("days", found=str(within)[:20])
    values = _values(plain.get("values", []), is_id=bool(field.refers))
    narrowed = tuple((str(key), _values(given, is_id=key in IDS)) for key, given in sorted(where.items()))
    return Condition(name, operator, values, within, narrowed)


def _values(given: Any, *, is_id: bool) -> tuple[Value, ...]:
    if not isinstance(given, list):
        raise BadRule("value", found=str(given)[:40])
    found: list[Value] = []
    for value in given[: MOST_VALUES + 1]:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise BadRule("value", found=str(value)[:40])
        if is_id:
            text = str(value)
            if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < 2**63):
                raise BadRule("value", found=text[:40])
            found.append(int(text))
        else:
            # As the text form writes it: without quotation marks and double blanks.
            found.append(" ".join(value.replace('"', "'").split()) if isinstance(value, str) else value)
    return tuple(found)
