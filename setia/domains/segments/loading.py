"""Loading what is known of people for the topics a rule asks about: so many questions a topic, however many people."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Sum

from setia.domains.analytics.models import PersonScore
from setia.domains.commerce.models import Cart, CartState, Order, OrderLine, Return
from setia.domains.customers.models import (
    ConsentEvent,
    Customer,
    CustomerTag,
    CustomField,
    CustomValue,
    FamilyDate,
    Identity,
)
from setia.domains.segments.models import SegmentState, Standing
from setia.domains.segments.rules import facts as known
from setia.domains.segments.rules.fields import SCORE_COLUMNS
from setia.domains.shop.models import Shop
from setia.foundation.clock import shop_day
from setia.foundation.events.models import VoidedBatch

CANCELLED = "cancelled"


def score_columns() -> tuple[str, ...]:
    """Return the columns of a person's scores that rules may ask about and that this version has."""
    there = {field.attname for field in PersonScore._meta.concrete_fields}
    return tuple(column for column in SCORE_COLUMNS.values() if column in there)


def day_of(moment: datetime, shop: Shop) -> int:
    """Return the ordinal of the shop's day of a moment."""
    return shop_day(moment, zone=shop.zone, cutoff_hour=shop.cutoff_hour).toordinal()


def load(customer_ids: Collection[int], topics: Collection[str], *, shop: Shop) -> dict[int, known.Facts]:
    """Return what is known of these people (rows that stand); who is gone or merged into another is left out.

    A person's rows are read together, those merged into his too. `profile` and `consent` are always read, for
    whether somebody may be sorted at all is asked of every rule.
    """
    found: dict[int, known.Facts] = {}
    for row in Customer.objects.filter(id__in=customer_ids, canonical__isnull=True).only(*_PROFILE):
        found[row.id] = _profile(row, shop)
    person_of = {row_id: row_id for row_id in found}
    person_of |= dict(Customer.objects.filter(canonical_id__in=list(found)).values_list("id", "canonical_id"))
    people = _People(found, person_of)
    _consents(people)
    for topic, read in _READERS.items():
        if topic in topics:
            read(people)
    if "carts" in topics:
        _carts(people, shop)
    return found


class _People:
    """The facts being gathered, and whose each row is."""

    def __init__(self, found: dict[int, known.Facts], person_of: Mapping[int, int]) -> None:
        self.found, self.person_of = found, person_of
        self.row_ids = list(person_of)

    def of(self, row_id: int) -> known.Facts:
        """Return the facts of the person a row belongs to."""
        return self.found[self.person_of[row_id]]


_PROFILE = (
    *("birth_date", "city", "gender", "language", "acquisition_source", "preferred_channel", "interests"),
    *("owner_id", "joined_at"),
)


def _profile(row: Customer, shop: Shop) -> known.Facts:
    return known.Facts(
        customer_id=row.id,
        joined_day=day_of(row.joined_at, shop),
        birth_date=row.birth_date,
        texts={
            "city": row.city, "gender": row.gender, "language": row.language, "source": row.acquisition_source,
            "preferred_channel": row.preferred_channel,
        },
        interests=frozenset(str(word) for word in row.interests or ()),
        owner_id=row.owner_id,
    )  # fmt: skip


def _consents(people: _People) -> None:
    """The standing answers: the latest, and of two at the same moment the no; undone imports never answered."""
    rows = list(
        ConsentEvent.objects.filter(customer_id__in=people.row_ids).values_list(
            "customer_id", "purpose", "channel", "given_at", "is_granted", "is_guardian", "id", "origin_id"
        )
    )
    voided: set[int] = set()
    if origins := {row[7] for row in rows if row[7]}:
        voided = set(VoidedBatch.objects.filter(batch_id__in=origins).values_list("batch_id", flat=True))
    answers: dict[int, dict[str, known.Answer]] = defaultdict(dict)
    rows.sort(key=lambda row: (row[3], not row[4], row[6]))
    for row_id, purpose, channel, _, is_granted, is_guardian, _, origin_id in rows:
        if origin_id not in voided:
            answers[people.person_of[row_id]][f"{purpose}.{channel}"] = known.Answer(is_granted, is_guardian)
    for person, given in answers.items():
        people.found[person].answers = given


def _orders(people: _People) -> None:
    # By day, outlet and channel: somebody with a million orders has a few thousand days.
    rows = Order.objects.filter(customer_id__in=people.row_ids).exclude(status=CANCELLED)
    grouped = rows.order_by().values_list("customer_id", "shop_day", "outlet_id", "channel")
    for row_id, day, outlet_id, channel, count, net, back in grouped.annotate(
        count=Count("id"), net_sum=Sum("net"), back_sum=Sum("returned_total")
    ):
        sale = known.DaySales(day.toordinal(), outlet_id, channel, count, int(net) - int(back))
        people.of(row_id).sales.append(sale)


def _lines(people: _People) -> None:
    rows = OrderLine.objects.filter(order__customer_id__in=people.row_ids).exclude(order__status=CANCELLED)
    for row_id, day, *rest in rows.values_list(
        *("order__customer_id", "order__shop_day", "order_id", "order__outlet_id", "order__channel", "product_id"),
        *("product__category", "net"),
    ):
        people.of(row_id).lines.append(known.LineSale(day.toordinal(), *rest))


def _returns(people: _People) -> None:
    rows = Return.objects.filter(customer_id__in=people.row_ids).values_list("customer_id", "shop_day", "outlet_id")
    for row_id, day, outlet_id in rows:
        people.of(row_id or 0).returns.append((day.toordinal(), outlet_id))


def _carts(people: _People, shop: Shop) -> None:
    rows = Cart.objects.filter(customer_id__in=people.row_ids, state=CartState.ABANDONED, abandoned_at__isnull=False)
    for row_id, moment in rows.values_list("customer_id", "abandoned_at"):
        if moment is not None:
            people.of(row_id or 0).abandoned.append(day_of(moment, shop))


def _family(people: _People) -> None:
    for row_id, day in FamilyDate.objects.filter(customer_id__in=people.row_ids).values_list("customer_id", "date"):
        people.of(row_id).family_days.append(day)


def _identities(people: _People) -> None:
    rows = Identity.objects.filter(customer_id__in=people.row_ids, kind__in=("phone", "email"))
    kinds: dict[int, set[str]] = defaultdict(set)
    for row_id, kind in rows.values_list("customer_id", "kind").distinct():
        kinds[people.person_of[row_id]].add(kind)
    for person, given in kinds.items():
        people.found[person].reach = frozenset(given)


def _tags(people: _People) -> None:
    tags: dict[int, set[int]] = defaultdict(set)
    rows = CustomerTag.objects.filter(customer_id__in=people.row_ids).values_list("customer_id", "tag_id")
    for row_id, tag_id in rows:
        tags[people.person_of[row_id]].add(tag_id)
    for person, given in tags.items():
        people.found[person].tag_ids = frozenset(given)


def _customs(people: _People) -> None:
    """The shop's own fields: of what the law protects more nothing, of free words only that they are there."""
    values: dict[int, dict[str, int | str]] = defaultdict(dict)
    rows = CustomValue.objects.filter(customer_id__in=people.row_ids, field__is_specific=False).order_by("-id")
    named = list(
        rows.annotate(kind=F("field__kind"), key=F("field__key")).values_list("customer_id", "key", "kind", "plain")
    )
    # The row that stands comes last, so that its value is the one that counts.
    named.sort(key=lambda row: people.person_of[row[0]] == row[0])
    for row_id, key, kind, plain in named:
        value = plain_value(kind, plain)
        if value is not None:
            values[people.person_of[row_id]][f"custom.{key}.{kind}"] = value
    for person, given in values.items():
        people.found[person].custom = given


def plain_value(kind: str, plain: str) -> int | str | None:
    """Return a custom field's plain text as rules compare it: thousandths, ordinals of days, words."""
    if kind == "text":
        return "-"
    if not plain:
        return None
    if kind == "number":
        return int(Decimal(plain) * 1000)
    return date.fromisoformat(plain).toordinal() if kind == "date" else plain


def _scores(people: _People) -> None:
    columns = score_columns()
    rows = PersonScore.objects.filter(customer_id__in=list(people.found)).values_list("customer_id", *columns)
    for person, *values in rows:
        people.found[person].scores = dict(zip(columns, values, strict=True))


def _segments(people: _People) -> None:
    rows = Standing.objects.filter(customer_id__in=list(people.found), is_member=True)
    rows = rows.filter(segment__state=SegmentState.LIVE)
    for person, segment_id in rows.values_list("customer_id", "segment_id"):
        people.found[person].segment_ids.add(segment_id)


_READERS: dict[str, Any] = {
    "orders": _orders,
    "lines": _lines,
    "returns": _returns,
    "family": _family,
    "identity": _identities,
    "tags": _tags,
    "custom": _customs,
    "scores": _scores,
    "segments": _segments,
}


def custom_keys() -> Sequence[tuple[str, str]]:
    """Return the shop's own fields a rule may speak of, as key and kind."""
    rows = CustomField.objects.filter(is_active=True, is_specific=False).order_by("position", "label", "id")
    return list(rows.values_list("key", "kind"))
