"""Walking the audit: is every row as it was sealed, is none missing, has none been slipped in."""

from dataclasses import dataclass
from datetime import datetime

from setia.foundation.events.models import AuditCheck, AuditSeal
from setia.foundation.events.sealing import (
    MARGIN,
    SOURCES,
    Source,
    digest,
    link,
    read_marks,
    rows_of,
    stamp,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing wrong: what (altered, missing, inserted, seal), in which table, which row or seal."""

    what: str
    where: str
    row_id: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk over the audit found. `last_hash`, kept elsewhere, shows later that no seal was cut off the end."""

    seal_count: int
    row_count: int
    sealed_at: datetime | None
    last_hash: str
    finding: Finding | None

    @property
    def is_intact(self) -> bool:
        return self.finding is None


def verify(*, at: datetime, expected_hash: str = "") -> Verdict:
    """Walk all seals and rows, write the outcome down and return it; stops at the first thing wrong.

    `expected_hash` is the last hash of an earlier walk; a chain that holds it nowhere was cut. Reads one batch at a
    time, so memory does not grow with the audit, but for rows that stand between the rows of a seal.
    """
    verdict = _walk(expected_hash)
    finding = verdict.finding
    AuditCheck.objects.create(
        checked_at=at,
        seal_count=verdict.seal_count,
        row_count=verdict.row_count,
        finding=finding.what if finding else "",
        found_in=finding.where if finding else "",
        found_id=finding.row_id if finding else None,
    )
    return verdict


def last_check() -> AuditCheck | None:
    """Return the latest walk, or None when there was none yet."""
    return AuditCheck.objects.order_by("-checked_at", "-id").first()


def last_seal() -> AuditSeal | None:
    """Return the latest seal, or None when nothing is sealed yet."""
    return AuditSeal.objects.defer("marks").order_by("-number").first()


def _walk(expected_hash: str) -> Verdict:
    sources = {source.name: source for source in SOURCES}
    loose: dict[str, set[int]] = {name: set() for name in sources}
    seal_count = row_count = 0
    previous, sealed_at, finding = b"", None, None
    has_expected = not expected_hash
    for seal in AuditSeal.objects.order_by("number").iterator(chunk_size=20):
        seal_count += 1
        row_count += seal.row_count
        finding = _judge(seal, sources.get(seal.source), seal_count, previous, loose)
        if finding:
            break
        previous, sealed_at = bytes(seal.hash), seal.sealed_at
        has_expected = has_expected or previous.hex() == expected_hash
    finding = finding or _slipped_in(sources, loose, sealed_at)
    if finding is None and not has_expected:
        finding = Finding("seal", "foundation_auditseal", seal_count + 1)
    return Verdict(seal_count, row_count, sealed_at, previous.hex(), finding)


def _judge(
    seal: AuditSeal, source: Source | None, number: int, previous: bytes, loose: dict[str, set[int]]
) -> Finding | None:
    """Return what is wrong with one seal or its rows; rows in its range that it does not know go to `loose`."""
    torn = Finding("seal", "foundation_auditseal", number)
    is_linked = seal.number == number and bytes(seal.previous_hash) == previous
    if source is None or not is_linked or stamp(bytes(seal.hash)) != bytes(seal.stamp):
        return torn
    table, position = source.model._meta.db_table, source.columns.index(source.key)
    sealed = dict(read_marks(bytes(seal.marks)))
    if seal.is_late:
        rows = list(rows_of(source, list(sealed)))
    else:
        within = {f"{source.key}__gte": seal.from_id, f"{source.key}__lte": seal.to_id}
        everything = source.model._default_manager.filter(**within).order_by(source.key)
        rows = []
        for row in everything.values_list(*source.columns).iterator(chunk_size=2_000):
            if row[position] in sealed:
                rows.append(row)
            else:
                loose[source.name].add(row[position])
    loose[source.name] -= sealed.keys()
    found, rows_hash = digest((row[position], row) for row in rows)
    marks = dict(read_marks(found))
    for row_id, mark in sealed.items():
        if row_id not in marks:
            return Finding("missing", table, row_id)
        if marks[row_id] != mark:
            return Finding("altered", table, row_id)
    return torn if link(seal, rows_hash) != bytes(seal.hash) else None


def _slipped_in(sources: dict[str, Source], loose: dict[str, set[int]], sealed_at: datetime | None) -> Finding | None:
    """Return a row that stands among sealed ones and that no seal knows."""
    for name, source in sources.items():
        unknown = loose[name]
        if not source.has_timed_ids and sealed_at is not None:
            rows = source.model._default_manager.filter(**{f"{source.moment}__lt": sealed_at - MARGIN})
            unknown = set(rows.values_list(source.key, flat=True))
            for marks in AuditSeal.objects.filter(source=name).values_list("marks", flat=True):
                unknown -= dict(read_marks(bytes(marks))).keys()
        if unknown:
            return Finding("inserted", source.model._meta.db_table, min(unknown))
    return None
