"""Everybody as an array, and where each row of the shop's tables belongs in it."""

from collections.abc import Iterable

import numpy as np

from setia.domains.customers.models import Customer
from setia.domains.segments.setwise.leaves import Bools, Ints


class Crowd:
    """People by rising id; a merged row is at the place of who stands for it."""

    def __init__(self, ids: Ints) -> None:
        self.ids = ids
        merged = Customer.objects.filter(canonical__isnull=False).order_by("id").values_list("id", "canonical_id")
        pairs = np.array(list(merged), dtype=np.int64).reshape(-1, 2)
        self._merged, self._into = pairs[:, 0], pairs[:, 1]

    @property
    def size(self) -> int:
        return len(self.ids)

    def places(self, row_ids: Ints) -> Ints:
        """Return the place of each row's person, -1 for whoever is not here."""
        if not self.size or not len(row_ids):
            return np.full(len(row_ids), -1, dtype=np.int64)
        people = row_ids
        if len(self._merged):
            at = np.minimum(np.searchsorted(self._merged, row_ids), len(self._merged) - 1)
            people = np.where(self._merged[at] == row_ids, self._into[at], row_ids)
        found = np.minimum(np.searchsorted(self.ids, people), self.size - 1)
        return np.where(self.ids[found] == people, found, -1).astype(np.int64)

    def who(self, row_ids: Iterable[int | None]) -> Bools:
        """Return who of the crowd is among some rows."""
        found = np.zeros(self.size, dtype=bool)
        places = self.places(np.fromiter((row_id or 0 for row_id in row_ids), dtype=np.int64))
        found[places[places >= 0]] = True
        return found
