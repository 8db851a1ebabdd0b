"""Looking for people who stand in the shop twice, among a million in a few minutes and little memory.

Everybody is put under a few keys that two rows of one person are likely to share; only those under one key are
compared. Everybody is opened once: what is compared of a person lies beside the keys in a scratch file of SQLite,
outside the shop's database, sealed with a key that exists only in this process's memory and is gone with it. The file
holds no personal data in plain: a name, a word and a block are hashes there.
"""

import json
import os
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from setia.domains.customers.actions.merging import suggest_duplicate
from setia.domains.customers.models import Customer, DuplicateSuggestion, Identity
from setia.domains.customers.rules import IdentityKind
from setia.domains.customers.rules.likeness import (
    SHOWN_FROM,
    Likeness,
    Traits,
    compare,
    mailbox_key,
    name_blocks,
    strangers_expected,
)
from setia.domains.customers.rules.names import telling_words
from setia.foundation import home
from setia.foundation.db import write_tx

# More people under one key than this and the key says nothing: a name like Sari, a birthday of 1 January.
LARGEST_BLOCK = 30
_CHUNK_ROWS = 5_000
_PAIRS_AT_ONCE = 5_000
_NAMES_KEPT = 100_000
_WRITTEN_AT_ONCE = 200

_SCHEMA = """
CREATE TABLE entry (key INTEGER NOT NULL, id INTEGER NOT NULL);
CREATE TABLE bearers (key INTEGER PRIMARY KEY, total INTEGER NOT NULL);
CREATE TABLE person (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL);
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
            people = _People(blocks)
            _fill(people, report, should_stop)
            blocks.executescript(_PAIRS % LARGEST_BLOCK)
            return _judge(people, at, report, should_stop)
        finally:
            blocks.close()


class _People:
    """The scratch file: who stands under which key, what is compared of each, and how common names and words are."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self.file = file
        self.count = 0
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=128))
        self._bearers: dict[int, int] = {}
        self._strangers: dict[str, float] = {}

    def add(self, chunk: Sequence[Traits]) -> None:
        """Write down some people with their keys and the words of their names."""
        bearers: Counter[int] = Counter()
        for person in chunk:
            name = name_blocks(person.name)
            bearers.update({_key("name", name), *(_key("word", word) for word in name.split())})
        entries = [(key, person.id) for person in chunk for key in set(_keys(person))]
        self.file.execute("BEGIN")
        self.file.executemany("INSERT INTO entry VALUES (?, ?)", entries)
        self.file.executemany("INSERT INTO person VALUES (?, ?)", ((each.id, self._seal(each)) for each in chunk))
        self.file.executemany(
            "INSERT INTO bearers VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET total = total + excluded.total",
            bearers.items(),
        )
        self.file.execute("COMMIT")
        self.count += len(chunk)

    def of_pairs(self, pairs: Sequence[tuple[int, int]]) -> dict[int, Traits]:
        """Return everybody named in some pairs, by id."""
        ids = json.dumps(sorted({row_id for pair in pairs for row_id in pair}))
        sql = "SELECT id, sealed FROM person WHERE id IN (SELECT value FROM json_each(?))"
        return {row_id: self._open(row_id, sealed) for row_id, sealed in self.file.execute(sql, (ids,))}

    def strangers(self, left: Traits, right: Traits) -> float:
        """Return how many other people are to be expected under the name of one of two."""
        return sum(self._expected(name) for name in {name_blocks(left.name), name_blocks(right.name)})

    def _expected(self, name: str) -> float:
        if name not in self._strangers:
            counts = [self._count(_key("word", word)) for word in name.split()]
            bearers = self._count(_key("name", name))
            if len(self._strangers) > _NAMES_KEPT:
                self._strangers.clear()
            self._strangers[name] = strangers_expected(people=self.count, bearers=bearers, word_counts=counts)
        return self._strangers[name]

    def _count(self, key: int) -> int:
        if key not in self._bearers:
            found = self.file.execute("SELECT total FROM bearers WHERE key = ?", (key,)).fetchone()
            if len(self._bearers) > _NAMES_KEPT:
                self._bearers.clear()
            self._bearers[key] = found[0] if found else 1
        return self._bearers[key]

    def _seal(self, person: Traits) -> bytes:
        born = person.birth_date.isoformat() if person.birth_date else ""
        text = json.dumps([person.name, list(person.phones), list(person.emails), born, person.city])
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, text.encode(), str(person.id).encode())

    def _open(self, row_id: int, sealed: bytes) -> Traits:
        text = self._cipher.decrypt(sealed[:12], sealed[12:], str(row_id).encode())
        name, phones, emails, born, city = json.loads(text)
        return Traits(row_id, name, phones, emails, date.fromisoformat(born) if born else None, city)


def _key(*parts: str) -> int:
    """Return 62 bits for a key; two keys in a billion that fall together cost one comparison in vain.

    Python keys its hash of texts anew in each process, so nobody can look a name up in a file left behind.
    """
    return hash(parts) >> 2


def _fill(people: _People, report: Callable[[float], None], should_stop: Callable[[], bool]) -> None:
    total = Customer.objects.filter(canonical__isnull=True).count()
    for chunk in _everybody():
        if should_stop():
            break
        people.add(chunk)
        report(0.5 * people.count / max(total, 1))


def _keys(person: Traits) -> Iterator[int]:
    """Yield the keys under which a person is put.

    A slip of the hand in a phone or an address falls into its head or its tail, so the other part is shared still.
    """
    words = telling_words(person.name)
    name = name_blocks(person.name)
    first = min(words) if words else ""
    if name and len(words) > 1:
        yield _key("name", name)
    if first and person.birth_date:
        yield _key("birth", person.birth_date.isoformat(), first[:2])
    for phone in person.phones:
        for word in words:
            yield _key("tail", word[:4], phone[-5:])
            yield _key("head", word[:4], phone[:-5])
        yield _key("ending", phone[-8:])
    for email in person.emails:
        mailbox = mailbox_key(email)
        if len(mailbox) >= 5:
            host = email.partition("@")[2]
            yield _key("mailbox", mailbox)
            yield _key("mailbox head", host, mailbox[:-4])
            yield _key("mailbox tail", host, mailbox[-4:], first[:3])


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


def _judge(
    people: _People,
    at: datetime,
    report: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> int:
    count = max(int(people.file.execute("SELECT count(*) FROM pair").fetchone()[0]), 1)
    new = done = 0
    last = (0, 0)
    while not should_stop():
        sql = "SELECT left, right FROM pair WHERE (left, right) > (?, ?) ORDER BY left, right LIMIT ?"
        pairs = people.file.execute(sql, (*last, _PAIRS_AT_ONCE)).fetchall()
        if not pairs:
            break
        last = pairs[-1]
        new += _suggest(people, pairs, at)
        done += len(pairs)
        report(0.5 + 0.5 * done / count)
    return new


def _suggest(people: _People, pairs: Sequence[tuple[int, int]], at: datetime) -> int:
    known = people.of_pairs(pairs)
    likely = []
    for left_id, right_id in pairs:
        left, right = known[left_id], known[right_id]
        likeness = compare(left, right, strangers=people.strangers(left, right))
        if likeness.score >= SHOWN_FROM:
            likely.append((left_id, right_id, likeness))
    if not likely:
        return 0
    between = DuplicateSuggestion.objects.filter(left_id__gte=likely[0][0], left_id__lte=likely[-1][0])
    before = set(between.values_list("left_id", "right_id"))
    fresh = [each for each in likely if each[:2] not in before]
    return sum(_write(fresh[start : start + _WRITTEN_AT_ONCE], at) for start in range(0, len(fresh), _WRITTEN_AT_ONCE))


def _write(likely: Sequence[tuple[int, int, Likeness]], at: datetime) -> int:
    new = 0
    with write_tx():
        # Whoever was merged or erased since the search began has nothing to be asked about any more.
        ids = {row_id for left_id, right_id, _ in likely for row_id in (left_id, right_id)}
        alive = set(Customer.objects.filter(id__in=ids, canonical__isnull=True).values_list("id", flat=True))
        for left_id, right_id, likeness in likely:
            if left_id in alive and right_id in alive:
                new += suggest_duplicate(
                    left_id=left_id, right_id=right_id, score=likeness.score, reasons=likeness.reasons, at=at
                )
    return new
