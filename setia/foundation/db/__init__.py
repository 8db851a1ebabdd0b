"""Database access that is the same on SQLite and PostgreSQL: write transactions, bulk inserts, append-only tables."""

from setia.foundation.db.append_only import append_only
from setia.foundation.db.bulk import bulk_add, bulk_insert, bulk_put
from setia.foundation.db.transactions import may_fail, on_commit, write_tx

__all__ = ["append_only", "bulk_add", "bulk_insert", "bulk_put", "may_fail", "on_commit", "write_tx"]
