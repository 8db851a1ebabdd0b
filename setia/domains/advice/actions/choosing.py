"""Deciding what is never recommended, and what advice reckons with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from setia.domains.advice.events import AdviceChoicesChanged
from setia.domains.advice.models import AdviceChoices
from setia.domains.advice.queries import choices_row
from setia.foundation.actors import Actor
from setia.foundation.db import write_tx
from setia.foundation.events import record

_FIELDS = (
    *("excluded_categories", "excluded_products", "out_of_sale_days", "least_together", "margin_percent"),
    *("message_cost", "minute_cost", "pause_days", "daily_capacity"),
)


def save_choices(*, changes: Mapping[str, Any], by: Actor, at: datetime) -> AdviceChoices:
    """Keep what the shop decided about advice; what is not named stays. Saving the same again writes no fact."""
    with write_tx():
        row = choices_row()
        changed = sorted(name for name in _FIELDS if name in changes and getattr(row, name) != changes[name])
        wanted = {name: changes.get(name, getattr(row, name)) for name in _FIELDS}
        saved, _ = AdviceChoices.objects.update_or_create(id=1, defaults=wanted)
        if changed:
            record(AdviceChoicesChanged(fields=changed), by=by, at=at)
    return saved
