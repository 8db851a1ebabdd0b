"""Judging one person by a rule: whether he fits, which conditions hold, and the next day on which that changes.

Everything a rule knows changes by news or by a day beginning. So each part says, with its truth on a day, the first
later day before which it cannot change without news; the search goes from one such day to the next until the whole
rule turns over. Nothing is guessed and nobody is looked at before his time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from setia.domains.segments.rules.facts import Facts
from setia.domains.segments.rules.fields import SCORE_COLUMNS, Field, Kind, field_named
from setia.domains.segments.rules.tree import And, Condition, Node, Not

NEVER = 1 << 30
# No window is longer than ten years, and birthdays come round in four: whatever has not turned by then never will.
FARTHEST_DAYS = 4_100
ADULT_YEARS = 18
# What counts where nobody has said anything, and what a minor cannot allow himself (see customers.rules.consents).
_ALLOWED_BY_DEFAULT = ("service", "profiling")
_GUARDED = ("marketing", "profiling", "sharing", "publishing")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody fits on a day, the conditions that hold (bit n for the n-th), and when that turns over.

    `turns_on` is the ordinal of the first later day on which he fits or no longer fits if nothing happens, or None.
    """

    fits: bool
    reason: int
    turns_on: int | None


Part = tuple[bool, int]  # truth on a day, and the first day on which it may be another


def judge(node: Node, facts: Facts, today: int) -> Verdict:
    """Return how somebody stands on a day. Whoever does not want to be sorted, or is a child, fits nothing."""
    leaves: list[Leaf] = []
    whole = _compiled(node, facts, leaves)
    allowed = _may_be_sorted(facts)

    def both(day: int) -> Part:
        return _and([allowed(day), whole(day)])

    fits, turns_on = both(today)
    reason = sum(1 << number for number, leaf in enumerate(leaves) if leaf(today)[0])
    last = today + FARTHEST_DAYS
    while turns_on <= last:
        there, following = both(turns_on)
        if there != fits:
            return Verdict(fits, reason, turns_on)
        turns_on = following
    return Verdict(fits, reason, None)


Leaf = Callable[[int], Part]


def _compiled(node: Node, facts: Facts, leaves: list[Leaf]) -> Leaf:
    if isinstance(node, Condition):
        leaf = _leaf(node, facts)
        leaves.append(leaf)
        return leaf
    if isinstance(node, Not):
        part = _compiled(node.part, facts, leaves)
        return lambda day: _not(part(day))
    parts = [_compiled(each, facts, leaves) for each in node.parts]
    if isinstance(node, And):
        return lambda day: _and([part(day) for part in parts])
    return lambda day: _not(_and([_not(part(day)) for part in parts]))


def _not(part: Part) -> Part:
    return not part[0], part[1]


def _and(parts: Sequence[Part]) -> Part:
    """Return the truth of all parts; false until the last of the false ones may have turned."""
    waiting = [until for truth, until in parts if not truth]
    if waiting:
        return False, max(waiting)
    return True, min((until for _, until in parts), default=NEVER)


def _leaf(condition: Condition, facts: Facts) -> Leaf:
    field = field_named(condition.field)
    if condition.operator == "!=":
        same = _leaf(Condition(condition.field, "=", condition.values, condition.within, condition.where), facts)
        return lambda day: _not(same(day))
    if field.kind in (Kind.NUMBER, Kind.MONEY, Kind.DAYS, Kind.SHARE, Kind.DECIMAL):
        return _ranked(condition, field, facts)
    if field.name == "consent":
        wanted = [partial(_consent, facts, str(value)) for value in condition.values]
        return lambda day: _not(_and([_not(one(day)) for one in wanted]))
    truth = _holds(condition, field, facts)
    return lambda day: (truth, NEVER)


def _holds(condition: Condition, field: Field, facts: Facts) -> bool:
    """Return the truth of a condition that no day changes."""
    has = _values_of(field, facts)
    if condition.operator in ("known", "unknown"):
        return bool(has) == (condition.operator == "known")
    if field.kind in (Kind.TEXT, Kind.TEXTS):
        return not has.isdisjoint(str(value).casefold() for value in condition.values)
    return not has.isdisjoint(condition.values)


def _values_of(field: Field, facts: Facts) -> set[int | str]:
    if field.name == "tags":
        return set(facts.tag_ids)
    if field.name == "segment":
        return set(facts.segment_ids)
    if field.name == "reach":
        return set(facts.reach)
    if field.name == "interests":
        return {word.casefold() for word in facts.interests}
    if field.name == "owner":
        return {facts.owner_id} if facts.owner_id is not None else set()
    if field.topic == "custom":
        value = facts.custom.get(field.name)
    elif field.topic == "scores":
        value = facts.scores.get(SCORE_COLUMNS[field.name])
    else:
        value = facts.texts.get(field.name)
    if value is None or value == "":
        return set()
    return {value.casefold() if isinstance(value, str) and field.kind is Kind.TEXT else value}


def cuts(operator: str, values: Sequence[int]) -> tuple[int | None, int | None]:
    """Return the span [low, high) in which a comparison holds; None is open."""
    first, last = values[0], values[-1]
    return {
        "=": (first, last + 1), "<": (None, first), "<=": (None, first + 1), ">": (first + 1, None),
        ">=": (first, None),
    }[operator]  # fmt: skip


Measured = tuple[int | None, int]  # a value on a day, and the first day on which the comparison may come out otherwise
Measure = Callable[[int, Sequence[int]], Measured]


def _ranked(condition: Condition, field: Field, facts: Facts) -> Leaf:
    measure = _measure(condition, field, facts)
    if condition.operator in ("known", "unknown"):
        wanted = condition.operator == "known"

        def is_known(day: int) -> Part:
            value, until = measure(day, ())
            return (value is not None) == wanted, until

        return is_known
    low, high = cuts(condition.operator, [int(value) for value in condition.values])
    edges = [edge for edge in (low, high) if edge is not None]

    def compares(day: int) -> Part:
        value, until = measure(day, edges)
        if value is None:
            return False, until
        return (low is None or value >= low) and (high is None or value < high), until

    return compares


def _measure(condition: Condition, field: Field, facts: Facts) -> Measure:
    name = field.name
    if name in ("order_count", "spent", "average_order", "return_count", "abandoned_carts"):
        return partial(_window, _events(condition, facts), condition.within, name)
    if name in ("days_since_last", "days_since_first"):
        days = sorted({day for day, _, _ in _events(condition, facts)})
        return partial(_since_last if name == "days_since_last" else _since_first, days)
    if name == "days_since_joined":
        return partial(_since_first, [facts.joined_day] if facts.joined_day is not None else [])
    if name in ("days_to_birthday", "days_since_birthday", "days_to_family_day", "days_since_family_day"):
        birth = [facts.birth_date] if facts.birth_date else []
        dates = birth if name.endswith("birthday") else facts.family_days
        return partial(_to_anniversary if name.startswith("days_to") else _since_anniversary, dates)
    if name == "age":
        return partial(_age, facts.birth_date)
    value = facts.custom.get(name) if field.topic == "custom" else facts.scores.get(SCORE_COLUMNS[name])
    known = value if isinstance(value, int) else None
    if field.kind is Kind.DAYS:
        return partial(_since_first, [known] if known is not None else [])
    return lambda day, edges: (known, NEVER)


Event = tuple[int, int, int]  # day, how many, how much


def _events(condition: Condition, facts: Facts) -> list[Event]:
    """Return what a condition counts, sorted by day."""
    where = {name: set(values) for name, values in condition.where}
    outlets, channels = where.get("outlet"), {str(value).casefold() for value in where.get("channel", ())}

    def fits(outlet_id: int | None, channel: str) -> bool:
        return (outlets is None or outlet_id in outlets) and (not channels or channel.casefold() in channels)

    if condition.field == "return_count":
        return sorted((day, 1, 0) for day, outlet_id in facts.returns if fits(outlet_id, ""))
    if condition.field == "abandoned_carts":
        return sorted((day, 1, 0) for day in facts.abandoned)
    if "product" not in where and "category" not in where:
        return sorted((s.day, s.orders, s.value) for s in facts.sales if fits(s.outlet_id, s.channel))
    products = where.get("product")
    categories = {str(value).casefold() for value in where.get("category", ())}
    orders: dict[int, list[int]] = {}
    for line in facts.lines:
        is_wanted = (products is None or line.product_id in products) and (
            not categories or line.category.casefold() in categories
        )
        if is_wanted and fits(line.outlet_id, line.channel):
            order = orders.setdefault(line.order_id, [line.day, 1, 0])
            order[2] += line.net
    return sorted((day, count, value) for day, count, value in orders.values())


def _window(events: list[Event], within: int | None, name: str, day: int, edges: Sequence[int]) -> Measured:
    first = -NEVER if within is None else day - within + 1
    inside = [event for event in events if first <= event[0] <= day]
    coming = min((event[0] for event in events if event[0] > day), default=NEVER)
    count = sum(event[1] for event in inside)
    if name in ("spent", "average_order"):
        value = sum(event[2] for event in inside)
        leaving = inside[0][0] + within if inside and within is not None else NEVER
        if name == "average_order":
            return (value // count if count else None), min(leaving, coming)
        return value, min(leaving, coming)
    leaving = NEVER
    reached = [edge for edge in edges if 0 < edge <= count]
    if reached and within is not None:
        # The count falls below an edge when the edge-th latest leaves the window.
        left, most = count, max(reached)
        for event in inside:
            left -= event[1]
            if left < most:
                leaving = event[0] + within
                break
    return count, min(leaving, coming)


def _passes(edges: Iterable[int], value: int, since: int) -> int:
    """Return the day on which a number of days that grows reaches its next edge."""
    return since + min((edge for edge in edges if edge > value), default=NEVER)


def _since_last(days: Sequence[int], day: int, edges: Sequence[int]) -> Measured:
    coming = min((each for each in days if each > day), default=NEVER)
    last = max((each for each in days if each <= day), default=None)
    if last is None:
        return None, coming
    return day - last, min(coming, _passes(edges, day - last, last))


def _since_first(days: Sequence[int], day: int, edges: Sequence[int]) -> Measured:
    first = min(days, default=None)
    if first is None or first > day:
        return None, NEVER if first is None else first
    return day - first, _passes(edges, day - first, first)


def anniversary(born: date, year: int) -> int:
    """Return the ordinal of a birthday in a year; the 29th of February is kept on the 28th in common years."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last_of_february = born.month == 2 and born.day == 29 and not is_leap
    return date(year, born.month, 28 if last_of_february else born.day).toordinal()


def _around(born: date, day: int) -> tuple[int, int]:
    """Return the last anniversary up to a day and the next one from that day on (the day itself is both)."""
    year = date.fromordinal(day).year
    this = anniversary(born, year)
    if this == day:
        return this, this
    if this < day:
        return this, anniversary(born, year + 1)
    return anniversary(born, year - 1), this


def _to_anniversary(dates: Sequence[date], day: int, edges: Sequence[int]) -> Measured:
    value = min((_around(born, day)[1] - day for born in dates), default=None)
    if value is None:
        return None, NEVER
    # It falls day by day through its edges, and jumps up on the day after.
    crossed = max((edge for edge in edges if edge <= value), default=None)
    falls = NEVER if crossed is None or crossed <= 0 else day + value - crossed + 1
    return value, min(falls, day + value + 1)


def _since_anniversary(dates: Sequence[date], day: int, edges: Sequence[int]) -> Measured:
    if not dates:
        return None, NEVER
    around = [_around(born, day) for born in dates]
    last = max(before for before, _ in around)
    following = min(_around(born, day + 1)[1] for born in dates)
    return day - last, min(following, _passes(edges, day - last, last))


def _age(born: date | None, day: int, edges: Sequence[int]) -> Measured:
    if born is None or born.toordinal() > day:
        return None, NEVER if born is None else born.toordinal()
    today = date.fromordinal(day)
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    following = min((edge for edge in edges if edge > years), default=None)
    return years, NEVER if following is None or following > 200 else comes_of_age(born, following)


def comes_of_age(born: date, years: int) -> int:
    """Return the ordinal of the day on which somebody is so many years old; born on 29 February, on 1 March."""
    try:
        return born.replace(year=born.year + years).toordinal()
    except ValueError:
        return date(born.year + years, 3, 1).toordinal()


def _consent(facts: Facts, code: str, day: int) -> Part:
    purpose, answer = code.partition(".")[0], facts.answers.get(code)
    grown = purpose in _ALLOWED_BY_DEFAULT if answer is None else answer.is_granted
    born = facts.birth_date
    adult_on = comes_of_age(born, ADULT_YEARS) if born else 0
    if day >= adult_on or purpose not in _GUARDED:
        return grown, NEVER
    return answer is not None and answer.is_granted and answer.is_guardian, adult_on


def _may_be_sorted(facts: Facts) -> Leaf:
    """Return whether somebody may be sorted at all: he has not objected, and is no child without a guardian's yes."""
    return partial(_consent, facts, "profiling.any")
