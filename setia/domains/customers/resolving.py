"""The one resolver every door uses: claims in, customer ids out, nobody made twice and nobody merged in silence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q

from setia.domains.customers.events import CustomerAdded, IdentityQuestioned
from setia.domains.customers.models import BlockedIdentity, Customer, Identity, IdentityAnswer, IdentityQuestion
from setia.domains.customers.rules import LIMITS, IdentityKind, PersonClaim, choose_match, names_agree, search_text
from setia.domains.customers.rules.names import telling_words
from setia.foundation.actors import Actor
from setia.foundation.crypto import blind_index, tail_index
from setia.foundation.db import bulk_insert, write_tx
from setia.foundation.events.recording import Happening, record_many
from setia.foundation.ids import new_ids

_Key = tuple[str, bytes]
_Asked = tuple[str, bytes, bytes]  # kind, lookup and name key of a question
_LOOKUPS_PER_QUERY = 900
TAIL_DIGITS = 4
# Kinds that people lend, share and give up; a card or the shop's own number names one person by itself.
_CHANGE_HANDS = (IdentityKind.PHONE, IdentityKind.EMAIL)
_BEYOND_LIMIT = b"\0" * 32


@dataclass(frozen=True, slots=True)
class Resolved:
    """The customer of each claim, in order; who of them was made by this very call, and who got an identity by it."""

    ids: list[int]
    new_ids: set[int]
    extended_ids: set[int]


def resolve_people(
    *,
    claims: Sequence[PersonClaim],
    door: str,
    by: Actor,
    at: datetime,
    joined_at: Sequence[datetime] | None = None,
    origin_id: int | None = None,
) -> list[int]:
    """Return the customer of each claim, in order, making those who are new: see `recognize_people`."""
    return recognize_people(claims=claims, door=door, by=by, at=at, joined_at=joined_at, origin_id=origin_id).ids


def recognize_people(
    *,
    claims: Sequence[PersonClaim],
    door: str,
    by: Actor,
    at: datetime,
    joined_at: Sequence[datetime] | None = None,
    origin_id: int | None = None,
) -> Resolved:
    """Return the customer of each claim, making those who are new, and tell who is.

    Two claims that share an identity are one person, also within one call. An identity that a known person did
    not have yet is added to him unless it belongs to somebody else, is blocked, or is one too many. A phone or e-mail
    given with quite another name is not taken for proof: the newcomer becomes a customer of his own and a question
    is asked, once; who comes with that number and name again is that newcomer, or whoever the answer says.

    The id is that of the row that holds the identity, which for merged people need not be the canonical one: so that
    un-merging leaves every row where it would have been. Repeating a call makes nobody. Concurrent calls are kept
    apart by unique keys: the loser's transaction fails with IntegrityError and may be tried again.
    """
    settled = [claim.settled() for claim in claims]
    with write_tx():
        run = _Run(settled, joined_at or [at] * len(settled))
        answer = [run.resolve(index) for index in range(len(settled))]
        _insert_customers(run.fresh, at=at, origin_id=origin_id)
        _insert_identities(run.added, at=at, origin_id=origin_id)
        _insert_questions(run.asked, door=door, at=at, origin_id=origin_id)
        happenings = [Happening(CustomerAdded(customer_id=row[0], door=door), row[0], row[2]) for row in run.fresh]
        happenings += [
            Happening(IdentityQuestioned(customer_id=row.holder_id, newcomer_id=row.newcomer_id), row.holder_id, at)
            for row in run.asked
        ]
        record_many(happenings, by=by, at=at, batch_id=origin_id)
    return Resolved(answer, {row[0] for row in run.fresh}, {row[0] for row in run.added})


def lookup_key(kind: IdentityKind, normalized: str) -> _Key:
    """Return the key under which an identity is found; the value must be normalized."""
    return kind.value, blind_index(f"identity:{kind.value}", normalized)


def tail_of(kind: IdentityKind, normalized: str) -> int | None:
    """Return the number that finds a phone by its last four digits; other kinds have none."""
    if kind is not IdentityKind.PHONE:
        return None
    return tail_index("identity:phone", normalized[-TAIL_DIGITS:])


def name_key(name: str) -> bytes | None:
    """Return the keyed hash of the telling words of a name, or None for a name that tells nothing."""
    words = telling_words(name)
    return blind_index("identity:name", " ".join(words)) if words else None


@dataclass(frozen=True, slots=True)
class _Question:
    kind: IdentityKind
    lookup: bytes
    name_key: bytes
    holder_id: int
    newcomer_id: int
    value: str


@dataclass
class _Run:
    """One call: what is known before it, and what it adds as it goes from claim to claim."""

    claims: Sequence[PersonClaim]
    joined_at: Sequence[datetime]
    fresh: list[tuple[int, PersonClaim, datetime]] = field(default_factory=list)
    added: list[tuple[int, IdentityKind, str, bytes]] = field(default_factory=list)
    asked: list[_Question] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._values = [claim.identities() for claim in self.claims]
        self._keys = [{kind: lookup_key(kind, value) for kind, value in values.items()} for values in self._values]
        keys = {key for keyed in self._keys for key in keyed.values()}
        blocked = blocked_keys(keys)
        if blocked:
            self._keys = [{kind: key for kind, key in keyed.items() if key not in blocked} for keyed in self._keys]
        self._owners = _known_owners(keys - blocked)
        self._known = set(self._owners.values())
        # Who brings nothing that was not known of him, as most who buy again, needs no count.
        brings = any(key not in self._owners for keyed in self._keys for key in keyed.values())
        self._counts = _identity_counts(self._known) if brings else Counter()
        self._person: dict[int, int] = {}
        self._names: dict[int, list[str]] = {}
        self._answers: dict[_Asked, int] = {}
        self._asked_names = self._asked_answers = False
        self._spare_ids = iter(new_ids(len(self.claims)))

    def resolve(self, index: int) -> int:
        """Return the customer of one claim."""
        claim, values, keys = self.claims[index], self._values[index], dict(self._keys[index])
        found = {kind: self._owners[key] for kind, key in keys.items() if key in self._owners}
        customer_id = choose_match(found)
        doubtful: tuple[IdentityKind, bytes] | None = None
        while customer_id is not None:
            kind = next(kind for kind in IdentityKind if found.get(kind) == customer_id)
            verdict = self._judge(kind, keys, claim, customer_id)
            if verdict is not None and not isinstance(verdict, bytes):
                customer_id = verdict
                break
            if verdict is None:
                break
            # Not proof enough: leave this identity out and see whether a weaker one tells who it is.
            doubtful = doubtful or (kind, verdict)
            del found[kind]
            customer_id = choose_match(found)
        if customer_id is None:
            customer_id = next(self._spare_ids)
            self.fresh.append((customer_id, claim, self.joined_at[index]))
            self._person[customer_id] = customer_id
            self._names[customer_id] = [claim.name] if claim.name else []
        if doubtful is not None:
            self._ask(*doubtful, keys, values, customer_id)
        self._add(customer_id, values, keys)
        return customer_id

    def _judge(
        self, kind: IdentityKind, keys: Mapping[IdentityKind, _Key], claim: PersonClaim, owner_id: int
    ) -> int | bytes | None:
        """Return None when this owner is meant, another customer's id when a question says so, or why to doubt.

        The doubt is the name key of the question to ask.
        """
        if self._too_many(kind, keys, owner_id):
            return _BEYOND_LIMIT
        if kind not in _CHANGE_HANDS or not claim.name:
            return None
        self._learn_names()
        names = self._names.get(self._person.get(owner_id, owner_id), ())
        if not names or any(names_agree(claim.name, name) for name in names):
            return None
        key = name_key(claim.name)
        if key is None:
            return None
        self._learn_answers()
        known = self._answers.get((kind.value, keys[kind][1], key))
        if known is not None:
            return None if known == owner_id else known
        return key

    def _learn_names(self) -> None:
        """Read the names of all known owners, once and only where a number alone would be the proof."""
        if not self._asked_names:
            self._asked_names = True
            person, names = _names_of(self._known)
            self._person |= person
            self._names |= names

    def _learn_answers(self) -> None:
        """Read what was asked and answered before, once and only where there is a doubt."""
        if not self._asked_answers:
            self._asked_answers = True
            self._answers |= _known_questions(self._keys)

    def _too_many(self, kind: IdentityKind, keys: Mapping[IdentityKind, _Key], owner_id: int) -> bool:
        """Tell whether the claim brings a stronger identity that its owner has too many of already."""
        order = list(IdentityKind)
        return any(
            key not in self._owners and self._counts[owner_id, stronger.value] >= LIMITS[stronger]
            for stronger, key in keys.items()
            if order.index(stronger) < order.index(kind)
        )

    def _ask(
        self,
        kind: IdentityKind,
        doubt: bytes,
        keys: Mapping[IdentityKind, _Key],
        values: Mapping[IdentityKind, str],
        customer_id: int,
    ) -> None:
        lookup = keys[kind][1]
        holder_id = self._owners[keys[kind]]
        self._learn_answers()
        if holder_id == customer_id or (kind.value, lookup, doubt) in self._answers:
            return
        self._answers[kind.value, lookup, doubt] = customer_id
        self.asked.append(_Question(kind, lookup, doubt, holder_id, customer_id, values[kind]))

    def _add(self, customer_id: int, values: Mapping[IdentityKind, str], keys: Mapping[IdentityKind, _Key]) -> None:
        for kind, key in keys.items():
            if key in self._owners or self._counts[customer_id, kind.value] >= LIMITS[kind]:
                continue
            self._owners[key] = customer_id
            self._counts[customer_id, kind.value] += 1
            self.added.append((customer_id, kind, values[kind], key[1]))


def blocked_keys(keys: Iterable[_Key]) -> set[_Key]:
    """Return which of these identities the shop has blocked."""
    found: set[_Key] = set()
    for part in _parts(sorted({key[1] for key in keys})):
        rows = BlockedIdentity.objects.filter(lookup__in=part).values_list("kind", "lookup")
        found |= {(kind, bytes(lookup)) for kind, lookup in rows}
    return found


def _parts(lookups: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    return (lookups[start : start + _LOOKUPS_PER_QUERY] for start in range(0, len(lookups), _LOOKUPS_PER_QUERY))


def _known_owners(keys: Iterable[_Key]) -> dict[_Key, int]:
    owners: dict[_Key, int] = {}
    for part in _parts(sorted({key[1] for key in keys})):
        rows = Identity.objects.filter(kind__in=list(IdentityKind), lookup__in=part)
        owners.update({(kind, bytes(lookup)): owner for kind, lookup, owner in rows.values_list(*_OWNER)})
    return owners


_OWNER = ("kind", "lookup", "customer_id")


def _identity_counts(owner_ids: Iterable[int]) -> Counter[tuple[int, str]]:
    counts: Counter[tuple[int, str]] = Counter()
    ids = sorted(set(owner_ids))
    for start in range(0, len(ids), _LOOKUPS_PER_QUERY):
        rows = Identity.objects.filter(customer_id__in=ids[start : start + _LOOKUPS_PER_QUERY])
        for row in rows.values("customer_id", "kind").annotate(total=Count("id")).order_by():
            counts[row["customer_id"], row["kind"]] = row["total"]
    return counts


def _names_of(owner_ids: Iterable[int]) -> tuple[dict[int, int], dict[int, list[str]]]:
    """Return each owner's canonical id, and all names of each canonical person, merged rows included."""
    person: dict[int, int] = {}
    names: dict[int, list[str]] = defaultdict(list)
    ids = sorted(set(owner_ids))
    columns = ("id", "canonical_id", "name")
    for start in range(0, len(ids), _LOOKUPS_PER_QUERY):
        rows = list(Customer.objects.filter(id__in=ids[start : start + _LOOKUPS_PER_QUERY]).values_list(*columns))
        people = {canonical or row_id for row_id, canonical, _ in rows}
        known = {row_id for row_id, _, _ in rows}
        # Only merged people have more rows than those found; asking for all by their canonical is one index.
        others = Customer.objects.filter(Q(canonical_id__in=people) | Q(id__in=people - known))
        rows += [row for row in others.values_list(*columns) if row[0] not in known]
        for row_id, canonical, name in rows:
            person[row_id] = canonical or row_id
            if name:
                names[canonical or row_id].append(name)
    return person, names


def _known_questions(keyed: Sequence[Mapping[IdentityKind, _Key]]) -> dict[_Asked, int]:
    """Return whom each question about these identities says is meant."""
    lookups = {key[1] for keys in keyed for kind, key in keys.items() if kind in _CHANGE_HANDS}
    found: dict[_Asked, int] = {}
    for part in _parts(sorted(lookups)):
        rows = IdentityQuestion.objects.filter(lookup__in=part)
        for row in rows.only("kind", "lookup", "name_key", "answer", "holder_id", "newcomer_id"):
            meant = row.holder_id if row.answer == IdentityAnswer.SAME else row.newcomer_id
            found[row.kind, bytes(row.lookup), bytes(row.name_key)] = meant
    return found


_CUSTOMER_COLUMNS = (
    *("id", "name", "search_name", "code", "birth_date", "address", "city", "country", "language", "salutation"),
    *("gender", "interests", "preferred_channel", "acquisition_source", "joined_at", "created_at", "canonical_id"),
    "origin_id",
)


def _insert_customers(
    fresh: Sequence[tuple[int, PersonClaim, datetime]], *, at: datetime, origin_id: int | None
) -> None:
    def row(customer_id: int, claim: PersonClaim, joined: datetime) -> tuple[object, ...]:
        profile = (claim.name[:160], search_text(claim.name)[:160], claim.external[:64], claim.birth_date)
        place = ("", claim.city[:80], claim.country[:80], "id")
        return (customer_id, *profile, *place, "", "", [], "", "", joined, at, None, origin_id)

    bulk_insert(Customer, _CUSTOMER_COLUMNS, (row(*item) for item in fresh))


def _insert_identities(
    added: Sequence[tuple[int, IdentityKind, str, bytes]], *, at: datetime, origin_id: int | None
) -> None:
    seal = Identity._meta.get_field("value").seal_for
    bulk_insert(
        Identity,
        ("id", "customer_id", "kind", "value", "lookup", "tail", "origin_id", "created_at"),
        (
            (row_id, owner, kind.value, seal(row_id, value), lookup, tail_of(kind, value), origin_id, at)
            for row_id, (owner, kind, value, lookup) in zip(new_ids(len(added)), added, strict=True)
        ),
    )


def _insert_questions(asked: Sequence[_Question], *, door: str, at: datetime, origin_id: int | None) -> None:
    IdentityQuestion.objects.bulk_create(
        [
            IdentityQuestion(
                kind=row.kind.value,
                lookup=row.lookup,
                name_key=row.name_key,
                holder_id=row.holder_id,
                newcomer_id=row.newcomer_id,
                value=row.value,
                door=door[:12],
                origin_id=origin_id,
                asked_at=at,
            )
            for row in asked
        ]
    )
