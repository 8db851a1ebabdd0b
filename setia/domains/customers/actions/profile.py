"""Verbs of the wider profile: custom fields and their values, days that matter to a family."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError

from setia.domains.customers.events import CustomerChanged, CustomFieldSaved
from setia.domains.customers.models import Customer, CustomField, CustomValue, FamilyDate
from setia.domains.customers.rules import FieldKind, search_text
from setia.domains.customers.rules.fields import parse_field
from setia.foundation.actors import Actor
from setia.foundation.db import may_fail, write_tx
from setia.foundation.events import record

# Kinds whose values may stand in plain text beside the sealed one, to sort and filter by.
_PLAIN_KINDS = (FieldKind.NUMBER, FieldKind.DATE, FieldKind.CHOICE, FieldKind.YES_NO)


class UnableToSaveField(Exception):
    """Raised with a code: `taken`, `no_purpose`, `no_choices`, `kind_in_use` (values stand in another form)."""


def save_field(
    *,
    label: str,
    kind: FieldKind,
    purpose: str,
    by: Actor,
    at: datetime,
    key: str = "",
    choices: Sequence[str] = (),
    retention_days: int = 0,
    is_specific: bool = False,
    is_active: bool = True,
    position: int = 0,
    field: CustomField | None = None,
) -> CustomField:
    """Make a custom field, or change the one given. Raises UnableToSaveField.

    A field needs a purpose (UU PDP 27/2022, articles 27-28). Its kind cannot change while values stand.
    """
    label, purpose = " ".join(label.split()), " ".join(purpose.split())
    if not purpose:
        raise UnableToSaveField("no_purpose")
    if kind is FieldKind.CHOICE and not choices:
        raise UnableToSaveField("no_choices")
    with write_tx():
        if field is not None and field.kind != kind and CustomValue.objects.filter(field=field).exists():
            raise UnableToSaveField("kind_in_use")
        became_specific = field is not None and is_specific and not field.is_specific
        row = field or CustomField(key=key or re.sub(r"\W+", "_", search_text(label))[:40] or "field", created_at=at)
        row.label, row.kind, row.purpose, row.choices = label, kind.value, purpose, list(choices)
        row.retention_days, row.is_specific, row.is_active = retention_days, is_specific, is_active
        row.position = position
        try:
            with may_fail():
                row.save()
        except IntegrityError:
            raise UnableToSaveField("taken") from None
        if became_specific:
            CustomValue.objects.filter(field=row).update(plain="")
        record(CustomFieldSaved(field_id=row.id, key=row.key), by=by, at=at)
    return row


def set_values(*, customer: Customer, values: Mapping[str, str], by: Actor, at: datetime) -> list[str]:
    """Set custom fields of a person by key and return which changed; an empty text removes a value.

    Raises BadFieldValue for a text that the field cannot hold and CustomField.DoesNotExist for a key that is none.
    The same values again change nothing.
    """
    with write_tx():
        Customer.objects.select_for_update(no_key=True).get(id=customer.id)
        fields = {row.key: row for row in CustomField.objects.filter(key__in=list(values))}
        standing = {row.field_id: row for row in CustomValue.objects.filter(customer=customer)}
        changed = []
        for key, text in values.items():
            if key not in fields:
                raise CustomField.DoesNotExist(key)
            field = fields[key]
            value = parse_field(FieldKind(field.kind), text, field.choices)
            row = standing.get(field.id)
            if value == (row.text if row else ""):
                continue
            changed.append(key)
            if not value and row is not None:
                row.delete()
                continue
            row = row or CustomValue(customer=customer, field=field)
            is_plain = FieldKind(field.kind) in _PLAIN_KINDS and not field.is_specific
            row.text, row.plain, row.set_at = value, value[:60] if is_plain else "", at
            row.save()
        if changed:
            fact = CustomerChanged(customer_id=customer.id, fields=tuple(f"custom.{key}" for key in sorted(changed)))
            record(fact, by=by, at=at, customer_id=customer.id)
    return changed


def purge_old_values(*, at: datetime) -> int:
    """Remove values older than their field's retention and return how many."""
    count = 0
    for field in CustomField.objects.filter(retention_days__gt=0):
        old = CustomValue.objects.filter(field=field, set_at__lt=at - timedelta(days=field.retention_days))
        count += old.delete()[0]
    return count


def add_family_date(*, customer: Customer, relation: str, name: str, day: date, by: Actor, at: datetime) -> FamilyDate:
    """Note a day that matters to a customer's family; the very same day again is returned as it stands."""
    with write_tx():
        Customer.objects.select_for_update(no_key=True).get(id=customer.id)
        for row in FamilyDate.objects.filter(customer=customer, relation=relation, date=day):
            if row.name == name:
                return row
        row = FamilyDate.objects.create(customer=customer, relation=relation, name=name, date=day, created_at=at)
        record(CustomerChanged(customer_id=customer.id, fields=("family",)), by=by, at=at, customer_id=customer.id)
    return row


def remove_family_date(*, family_date: FamilyDate, by: Actor, at: datetime) -> None:
    """Forget a family's day; changes nothing when it is gone already."""
    with write_tx():
        if FamilyDate.objects.filter(id=family_date.id).delete()[0]:
            customer_id = family_date.customer_id
            record(CustomerChanged(customer_id=customer_id, fields=("family",)), by=by, at=at, customer_id=customer_id)
