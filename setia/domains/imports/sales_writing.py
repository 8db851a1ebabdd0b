"""Writing sales lines: orders and returns with their people, products and outlets, some hundred lines a step."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from setia.domains.commerce.actions import ProductClaim, ensure_products, record_returns, record_sales
from setia.domains.commerce.drafts import LineDraft, ReturnDraft, ReturnLineDraft, SaleDraft
from setia.domains.customers.actions import resolve_people
from setia.domains.imports.models import Import
from setia.domains.imports.rules import made_up_number
from setia.domains.imports.staging import Staging, Unit
from setia.domains.shop.actions import ensure_outlets
from setia.domains.shop.models import Outlet
from setia.domains.shop.queries import the_shop
from setia.foundation.actors import Actor


class SalesWriter:
    """One run over the units that are left."""

    def __init__(self, record: Import, staging: Staging, *, at: datetime) -> None:
        self._record = record
        self._staging = staging
        self._at = at
        self._by = Actor("import", record.id)
        self._shop = the_shop()
        self._products: dict[str, int] = {}
        self._outlets: dict[str, Outlet] = {}

    def prepare(self) -> None:
        """Open the outlets the file names."""
        self._outlets = ensure_outlets(
            codes=self._staging.outlets(), origin_id=self._record.id, by=self._by, at=self._at
        )

    def step(self, units: Sequence[Unit]) -> Counter[str]:
        """Write some units and return what they added."""
        record, added = self._record, Counter[str]()
        people_keys = list(dict.fromkeys(line.person for unit in units for line in unit.lines if line.person))
        claims = self._staging.people(people_keys)
        first_seen = {line.person: line.placed_at for unit in reversed(units) for line in reversed(unit.lines)}
        ids = resolve_people(
            claims=[claims[key] for key in people_keys],
            door="import",
            by=self._by,
            at=self._at,
            joined_at=[first_seen[key] for key in people_keys],
            origin_id=record.id,
        )
        people = dict(zip(people_keys, ids, strict=True))
        self._learn_products({line.product for unit in units for line in unit.lines})
        sales = [self._sale(unit, people) for unit in units if not unit.is_return]
        returns = [self._return(unit, people) for unit in units if unit.is_return]
        written = record_sales(drafts=sales, by=self._by, at=self._at, origin_id=record.id)
        added["orders"] = written.new_orders
        added["extended_orders"] = written.extended_orders
        added["lines"] = written.new_lines
        added["known_lines"] = written.known_lines
        outcome = record_returns(drafts=returns, by=self._by, at=self._at, origin_id=record.id)
        added["returns"] = outcome.new_lines
        added["known_returns"] = sum(len(draft.lines) for draft in returns) - added["returns"]
        return added

    def _learn_products(self, keys: set[str]) -> None:
        unknown = [key for key in keys if key not in self._products]
        if not unknown:
            return
        staged = self._staging.products(unknown)
        claims = {
            key: ProductClaim(name=name, sku=sku, category=category, price=price)
            for key, (name, sku, category, price) in staged.items()
        }
        ids = ensure_products(claims=list(claims.values()), at=self._at, origin_id=self._record.id)
        self._products |= {key: ids[claim.key] for key, claim in claims.items()}

    def _outlet_id(self, unit: Unit) -> int | None:
        outlet = self._outlets.get(unit.first("outlet").casefold())
        return outlet.id if outlet else None

    def _number(self, unit: Unit) -> str:
        first = unit.lines[0]
        code = unit.first("person").partition(":")[2] if unit.first("person").startswith("c:") else ""
        return unit.first("invoice") or made_up_number(code=code, placed_at=first.placed_at, zone=self._shop.zone)

    def _sale(self, unit: Unit, people: dict[str, int]) -> SaleDraft:
        lines = tuple(
            LineDraft(
                product_id=self._products[line.product],
                quantity_milli=line.quantity_milli,
                unit_price=line.unit_price,
                gross=line.gross,
                discount=line.discount,
                tax=line.tax,
            )
            for line in unit.lines
        )
        return SaleDraft(
            source=unit.source,
            number=self._number(unit),
            customer_id=people.get(unit.first("person")),
            placed_at=min(line.placed_at for line in unit.lines),
            lines=lines,
            outlet_id=self._outlet_id(unit),
            channel=unit.first("channel"),
            tender=unit.first("tender"),
        )

    def _return(self, unit: Unit, people: dict[str, int]) -> ReturnDraft:
        lines = tuple(
            ReturnLineDraft(
                product_id=self._products[line.product],
                quantity_milli=line.quantity_milli,
                total=line.gross - line.discount + line.tax,
            )
            for line in unit.lines
        )
        return ReturnDraft(
            source=f"{unit.source}|return",
            number=self._number(unit),
            customer_id=people.get(unit.first("person")),
            returned_at=min(line.placed_at for line in unit.lines),
            lines=lines,
            outlet_id=self._outlet_id(unit),
            order_source=unit.source if unit.source.startswith("invoice|") else None,
        )
