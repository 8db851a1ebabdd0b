"""Where the rows of each export come from: streamed by id, a few hundred at a time, none newer than the start."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import F, QuerySet

from setia.domains.analytics.models import PersonScore
from setia.domains.commerce.models import (
    CustomerCounters,
    Order,
    OrderLine,
    Payment,
    Product,
    Refund,
    ReturnLine,
    Shipment,
)
from setia.domains.customers.models import (
    ConsentEvent,
    Customer,
    CustomerTag,
    CustomField,
    CustomValue,
    Identity,
)
from setia.domains.exports.rules import Column, Filters, columns
from setia.domains.imports.models import Import
from setia.domains.shop.models import Outlet
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.domains.timeline.models import Interaction, Note
from setia.foundation.events.models import Event, VoidedBatch

CHUNK_ROWS = 500
Row = Sequence[Any]
Fill = Callable[[list[Any]], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to export: its columns, the table it walks over, and how a chunk of rows becomes lines of the file.

    `day_field` and `outlet_field` name what days and outlet filter by, empty where that makes no sense.
    """

    columns: tuple[Column, ...]
    rows: Callable[[], QuerySet[Any]]
    fill: Fill
    day_field: str = ""
    outlet_field: str = ""
    is_personal: bool = True


def walk(source: Source, filters: Filters, *, up_to: int) -> Iterator[Row]:
    """Stream the lines of an export in the order of ids, up to an id: what came later is not in it."""
    last = 0
    rows = chosen(source, filters, up_to=up_to)
    while chunk := list(rows.filter(id__gt=last).order_by("id")[:CHUNK_ROWS]):
        yield from source.fill(chunk)
        last = chunk[-1].id


def chosen(source: Source, filters: Filters, *, up_to: int) -> QuerySet[Any]:
    """Return the rows that an export walks over, unsorted."""
    rows = source.rows().filter(id__lte=up_to)
    if source.outlet_field and filters.outlet_id:
        rows = rows.filter(**{source.outlet_field: filters.outlet_id})
    if not source.day_field:
        return rows
    if source.day_field.endswith("shop_day"):
        first, last = filters.first, filters.last
        rows = rows.filter(**{f"{source.day_field}__gte": first}) if first else rows
        return rows.filter(**{f"{source.day_field}__lte": last}) if last else rows
    zone = the_shop().zone
    if filters.first:
        rows = rows.filter(**{f"{source.day_field}__gte": datetime.combine(filters.first, time(), zone)})
    if filters.last:
        end = datetime.combine(filters.last + timedelta(days=1), time(), zone)
        rows = rows.filter(**{f"{source.day_field}__lt": end})
    return rows


def _plain(*names: str) -> Fill:
    """Return a fill that reads attributes; `order.number` goes through a relation that is fetched along."""

    def value(row: Any, name: str) -> Any:
        for part in name.split("."):
            row = getattr(row, part) if row is not None else None
        return row

    return lambda chunk: ([value(row, name) for name in names] for row in chunk)


def _customers(chunk: list[Any]) -> Iterator[Row]:
    ids = [row.id for row in chunk]
    reach: dict[tuple[int, str], str] = {}
    for identity in Identity.objects.filter(customer_id__in=ids).order_by("-id"):
        reach[identity.customer_id, identity.kind] = identity.value
    tags: dict[int, list[str]] = {}
    for owner, name in CustomerTag.objects.filter(customer_id__in=ids).values_list("customer_id", "tag__name"):
        tags.setdefault(owner, []).append(name)
    counters = CustomerCounters.objects.in_bulk(ids)
    keys = own_field_keys()
    own = {(value.customer_id, value.field.key): value.text for value in _values(ids)} if keys else {}
    for row in chunk:
        count = counters.get(row.id) or CustomerCounters()
        yield [
            *(row.id, row.canonical_id, row.code or reach.get((row.id, "external"), ""), row.name, row.salutation),
            *(row.gender, reach.get((row.id, "phone"), ""), reach.get((row.id, "email"), "")),
            *(reach.get((row.id, kind), "") for kind in ("card", "market", "social")),
            *(row.birth_date, row.address, row.city, row.country, row.language, ", ".join(row.interests)),
            *(
                row.preferred_channel,
                row.acquisition_source,
                row.acquisition_cost,
                ", ".join(sorted(tags.get(row.id, []))),
            ),
            *(row.joined_at, count.order_count, count.spent_total, count.returned_total),
            *(count.first_order_at, count.last_order_at),
            *(own.get((row.id, key), "") for key in keys),
        ]


def own_field_keys() -> list[str]:
    """Return the keys of the shop's own fields, in their order."""
    return list(CustomField.objects.filter(is_active=True).order_by("position", "id").values_list("key", flat=True))


def _values(customer_ids: list[int]) -> QuerySet[CustomValue]:
    return CustomValue.objects.select_related("field").filter(customer_id__in=customer_ids)


def _consents(chunk: list[Any]) -> Iterator[Row]:
    voided = set(
        VoidedBatch.objects.filter(batch_id__in={r.origin_id for r in chunk}).values_list("batch_id", flat=True)
    )
    phones = _first_identities({row.customer_id for row in chunk}, "phone")
    emails = _first_identities({row.customer_id for row in chunk}, "email")
    for row in chunk:
        evidence = getattr(row, "evidence", None)
        yield [
            *(row.id, row.customer_id, phones.get(row.customer_id, ""), emails.get(row.customer_id, "")),
            *(row.purpose, row.channel, row.is_granted, row.given_at, row.wording.version if row.wording else None),
            *(evidence.text if evidence else "", row.is_guardian, row.door, row.recorded_at, row.origin_id in voided),
        ]


def _first_identities(customer_ids: set[int], kind: str) -> dict[int, str]:
    rows = Identity.objects.filter(customer_id__in=customer_ids, kind=kind).order_by("-id")
    return {row.customer_id: row.value for row in rows}


def _orders(chunk: list[Any]) -> Iterator[Row]:
    owners = {row.customer_id for row in chunk if row.customer_id}
    kinds = ("external", "phone", "email")
    reach = {kind: _first_identities(owners, kind) for kind in kinds}
    names = dict(Customer.objects.filter(id__in=owners).values_list("id", "name"))
    for row in chunk:
        who = row.customer_id
        yield [
            *(row.id, row.number, who, *(reach[kind].get(who, "") for kind in kinds), names.get(who, "")),
            *(row.outlet.code if row.outlet else "", row.channel, row.tender, row.status, row.placed_at, row.shop_day),
            *(row.gross, row.discount, row.tax, row.net, row.returned_total, row.line_count),
        ]


def _events(chunk: list[Any]) -> Iterator[Row]:
    voided = set(
        VoidedBatch.objects.filter(batch_id__in={r.batch_id for r in chunk}).values_list("batch_id", flat=True)
    )
    for row in chunk:
        yield [
            *(row.id, row.kind, row.occurred_at, row.recorded_at, row.customer_id, row.subject_id, row.actor_kind),
            *(row.actor_id, row.batch_id, row.payload, row.batch_id in voided),
        ]


def _authored(*names: str) -> Fill:
    plain = _plain(*names)

    def fill(chunk: list[Any]) -> Iterator[Row]:
        authors = dict(Staff.objects.filter(id__in={row.author_id for row in chunk}).values_list("id", "name"))
        for row, values in zip(chunk, plain(chunk), strict=True):
            yield [*values, authors.get(row.author_id, "")]

    return fill


SOURCES: dict[str, Source] = {
    "customers": Source(
        columns(
            "id:id canonical_id:id code name salutation gender phone:phone email card market social birth_date:day "
            "address city country language interests preferred_channel acquisition_source acquisition_cost:money tags "
            "joined_at:moment order_count:number spent_total:money returned_total:money first_order_at:moment "
            "last_order_at:moment"
        ),
        lambda: Customer.objects.all(),
        _customers,
        "joined_at",
    ),
    "identities": Source(
        columns("id:id customer_id:id kind value created_at:moment"),
        lambda: Identity.objects.all(),
        _plain("id", "customer_id", "kind", "value", "created_at"),
        "created_at",
    ),
    "tags": Source(
        columns("id:id customer_id:id tag created_at:moment"),
        lambda: CustomerTag.objects.select_related("tag"),
        _plain("id", "customer_id", "tag.name", "created_at"),
        "created_at",
    ),
    "custom_fields": Source(
        columns("id:id customer_id:id field label value set_at:moment"),
        lambda: CustomValue.objects.select_related("field"),
        _plain("id", "customer_id", "field.key", "field.label", "text", "set_at"),
        "set_at",
    ),
    "consents": Source(
        columns(
            "id:id customer_id:id phone:phone email purpose consent_channel is_granted:yes_no given_at:moment "
            "wording_version:number evidence is_guardian:yes_no door recorded_at:moment is_void:yes_no"
        ),
        lambda: ConsentEvent.objects.select_related("wording", "evidence"),
        _consents,
        "given_at",
    ),
    "orders": Source(
        columns(
            "id:id order_number customer_id:id customer_code customer_phone:phone customer_email customer_name outlet "
            "channel tender status placed_at:moment shop_day:day gross:money discount:money tax:money net:money "
            "returned_total:money line_count:number"
        ),
        lambda: Order.objects.select_related("outlet"),
        _orders,
        "shop_day",
        "outlet_id",
    ),
    "lines": Source(
        columns(
            "id:id order_id:id order_number customer_id:id position:number product_id:id sku product_name category "
            "quantity:quantity unit_price:money gross:money discount:money tax:money net:money"
        ),
        lambda: OrderLine.objects.select_related("order", "product"),
        _plain(
            *("id", "order_id", "order.number", "customer_id", "position", "product_id", "product.sku"),
            *("product.name", "product.category", "quantity_milli", "unit_price", "gross", "discount", "tax", "net"),
        ),
        "order__shop_day",
        "outlet_id",
        is_personal=False,
    ),
    "returns": Source(
        columns(
            "id:id return_id:id return_number order_id:id returned_at:moment customer_id:id order_line_id:id "
            "product_id:id product_name quantity:quantity total:money reason"
        ),
        lambda: ReturnLine.objects.select_related("return_row", "product"),
        _plain(
            *("id", "return_row_id", "return_row.number", "return_row.order_id", "return_row.returned_at"),
            *("customer_id", "order_line_id", "product_id", "product.name", "quantity_milli", "total"),
            "return_row.reason",
        ),
        "return_row__shop_day",
        "return_row__outlet_id",
        is_personal=False,
    ),
    "shipments": Source(
        columns(
            "id:id order_id:id order_number customer_id:id outlet courier tracking_number estimated_date:day "
            "shipped_at:moment delivered_at:moment order_status"
        ),
        lambda: Shipment.objects.select_related("order__outlet"),
        _plain(
            *("id", "order_id", "order.number", "customer_id", "order.outlet.code", "courier", "tracking_number"),
            *("estimated_date", "shipped_at", "delivered_at", "order.status"),
        ),
        "shipped_at",
        "order__outlet_id",
        is_personal=False,
    ),
    "payments": Source(
        columns(
            "id:id order_id:id order_number customer_id:id outlet amount:money tender reference reverses_id:id "
            "paid_at:moment recorded_at:moment actor_kind actor_id:id"
        ),
        lambda: Payment.objects.select_related("order__outlet"),
        _plain(
            *("id", "order_id", "order.number", "customer_id", "order.outlet.code", "amount", "tender", "reference"),
            *("reverses_id", "paid_at", "created_at", "actor_kind", "actor_id"),
        ),
        "paid_at",
        "order__outlet_id",
        is_personal=False,
    ),
    "refunds": Source(
        columns(
            "id:id order_id:id order_number return_id:id customer_id:id outlet amount:money tender reason "
            "reverses_id:id refunded_at:moment recorded_at:moment actor_kind actor_id:id"
        ),
        lambda: Refund.objects.select_related("order__outlet"),
        _plain(
            *("id", "order_id", "order.number", "return_row_id", "customer_id", "order.outlet.code", "amount"),
            *("tender", "reason", "reverses_id", "refunded_at", "created_at", "actor_kind", "actor_id"),
        ),
        "refunded_at",
        "order__outlet_id",
        is_personal=False,
    ),
    "products": Source(
        columns("id:id sku name category price:money created_at:moment"),
        lambda: Product.objects.all(),
        _plain("id", "sku", "name", "category", "price", "created_at"),
        is_personal=False,
    ),
    "outlets": Source(
        columns("id:id code name city zone_name opening_hours"),
        lambda: Outlet.objects.all(),
        _plain("id", "code", "name", "city", "zone_name", "opening_hours"),
        is_personal=False,
    ),
    "scores": Source(
        columns(
            "customer_id:id customer_code customer_name recency_days:number recency:number frequency:number "
            "money:number segment level:number activity lifecycle health:number risk:number engagement:number "
            "chance_silent:number chance_lost:number expected_orders_milli:number expected_value:money top_milli:number"
        ),
        # The walk goes by `id`; a score is its customer's.
        lambda: PersonScore.objects.select_related("customer").annotate(id=F("customer_id")),
        _plain(
            *("customer_id", "customer.code", "customer.name", "recency_days", "recency", "frequency", "money"),
            *("segment", "level", "activity", "lifecycle", "health", "risk", "engagement", "chance_silent"),
            *("chance_lost", "expected_milli", "expected_value", "top_milli"),
        ),
    ),
    "interactions": Source(
        columns(
            "id:id customer_id:id phone:phone interaction_kind happened_at:moment is_inbound:yes_no outcome "
            "duration_seconds:number note outlet_id:id recorded_at:moment author"
        ),
        lambda: Interaction.objects.all(),
        lambda chunk: _interactions(chunk),
        "happened_at",
        "outlet_id",
    ),
    "notes": Source(
        columns("id:id customer_id:id written_at:moment note author"),
        lambda: Note.objects.all(),
        _authored("id", "customer_id", "written_at", "body"),
        "written_at",
    ),
    "events": Source(
        columns(
            "id:id kind occurred_at:moment recorded_at:moment customer_id:id subject_id:id actor_kind actor_id:id "
            "batch_id:id payload is_void:yes_no"
        ),
        lambda: Event.objects.all(),
        _events,
        "occurred_at",
        is_personal=False,
    ),
    "imports": Source(
        columns(
            "id:id kind file_name file_hash byte_count:number state counts written actor_kind actor_id:id "
            "created_at:moment finished_at:moment"
        ),
        lambda: Import.objects.all(),
        _plain(
            *("id", "kind", "file_name", "file_hash", "byte_count", "state", "counts", "written", "actor_kind"),
            *("actor_id", "created_at", "finished_at"),
        ),
        "created_at",
        is_personal=False,
    ),
}
KINDS = tuple(SOURCES)


def _interactions(chunk: list[Any]) -> Iterator[Row]:
    phones = _first_identities({row.customer_id for row in chunk}, "phone")
    authors = dict(Staff.objects.filter(id__in={row.author_id for row in chunk}).values_list("id", "name"))
    for row in chunk:
        yield [
            *(row.id, row.customer_id, phones.get(row.customer_id, ""), row.kind, row.happened_at, row.is_inbound),
            *(row.outcome, row.duration_seconds, row.body, row.outlet_id, row.recorded_at),
            authors.get(row.author_id, ""),
        ]


def columns_of(kind: str) -> tuple[Column, ...]:
    """Return the columns of an export, with those of the shop's own fields."""
    extra = [Column(f"custom:{key}") for key in own_field_keys()] if kind == "customers" else []
    return (*SOURCES[kind].columns, *extra)
