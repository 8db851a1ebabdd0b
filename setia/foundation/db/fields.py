"""The primary key of every table."""

from typing import Any

from django.db import models

from setia.foundation.ids import new_id


class IdField(models.BigIntegerField):  # type: ignore[type-arg]
    """A 64-bit id made by the application.

    On SQLite its type must read exactly "integer": only then is it the row's own key and not a second index.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("primary_key", True)
        kwargs.setdefault("default", new_id)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        return "integer" if connection.vendor == "sqlite" else "bigint"

    def rel_db_type(self, connection: Any) -> str:
        return self.db_type(connection)
