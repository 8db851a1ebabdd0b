"""Two rows that are one person: merging them, and taking a merge back exactly.

No row moves. The loser's row points to the winner's, and readers use the set of rows; so orders, notes, imports and
consents stay where they are, whatever happens between a merge and its undoing. Only blanks of the winner's profile
are filled and its tags completed; what was there before is kept, sealed, with the merge.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from django.db import IntegrityError

from setia.domains.customers.events import CustomersMerged, CustomersUnmerged
from setia.domains.customers.models import Customer, CustomerTag, DuplicateState, DuplicateSuggestion, Merge
from setia.domains.customers.rules import search_text
from setia.foundation.actors import Actor
from setia.foundation.db import bulk_insert, may_fail, write_tx
from setia.foundation.events import record
from setia.foundation.ids import new_ids

# Fields of a profile that a merge fills where the winner's are blank; a person may choose the loser's for each.
MERGED_FIELDS = (
    *("name", "code", "birth_date", "address", "city", "country", "salutation", "gender", "interests"),
    *("preferred_channel", "acquisition_source", "acquisition_cost", "owner_id"),
)


class UnableToMerge(Exception):
    """Raised with a code: `same`, `already_merged` (a row that was merged meanwhile), `not_standing`, `newer_merge`."""


def merge_customers(
    *,
    winner: Customer,
    loser: Customer,
    by: Actor,
    at: datetime,
    keep_from_loser: Sequence[str] = (),
    reasons: Sequence[str] = (),
) -> Merge:
    """Make two people one: all rows that are the loser are the winner from now on.

    `keep_from_loser` names fields whose value is taken from the loser even where the winner has one. Raises
    UnableToMerge; of two merges of one row at the same moment the second does.
    """
    with write_tx():
        rows = _locked([winner.id, loser.id])
        if winner.id == loser.id:
            raise UnableToMerge("same")
        if len(rows) < 2 or any(row.canonical_id is not None for row in rows.values()):
            raise UnableToMerge("already_merged")
        winner, loser = rows[winner.id], rows[loser.id]
        moved = [loser.id, *Customer.objects.filter(canonical=loser).order_by("id").values_list("id", flat=True)]
        Customer.objects.filter(id__in=moved).update(canonical=winner)
        before = _fill(winner, loser, keep_from_loser)
        merge = Merge.objects.create(
            winner=winner,
            loser=loser,
            moved_ids=[str(row_id) for row_id in moved],
            before=json.dumps(before, default=str) if before else "",
            tag_ids=[str(tag_id) for tag_id in _add_missing_tags(winner.id, loser.id, at)],
            reasons=list(reasons),
            merged_at=at,
            actor_kind=by.kind,
            actor_id=by.id,
        )
        _suggestion(winner.id, loser.id).update(state=DuplicateState.MERGED, decided_at=at, decided_by_id=by.id)
        for call in merge_hooks:
            call(winner_id=winner.id, moved_ids=moved)
        fact = CustomersMerged(customer_id=winner.id, merge_id=merge.id, loser_id=loser.id)
        record(fact, by=by, at=at, customer_id=winner.id)
    return merge


def unmerge_customers(*, merge: Merge, by: Actor, at: datetime) -> None:
    """Take a merge back: the rows are again what they would be without it. Changes nothing when it is taken back.

    What was written meanwhile stays where it was written. A field that was changed after the merge keeps the change.
    Raises UnableToMerge with `newer_merge` when the winner itself was merged into somebody since: take that back first.
    """
    with write_tx():
        _locked([merge.winner_id, merge.loser_id])
        merge = Merge.objects.select_for_update().get(id=merge.id)
        if merge.undone_at is not None:
            return
        winner = Customer.objects.get(id=merge.winner_id)
        if winner.canonical_id is not None:
            raise UnableToMerge("newer_merge")
        moved = [int(row_id) for row_id in merge.moved_ids]
        Customer.objects.filter(id__in=moved).exclude(id=merge.loser_id).update(canonical_id=merge.loser_id)
        Customer.objects.filter(id=merge.loser_id).update(canonical=None)
        if merge.before:
            _restore(winner, json.loads(merge.before), _later_merges(merge))
        tag_ids = [int(tag_id) for tag_id in merge.tag_ids]
        CustomerTag.objects.filter(customer=winner, tag_id__in=tag_ids, created_at=merge.merged_at).delete()
        merge.undone_at, merge.undone_by_kind, merge.undone_by_id = at, by.kind, by.id
        merge.save(update_fields=["undone_at", "undone_by_kind", "undone_by_id"])
        _suggestion(merge.winner_id, merge.loser_id).update(state=DuplicateState.DISMISSED, decided_at=at)
        for call in merge_hooks:
            call(winner_id=merge.winner_id, moved_ids=moved)
        fact = CustomersUnmerged(customer_id=merge.winner_id, merge_id=merge.id, loser_id=merge.loser_id)
        record(fact, by=by, at=at, customer_id=merge.winner_id)
        record(fact, by=by, at=at, customer_id=merge.loser_id)


class MergeHook(Protocol):
    """What a domain above renews in a merge's own transaction: called after the rows point where they belong."""

    def __call__(self, *, winner_id: int, moved_ids: Sequence[int]) -> None: ...


# Sums per person are kept above and cannot wait for the fact to be delivered.
merge_hooks: list[MergeHook] = []


def suggest_duplicate(*, left_id: int, right_id: int, score: int, reasons: Sequence[str], at: datetime) -> bool:
    """Suggest that two people may be one; a pair that was suggested before keeps its state. True when it is new."""
    left_id, right_id = sorted((left_id, right_id))
    try:
        with may_fail():
            DuplicateSuggestion.objects.create(
                left_id=left_id, right_id=right_id, score=score, reasons=list(reasons), found_at=at
            )
    except IntegrityError:
        return False
    return True


def dismiss_duplicate(*, suggestion: DuplicateSuggestion, by: Actor, at: datetime) -> None:
    """Say that two people are not one; the pair is not suggested again."""
    open_pair = DuplicateSuggestion.objects.filter(id=suggestion.id, state=DuplicateState.OPEN)
    open_pair.update(state=DuplicateState.DISMISSED, decided_at=at, decided_by_id=by.id)


def reopen_duplicate(*, suggestion: DuplicateSuggestion) -> None:
    """Take a dismissal back."""
    dismissed = DuplicateSuggestion.objects.filter(id=suggestion.id, state=DuplicateState.DISMISSED)
    dismissed.update(state=DuplicateState.OPEN, decided_at=None, decided_by_id=0)


def _locked(ids: Iterable[int]) -> dict[int, Customer]:
    """Lock rows in the order of their ids, so that two merges never wait for each other in a circle."""
    rows = Customer.objects.select_for_update(of=("self",), no_key=True).filter(id__in=list(ids)).order_by("id")
    return {row.id: row for row in rows}


def _suggestion(one: int, other: int) -> Any:
    left, right = sorted((one, other))
    return DuplicateSuggestion.objects.filter(left_id=left, right_id=right)


def _fill(winner: Customer, loser: Customer, keep_from_loser: Sequence[str]) -> dict[str, Any]:
    """Fill the winner's blanks and return for each changed field what it was and what it became."""
    before: dict[str, Any] = {}
    for name in MERGED_FIELDS:
        mine, other = getattr(winner, name), getattr(loser, name)
        if other in (None, "", []) or mine == other or (mine not in (None, "", []) and name not in keep_from_loser):
            continue
        before[name] = [mine, other]
        setattr(winner, name, other)
    if before:
        winner.search_name = search_text(winner.name)[:160]
        winner.save(update_fields=[*before, "search_name"])
    return before


def _later_merges(merge: Merge) -> list[Merge]:
    later = Merge.objects.filter(winner_id=merge.winner_id, undone_at__isnull=True, id__gt=merge.id)
    return list(later.order_by("id"))


def _restore(winner: Customer, before: dict[str, Any], later: Sequence[Merge]) -> None:
    """Put fields back as they were, except those changed since.

    A later merge that replaced what this one had filled in would bring it back when it is undone in its turn; so it
    is told what stood there before this one.
    """
    changed = []
    for name, (was, became) in before.items():
        replacing = next((row for row in later if row.before and name in json.loads(row.before)), None)
        if replacing is not None:
            told = json.loads(replacing.before)
            if told[name][0] == became:
                told[name][0] = was
                replacing.before = json.dumps(told)
                replacing.save(update_fields=["before"])
        elif _plain(getattr(winner, name)) == became:
            setattr(winner, name, _value(name, was))
            changed.append(name)
    if changed:
        winner.search_name = search_text(winner.name)[:160]
        winner.save(update_fields=[*changed, "search_name"])


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(name: str, plain: Any) -> Any:
    return date.fromisoformat(plain) if name == "birth_date" and plain else plain


def _add_missing_tags(winner_id: int, loser_id: int, at: datetime) -> list[int]:
    """Give the winner the loser's tags, so that lists that filter by tag find him; return those he lacked."""
    have = set(CustomerTag.objects.filter(customer_id=winner_id).values_list("tag_id", flat=True))
    wanted = CustomerTag.objects.filter(customer_id=loser_id).order_by("id").values_list("tag_id", flat=True)
    missing = [tag_id for tag_id in wanted if tag_id not in have]
    rows = zip(new_ids(len(missing)), missing, strict=True)
    bulk_insert(
        CustomerTag, ("id", "customer_id", "tag_id", "created_at"), ((i, winner_id, tag_id, at) for i, tag_id in rows)
    )
    return missing
