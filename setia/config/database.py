"""Reading DATABASE_URL: SQLite in the shop's folder by default, PostgreSQL when it says so."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# synchronous=FULL: an acknowledged write survives a power cut. secure_delete: erased data leaves the file.
_SQLITE_PRAGMAS = ";".join(
    (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA secure_delete=ON",
        "PRAGMA recursive_triggers=ON",  # else REPLACE deletes without firing the guards of append-only tables
        "PRAGMA temp_store=MEMORY",
        "PRAGMA cache_size=-32000",
        "PRAGMA mmap_size=268435456",
    )
)


class BadDatabaseUrl(ValueError):
    """Raised with a plain sentence when DATABASE_URL cannot be used."""


def database_settings(url: str, home: Path) -> dict[str, Any]:
    """Return Django's settings for a URL: empty, `sqlite:///path`, `postgres://user:password@host:port/name`."""
    if not url:
        return _sqlite(home / "setia.sqlite3")
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(Path("/" + unquote(parts.path).lstrip("/")))
    if parts.scheme not in ("postgres", "postgresql"):
        raise BadDatabaseUrl(
            f"DATABASE_URL begins with {parts.scheme!r}; use postgresql://user:password@host/name or sqlite:///path."
        )
    name = unquote(parts.path.removeprefix("/"))
    if not name:
        raise BadDatabaseUrl("DATABASE_URL names no database: postgresql://user:password@host/NAME.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "setia.foundation.db.sqlite",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": _SQLITE_PRAGMAS},
    }
