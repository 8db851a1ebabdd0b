"""The name index: FTS5 on SQLite, a text-search index on PostgreSQL, kept by the database itself."""

from typing import Any

from setia.foundation.db.guards import guard

_FTS = """
CREATE VIRTUAL TABLE customers_name_search USING fts5(
    search_name, content='customers_customer', content_rowid='id', prefix='2 3', detail=none, columnsize=0)
"""
_TRIGGERS = (
    """CREATE TRIGGER IF NOT EXISTS customers_name_added AFTER INSERT ON customers_customer BEGIN
       INSERT INTO customers_name_search(rowid, search_name) VALUES (new.id, new.search_name); END""",
    """CREATE TRIGGER IF NOT EXISTS customers_name_removed AFTER DELETE ON customers_customer BEGIN
       INSERT INTO customers_name_search(customers_name_search, rowid, search_name)
       VALUES ('delete', old.id, old.search_name); END""",
    """CREATE TRIGGER IF NOT EXISTS customers_name_changed AFTER UPDATE OF search_name ON customers_customer BEGIN
       INSERT INTO customers_name_search(customers_name_search, rowid, search_name)
       VALUES ('delete', old.id, old.search_name);
       INSERT INTO customers_name_search(rowid, search_name) VALUES (new.id, new.search_name); END""",
)


@guard
def install_name_search(connection: Any, tables: set[str]) -> None:
    """Make the name index where it is missing and fill it."""
    if "customers_customer" not in tables:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE INDEX IF NOT EXISTS customers_name_search ON customers_customer "
                "USING gin (to_tsvector('simple', search_name)) WITH (fastupdate = off)"
            )
            return
        if "customers_name_search" not in tables:
            cursor.execute(_FTS)
            # Deleted names must leave the index's pages too: an erased person is not to be found in the file.
            cursor.execute("INSERT INTO customers_name_search(customers_name_search, rank) VALUES('secure-delete', 1)")
            cursor.execute("INSERT INTO customers_name_search(customers_name_search) VALUES('rebuild')")
        for trigger in _TRIGGERS:
            cursor.execute(trigger)
