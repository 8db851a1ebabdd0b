"""Every customer has exactly one row of counters: the database makes it with the customer's row.

Customers stand below commerce and cannot make it, and a reader that finds no row would have to guess. For the same
reason the database moves the row's stamp when the profile or the contacts change: whoever reads what changed since
then finds a customer by one index.
"""

from typing import Any

from setia.foundation.db.guards import guard
from setia.foundation.db.stamps import POSTGRES_NOW, SQLITE_NOW, replace_sqlite_trigger

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


# Whose stamps move, by the rows that were written: his own, and his whom he was, is or will be merged into.
_TOUCHED = {
    "customers_customer": "SELECT id FROM {rows} UNION SELECT canonical_id FROM {rows} WHERE canonical_id IS NOT NULL",
    "customers_identity": (
        "SELECT coalesce(canonical_id, id) FROM customers_customer WHERE id IN (SELECT customer_id FROM {rows})"
    ),
}
_VERBS = {
    "customers_customer": ("UPDATE",),
    "customers_identity": ("INSERT", "UPDATE", "DELETE"),
}


@guard
def install_touching(connection: Any, tables: set[str]) -> None:
    """Let changes of a profile, of a merge and of contacts move the customer's stamp."""
    if not {"commerce_customercounters", *_TOUCHED} <= tables:
        return
    with connection.cursor() as cursor:
        for table, verbs in _VERBS.items():
            for verb in verbs:
                if connection.vendor == "postgresql":
                    _touch_on_postgres(cursor, table, verb)
                else:
                    _touch_on_sqlite(cursor, table, verb)


def _touch_on_postgres(cursor: Any, table: str, verb: str) -> None:
    """Once for a whole statement, in the order of ids as everybody locks counters, and once in a transaction.

    What this transaction has stamped needs no second stamp: nobody can have read it yet.
    """
    name = f"{table}_{verb.lower()}_touches"
    images = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}[verb]
    touched = " UNION ".join(_TOUCHED[table].format(rows=f"{image.lower()}_rows") for image in images)
    naming = " ".join(f"{image} TABLE AS {image.lower()}_rows" for image in images)
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE touched bigint[]; "
        f"BEGIN SELECT array_agg(customer_id) INTO touched FROM (SELECT customer_id FROM commerce_customercounters "
        f"WHERE customer_id IN ({touched}) AND updated_at < transaction_timestamp() ORDER BY customer_id FOR UPDATE) "
        f"AS held; IF touched IS NOT NULL THEN UPDATE commerce_customercounters SET updated_at = {POSTGRES_NOW} "
        "WHERE customer_id = ANY (touched); END IF; RETURN NULL; END $$"
    )
    cursor.execute(
        f"CREATE OR REPLACE TRIGGER {name} AFTER {verb} ON {table} REFERENCING {naming} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def _touch_on_sqlite(cursor: Any, table: str, verb: str) -> None:
    key = "canonical_id" if table == "customers_customer" else "customer_id"
    images = {"INSERT": ("new",), "UPDATE": ("old", "new"), "DELETE": ("old",)}[verb]
    if table == "customers_customer":
        ids = ", ".join(["new.id", *(f"{image}.{key}" for image in images)])
    else:
        canonical = "(SELECT coalesce(canonical_id, id) FROM customers_customer WHERE id = {}.customer_id)"
        ids = ", ".join(canonical.format(image) for image in images)
    replace_sqlite_trigger(
        cursor,
        f"{table}_{verb.lower()}_touches",
        f"AFTER {verb} ON {table} "
        f"BEGIN UPDATE commerce_customercounters SET updated_at = {SQLITE_NOW} WHERE customer_id IN ({ids}); END",
    )
