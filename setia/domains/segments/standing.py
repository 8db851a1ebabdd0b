"""Writing who stands where: rows that differ, sizes, and the facts of coming and going. Inside the caller's tx."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import F

from setia.domains.segments.events import SegmentEntered, SegmentLeft
from setia.domains.segments.models import Segment, SizeDay, Standing
from setia.domains.shop.models import Shop
from setia.foundation.actors import SYSTEM
from setia.foundation.clock import day_start
from setia.foundation.db import bulk_insert
from setia.foundation.events.recording import Happening, record_many
from setia.foundation.ids import new_ids

_COLUMNS = ("id", "segment_id", "customer_id", "is_member", "since", "reason", "version", "recheck_at", "via")
_CHANGED = ("is_member", "since", "reason", "version", "recheck_at", "via")
# A namespace of advisory locks of our own; the second number is the person.
_LOCKS = 0x5E6


class Wanted(NamedTuple):
    """How somebody should stand; `turns_on` is an ordinal of a day or None."""

    fits: bool
    reason: int
    turns_on: int | None


class Row(NamedTuple):
    """How somebody stands by now."""

    id: int
    is_member: bool
    since: datetime
    reason: int
    version: int
    recheck_at: datetime | None


@dataclass(slots=True)
class Moves:
    """Who came and went, by segment: people with the conditions that hold."""

    entered: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    left: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def count(self) -> int:
        return sum(len(each) for each in (*self.entered.values(), *self.left.values()))


def hold_people(person_ids: Collection[int], *, wait: bool = True) -> set[int]:
    """Keep others from judging these people until the commit, and return whom this holds: all, if it may wait.

    Whoever judges reads first and writes later: two at once could write the older of two truths last. On SQLite the
    transaction itself is the lock. The till is not held up: it takes other locks.
    """
    people = set(person_ids)
    if connection.vendor != "postgresql" or not people:
        return people
    of_mark: dict[int, set[int]] = defaultdict(set)
    for person_id in people:
        of_mark[(person_id ^ (person_id >> 31)) & 0x7FFFFFFF].add(person_id)
    held: set[int] = set()
    with connection.cursor() as cursor:
        # One after the other in rising order, so that two never wait for each other in a circle.
        for mark in sorted(of_mark):
            if wait:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS, mark])
                held |= of_mark[mark]
                continue
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCKS, mark])
            if cursor.fetchone()[0]:
                held |= of_mark[mark]
    return held


def standing_rows(segment_ids: Collection[int], person_ids: Collection[int]) -> dict[tuple[int, int], Row]:
    """Return how people stand to segments by now, by segment and person."""
    rows = Standing.objects.filter(segment_id__in=segment_ids, customer_id__in=person_ids)
    return {
        (row[0], row[1]): Row(*row[2:])
        for row in rows.values_list(
            *("segment_id", "customer_id", "id", "is_member", "since", "reason", "version", "recheck_at")
        )
    }


class Writer:
    """Gathers what differs and writes it by a few statements."""

    def __init__(self, shop: Shop, at: datetime) -> None:
        self.moves = Moves()
        self._shop, self._at = shop, at
        self._inserts: list[tuple[object, ...]] = []
        self._updates: list[Standing] = []
        self._deletes: list[int] = []
        self._instants: dict[int, datetime] = {}

    def instant(self, turns_on: int | None) -> datetime | None:
        """Return the very moment at which a day of the shop begins."""
        if turns_on is None:
            return None
        if turns_on not in self._instants:
            zone, hour = self._shop.zone, self._shop.cutoff_hour
            self._instants[turns_on] = day_start(date.fromordinal(turns_on), zone=zone, cutoff_hour=hour)
        return self._instants[turns_on]

    def put(self, segment_id: int, version: int, person_id: int, row: Row | None, wanted: Wanted) -> bool:
        """Note how somebody should stand; tell whether he came or went."""
        recheck_at = self.instant(wanted.turns_on)
        was = row is not None and row.is_member
        moved = was != wanted.fits
        if moved:
            (self.moves.entered if wanted.fits else self.moves.left)[segment_id].append((person_id, wanted.reason))
        if not wanted.fits and recheck_at is None:
            if row is not None:
                self._deletes.append(row.id)
            return moved
        if row is None:
            since = (segment_id, person_id, wanted.fits, self._at, wanted.reason, version, recheck_at, None)
            self._inserts.append(since)
        elif moved or row.version != version or row.recheck_at != recheck_at:
            is_news = moved or row.version != version
            self._updates.append(
                Standing(
                    id=row.id, segment_id=segment_id, customer_id=person_id, is_member=wanted.fits,
                    since=self._at if moved else row.since, reason=wanted.reason if is_news else row.reason,
                    version=version, recheck_at=recheck_at,
                )
            )  # fmt: skip
        return moved

    def write(self, *, quiet: Collection[int] = ()) -> Moves:
        """Write what was noted, with sizes, and with a fact for each who came or went but in `quiet` segments."""
        ids = new_ids(len(self._inserts))
        rows = ((row_id, *rest) for row_id, rest in zip(ids, self._inserts, strict=True))
        bulk_insert(Standing, _COLUMNS, rows)
        if self._updates:
            Standing.objects.bulk_create(
                self._updates, batch_size=500, update_conflicts=True, unique_fields=["segment", "customer"],
                update_fields=list(_CHANGED),
            )  # fmt: skip
        for start in range(0, len(self._deletes), 500):
            Standing.objects.filter(id__in=self._deletes[start : start + 500]).delete()
        today = self._today()
        sizes = {
            segment_id: (len(self.moves.entered[segment_id]), len(self.moves.left[segment_id]))
            for segment_id in {*self.moves.entered, *self.moves.left}
        }
        count_moves(sizes, today)
        tell(self.moves, self._versions(), at=self._at, quiet=quiet)
        moves, self.moves = self.moves, Moves()
        self._inserts, self._updates, self._deletes = [], [], []
        return moves

    def _today(self) -> date:
        from setia.foundation.clock import shop_day

        return shop_day(self._at, zone=self._shop.zone, cutoff_hour=self._shop.cutoff_hour)

    def _versions(self) -> dict[int, int]:
        ids = {*self.moves.entered, *self.moves.left}
        return dict(Segment.objects.filter(id__in=ids).values_list("id", "version"))


def count_moves(sizes: Mapping[int, tuple[int, int]], today: date) -> None:
    """Move the sizes of segments by who came and who went, and keep what the day came to."""
    for segment_id, (entered, left) in sorted(sizes.items()):
        if not entered and not left:
            continue
        Segment.objects.filter(id=segment_id).update(member_count=F("member_count") + (entered - left))
        size = Segment.objects.values_list("member_count", flat=True).get(id=segment_id)
        SizeDay.objects.bulk_create(
            [SizeDay(segment_id=segment_id, day=today, size=size)], ignore_conflicts=True
        )  # fmt: skip
        SizeDay.objects.filter(segment_id=segment_id, day=today).update(
            size=size, entered=F("entered") + entered, left=F("left") + left
        )


def tell(moves: Moves, versions: Mapping[int, int], *, at: datetime, quiet: Collection[int] = ()) -> None:
    """Record who came and went."""
    happenings: list[Happening] = []
    for fact, people in ((SegmentEntered, moves.entered), (SegmentLeft, moves.left)):
        for segment_id, each in people.items():
            if segment_id not in quiet:
                happenings += _happenings(fact, segment_id, versions.get(segment_id, 1), each, at)
    for start in range(0, len(happenings), 2_000):
        record_many(happenings[start : start + 2_000], by=SYSTEM, at=at)


def _happenings(
    fact: type[SegmentEntered] | type[SegmentLeft],
    segment_id: int,
    version: int,
    people: Iterable[tuple[int, int]],
    at: datetime,
) -> list[Happening]:
    return [
        Happening(fact(segment_id=segment_id, version=version, conditions=bits(reason)), person_id, at)
        for person_id, reason in people
    ]


def bits(reason: int) -> tuple[int, ...]:
    """Return the places of the conditions that a reason names."""
    return tuple(number for number in range(reason.bit_length()) if reason >> number & 1)


def remove_rows(rows: Sequence[Standing], *, at: datetime, shop: Shop, quiet: Collection[int] = ()) -> Moves:
    """Take people out of segments, with sizes and facts, whatever the rules say."""
    writer = Writer(shop, at)
    for row in rows:
        if row.is_member:
            writer.moves.left[row.segment_id].append((row.customer_id, 0))
        writer._deletes.append(row.id)
    return writer.write(quiet=quiet)
