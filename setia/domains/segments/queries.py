"""Questions about segments and who stands in them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from setia.domains.analytics.models import PersonScore
from setia.domains.commerce.models import CustomerCounters, Order, OrderLine
from setia.domains.segments.models import Preview, Segment, SegmentKind, SegmentState, SizeDay, Standing
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.foundation.paging import Key, Page, capped_count, key_page

# How many of a persona are looked at for what they like: enough for a share, few enough for a page.
_PERSONA_SAMPLE = 2_000


def all_segments(*, state: str = "") -> list[Segment]:
    """Return segments by name: those in use, or those of one state."""
    rows = Segment.objects.order_by("name", "id")
    return list(rows.filter(state=state) if state else rows.exclude(state=SegmentState.ARCHIVED))


def access_segment(viewer: Any, segment_id: int) -> Segment:
    """Return a segment to somebody who may see measures; raises NotAllowed and Segment.DoesNotExist."""
    require(viewer, Capability.VIEW_MEASURES)
    return Segment.objects.get(id=segment_id)


def segment_or_none(segment_id: int) -> Segment | None:
    """Return a segment, or None."""
    return Segment.objects.filter(id=segment_id).first()


def lists_to_add_to() -> list[Segment]:
    """Return the lists by hand that people can be put on."""
    return list(Segment.objects.filter(kind=SegmentKind.STATIC, state=SegmentState.LIVE).order_by("name"))


def members(segment_id: int) -> QuerySet[Standing]:
    """Return the rows of who is in a segment."""
    return Standing.objects.filter(segment_id=segment_id, is_member=True, customer__canonical__isnull=True)


def member_ids(segment_id: int) -> QuerySet[Standing, int]:
    """Return the ids of who is in a segment."""
    return members(segment_id).values_list("customer_id", flat=True)


def member_page(segment_id: int, *, cursor: str, size: int, is_strict: bool = False) -> Page[Standing]:
    """Return one page of who is in a segment, those first who came last; `is_strict` as in `key_page`."""
    keys = (Key("since"), Key("customer_id"))
    return key_page(members(segment_id), keys=keys, cursor=cursor, size=size, is_strict=is_strict)


@dataclass(frozen=True, slots=True)
class Coming:
    """Who comes or goes by itself until a moment: how many (up to 10,001), and the first of them."""

    count: int
    rows: list[Standing]


def coming(segment_id: int, *, at: datetime, days: int = 7, limit: int = 10) -> tuple[Coming, Coming]:
    """Return who enters and who leaves within some days if nothing happens."""
    due = Standing.objects.filter(
        segment_id=segment_id, recheck_at__lte=at + timedelta(days=days), customer__canonical__isnull=True
    ).order_by("recheck_at", "customer_id")
    entering, leaving = due.filter(is_member=False), due.filter(is_member=True)
    return Coming(capped_count(entering), list(entering[:limit])), Coming(capped_count(leaving), list(leaving[:limit]))


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many are in both of two segments, and in each."""

    both: int
    first: int
    second: int


def overlap(first_id: int, second_id: int) -> Overlap:
    """Return how much two segments have in common."""
    second = Standing.objects.filter(segment_id=second_id, is_member=True, customer_id=OuterRef("customer_id"))
    both = members(first_id).filter(Exists(second)).count()
    return Overlap(both, members(first_id).count(), members(second_id).count())


def history(segment_id: int, *, until: date, days: int = 90) -> list[tuple[date, int]]:
    """Return the size at the end of each day with a change, and of the last day; a day before them gives the start."""
    rows = SizeDay.objects.filter(segment_id=segment_id, day__lte=until).order_by("day")
    first = until - timedelta(days=days)
    before = rows.filter(day__lt=first).last()
    found = [(row.day, row.size) for row in rows.filter(day__gte=first)]
    if before is not None:
        found.insert(0, (first, before.size))
    if found and found[-1][0] < until:
        found.append((until, found[-1][1]))
    return [(day, int(size)) for day, size in found]


@dataclass(frozen=True, slots=True)
class InSegment:
    """A segment somebody is in, and how he stands to it."""

    segment: Segment
    standing: Standing


def segments_of(customer_id: int) -> list[InSegment]:
    """Return the segments a person is in, by name."""
    rows = Standing.objects.select_related("segment").filter(
        customer_id=customer_id, is_member=True, segment__state=SegmentState.LIVE
    )
    return [InSegment(row.segment, row) for row in rows.order_by("segment__name")]


def next_turns(customer_id: int, *, at: datetime, days: int = 7) -> list[Standing]:
    """Return the segments a person enters or leaves within some days if nothing happens, soonest first."""
    rows = Standing.objects.select_related("segment").filter(
        customer_id=customer_id, segment__state=SegmentState.LIVE, recheck_at__gt=at,
        recheck_at__lte=at + timedelta(days=days),
    )  # fmt: skip
    return list(rows.order_by("recheck_at")[:10])


def names_of(segment_ids: Collection[int]) -> dict[int, str]:
    """Return the names of segments."""
    return dict(Segment.objects.filter(id__in=segment_ids).values_list("id", "name"))


def access_preview(viewer: Staff, preview_id: int) -> Preview:
    """Return a count to who asked for it; raises Preview.DoesNotExist for anybody else."""
    return Preview.objects.select_related("segment").get(id=preview_id, asked_by=viewer)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What the people of a segment have in common: of a sample of them where they are many."""

    people: int
    spent: int
    expected: int
    categories: list[tuple[str, int]]
    channels: list[tuple[str, int]]
    hours: list[int]


def likeness(segment_id: int, *, zone: Any) -> Likeness:
    """Return what the people of a segment buy, where, and at which hour of the day."""
    ids = list(member_ids(segment_id).order_by("customer_id")[:_PERSONA_SAMPLE])
    sums = CustomerCounters.objects.filter(customer_id__in=ids).aggregate(spent=Sum("spent_total"))
    worth = PersonScore.objects.filter(customer_id__in=ids).aggregate(worth=Sum("expected_value"))
    orders = Order.objects.filter(customer_id__in=ids).exclude(status="cancelled")
    lines = OrderLine.objects.filter(customer_id__in=ids, order__in=orders.values("id"))
    categories = lines.exclude(product__category="").values_list("product__category")
    hours = [0] * 24
    for placed_at in orders.order_by("-placed_at").values_list("placed_at", flat=True)[:5_000]:
        hours[placed_at.astimezone(zone).hour] += 1
    return Likeness(
        people=len(ids),
        spent=int(sums["spent"] or 0),
        expected=int(worth["worth"] or 0),
        categories=list(categories.annotate(count=Count("order_id", distinct=True)).order_by("-count")[:5]),
        channels=list(orders.values_list("channel").annotate(count=Count("id")).order_by("-count")[:5]),
        hours=hours,
    )
