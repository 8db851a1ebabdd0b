"""The part of the identity benchmark that runs inside the shop: people by the one resolver, some of them twice."""

import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from setia.demo import names  # noqa: E402
from setia.domains.customers.actions import resolve_people  # noqa: E402
from setia.domains.customers.duplicates import find_duplicates  # noqa: E402
from setia.domains.customers.models import DuplicateSuggestion  # noqa: E402
from setia.domains.customers.resolving import lookup_key  # noqa: E402
from setia.domains.customers.rules import IdentityKind, PersonClaim  # noqa: E402
from setia.domains.customers.rules.likeness import SURE  # noqa: E402
from setia.foundation import clock  # noqa: E402
from setia.foundation.actors import SYSTEM  # noqa: E402

BATCH = 1_500
PEOPLES = (names.SUNDANESE, names.JAVANESE, names.NATIONAL, names.MINANG, names.BUGIS)
# One in so many is written down a second time, in another hand.
TWICE = 100


def _claim(chance: random.Random, number: int) -> PersonClaim:
    people = chance.choice(PEOPLES)
    first = chance.choice(people.women if number % 2 else people.men)
    name = f"{first} {chance.choice(people.family)} {chance.choice(people.family)}"
    born = date(1950, 1, 1) + timedelta(days=chance.randrange(20_000)) if chance.random() < 0.6 else None
    mailbox = name.lower().replace(" ", ".") + str(number % 9973)
    return PersonClaim(
        phone=f"+6281{chance.randrange(10)}{chance.randrange(10_000_000, 99_999_999)}",
        email=f"{mailbox}@contoh.id" if chance.random() < 0.5 else "",
        name=name,
        city=chance.choice(("Bandung", "Jakarta", "Surabaya", "Medan")),
        birth_date=born,
    )


def _second_hand(chance: random.Random, claim: PersonClaim, number: int) -> PersonClaim:
    """Return the same person as another clerk wrote him down: one of four common slips."""
    slip = number % 4
    words = claim.name.split()
    if slip == 0:  # another phone, the same birthday
        born = claim.birth_date or date(1990, 1, 1)
        return PersonClaim(
            phone=f"+62857{chance.randrange(10_000_000, 99_999_999)}", name=claim.name, birth_date=born, city=claim.city
        )
    if slip == 1:  # one digit of the phone
        phone = claim.phone[:-1] + str((int(claim.phone[-1]) + 5) % 10)
        return PersonClaim(phone=phone[:6] + "9" + phone[7:], name=claim.name, city=claim.city)
    if slip == 2:  # only an e-mail at another host
        mailbox = (claim.email or f"{'.'.join(words).lower()}{number}@x.id").partition("@")[0]
        return PersonClaim(email=f"{mailbox}@surel.id", name=" ".join(reversed(words)))
    return PersonClaim(external=f"T-{number}", name=f"{words[0]} {words[1]} {words[2]}", birth_date=claim.birth_date)


def _people(count: int) -> Iterator[list[PersonClaim]]:
    chance, batch = random.Random(5), []
    for number in range(count):
        batch.append(_claim(chance, number))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _resolved(count: int) -> tuple[float, list[int]]:
    start, ids = time.perf_counter(), []
    for batch in _people(count):
        ids += resolve_people(claims=batch, door="import", by=SYSTEM, at=clock.now())
    return count / (time.perf_counter() - start), ids


def _raw_lookups(count: int) -> float:
    """Look the same phones up by the plain driver: what recognizing a person costs at the very least."""
    mark, total, start = "%s", 0, 0.0
    for batch in _people(count):
        keys = [lookup_key(IdentityKind.PHONE, claim.phone)[1] for claim in batch][:900]
        marks = ", ".join([mark] * len(keys))
        begun = time.perf_counter()
        with connection.cursor() as cursor:
            sql = f"SELECT lookup, customer_id FROM customers_identity WHERE kind = 'phone' AND lookup IN ({marks})"
            cursor.execute(sql, keys)
            total += len(cursor.fetchall())
        start += time.perf_counter() - begun
    return total / start


def main() -> None:
    """Fill the shop and print the figures as one JSON object."""
    count = int(sys.argv[1])
    new_rate, ids = _resolved(count)
    sample = min(count, 150_000)
    known_rate, _ = _resolved(sample)
    raw_rate = _raw_lookups(sample)
    chance, planted = random.Random(9), set()
    originals = dict(_sampled(count))
    seconds = [_second_hand(chance, claim, index) for index, claim in originals.items()]
    twins: list[int] = []
    for start in range(0, len(seconds), BATCH):
        twins += resolve_people(claims=seconds[start : start + BATCH], door="import", by=SYSTEM, at=clock.now())
    for index, twin in zip(originals, twins, strict=True):
        if ids[index] != twin:
            planted.add(tuple(sorted((ids[index], twin))))
    begun = time.perf_counter()
    found = find_duplicates(at=clock.now())
    took = time.perf_counter() - begun
    pairs = set(DuplicateSuggestion.objects.values_list("left_id", "right_id"))
    sure = set(DuplicateSuggestion.objects.filter(score__gte=SURE).values_list("left_id", "right_id"))
    figures: dict[str, Any] = {
        "people": count,
        "new_per_second": round(new_rate),
        "known_per_second": round(known_rate),
        "raw_lookups_per_second": round(raw_rate),
        "known_share_of_raw": round(known_rate / raw_rate, 3),
        "planted_pairs": len(planted),
        "suggested_pairs": found,
        "planted_found": round(len(planted & pairs) / max(len(planted), 1), 3),
        "suggested_that_were_planted": round(len(planted & pairs) / max(len(pairs), 1), 3),
        "sure_that_were_planted": round(len(planted & sure) / max(len(sure), 1), 3),
        "search_seconds": round(took, 1),
        "people_searched_per_second": round(count / took),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(figures))


def _sampled(count: int) -> Iterator[tuple[int, PersonClaim]]:
    for start, batch in enumerate(_people(count)):
        for offset, claim in enumerate(batch):
            index = start * BATCH + offset
            if index % TWICE == 0:
                yield index, claim


main()
