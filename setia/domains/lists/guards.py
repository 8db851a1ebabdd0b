"""Indexes by which lists find people, on expressions that stand in no model."""

from typing import Any

from setia.foundation.db.guards import guard

_MONTH = {"sqlite": "CAST(substr(birth_date, 6, 2) AS integer)", "postgresql": "EXTRACT(MONTH FROM birth_date)"}


@guard
def install_list_indexes(connection: Any, tables: set[str]) -> None:
    """Make the indexes that are missing; SQLite loses them whenever Django rebuilds the table of customers."""
    if "customers_customer" not in tables:
        return
    indexes = {
        "lists_customer_city": "(LOWER(city), id)",
        "lists_customer_birth_month": f"(({_MONTH[connection.vendor]}), id)",
        "lists_customer_source": "(acquisition_source, id) WHERE acquisition_source > ''",
    }
    reach = "lists_identity_kind ON customers_identity (kind, customer_id)"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {reach}")
        for name, rest in indexes.items():
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON customers_customer {rest}")
