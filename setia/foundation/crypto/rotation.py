"""Sealing everything with a new key, while the shop is open."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from setia.foundation.crypto.fields import EncryptedTextField, Sealed
from setia.foundation.crypto.keyring import keyring
from setia.foundation.db import write_tx

_CHUNK_ROWS = 500


def sealed_fields() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Yield every encrypted field of every model."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, EncryptedTextField):
                yield model, field


def rotate() -> tuple[str, int]:
    """Add a key, make it current, and seal every text with it; return its id and how many texts.

    Readers open old and new texts all the while. Killed in the middle, old keys are still in the ring, and the next
    rotation goes over everything again.
    """
    ring = keyring()
    with ring.held():
        name = ring.add_key()
        # The new key is on disk before the first text is sealed with it.
        ring.save()
    return name, sum(_reseal(model, field, name) for model, field in sealed_fields())


def _reseal(model: type[models.Model], field: EncryptedTextField, name: str) -> int:
    ring, count, last = keyring(), 0, 0
    rows: Any = model._default_manager
    while True:
        chunk = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", field.attname)[:_CHUNK_ROWS])
        if not chunk:
            return count
        last = chunk[-1][0]
        with write_tx():
            for pk, sealed in chunk:
                if sealed and ring.key_of(sealed) != name:
                    fresh = field.seal_for(pk, ring.open(sealed, field.place(pk)))
                    # Only where the text is still the one that was opened: a change made meanwhile stands.
                    same = rows.filter(pk=pk, **{field.attname: Sealed(sealed)})
                    count += same.update(**{field.attname: Sealed(fresh)})
