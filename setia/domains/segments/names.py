"""Names of rows that rules speak of, and whose they are now."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from django.db.models import QuerySet

from setia.domains.commerce.models import Product
from setia.domains.customers.models import Tag
from setia.domains.segments.loading import custom_keys, score_columns
from setia.domains.segments.models import Segment, SegmentState
from setia.domains.segments.rules.fields import Field, all_fields
from setia.domains.shop.models import Outlet
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff

_KINDS: dict[str, tuple[Any, str]] = {
    "tag": (Tag, "name"),
    "product": (Product, "name"),
    "outlet": (Outlet, "name"),
    "staff": (Staff, "name"),
    "segment": (Segment, "name"),
}
_SIMILAR = 500


class ShopNames:
    """The names of this shop's rows, each asked for once."""

    def __init__(self) -> None:
        self.scale = the_shop().currency.scale
        self._ids: dict[tuple[str, str], int | None] = {}
        self._names: dict[tuple[str, int], str | None] = {}
        self._fields: list[Field] | None = None

    def id_of(self, kind: str, name: str) -> int | None:
        """Return the id of the row with a name; of two with the same name the older one."""
        if (kind, name) not in self._ids:
            field = _KINDS[kind][1]
            rows = self._rows(kind).filter(**{field: name}) | self._rows(kind).filter(**{f"{field}__iexact": name})
            found = list(rows.order_by("id").values_list("id", field)[:20])
            exact = [row_id for row_id, given in found if given == name]
            self._ids[kind, name] = (exact or [row_id for row_id, _ in found] or [None])[0]
        return self._ids[kind, name]

    def name_of(self, kind: str, row_id: int) -> str | None:
        """Return the name of a row, or None where it is gone."""
        if (kind, row_id) not in self._names:
            model, field = _KINDS[kind]
            name = model.objects.filter(id=row_id).values_list(field, flat=True).first()
            self._names[kind, row_id] = " ".join(name.split()) if name else None
        return self._names[kind, row_id]

    def near(self, kind: str, name: str) -> tuple[str, ...]:
        """Return names that somebody may have meant."""
        field = _KINDS[kind][1]
        start = self._rows(kind).filter(**{f"{field}__icontains": name[:3]}).values_list(field, flat=True)[:_SIMILAR]
        names = {given.casefold(): given for given in start}
        if len(names) < _SIMILAR:
            names |= {given.casefold(): given for given in self._rows(kind).values_list(field, flat=True)[:_SIMILAR]}
        return tuple(names[each] for each in get_close_matches(name.casefold(), list(names), n=3, cutoff=0.5))

    def fields(self) -> Sequence[Field]:
        """Return the fields there are in this shop."""
        if self._fields is None:
            self._fields = all_fields(custom_keys(), score_columns=score_columns())
        return self._fields

    def choices(self, kind: str, limit: int = 200) -> list[tuple[int, str]]:
        """Return rows to choose from, by name."""
        field = _KINDS[kind][1]
        return list(self._rows(kind).order_by(field, "id").values_list("id", field)[:limit])

    @staticmethod
    def _rows(kind: str) -> QuerySet[Any]:
        rows: QuerySet[Any] = _KINDS[kind][0].objects.all()
        if kind == "segment":
            return rows.exclude(state=SegmentState.ARCHIVED)
        return rows.filter(is_active=True) if kind == "staff" else rows
