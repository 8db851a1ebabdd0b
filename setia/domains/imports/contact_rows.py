"""Contacts written by an import where the timeline has no verb for them: each once, by its source."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from setia.domains.timeline.models import Interaction
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionDraft:
    """A contact to write; `source` names it where it comes from."""

    customer_id: int
    kind: str
    happened_at: datetime
    is_inbound: bool = False
    outcome: str = ""
    duration_seconds: int = 0
    body: str = ""
    outlet_id: int | None = None
    source: str = ""


def record_interactions(
    *, drafts: Sequence[InteractionDraft], by: Actor, at: datetime, origin_id: int | None = None
) -> int:
    """Write contacts and return how many are new; one that is known by its `source` changes nothing."""
    keyed = {hashlib.blake2b(f"contact|{draft.source}".encode(), digest_size=16).digest(): draft for draft in drafts}
    with write_tx():
        known = Interaction.objects.filter(source_key__in=list(keyed)).values_list("source_key", flat=True)
        standing = {bytes(key) for key in known if key is not None}
        rows = [
            Interaction(
                customer_id=draft.customer_id,
                kind=draft.kind,
                is_inbound=draft.is_inbound,
                outcome=draft.outcome,
                duration_seconds=draft.duration_seconds,
                body=draft.body,
                outlet_id=draft.outlet_id,
                happened_at=draft.happened_at,
                recorded_at=at,
                origin_id=origin_id,
                source_key=key,
            )
            for key, draft in keyed.items()
            if key not in standing
        ]
        Interaction.objects.bulk_create(rows)
    return len(rows)


def remove_interactions(*, origin_id: int, limit: int) -> int:
    """Remove at most `limit` contacts of an import and return how many."""
    ids = list(Interaction.objects.filter(origin_id=origin_id).order_by("id").values_list("id", flat=True)[:limit])
    return Interaction.objects.filter(id__in=ids).delete()[0]
