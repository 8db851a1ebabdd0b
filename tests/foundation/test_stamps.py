"""The database says when a row was last written, whatever wrote it."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection

from setia.domains.commerce.models import CustomerCounters, Order, Product, Return
from setia.foundation.db import bulk_add
from setia.foundation.db.stamps import install_stamps, settled_before
from tests import cast

pytestmark = pytest.mark.django_db


def later_than(moment: datetime) -> None:
    """Wait for the database's clock to leave a moment; on SQLite it counts milliseconds."""
    while cast.database_now() <= moment:
        pass


def stamp(product_id: int) -> datetime:
    moment = Product.objects.values_list("updated_at", flat=True).get(id=product_id)
    later_than(moment)
    return moment


def test_every_way_of_writing_moves_the_stamp() -> None:
    row_id = cast.product()
    seen = [stamp(row_id)]
    Product.objects.filter(id=row_id).update(price=1)
    seen.append(stamp(row_id))
    row = Product.objects.get(id=row_id)
    row.name = "Kopi Susu Fajar"
    row.save()
    seen.append(stamp(row_id))
    row.price = 2
    Product.objects.bulk_update([row], ["price"])
    seen.append(stamp(row_id))
    bulk_add(Product, ["price"], {row_id: [5]})
    seen.append(stamp(row_id))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE commerce_product SET price = 9 WHERE id = %s", [row_id])
    seen.append(stamp(row_id))
    assert all(before < after for before, after in pairwise(seen)), seen


def test_nobody_can_write_a_stamp_of_his_own() -> None:
    row = Product.objects.get(id=cast.product())
    row.updated_at = cast.NOW - timedelta(days=900)
    row.save()
    assert abs(stamp(row.id) - cast.database_now()) < timedelta(minutes=1)


def test_a_stamp_is_found_by_the_very_moment_it_says() -> None:
    row_id = cast.product()
    assert Product.objects.filter(updated_at=stamp(row_id)).count() == 1
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":  # a whole second has no fraction in Django's form
            from setia.foundation.db.stamps import SQLITE_NOW

            cursor.execute("SELECT " + SQLITE_NOW.replace("'now'", "'2026-11-22 03:00:00.000'").replace("%", "%%"), [])
            assert cursor.fetchone()[0] == str(cast.NOW.replace(tzinfo=None))


def test_putting_the_triggers_in_place_again_is_safe() -> None:
    tables = {model._meta.db_table for model in (CustomerCounters, Order, Product, Return)}
    install_stamps(connection, tables)
    install_stamps(connection, tables)
    before = stamp(row_id := cast.product())
    Product.objects.filter(id=row_id).update(price=1)
    assert stamp(row_id) > before


def test_what_this_transaction_wrote_is_settled_for_itself() -> None:
    cast.product()
    settled = settled_before()
    assert settled is None or Product.objects.filter(updated_at__lt=settled).count() == 1
