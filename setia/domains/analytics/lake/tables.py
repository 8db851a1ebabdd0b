"""What the lake holds of each table, and how the shop's database is asked for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the lake: its type there, and how the shop's database says it.

    SQLite has neither days nor moments and tells a column's type by its first rows, so `said` is never NULL where it is
    a text, and days and moments come as text from there.
    """

    name: str
    type: str
    said: str


@dataclass(frozen=True, slots=True)
class LakeTable:
    """A table of the lake, from one table of the shop; `month` is the column by whose month it is cut into parts."""

    name: str
    source: str
    columns: tuple[Column, ...]
    month: str = ""

    def question(self, *, since: str = "", until: str = "") -> str:
        """Return the question to the shop's database, for rows of days in since <= day < until, both YYYY-MM-DD."""
        said = ", ".join(f"{column.said} AS {column.name}" for column in self.columns)
        limits = [f"{self.month} {sign} '{day}'" for sign, day in ((">=", since), ("<", until)) if day]
        return f"SELECT {said} FROM {self.source}" + (f" WHERE {' AND '.join(limits)}" if limits else "")

    @property
    def casts(self) -> str:
        """Return the columns as the lake keeps them, of rows as the shop's database said them."""
        return ", ".join(f"CAST({column.name} AS {column.type}) AS {column.name}" for column in self.columns)


def _ids(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "BIGINT", name) for name in names)


_DAY = Column("shop_day", "DATE", "shop_day")

TABLES = (
    LakeTable(
        "customers",
        "customers_customer",
        (
            Column("customer_id", "BIGINT", "id"),
            Column("person_id", "BIGINT", "COALESCE(canonical_id, id)"),
            Column("source", "VARCHAR", "COALESCE(acquisition_source, '')"),
            Column("cost", "BIGINT", "acquisition_cost"),
            Column("made_at", "TIMESTAMP", "created_at"),
        ),
    ),
    LakeTable(
        "products",
        "commerce_product",
        (Column("product_id", "BIGINT", "id"), Column("category", "VARCHAR", "COALESCE(category, '')")),
    ),
    LakeTable(
        "orders",
        "commerce_order",
        (
            Column("order_id", "BIGINT", "id"),
            *_ids("customer_id", "outlet_id"),
            Column("channel", "VARCHAR", "COALESCE(channel, '')"),
            Column("status", "VARCHAR", "status"),
            _DAY,
            Column("placed_at", "TIMESTAMP", "placed_at"),
            *_ids("net", "returned_total"),
        ),
        month="shop_day",
    ),
    LakeTable(
        "lines",
        "commerce_orderline",
        (*_ids("order_id", "customer_id", "product_id"), _DAY, *_ids("quantity_milli", "net")),
        month="shop_day",
    ),
    LakeTable(
        "returns",
        "commerce_return",
        (Column("return_id", "BIGINT", "id"), *_ids("customer_id", "order_id", "outlet_id"), _DAY, *_ids("total")),
        month="shop_day",
    ),
    # How much people are in touch: that something happened and when, never what was said.
    LakeTable(
        "contacts",
        "timeline_interaction",
        (
            *_ids("customer_id"),
            Column("is_inbound", "BIGINT", "CASE WHEN is_inbound THEN 1 ELSE 0 END"),
            Column("happened_at", "TIMESTAMP", "happened_at"),
        ),
    ),
    LakeTable(
        "app_events",
        "timeline_outsideevent",
        (*_ids("customer_id"), Column("happened_at", "TIMESTAMP", "occurred_at")),
    ),
    LakeTable(
        "carts",
        "commerce_cart",
        (
            *_ids("customer_id"),
            Column("state", "VARCHAR", "state"),
            Column("changed_at", "TIMESTAMP", "updated_at"),
        ),
    ),
    LakeTable(
        "consents",
        # Answers of imports that were undone count no more.
        "(SELECT * FROM customers_consentevent WHERE origin_id IS NULL OR origin_id NOT IN "
        "(SELECT batch_id FROM foundation_voidedbatch)) said",
        (
            Column("consent_id", "BIGINT", "id"),
            *_ids("customer_id"),
            Column("purpose", "VARCHAR", "purpose"),
            Column("channel", "VARCHAR", "channel"),
            Column("is_granted", "BIGINT", "CASE WHEN is_granted THEN 1 ELSE 0 END"),
            Column("given_at", "TIMESTAMP", "given_at"),
        ),
    ),
    LakeTable("return_lines", "commerce_returnline", _ids("customer_id", "product_id", "quantity_milli")),
)
