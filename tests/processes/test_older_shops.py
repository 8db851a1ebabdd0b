"""A shop that an older release made is brought up to date with all it holds, and is guarded as a fresh one."""

from pathlib import Path

from tests.processes.shops import ShopOnDisk

HERE = "tests.processes.test_older_shops"


def sell_and_go_back() -> list[str]:
    """Sell something, then take the tables back to an older release, with its triggers in place."""
    from django.core.management import call_command

    from tests import cast

    cast.buys(cast.member("dewi"), "OLD-1")
    call_command("migrate", "commerce", "0003_work_on_orders", verbosity=0)
    return guards()


def guards() -> list[str]:
    """Return the names of all triggers."""
    from django.db import connection

    sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        sql = "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return sorted(row[0] for row in cursor.fetchall())


def sell_again() -> list[int]:
    """Sell once more and return the counters of the buyer and whether his line knows its day."""
    from setia.domains.commerce.models import CustomerCounters, OrderLine
    from tests import cast

    dewi = cast.member("dewi")
    cast.buys(dewi, "NEW-1")
    days = OrderLine.objects.filter(shop_day__isnull=False).count()
    return [CustomerCounters.objects.get(customer=dewi).order_count, days]


def test_tables_are_rebuilt_among_triggers_that_name_them(shop: ShopOnDisk, tmp_path: Path) -> None:
    fresh = shop.call(f"{HERE}:guards")
    assert len(fresh) > 20
    older = shop.call(f"{HERE}:sell_and_go_back")
    assert "customers_make_counters" in older
    shop.run("migrate")
    assert shop.call(f"{HERE}:guards") == fresh
    assert shop.call(f"{HERE}:sell_again") == [2, 2]
    assert shop.run("check", "--json").json["troubles"] == []
