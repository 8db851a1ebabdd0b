"""Verbs of tags and owners: put words on people, take them off, say who looks after whom. Many people at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from setia.domains.customers.models import Customer, CustomerTag, Tag
from setia.domains.customers.rules.tags import UnableToTag, clean_tag_name, tag_key
from setia.domains.staff.models import Staff
from setia.foundation.actors import Actor
from setia.foundation.db import bulk_insert, may_fail, write_tx
from setia.foundation.events import Fact, record, record_many
from setia.foundation.events.models import Event
from setia.foundation.events.recording import Happening
from setia.foundation.ids import new_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTagged(Fact):
    """Somebody got a tag."""

    kind: ClassVar[str] = "customers.tagged"
    subject: ClassVar[str] = "tag_id"
    tag_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerUntagged(Fact):
    """Somebody lost a tag."""

    kind: ClassVar[str] = "customers.untagged"
    subject: ClassVar[str] = "tag_id"
    tag_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAssigned(Fact):
    """Somebody of the team looks after a person from now on; nobody where `owner_id` is empty."""

    kind: ClassVar[str] = "customers.assigned"
    subject: ClassVar[str] = "owner_id"
    owner_id: int | None
    former_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRenamed(Fact):
    """A tag has another name."""

    kind: ClassVar[str] = "customers.tag_renamed"
    subject: ClassVar[str] = "tag_id"
    tag_id: int


def ensure_tags(*, names: Iterable[str], at: datetime) -> dict[str, int]:
    """Return the id of the tag of each name as it was given, making those that are missing.

    Two calls at the same moment make one tag. Raises UnableToTag.
    """
    wanted = {name: clean_tag_name(name) for name in names}
    keys = {tag_key(name): name for name in wanted.values()}
    with write_tx():
        missing = set(keys) - set(Tag.objects.filter(key__in=list(keys)).values_list("key", flat=True))
        with may_fail():
            Tag.objects.bulk_create(
                [Tag(key=key, name=keys[key], created_at=at) for key in sorted(missing)], ignore_conflicts=True
            )
        ids = dict(Tag.objects.filter(key__in=list(keys)).values_list("key", "id"))
    return {given: ids[tag_key(name)] for given, name in wanted.items()}


def add_tags(
    *, customer_ids: Collection[int], names: Iterable[str], by: Actor, at: datetime, batch_id: int | None = None
) -> dict[str, list[int]]:
    """Put tags on people and return, for each name, who did not have it before.

    Who has a tag keeps it as it is; people that are gone are passed over. Repeating it changes nothing, and calls at
    the same moment do not wait for each other longer than for one row. Raises UnableToTag.
    """
    with write_tx():
        tags = ensure_tags(names=names, at=at)
        return {name: _put_on(tag_id, customer_ids, by=by, at=at, batch_id=batch_id) for name, tag_id in tags.items()}


def _put_on(tag_id: int, customer_ids: Collection[int], *, by: Actor, at: datetime, batch_id: int | None) -> list[int]:
    # The people's rows are held until the commit, so that nobody is removed, merged or tagged by a second call.
    held = Customer.objects.select_for_update(no_key=True).filter(id__in=list(customer_ids)).order_by("id")
    there = list(held.values_list("id", flat=True))
    having = set(CustomerTag.objects.filter(tag_id=tag_id, customer_id__in=there).values_list("customer_id", flat=True))
    fresh = [customer_id for customer_id in there if customer_id not in having]
    ids = new_ids(len(fresh))
    rows = ((row_id, who, tag_id, at) for row_id, who in zip(ids, fresh, strict=True))
    bulk_insert(CustomerTag, ("id", "customer_id", "tag_id", "created_at"), rows)
    facts = [Happening(CustomerTagged(tag_id=tag_id), who, at) for who in fresh]
    record_many(facts, by=by, at=at, batch_id=batch_id)
    return fresh


def remove_tags(
    *,
    customer_ids: Collection[int],
    names: Iterable[str],
    by: Actor,
    at: datetime,
    batch_id: int | None = None,
    put_on_at: datetime | None = None,
) -> dict[str, list[int]]:
    """Take tags off people and return, for each name, who had it.

    With `put_on_at` only tags that were put on at that very moment go, and no later ones of the same name.
    Repeating it changes nothing.
    """
    keys = {name: tag_key(name) for name in names}
    with write_tx():
        tags = dict(Tag.objects.filter(key__in=list(keys.values())).values_list("key", "id"))
        return {
            name: _take_off(tags[key], customer_ids, by=by, at=at, batch_id=batch_id, put_on_at=put_on_at)
            if key in tags
            else []
            for name, key in keys.items()
        }


def _take_off(
    tag_id: int,
    customer_ids: Collection[int],
    *,
    by: Actor,
    at: datetime,
    batch_id: int | None,
    put_on_at: datetime | None,
) -> list[int]:
    rows = CustomerTag.objects.filter(tag_id=tag_id, customer_id__in=list(customer_ids))
    if put_on_at is not None:
        rows = rows.filter(created_at=put_on_at)
    held = list(rows.select_for_update().order_by("customer_id").values_list("id", "customer_id"))
    CustomerTag.objects.filter(id__in=[row_id for row_id, _ in held]).delete()
    facts = [Happening(CustomerUntagged(tag_id=tag_id), who, at) for _, who in held]
    record_many(facts, by=by, at=at, batch_id=batch_id)
    return [who for _, who in held]


def assign_owner(
    *, customer_ids: Collection[int], owner: Staff | None, by: Actor, at: datetime, batch_id: int | None = None
) -> dict[int, int | None]:
    """Let somebody of the team look after people (or nobody) and return the former owner of each whom this changed.

    Who has this owner already is left out. Repeating it changes nothing. Raises UnableToTag with `closed_account`.
    """
    if owner is not None and not owner.is_active:
        raise UnableToTag("closed_account")
    new_id = owner.id if owner else None
    return give_owners(owners=dict.fromkeys(customer_ids, new_id), by=by, at=at, batch_id=batch_id)


def give_owners(
    *, owners: Mapping[int, int | None], by: Actor, at: datetime, batch_id: int | None = None
) -> dict[int, int | None]:
    """Give each of these people the owner named for him and return the former owners of those this changed."""
    with write_tx():
        held = Customer.objects.select_for_update(no_key=True).filter(id__in=list(owners)).order_by("id")
        former: dict[int, int | None] = {
            who: old for who, old in held.values_list("id", "owner_id") if old != owners[who]
        }
        by_owner: dict[int | None, list[int]] = defaultdict(list)
        for who in former:
            by_owner[owners[who]].append(who)
        for owner_id, people in by_owner.items():
            Customer.objects.filter(id__in=people).update(owner_id=owner_id)
        facts = [
            Happening(CustomerAssigned(owner_id=owners[who], former_id=old), who, at) for who, old in former.items()
        ]
        record_many(facts, by=by, at=at, batch_id=batch_id)
    return former


def changed_since(
    *, customer_ids: Sequence[int], tag_id: int | None, since: datetime, batch_id: int | None = None
) -> set[int]:
    """Return whose tag (or, without a tag, whose owner) was changed after a moment by anything but one batch."""
    kinds = (CustomerTagged.kind, CustomerUntagged.kind) if tag_id is not None else (CustomerAssigned.kind,)
    rows = Event.objects.filter(customer_id__in=list(customer_ids), occurred_at__gt=since, kind__in=kinds)
    if tag_id is not None:
        rows = rows.filter(subject_id=tag_id)
    return {who for who, batch in rows.values_list("customer_id", "batch_id") if who and batch != (batch_id or 0)}


def rename_tag(*, tag: Tag, name: str, by: Actor, at: datetime) -> None:
    """Give a tag another name; raises UnableToTag: `name_taken` where another tag is called so. Repeatable."""
    name = clean_tag_name(name)
    with write_tx():
        if Tag.objects.filter(key=tag_key(name)).exclude(id=tag.id).exists():
            raise UnableToTag("name_taken")
        changed = Tag.objects.filter(id=tag.id).exclude(name=name).update(name=name, key=tag_key(name))
        if changed:
            record(TagRenamed(tag_id=tag.id), by=by, at=at)


def drop_tag(*, tag_id: int) -> bool:
    """Remove a tag that nobody has; False when somebody has it. Repeating it changes nothing."""
    with write_tx():
        if CustomerTag.objects.filter(tag_id=tag_id).exists():
            return False
        Tag.objects.filter(id=tag_id).delete()
    return True


def restore_tag(*, tag_id: int, name: str, at: datetime) -> str:
    """Bring a removed tag back under its own id; return the name it goes by.

    Where it was renamed meanwhile it keeps the new name; where another tag took the name, that one is meant.
    """
    with write_tx():
        standing = Tag.objects.filter(id=tag_id).first() or Tag.objects.filter(key=tag_key(name)).first()
        if standing is None:
            standing = Tag.objects.create(id=tag_id, key=tag_key(name), name=name, created_at=at)
    return standing.name
