"""Judging people anew after news about them, and at the instants that were foretold."""

from collections.abc import Collection, Sequence
from datetime import datetime

from setia.domains.customers.models import Customer
from setia.domains.customers.queries import canonical_ids
from setia.domains.segments.loading import day_of, load
from setia.domains.segments.models import Segment, SegmentKind, SegmentState, Standing
from setia.domains.segments.plan import Live, affected, live_segments
from setia.domains.segments.rules.judging import judge
from setia.domains.segments.standing import Moves, Wanted, Writer, hold_people, remove_rows, standing_rows
from setia.domains.shop.models import Shop
from setia.foundation.db import write_tx

# Judged in one transaction: a till waits for no more than these.
PORTION = 200


def judge_people(
    *,
    customer_ids: Collection[int],
    at: datetime,
    topics: Collection[str] = (),
    changed: Collection[int] = (),
    only: Collection[int] = (),
    quiet: Collection[int] = (),
) -> Moves:
    """Bring these people's standing to what is known of them now, in one transaction, and return who came and went.

    Only live segments are judged that depend on the news: on `topics`, on the segments in `changed`, or named in
    `only`; and those that use one of them. Repeating it changes nothing; two at once for one person take turns.
    Nobody is told of for segments in `quiet`.
    """
    segments = affected(live_segments(), topics=topics, changed=changed, only=only)
    if not segments or not customer_ids:
        return Moves()
    with write_tx():
        people = sorted(set(canonical_ids(customer_ids).values()))
        hold_people(people)
        return _judge(people, segments, at=at, quiet=quiet)


def _judge(people: Sequence[int], segments: Sequence[Live], *, at: datetime, quiet: Collection[int]) -> Moves:
    shop = Shop.objects.get(id=1)
    today = day_of(at, shop)
    topics = frozenset[str]().union(*(each.topics for each in segments))
    known = load(people, topics, shop=shop)
    rows = standing_rows([each.id for each in segments], people)
    writer = Writer(shop, at)
    for each in segments:
        for person_id, facts in known.items():
            verdict = judge(each.node, facts, today)
            wanted = Wanted(verdict.fits, verdict.reason, verdict.turns_on)
            writer.put(each.id, each.version, person_id, rows.get((each.id, person_id)), wanted)
            if verdict.fits:
                facts.segment_ids.add(each.id)
            else:
                facts.segment_ids.discard(each.id)
    return writer.write(quiet=quiet)


def recheck_due(*, at: datetime, limit: int | None = None) -> int:
    """Judge everybody whose foretold instant has come, and return how many there were.

    Claimed in portions that other workers pass over; each portion is one transaction, so a worker that is killed
    leaves the rest as it stood. Repeating it changes nothing.
    """
    done = 0
    while limit is None or done < limit:
        due = Standing.objects.filter(recheck_at__lte=at).order_by("recheck_at", "id")
        if not due.exists():  # an idle look must not take the write lock
            return done
        with write_tx():
            rows = list(due.values_list("id", "segment_id", "customer_id")[:PORTION])
            mine = hold_people({row[2] for row in rows}, wait=False)
            rows = [row for row in rows if row[2] in mine]
            if not rows:  # others are at it
                return done
            judge_people(customer_ids=mine, at=at, only={row[1] for row in rows})
            # Of segments that are live no more, or were merged away: nobody waits for them.
            Standing.objects.filter(id__in=[row[0] for row in rows], recheck_at__lte=at).update(recheck_at=None)
        done += len(rows)
    return done


def merge_standing(*, winner_id: int, moved_ids: Collection[int], at: datetime) -> None:
    """Let the person that stands take the place of rows merged into him: on lists, and judged anew by rules."""
    with write_tx():
        people = sorted({winner_id, *moved_ids})
        hold_people(people)
        shop = Shop.objects.get(id=1)
        merged = set(Customer.objects.filter(id__in=moved_ids, canonical__isnull=False).values_list("id", flat=True))
        rows = list(Standing.objects.filter(customer_id__in=merged).select_related("segment"))
        _inherit_lists(winner_id, [row for row in rows if row.segment.kind == SegmentKind.STATIC], at)
        remove_rows([row for row in rows if row.segment.kind == SegmentKind.DYNAMIC], at=at, shop=shop)
        judge_people(customer_ids=people, at=at, only=[each.id for each in live_segments()])
        recount(segment_ids={row.segment_id for row in rows if row.segment.kind == SegmentKind.STATIC})


def _inherit_lists(winner_id: int, rows: Sequence[Standing], at: datetime) -> None:
    """Put the winner on the lists of the merged, marked with whom he has it from. Their rows stay for the way back."""
    for row in rows:
        Standing.objects.get_or_create(
            segment_id=row.segment_id, customer_id=winner_id,
            defaults={"is_member": True, "since": at, "via": row.customer_id},
        )  # fmt: skip


def unmerge_standing(*, winner_id: int, moved_ids: Collection[int], at: datetime) -> None:
    """Undo `merge_standing`: what the winner had from these rows goes, and all are judged anew."""
    with write_tx():
        people = sorted({winner_id, *moved_ids})
        hold_people(people)
        inherited = Standing.objects.filter(customer_id=winner_id, via__in=list(moved_ids))
        lists = set(
            Standing.objects.filter(customer_id__in=people, segment__kind=SegmentKind.STATIC).values_list(
                "segment_id", flat=True
            )
        )
        inherited.delete()
        recount(segment_ids=lists)
        judge_people(customer_ids=people, at=at, only=[each.id for each in live_segments()])


def recount(*, segment_ids: Collection[int] | None = None) -> int:
    """Set the sizes of these segments (None: of all) to a fresh count of their people; return how many were wrong."""
    rows = Segment.objects.exclude(state=SegmentState.ARCHIVED)
    wrong = 0
    for segment in rows if segment_ids is None else rows.filter(id__in=segment_ids):
        with write_tx():
            members = Standing.objects.filter(segment=segment, is_member=True, customer__canonical__isnull=True)
            count = members.count()
            wrong += Segment.objects.filter(id=segment.id).exclude(member_count=count).update(member_count=count)
    return wrong
