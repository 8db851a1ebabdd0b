"""What an import changed, kept so that it can be taken back: each value as it stood before and as the file said."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from setia.domains.commerce.actions import change_product
from setia.domains.commerce.models import Product
from setia.domains.customers.actions import change_customer, remove_tags
from setia.domains.customers.actions.profile import set_values
from setia.domains.customers.models import Customer, CustomField, CustomValue
from setia.domains.imports.models import Import, ImportChange
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx


@dataclass(frozen=True, slots=True)
class Changed:
    """One value that was changed: whose, which, from what to what, as plain JSON values."""

    subject: str
    subject_id: int
    field: str
    before: Any
    after: Any


def note_changes(record: Import, changes: Sequence[Changed]) -> None:
    """Write down what a step changed, in its transaction. A value that changes twice keeps its first `before`."""
    keys = {(change.subject_id, change.field) for change in changes}
    standing = {
        (row.subject, row.subject_id, row.field): row
        for row in ImportChange.objects.filter(record=record, subject_id__in={key[0] for key in keys})
    }
    fresh: dict[tuple[str, int, str], ImportChange] = {}
    for change in changes:
        key = (change.subject, change.subject_id, change.field)
        row = standing.get(key) or fresh.get(key)
        if row is None:
            fresh[key] = ImportChange(
                record=record,
                subject=change.subject,
                subject_id=change.subject_id,
                field=change.field,
                before=json.dumps(change.before, default=str),
                after=json.dumps(change.after, default=str),
            )
            continue
        row.after = json.dumps(change.after, default=str)
        if key in standing:
            row.save(update_fields=["after"])
    ImportChange.objects.bulk_create(list(fresh.values()))


def restore_some(record: Import, *, limit: int, by: Actor, at: datetime) -> int:
    """Take back at most `limit` changes in one transaction and return how many; 0 when all are.

    A value that somebody changed since stays as it is.
    """
    with write_tx():
        rows = list(ImportChange.objects.filter(record=record).order_by("id")[:limit])
        for subject, restore in _RESTORERS.items():
            restore([row for row in rows if row.subject == subject], by, at)
        ImportChange.objects.filter(id__in=[row.id for row in rows]).delete()
    return len(rows)


def plain(value: Any) -> Any:
    """Return a value as it comes back from JSON, to compare with what was noted."""
    return json.loads(json.dumps(value, default=str))


def _by_subject(rows: Sequence[ImportChange]) -> dict[int, list[ImportChange]]:
    found: dict[int, list[ImportChange]] = {}
    for row in rows:
        found.setdefault(row.subject_id, []).append(row)
    return found


def _unchanged(row: ImportChange, current: Any) -> bool:
    return bool(plain(current) == json.loads(row.after))


def _values_before(instance: Any, rows: Sequence[ImportChange]) -> dict[str, Any]:
    """Return the fields to set back, each in the type of its field."""
    values = {}
    for row in rows:
        if _unchanged(row, getattr(instance, row.field)):
            before = json.loads(row.before)
            values[row.field] = instance._meta.get_field(row.field).to_python(before) if before is not None else None
    return values


def _restore_customers(rows: Sequence[ImportChange], by: Actor, at: datetime) -> None:
    mine = _by_subject(rows)
    for customer in Customer.objects.filter(id__in=mine):
        if changes := _values_before(customer, mine[customer.id]):
            change_customer(customer=customer, changes=changes, by=by, at=at)


def _restore_products(rows: Sequence[ImportChange], by: Actor, at: datetime) -> None:
    mine = _by_subject(rows)
    for product in Product.objects.filter(id__in=mine):
        if changes := _values_before(product, mine[product.id]):
            change_product(product=product, changes=changes, by=by, at=at)


def _restore_tags(rows: Sequence[ImportChange], by: Actor, at: datetime) -> None:
    by_tag: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        by_tag.setdefault((row.field, json.loads(row.after)), []).append(row.subject_id)
    for (name, moment), ids in by_tag.items():
        remove_tags(customer_ids=ids, names=[name], by=by, at=at, put_on_at=datetime.fromisoformat(moment))


def _restore_custom(rows: Sequence[ImportChange], by: Actor, at: datetime) -> None:
    mine = _by_subject(rows)
    standing = {
        (value.customer_id, value.field.key): value.text
        for value in CustomValue.objects.select_related("field").filter(customer_id__in=mine)
    }
    keys = set(CustomField.objects.values_list("key", flat=True))
    for customer in Customer.objects.filter(id__in=mine):
        values = {
            row.field: json.loads(row.before) or ""
            for row in mine[customer.id]
            if row.field in keys and _unchanged(row, standing.get((customer.id, row.field), ""))
        }
        if values:
            set_values(customer=customer, values=values, by=by, at=at)


_RESTORERS: dict[str, Callable[[Sequence[ImportChange], Actor, datetime], None]] = {
    "customer": _restore_customers,
    "product": _restore_products,
    "tag": _restore_tags,
    "custom": _restore_custom,
}
