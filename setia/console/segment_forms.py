"""The builder of rules as plain form fields: whatever was typed comes back, whichever button was pressed.

A rule is a tree; each part of it has a path such as 0.2.1, and its fields carry that path: `field:0.2.1`. Buttons add
and drop parts; the rule itself is read by way of its text form, so that there is one reader and one set of errors.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from setia.console.segment_words import GROUPS, OPERATORS, choice, label, trouble
from setia.domains.segments.names import ShopNames
from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.fields import FILTERS, Field, Kind
from setia.domains.segments.rules.text import parse, written
from setia.domains.segments.rules.tree import DEEPEST, MOST_CONDITIONS, And, Condition, Node, Not, Or, operators_of

_PATH = re.compile(r"(?:join|field):(\d{1,2}(?:\.\d{1,2}){0,7})")
_RANKED = (Kind.NUMBER, Kind.MONEY, Kind.DAYS, Kind.SHARE, Kind.DECIMAL)
_FILTER_WORDS = {name: word for word, name in FILTERS.items()}
FIRST_FIELD = "days_since_last"


@dataclass(slots=True)
class Draft:
    """A condition or (with `join`) a group as somebody is typing it; everything is text."""

    path: str = "0"
    join: str = ""  # all or any
    parts: list["Draft"] = field(default_factory=list)
    negated: bool = False
    field_name: str = FIRST_FIELD
    operator: str = ">="
    value: str = ""
    value_to: str = ""
    chosen: list[str] = field(default_factory=list)
    within: str = ""
    where: dict[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def is_group(self) -> bool:
        return bool(self.join)


def fresh() -> Draft:
    """Return an empty rule: one group with one condition."""
    return numbered(Draft(join="all", parts=[Draft(value="30")]))


def numbered(draft: Draft, path: str = "0") -> Draft:
    """Give every part its path."""
    draft.path = path
    for number, part in enumerate(draft.parts):
        numbered(part, f"{path}.{number}")
    return draft


def posted(data: QueryDict) -> Draft:
    """Read what was typed; parts beyond the limits are left out, and a page without any gives an empty rule."""
    paths = {match[1] for name in data if (match := _PATH.fullmatch(name))}
    if "0" not in paths:
        return fresh()
    ordered = sorted(paths, key=lambda path: [int(part) for part in path.split(".")])[: 3 * MOST_CONDITIONS]
    drafts = {path: _part(data, path) for path in ordered}
    for path, draft in drafts.items():
        above = path.rpartition(".")[0]
        if above and above in drafts and drafts[above].is_group:
            drafts[above].parts.append(draft)
    root = drafts["0"]
    return numbered(root if root.is_group else Draft(join="all", parts=[root]))


def _part(data: QueryDict, path: str) -> Draft:
    def typed(name: str) -> str:
        return data.get(f"{name}:{path}", "")[:200]

    join = typed("join")
    return Draft(
        join=join if join in ("all", "any") else "", negated=bool(typed("not")), field_name=typed("field"),
        operator=typed("is"), value=typed("value"), value_to=typed("to"),
        chosen=data.getlist(f"chosen:{path}")[:50], within=typed("within"),
        where={name: text for name in FILTERS.values() if (text := typed(name))},
    )  # fmt: skip


def changed(root: Draft, act: str) -> Draft:
    """Do what a button says (`add:0.1`, `group:0`, `drop:0.2`) and return the rule; anything else changes nothing."""
    verb, _, path = act.partition(":")
    found = _find(root, path)
    if found is None:
        return root
    draft, above = found
    if verb == "add" and draft.is_group and _count(root) < MOST_CONDITIONS:
        draft.parts.append(Draft())
    elif verb == "group" and draft.is_group and path.count(".") < DEEPEST - 2:
        draft.parts.append(Draft(join="any" if draft.join == "all" else "all", parts=[Draft(), Draft()]))
    elif verb == "drop" and above is not None:
        above.parts.remove(draft)
    return numbered(root)


def _find(root: Draft, path: str, above: Draft | None = None) -> tuple[Draft, Draft | None] | None:
    if root.path == path:
        return root, above
    return next((found for part in root.parts if (found := _find(part, path, root)) is not None), None)


def _count(draft: Draft) -> int:
    return sum(_count(part) for part in draft.parts) if draft.is_group else 1


def node_of(root: Draft, names: ShopNames) -> Node:
    """Return the rule; raises BadRule, with the words of each fault beside the part that has it."""
    faults: list[BadRule] = []
    node = _node(root, names, faults)
    if faults:
        raise faults[0]
    if node is None:
        raise BadRule("empty")
    return node


def _node(draft: Draft, names: ShopNames, faults: list[BadRule]) -> Node | None:
    if draft.is_group:
        parts = [node for part in draft.parts if (node := _node(part, names, faults)) is not None]
        if not parts:
            return None
        together = And(tuple(parts)) if draft.join == "all" else Or(tuple(parts))
        found: Node = parts[0] if len(parts) == 1 else together
    else:
        try:
            found = parse(_text(draft, names), names)
        except BadRule as error:
            draft.error = trouble(error)
            faults.append(error)
            return None
    return Not(found) if draft.negated else found


def _text(draft: Draft, names: ShopNames) -> str:
    """Return the text form of one condition, as it was typed."""
    found = next((each for each in names.fields() if each.name == draft.field_name), None)
    if found is None:
        raise BadRule("field", found=draft.field_name)
    inside = [f"{draft.within.strip()} hari"] if found.is_windowed and draft.within.strip() else []
    filled = [name for name in found.where if draft.where.get(name, "").strip()]
    inside += [f"{_FILTER_WORDS[name]}: {_quoted(draft.where[name])}" for name in filled]
    head = found.word + (f"({', '.join(inside)})" if inside else "")
    operator = draft.operator
    if operator in ("known", "unknown"):
        return f"{head} {'ada' if operator == 'known' else 'kosong'}"
    if operator not in ("..", "=", "!=", "<", "<=", ">", ">="):
        raise BadRule("operator", found=operator)
    if found.choices:
        words = [found.choices[code] for code in draft.chosen if code in found.choices]
        if not words:
            raise BadRule("value")
        return f"{head} {operator} " + (words[0] if len(words) == 1 else f"({', '.join(words)})")
    if found.kind not in _RANKED:
        return f"{head} {operator} {_quoted(draft.value)}"
    low, high = _number(draft.value, found), _number(draft.value_to, found)
    return f"{head} = {low}..{high}" if operator == ".." else f"{head} {operator} {low}"


def _number(typed: str, found: Field) -> str:
    typed = typed.strip().removesuffix("hari").removesuffix("days").strip()
    if found.kind is Kind.SHARE and typed and not typed.endswith("%"):
        return typed + "%"
    return typed


def _quoted(typed: str) -> str:
    """Return names that were typed with commas between them as the text form has them."""
    if '"' in typed:
        return f"({typed.strip()})"
    names = [name.strip() for name in typed.split(",") if name.strip()]
    if not names:
        raise BadRule("value")
    quoted = [name if re.fullmatch(r"#\d+", name) else f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"({', '.join(quoted)})"


def draft_of(node: Node, names: ShopNames) -> Draft:
    """Return a rule as the builder shows it."""
    root = _draft(node, names)
    return numbered(root if root.is_group and not root.negated else Draft(join="all", parts=[root]))


def _draft(node: Node, names: ShopNames) -> Draft:
    if isinstance(node, Not):
        draft = _draft(node.part, names)
        if draft.negated:
            return Draft(join="all", parts=[draft], negated=True)
        draft.negated = True
        return draft
    if isinstance(node, Condition):
        return _condition(node, names)
    return Draft(join="all" if isinstance(node, And) else "any", parts=[_draft(part, names) for part in node.parts])


def _condition(node: Condition, names: ShopNames) -> Draft:
    found = next((each for each in names.fields() if each.name == node.field), None)
    draft = Draft(field_name=node.field, operator=node.operator)
    draft.within = str(node.within) if node.within is not None else ""
    for name, values in node.where:
        texts = written(Condition("order_count", ">=", (1,), None, ((name, values),)), names)
        draft.where[name] = texts.partition(": ")[2].rpartition(")")[0].strip("()")
    if found is None or node.operator in ("known", "unknown"):
        return draft
    text = written(Condition(node.field, node.operator, node.values), names)
    value = text.partition(f" {node.operator} ")[2]
    if found.choices:
        draft.chosen = [str(each) for each in node.values]
    elif found.kind in _RANKED:
        low, _, high = value.removesuffix(" hari").partition("..")
        draft.value, draft.value_to = low, high
        if high:
            draft.operator, draft.negated = "..", node.operator == "!="
    else:
        draft.value = value.strip("()")
    return draft


class Shown:
    """What the template needs to draw a rule: the choices of each part's fields."""

    def __init__(self, root: Draft, names: ShopNames) -> None:
        self.root, self._names = root, names
        self._fields = {each.name: each for each in names.fields()}

    def groups(self) -> list[tuple[Any, list[tuple[str, Any]]]]:
        """Return all fields to choose from, grouped."""
        return [
            (title, [(each.name, label(each)) for each in self._fields.values() if each.topic in topics])
            for title, topics in GROUPS
            if any(each.topic in topics for each in self._fields.values())
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return the parts in reading order, each with its depth and what can be chosen in it."""
        found: list[dict[str, Any]] = []
        self._walk(self.root, 0, found, is_last=True)
        return found

    def _walk(self, draft: Draft, depth: int, found: list[dict[str, Any]], *, is_last: bool) -> None:
        if draft.is_group:
            found.append({"draft": draft, "depth": depth, "begins": True})
            for part in draft.parts:
                self._walk(part, depth + 1, found, is_last=part is draft.parts[-1])
            found.append({
                "draft": draft, "depth": depth, "ends": True, "may_nest": depth < DEEPEST - 2,
            })  # fmt: skip
            return
        each = self._fields.get(draft.field_name)
        found.append({"draft": draft, "depth": depth, **(self._choices(each, draft) if each else {})})

    def _choices(self, each: Field, draft: Draft) -> dict[str, Any]:
        operators = list(operators_of(each))
        if each.kind in _RANKED:
            operators.insert(2, "..")
        units = {Kind.DAYS: "days", Kind.MONEY: "money", Kind.SHARE: "percent"}
        return {
            "field": each,
            "operators": [(code, OPERATORS[code]) for code in operators],
            "is_ranked": each.kind in _RANKED,
            "unit": units.get(each.kind, ""),
            "choices": [(code, choice(each, code), code in draft.chosen) for code in each.choices],
            "refers": each.refers,
            "filters": [(name, draft.where.get(name, "")) for name in each.where],
            "is_narrowed": any(draft.where.get(name, "").strip() for name in each.where),
            "needs_value": draft.operator not in ("known", "unknown"),
        }

    def suggestions(self) -> Mapping[str, list[str]]:
        """Return names to choose from for the fields in use, for lists beside the input."""
        used = {each.refers for draft in _leaves(self.root) if (each := self._fields.get(draft.field_name))}
        windows = any(each.where for draft in _leaves(self.root) if (each := self._fields.get(draft.field_name)))
        kinds = (used | ({"product", "outlet"} if windows else set())) - {""}
        return {kind: [name for _, name in self._names.choices(kind)] for kind in sorted(kinds)}


def _leaves(draft: Draft) -> list[Draft]:
    return [leaf for part in draft.parts for leaf in _leaves(part)] if draft.is_group else [draft]
