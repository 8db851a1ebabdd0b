"""What is written down for ever cannot be changed: the database itself refuses."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from setia.foundation.db.append_only import append_only_models
from setia.foundation.db.guards import install_guards
from tests import cast

pytestmark = pytest.mark.django_db

MODELS = {model.__name__: model for model in append_only_models()}
ROWS: dict[str, dict[str, Any]] = {
    "Event": {
        "kind": "shop.changed",
        "occurred_at": cast.NOW,
        "recorded_at": cast.NOW,
        "actor_kind": "system",
        "actor_id": 0,
    },
    "VoidedBatch": {"batch_id": 1, "voided_at": cast.NOW, "actor_kind": "system", "actor_id": 0},
    "ConsentWording": {
        "purpose": "marketing",
        "version": 1,
        "text_id": "Boleh kami kabari promo?",
        "text_hash": "0" * 64,
        "actor_kind": "staff",
        "actor_id": 1,
        "published_at": cast.NOW,
    },
    "ConsentEvent": {
        "customer_id": 1,
        "purpose": "marketing",
        "channel": "whatsapp",
        "is_granted": False,
        "door": "form",
        "actor_kind": "staff",
        "actor_id": 1,
        "given_at": cast.NOW,
        "recorded_at": cast.NOW,
        "source_key": b"0123456789abcdef",
    },
    "AuditSeal": {
        "number": 1,
        "source": "event",
        "from_id": 1,
        "to_id": 2,
        "row_count": 1,
        "marks": b"",
        "previous_hash": b"",
        "hash": b"",
        "stamp": b"",
        "sealed_at": cast.NOW,
    },
    "AuditCheck": {"checked_at": cast.NOW, "seal_count": 0, "row_count": 0},
    "PriceChange": {
        "old_price": 1,
        "new_price": 2,
        "changed_at": cast.NOW,
        "actor_kind": "staff",
        "actor_id": 1,
    },
    "CategoryChange": {
        "old_category": "",
        "new_category": "Kopi",
        "changed_at": cast.NOW,
        "actor_kind": "staff",
        "actor_id": 1,
    },
    "OrderStatusChange": {
        "order_id": 1,
        "from_status": "paid",
        "to_status": "shipped",
        "changed_at": cast.NOW,
        "actor_kind": "staff",
        "actor_id": 1,
    },
    "AccessLog": {"looked_at": cast.NOW, "actor_kind": "staff", "actor_id": 1, "page": "customer"},
}


def refuses(call: Any) -> None:
    with pytest.raises(IntegrityError, match=r"append-only table .* refuses (UPDATE|DELETE)"), transaction.atomic():
        call()


def attack(model: type[models.Model]) -> None:
    """Try each way to change or remove a row."""
    goods = {"product_id": cast.product()} if "product" in {field.name for field in model._meta.fields} else {}
    row = model._default_manager.create(**ROWS[model.__name__], **goods)
    table, key = model._meta.db_table, model._meta.pk.column
    column = next(name for name in ("actor_id", "to_id", "row_count") if name in ROWS[model.__name__])
    everything: Any = model._default_manager

    def raw(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    refuses(lambda: row.save(force_update=True))
    refuses(row.delete)
    refuses(lambda: everything.filter(pk=row.pk).update(**{column: 7}))
    refuses(lambda: everything.all().delete())
    refuses(lambda: everything.bulk_update([row], [column]))
    refuses(lambda: raw(f"UPDATE {table} SET {column} = 7 WHERE {key} = {row.pk}"))
    refuses(lambda: raw(f"DELETE FROM {table}"))
    assert getattr(everything.get(pk=row.pk), column) == ROWS[model.__name__][column]


def test_every_append_only_model_is_attacked_here() -> None:
    assert sorted(MODELS) == sorted(ROWS)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_rows_are_neither_changed_nor_removed(name: str) -> None:
    attack(MODELS[name])


@pytest.mark.parametrize("name", sorted(MODELS))
def test_triggers_lost_by_a_rebuild_come_back_after_migrate(name: str) -> None:
    model = MODELS[name]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        for verb in ("update", "delete"):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {table}_no_{verb}{on}")
    install_guards()
    install_guards()
    attack(model)


def test_one_statement_that_replaces_is_refused_too() -> None:
    model = MODELS["VoidedBatch"]
    model._default_manager.create(**ROWS["VoidedBatch"])
    columns = "batch_id, voided_at, actor_kind, actor_id"
    upsert = f"INSERT INTO foundation_voidedbatch ({columns}) VALUES (1, '2026-11-22', 'staff', 9) "
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(upsert + "ON CONFLICT (batch_id) DO UPDATE SET actor_id = 9")
    assert model._default_manager.get().actor_id == 0


@pytest.mark.skipif(connection.vendor == "postgresql", reason="REPLACE is SQLite's")
def test_replace_is_refused_too() -> None:
    model = MODELS["VoidedBatch"]
    model._default_manager.create(**ROWS["VoidedBatch"])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("REPLACE INTO foundation_voidedbatch VALUES (1, '2026-11-22', 'staff', 9)")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="TRUNCATE is PostgreSQL's")
def test_truncate_is_refused_too() -> None:
    MODELS["VoidedBatch"]._default_manager.create(**ROWS["VoidedBatch"])
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE foundation_voidedbatch")
