"""The audit's hash chain: rows are sealed in batches by the worker, never in the transaction that writes them.

A global chain inside the hot transaction would let one order wait for another. So a batch takes rows that are older
than a margin; what commits later still, with an older id, is found by comparing the last day with its seals and is
sealed in a late batch. Nothing stays uncovered, and the order of commits does not matter.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import IntegrityError, models

from setia.foundation.crypto import blind_index
from setia.foundation.db import write_tx
from setia.foundation.events.models import AccessLog, AuditSeal, Event, VoidedBatch
from setia.foundation.ids import EPOCH_MS, id_at

MARGIN = timedelta(minutes=5)
# How far back a transaction that was open for very long is still looked for.
LOOK_BACK = timedelta(days=1)
BATCH_ROWS = 5_000
# A shop that seals for the first time has years of facts; a round takes this many, and the next goes on.
ROUND_ROWS = 200_000
_MARK = struct.Struct(">q4s")


@dataclass(frozen=True, slots=True)
class Source:
    """A table under seal. `has_timed_ids` says that its ids tell when the row was made."""

    name: str
    model: type[models.Model]
    key: str
    columns: tuple[str, ...]
    moment: str
    has_timed_ids: bool = True


def _source(name: str, model: type[models.Model], moment: str, *, has_timed_ids: bool = True) -> Source:
    columns = tuple(field.attname for field in model._meta.concrete_fields)
    return Source(name, model, model._meta.pk.attname, columns, moment, has_timed_ids)


# Sign-ins are facts like all others, so they are under seal with them.
SOURCES = (
    _source("event", Event, "recorded_at"),
    _source("access", AccessLog, "looked_at"),
    _source("voided", VoidedBatch, "voided_at", has_timed_ids=False),
)


def seal_due(*, at: datetime) -> int:
    """Seal all rows that are older than the margin and return how many. Repeating it seals nothing twice.

    Two workers at once: the chain's numbers are unique, so one of them seals and the other leaves it to the next round.
    """
    count = 0
    for source in SOURCES:
        high = highest_sealed(source)
        waiting = unsealed_ids(source, at=at, high=high)
        late = [row_id for row_id in waiting if row_id <= high or not source.has_timed_ids]
        fresh = [row_id for row_id in waiting if row_id > high and source.has_timed_ids]
        try:
            for batch in (late[start : start + BATCH_ROWS] for start in range(0, len(late), BATCH_ROWS)):
                count += _seal(source, batch, is_late=True, from_id=batch[0], at=at)
            for batch in (fresh[start : start + BATCH_ROWS] for start in range(0, len(fresh), BATCH_ROWS)):
                count += _seal(source, batch, is_late=False, from_id=high + 1, at=at)
                high = batch[-1]
        except IntegrityError:
            continue
    return count


def unsealed_ids(source: Source, *, at: datetime, high: int) -> list[int]:
    """Return the ids of rows past the margin that no seal covers, rising; older rows than a day are not looked at."""
    rows = source.model._default_manager.all()
    seals = AuditSeal.objects.filter(source=source.name)
    if source.has_timed_ids:
        floor = high - id_at(datetime.fromtimestamp(EPOCH_MS / 1000, UTC) + LOOK_BACK)
        rows = rows.filter(**{f"{source.key}__gt": floor, f"{source.key}__lt": id_at(at - MARGIN)})
        seals = seals.filter(to_id__gt=floor)
    else:
        rows = rows.filter(**{f"{source.moment}__lt": at - MARGIN})
    sealed: set[int] = set()
    for marks in seals.values_list("marks", flat=True).iterator():
        sealed.update(row_id for row_id, _ in read_marks(bytes(marks)))
    found = rows.order_by(source.key).values_list(source.key, flat=True).iterator(chunk_size=BATCH_ROWS)
    return list(islice((row_id for row_id in found if row_id not in sealed), ROUND_ROWS))


def highest_sealed(source: Source) -> int:
    """Return the highest id under seal, or 0."""
    highest = AuditSeal.objects.filter(source=source.name).aggregate(models.Max("to_id"))["to_id__max"]
    return int(highest or 0)


def rows_of(source: Source, ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows with these ids, rising, a few hundred a question."""
    for start in range(0, len(ids), 500):
        chunk = {f"{source.key}__in": ids[start : start + 500]}
        yield from source.model._default_manager.filter(**chunk).order_by(source.key).values_list(*source.columns)


def canonical(row: Sequence[Any]) -> bytes:
    """Return a row as the same bytes on every database, so that a shop that moves keeps its chain."""
    plain = [value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value for value in row]
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def digest(rows: Iterable[tuple[int, Sequence[Any]]]) -> tuple[bytes, bytes]:
    """Return the marks of rows, given with their ids, and one hash over all their bytes."""
    marks, whole = bytearray(), hashlib.sha256()
    for row_id, row in rows:
        text = hashlib.sha256(canonical(row)).digest()
        whole.update(text)
        marks += _MARK.pack(row_id, text[:4])
    return bytes(marks), whole.digest()


def read_marks(marks: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the id and the short digest of each row of a seal; a torn end is left out."""
    whole = len(marks) - len(marks) % _MARK.size
    yield from _MARK.iter_unpack(marks[:whole])


def link(seal: AuditSeal, rows_hash: bytes) -> bytes:
    """Return the hash of a seal: over its own fields, its marks, its rows and the seal before."""
    head = [seal.number, seal.source, seal.from_id, seal.to_id, seal.row_count, bool(seal.is_late)]
    text = json.dumps([*head, seal.sealed_at.astimezone(UTC).isoformat()]).encode()
    return hashlib.sha256(bytes(seal.previous_hash) + text + bytes(seal.marks) + rows_hash).digest()


def stamp(hash_of_seal: bytes) -> bytes:
    """Return the hash under the shop's own key, which lies outside the database."""
    return blind_index("audit_seal", hash_of_seal.hex())


def _seal(source: Source, ids: list[int], *, is_late: bool, from_id: int, at: datetime) -> int:
    position = source.columns.index(source.key)
    marks, rows_hash = digest((row[position], row) for row in rows_of(source, ids))
    with write_tx():
        last = AuditSeal.objects.order_by("-number").first()
        seal = AuditSeal(
            number=last.number + 1 if last else 1,
            source=source.name,
            from_id=from_id,
            to_id=ids[-1],
            row_count=len(ids),
            is_late=is_late,
            marks=marks,
            previous_hash=bytes(last.hash) if last else b"",
            sealed_at=at,
        )
        seal.hash = link(seal, rows_hash)
        seal.stamp = stamp(bytes(seal.hash))
        seal.save(force_insert=True)
    return len(ids)
