"""Every customer has exactly one row of counters: the database makes it with the customer's row.

Customers stand below commerce and cannot make it, and a reader that finds no row would have to guess.
"""

from typing import Any

from setia.foundation.db.guards import guard

_COLUMNS = "customer_id, order_count, line_count, spent_total, return_count, returned_total"


@guard
def install_counters(connection: Any, tables: set[str]) -> None:
    """Install the trigger and make rows that are missing."""
    if "commerce_customercounters" not in tables:
        return
    insert = f"INSERT INTO commerce_customercounters ({_COLUMNS})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION setia_make_counters() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN {insert} VALUES (NEW.id, 0, 0, 0, 0, 0); RETURN NULL; END $$"
            )
            cursor.execute(
                "CREATE OR REPLACE TRIGGER customers_make_counters AFTER INSERT ON customers_customer "
                "FOR EACH ROW EXECUTE FUNCTION setia_make_counters()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER IF NOT EXISTS customers_make_counters AFTER INSERT ON customers_customer "
                f"BEGIN {insert} VALUES (new.id, 0, 0, 0, 0, 0); END"
            )
        cursor.execute(
            f"{insert} SELECT id, 0, 0, 0, 0, 0 FROM customers_customer "
            "WHERE id NOT IN (SELECT customer_id FROM commerce_customercounters)"
        )
