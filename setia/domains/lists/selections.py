"""Whom an act or an export means: people picked one by one, or everybody of a list as it is at one moment."""

from array import array
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from setia.domains.commerce.queries import STAGES, CustomerFilters, matching_ids
from setia.domains.customers.models import Customer, CustomerTag
from setia.domains.customers.queries import canonical_ids


@dataclass(frozen=True, slots=True)
class Selection:
    """Picked people (`customer_ids`), or everybody of a `stage` who fits the `filters`, or who has a tag."""

    customer_ids: tuple[int, ...] = ()
    stage: str = ""
    filters: CustomerFilters = field(default_factory=CustomerFilters)
    tag_id: int | None = None

    @property
    def is_picked(self) -> bool:
        return not self.stage and self.tag_id is None

    def as_json(self) -> dict[str, Any]:
        """Return what is no picking, as plain JSON values; picked people stand in the chunks of an act."""
        if self.tag_id is not None:
            return {"tag_id": str(self.tag_id)}
        return {"stage": self.stage, "filters": self.filters.as_json()} if self.stage else {}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Selection":
        """Read what `as_json` gave."""
        if "tag_id" in values:
            return cls(tag_id=int(values["tag_id"]))
        return cls(stage=values.get("stage", ""), filters=CustomerFilters.from_json(values.get("filters", {})))


def selection_ids(selection: Selection, *, at: datetime, limit: int | None = None) -> "array[int]":
    """Return the ids of the people a selection means, in rising order, all seen at one moment.

    Merged people are left out of lists; picked ones who were merged meanwhile are those they were merged into, and who
    is gone is left out.
    """
    if selection.is_picked:
        there = Customer.objects.filter(id__in=selection.customer_ids).values_list("id", flat=True)
        return array("q", sorted(set(canonical_ids(list(there)).values()))[:limit])
    if selection.tag_id is not None:
        tagged = CustomerTag.objects.filter(tag_id=selection.tag_id).values_list("customer_id", flat=True)
        return array("q", sorted(tagged[:limit]))
    stage = selection.stage if selection.stage in STAGES else "buyers"
    return matching_ids(stage=stage, at=at, filters=selection.filters, limit=limit)
