"""What the shop's own tables say of people: personal data that the lake does not hold, and scores."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet

from setia.domains.analytics.models import PersonScore
from setia.domains.commerce.models import Cart, CartState
from setia.domains.customers.models import ConsentEvent, Customer, CustomerTag, CustomValue, FamilyDate, Identity
from setia.domains.segments.loading import day_of, plain_value, score_columns
from setia.domains.segments.models import SegmentState, Standing
from setia.domains.segments.rules.fields import SCORE_COLUMNS, Field, Kind, field_named
from setia.domains.segments.rules.judging import ADULT_YEARS, NEVER, comes_of_age, cuts
from setia.domains.segments.rules.tree import Condition
from setia.domains.segments.setwise.crowd import Crowd
from setia.domains.segments.setwise.leaves import (
    Age,
    Allowed,
    Bools,
    Fixed,
    Happened,
    Ints,
    Leaf,
    SinceFirst,
    Span,
    Valued,
    Window,
    Yearly,
    months_and_days,
)
from setia.domains.shop.models import Shop
from setia.foundation.events.models import VoidedBatch

_TEXT_COLUMNS = {
    "city": "city", "gender": "gender", "language": "language", "source": "acquisition_source",
    "preferred_channel": "preferred_channel",
}  # fmt: skip
_ALLOWED_BY_DEFAULT = ("service", "profiling")
_GUARDED = ("marketing", "profiling", "sharing", "publishing")


def span_of(condition: Condition) -> Span:
    """Return the span of a comparison, or that a value is known."""
    if condition.operator in ("known", "unknown"):
        return Span(is_known=condition.operator == "known")
    low, high = cuts(condition.operator, [int(value) for value in condition.values])
    return Span(low, high)


class Personal:
    """Asks the shop's tables; what several conditions need is read once."""

    def __init__(self, crowd: Crowd, shop: Shop, today: int, members: dict[int, Bools]) -> None:
        self._crowd, self._shop, self._today, self._members = crowd, shop, today, members
        self._kept: dict[str, Any] = {}

    def leaf(self, condition: Condition) -> Leaf:
        """Return a condition over the crowd, for everything that is not trade. `!=` is not asked of it."""
        field = field_named(condition.field)
        if field.topic == "scores":
            return self._score(condition, field)
        if field.topic == "custom":
            return self._custom(condition, field)
        named: dict[str, Callable[[Condition], Leaf]] = {
            "abandoned_carts": self._carts,
            "days_since_joined": self._joined,
            "age": lambda each: Age(self._once("born", self._born), span_of(each)),
            "interests": self._interests,
            "consent": self._consent,
            "segment": self._segment,
            "owner": lambda each: self._rows(each, Customer.objects.filter(canonical__isnull=True), "owner_id", "id"),
            "tags": lambda each: self._rows(each, CustomerTag.objects.all(), "tag_id", "customer_id"),
            "reach": lambda each: self._rows(
                each, Identity.objects.filter(kind__in=("phone", "email")), "kind", "customer_id"
            ),
        }
        if condition.field in named:
            return named[condition.field](condition)
        if condition.field.endswith(("birthday", "family_day")):
            return self._yearly(condition)
        return self._text(condition)

    def may_be_sorted(self) -> Leaf:
        """Return who has not objected to being sorted and is no child without a guardian's yes."""
        return self._allowed("profiling.any")

    def _once(self, name: str, read: Callable[[], Any]) -> Any:
        if name not in self._kept:
            self._kept[name] = read()
        return self._kept[name]

    def _rows(self, condition: Condition, rows: QuerySet[Any], column: str, owner: str) -> Fixed:
        """Return who has a row with one of the values, or any row at all."""
        if condition.operator in ("known", "unknown"):
            has = self._crowd.who(rows.filter(**{f"{column}__isnull": False}).values_list(owner, flat=True).iterator())
            return Fixed(has if condition.operator == "known" else ~has)
        found = rows.filter(**{f"{column}__in": condition.values}).values_list(owner, flat=True)
        return Fixed(self._crowd.who(found.iterator()))

    def _text(self, condition: Condition) -> Fixed:
        column = _TEXT_COLUMNS[condition.field]
        rows = Customer.objects.filter(canonical__isnull=True).exclude(**{column: ""})
        if condition.operator in ("known", "unknown"):
            has = self._crowd.who(rows.values_list("id", flat=True).iterator())
            return Fixed(has if condition.operator == "known" else ~has)
        wanted = {str(value).casefold() for value in condition.values}
        there = rows.order_by().values_list(column, flat=True).distinct()
        is_exact = field_named(condition.field).kind is Kind.CHOICE
        same = [word for word in there if (word if is_exact else word.casefold()) in wanted]
        return Fixed(self._crowd.who(rows.filter(**{f"{column}__in": same}).values_list("id", flat=True).iterator()))

    def _interests(self, condition: Condition) -> Fixed:
        rows = Customer.objects.filter(canonical__isnull=True).exclude(interests=[]).values_list("id", "interests")
        wanted = {str(value).casefold() for value in condition.values}
        is_any = condition.operator in ("known", "unknown")
        found = [
            row_id
            for row_id, words in rows.iterator()
            if (bool(words) if is_any else not wanted.isdisjoint(str(word).casefold() for word in words or ()))
        ]
        has = self._crowd.who(found)
        return Fixed(~has if condition.operator == "unknown" else has)

    def _segment(self, condition: Condition) -> Fixed:
        has = np.zeros(self._crowd.size, dtype=bool)
        for value in condition.values:
            if int(value) not in self._members:
                rows = Standing.objects.filter(segment_id=value, is_member=True, segment__state=SegmentState.LIVE)
                # Rows of the merged are no longer anybody's own.
                rows = rows.filter(customer__canonical__isnull=True)
                self._members[int(value)] = self._crowd.who(rows.values_list("customer_id", flat=True).iterator())
            has |= self._members[int(value)]
        return Fixed(has)

    def _carts(self, condition: Condition) -> Window:
        rows = Cart.objects.filter(state=CartState.ABANDONED, abandoned_at__isnull=False, customer__isnull=False)
        pairs = [
            (row_id, day_of(moment, self._shop))
            for row_id, moment in rows.values_list("customer_id", "abandoned_at")
            if moment is not None
        ]
        people, days = (np.array([pair[at] for pair in pairs], dtype=np.int64) for at in (0, 1))
        ones = np.ones(len(pairs), dtype=np.int64)
        happened = Happened.of(self._crowd.places(people), days, ones, ones, self._crowd.size)
        return Window(happened, condition.within, "count", span_of(condition))

    def _joined(self, condition: Condition) -> SinceFirst:
        def read() -> Ints:
            rows = Customer.objects.filter(canonical__isnull=True).values_list("id", "joined_at").iterator()
            return self._days((row_id, day_of(moment, self._shop)) for row_id, moment in rows)

        return SinceFirst(self._once("joined", read), span_of(condition))

    def _days(self, pairs: Any) -> Ints:
        """Return a day for each of the crowd, NEVER where none is given."""
        table = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
        found = np.full(self._crowd.size, NEVER, dtype=np.int64)
        places = self._crowd.places(table[:, 0])
        found[places[places >= 0]] = table[places >= 0, 1]
        return found

    def _born(self) -> Ints:
        rows = Customer.objects.filter(canonical__isnull=True, birth_date__isnull=False)
        pairs = rows.values_list("id", "birth_date").iterator()
        return self._days((row_id, day.toordinal()) for row_id, day in pairs if day)

    def _yearly(self, condition: Condition) -> Yearly:
        if condition.field.endswith("birthday"):
            born = self._once("born", self._born)
            place = np.flatnonzero(born < NEVER)
            days = born[place]
        else:
            rows = FamilyDate.objects.values_list("customer_id", "date").iterator()
            table = np.array([(row_id, day.toordinal()) for row_id, day in rows], dtype=np.int64).reshape(-1, 2)
            place = self._crowd.places(table[:, 0])
            days, place = table[place >= 0, 1], place[place >= 0]
            order = np.argsort(place, kind="stable")
            days, place = days[order], place[order]
        _, month, day = months_and_days(days)
        starts = np.searchsorted(place, np.arange(self._crowd.size + 1)).astype(np.int64)
        return Yearly(month, day, starts, condition.field.startswith("days_to"), span_of(condition))

    def _consent(self, condition: Condition) -> Leaf:
        return AnyOf([self._allowed(str(value)) for value in condition.values])

    def _allowed(self, code: str) -> Allowed:
        purpose, _, channel = code.partition(".")
        default = purpose in _ALLOWED_BY_DEFAULT
        grown = np.full(self._crowd.size, default, dtype=bool)
        child = grown.copy() if purpose not in _GUARDED else np.zeros(self._crowd.size, dtype=bool)
        rows = ConsentEvent.objects.filter(purpose=purpose, channel=channel)
        # Last written wins: sorted as the answers stand, later over earlier and no over yes.
        given = sorted(
            rows.values_list("given_at", "is_granted", "id", "customer_id", "is_guardian", "origin_id"),
            key=lambda row: (row[0], not row[1], row[2]),
        )
        origins = {row[5] for row in given if row[5]}
        voided = set(VoidedBatch.objects.filter(batch_id__in=origins).values_list("batch_id", flat=True))
        given = [row for row in given if row[5] not in voided]
        places = self._crowd.places(np.array([row[3] for row in given], dtype=np.int64)).tolist()
        for place, row in zip(places, given, strict=True):
            if place >= 0:
                grown[place] = row[1]
                child[place] = (row[1] and row[4]) if purpose in _GUARDED else row[1]
        return Allowed(grown, child, self._once("adult_on", self._adult_on))

    def _adult_on(self) -> Ints:
        """Return the day on which children come of age, 0 for everybody else."""
        found = np.zeros(self._crowd.size, dtype=np.int64)
        born_after = date.fromordinal(self._today) - timedelta(days=366 * ADULT_YEARS)
        rows = Customer.objects.filter(canonical__isnull=True, birth_date__gt=born_after)
        for row_id, day in rows.values_list("id", "birth_date"):
            place = int(self._crowd.places(np.array([row_id], dtype=np.int64))[0])
            if place >= 0 and day is not None:
                found[place] = comes_of_age(day, ADULT_YEARS)
        return found

    def _score(self, condition: Condition, field: Field) -> Leaf:
        column = SCORE_COLUMNS[field.name]
        nobody = np.zeros(self._crowd.size, dtype=bool)
        if column not in score_columns():
            return Fixed(~nobody if condition.operator == "unknown" else nobody)
        rows = PersonScore.objects.filter(**{f"{column}__isnull": False})
        if field.kind in (Kind.CHOICE, Kind.TEXT):
            rows = rows.exclude(**{column: ""})
            if condition.operator in ("known", "unknown"):
                has = self._crowd.who(rows.values_list("customer_id", flat=True).iterator())
                return Fixed(has if condition.operator == "known" else ~has)
            wanted = {str(value) if field.kind is Kind.CHOICE else str(value).casefold() for value in condition.values}
            there = rows.order_by().values_list(column, flat=True).distinct()
            same = [w for w in there if (w if field.kind is Kind.CHOICE else str(w).casefold()) in wanted]
            return Fixed(
                self._crowd.who(rows.filter(**{f"{column}__in": same}).values_list("customer_id", flat=True).iterator())
            )
        value, known = self._once(f"score.{column}", lambda: self._numbers(rows.values_list("customer_id", column)))
        return Valued(value, known, span_of(condition))

    def _numbers(self, rows: Any) -> tuple[Ints, Bools]:
        table = np.array(list(rows.iterator()), dtype=np.int64).reshape(-1, 2)
        return self._placed(table)

    def _placed(self, table: Ints) -> tuple[Ints, Bools]:
        value, known = np.zeros(self._crowd.size, dtype=np.int64), np.zeros(self._crowd.size, dtype=bool)
        places = self._crowd.places(table[:, 0])
        value[places[places >= 0]] = table[places >= 0, 1]
        known[places[places >= 0]] = True
        return value, known

    def _custom(self, condition: Condition, field: Field) -> Leaf:
        _, key, kind = field.name.split(".")
        values = self._once(field.name, lambda: self._custom_values(key, kind))
        if field.kind in (Kind.DECIMAL, Kind.DAYS):
            table = np.array([(p, v) for p, v in values.items() if isinstance(v, int)], dtype=np.int64).reshape(-1, 2)
            if field.kind is Kind.DAYS:
                return SinceFirst(self._days(table.tolist()), span_of(condition))
            return Valued(*self._placed(table), span_of(condition))
        if condition.operator in ("known", "unknown"):
            has = self._crowd.who(values)
            return Fixed(has if condition.operator == "known" else ~has)
        is_text = field.kind is Kind.TEXT
        wanted = {str(value).casefold() if is_text else value for value in condition.values}
        return Fixed(self._crowd.who(p for p, v in values.items() if (str(v).casefold() if is_text else v) in wanted))

    def _custom_values(self, key: str, kind: str) -> dict[int, int | str]:
        """Return what a field says of each person; his own row before those merged into it."""
        rows = CustomValue.objects.filter(field__key=key, field__kind=kind, field__is_specific=False).order_by("-id")
        named: Sequence[tuple[int, str]] = list(rows.values_list("customer_id", "plain"))
        places = self._crowd.places(np.array([row[0] for row in named], dtype=np.int64)).tolist()
        found: dict[int, int | str] = {}
        for is_own in (False, True):
            for (row_id, plain), place in zip(named, places, strict=True):
                person = int(self._crowd.ids[place]) if place >= 0 else 0
                value = plain_value(kind, plain)
                if person and value is not None and (person == row_id) == is_own:
                    found[person] = value
        return found


class AnyOf:
    """One of several leaves."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        self._leaves = leaves

    def at(self, where: Ints, day: Ints) -> tuple[Bools, Ints]:
        """Return where one of them holds."""
        from setia.domains.segments.setwise.leaves import all_of, negated

        return negated(all_of([negated(leaf.at(where, day)) for leaf in self._leaves]))
