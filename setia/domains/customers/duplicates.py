"""Looking for people who stand in the shop twice, among a million in a few minutes and little memory.

Everybody is put under a few keys that two rows of one person are likely to share; only those under one key are
compared. The keys lie in a scratch file of SQLite outside the shop's database, and hold no personal data in plain: a
name is a keyed hash there, like everything else.
"""

import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from setia.domains.customers.actions.merging import suggest_duplicate
from setia.domains.customers.models import Customer, DuplicateSuggestion, Identity
from setia.domains.customers.rules import IdentityKind
from setia.domains.customers.rules.likeness import SHOWN_FROM, Traits, compare, mailbox_key, name_blocks
from setia.domains.customers.rules.names import telling_words
from setia.foundation import home
from setia.foundation.db import write_tx

# More people under one key than this and the key says nothing: a name like Sari, a birthday of 1 January.
LARGEST_BLOCK = 30
_CHUNK_ROWS = 5_000
_PAIRS_AT_ONCE = 2_000
_WRITTEN_AT_ONCE = 200

_SCHEMA = """
CREATE TABLE entry (key INTEGER NOT NULL, id INTEGER NOT NULL);
CREATE TABLE name_count (key INTEGER PRIMARY KEY, total INTEGER NOT NULL);
"""
_PAIRS = """
CREATE INDEX entry_by_key ON entry (key, id);
CREATE TABLE pair (left INTEGER NOT NULL, right INTEGER NOT NULL, PRIMARY KEY (left, right)) WITHOUT ROWID;
INSERT OR IGNORE INTO pair
    SELECT a.id, b.id FROM entry AS a JOIN entry AS b ON a.key = b.key AND a.id < b.id
    WHERE a.key IN (SELECT key FROM entry GROUP BY key HAVING count(*) BETWEEN 2 AND %d);
"""


def find_duplicates(
    *,
    at: datetime,
    report: Callable[[float], None] = lambda share: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> int:
    """Compare everybody who may be somebody else and return how many new suggestions there are.

    Safe to repeat and to kill: pairs that were suggested before are left as they are, whatever was decided.
    """
    folder = home.folder("scratch")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / "duplicates.sqlite3"
        path.touch(mode=0o600)
        blocks = sqlite3.connect(path, isolation_level=None)
        try:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-64000"):
                blocks.execute(f"PRAGMA {pragma}")
            blocks.executescript(_SCHEMA)
            _fill(blocks, report, should_stop)
            blocks.executescript(_PAIRS % LARGEST_BLOCK)
            return _judge(blocks, at, report, should_stop)
        finally:
            blocks.close()


def _key(*parts: str) -> int:
    """Return 62 bits for a key; two keys in a billion that fall together cost one comparison in vain."""
    return hash(parts) >> 2


def _fill(blocks: sqlite3.Connection, report: Callable[[float], None], should_stop: Callable[[], bool]) -> None:
    total = Customer.objects.filter(canonical__isnull=True).count()
    seen = 0
    for chunk in _everybody():
        if should_stop():
            break
        entries = [(key, person.id) for person in chunk for key in set(_keys(person))]
        names: dict[int, int] = defaultdict(int)
        for person in chunk:
            names[_key("name", name_blocks(person.name))] += 1
        blocks.execute("BEGIN")
        blocks.executemany("INSERT INTO entry VALUES (?, ?)", entries)
        blocks.executemany(
            "INSERT INTO name_count VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET total = total + excluded.total",
            names.items(),
        )
        blocks.execute("COMMIT")
        seen += len(chunk)
        report(0.6 * seen / max(total, 1))


def _keys(person: Traits) -> Iterator[int]:
    """Yield the keys under which a person is put."""
    words = telling_words(person.name)
    name = name_blocks(person.name)
    first = min(words) if words else ""
    if name and len(words) > 1:
        yield _key("name", name)
    if first and person.birth_date:
        yield _key("birth", person.birth_date.isoformat(), first[:2])
    for phone in person.phones:
        for word in words:
            yield _key("tail", word[:4], phone[-4:])
            yield _key("head", word[:4], phone[:-4])
        yield _key("ending", phone[-8:])
    for email in person.emails:
        mailbox = mailbox_key(email)
        if len(mailbox) >= 5:
            yield _key("mailbox", mailbox)
            if first:
                yield _key("host", email.partition("@")[2], mailbox[:4], first[:3])


def _everybody() -> Iterator[list[Traits]]:
    """Walk over all people who stand for themselves, a chunk at a time, with their identities opened."""
    last = 0
    while True:
        rows = Customer.objects.filter(id__gt=last, canonical__isnull=True).order_by("id")
        found = list(rows.values_list("id", "name", "birth_date", "city")[:_CHUNK_ROWS])
        if not found:
            return
        last = found[-1][0]
        yield _traits(found)


_Row = tuple[int, str, date | None, str]


def _traits(rows: Sequence[_Row]) -> list[Traits]:
    ids = [row[0] for row in rows]
    reach: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for start in range(0, len(ids), 900):
        kinds = [IdentityKind.PHONE, IdentityKind.EMAIL]
        identities = Identity.objects.filter(customer_id__in=ids[start : start + 900], kind__in=kinds)
        for identity in identities.only("id", "customer_id", "kind", "value"):
            reach[identity.customer_id][identity.kind].append(identity.value)
    return [
        Traits(row_id, name, reach[row_id]["phone"], reach[row_id]["email"], birth_date, city)
        for row_id, name, birth_date, city in rows
    ]


class _Bearers:
    """How many people of the shop bear a name; asked again and again for the same few thousand names."""

    def __init__(self, blocks: sqlite3.Connection) -> None:
        self._blocks = blocks
        self._known: dict[str, int] = {}

    def of(self, left: Traits, right: Traits) -> int:
        """Return how many people bear one of two names."""
        return sum(self._count(name) for name in {name_blocks(left.name), name_blocks(right.name)})

    def _count(self, name: str) -> int:
        if name not in self._known:
            found = self._blocks.execute("SELECT total FROM name_count WHERE key = ?", (_key("name", name),)).fetchone()
            if len(self._known) > _CHUNK_ROWS * 20:
                self._known.clear()
            self._known[name] = found[0] if found else 1
        return self._known[name]


def _judge(
    blocks: sqlite3.Connection,
    at: datetime,
    report: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> int:
    count = max(int(blocks.execute("SELECT count(*) FROM pair").fetchone()[0]), 1)
    new = done = 0
    last, bearers = (0, 0), _Bearers(blocks)
    while not should_stop():
        sql = "SELECT left, right FROM pair WHERE (left, right) > (?, ?) ORDER BY left, right LIMIT ?"
        pairs = blocks.execute(sql, (*last, _PAIRS_AT_ONCE)).fetchall()
        if not pairs:
            break
        last = pairs[-1]
        new += _suggest(bearers, pairs, at)
        done += len(pairs)
        report(0.6 + 0.4 * done / count)
    return new


def _suggest(bearers: _Bearers, pairs: list[tuple[int, int]], at: datetime) -> int:
    ids = sorted({row_id for pair in pairs for row_id in pair})
    known: dict[int, Traits] = {}
    for start in range(0, len(ids), 900):
        rows = Customer.objects.filter(id__in=ids[start : start + 900])
        known |= {row.id: row for row in _traits(list(rows.values_list("id", "name", "birth_date", "city")))}
    lefts = [pair[0] for pair in pairs]
    between = DuplicateSuggestion.objects.filter(left_id__gte=lefts[0], left_id__lte=lefts[-1])
    before = set(between.values_list("left_id", "right_id"))
    likely = []
    for left_id, right_id in pairs:
        if (left_id, right_id) in before or left_id not in known or right_id not in known:
            continue
        left, right = known[left_id], known[right_id]
        likeness = compare(left, right, bearers=bearers.of(left, right))
        if likeness.score >= SHOWN_FROM:
            likely.append((left_id, right_id, likeness))
    new = 0
    for start in range(0, len(likely), _WRITTEN_AT_ONCE):
        with write_tx():
            for left_id, right_id, likeness in likely[start : start + _WRITTEN_AT_ONCE]:
                new += suggest_duplicate(
                    left_id=left_id, right_id=right_id, score=likeness.score, reasons=likeness.reasons, at=at
                )
    return new
