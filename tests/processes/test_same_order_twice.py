"""Two doors write to one order at the same moment."""

import threading

from tests.processes.shops import ShopOnDisk


def sell_more(price: int, *, wait: threading.Event | None = None) -> None:
    """Write receipt N1 with one more line; wait before the commit when asked to."""
    from setia.domains.commerce.actions import record_sales
    from setia.foundation.actors import SYSTEM
    from setia.foundation.db import write_tx
    from tests import cast

    with write_tx():
        draft = cast.sale("N1", None, cast.line(), cast.line("Roti", price=price))
        record_sales(drafts=[draft], by=SYSTEM, at=cast.NOW)
        if wait is not None:
            wait.wait(1.0)


def extend_together(first: int, second: int) -> None:
    """Let two transactions add a line to the same order; the second begins before the first commits."""
    from django.db import connection

    from tests import cast

    cast.buys(None, "N1", cast.line())
    cast.product("Roti", first), cast.product("Roti", second)
    inside = threading.Event()

    def one() -> None:
        threading.Timer(0.5, inside.set).start()
        sell_more(first, wait=inside)
        connection.close()

    def two() -> None:
        sell_more(second)
        connection.close()

    threads = [threading.Thread(target=call) for call in (one, two)]
    threads[0].start()
    threading.Event().wait(0.2)
    threads[1].start()
    for thread in threads:
        thread.join()


def test_the_same_line_from_two_doors_at_once_is_written_once(shop: ShopOnDisk) -> None:
    shop.call("tests.processes.test_same_order_twice:extend_together", 5_000, 5_000)
    assert shop.one("SELECT count(*) FROM commerce_orderline") == 2


def test_an_order_extended_by_two_doors_at_once_adds_up(shop: ShopOnDisk) -> None:
    shop.call("tests.processes.test_same_order_twice:extend_together", 5_000, 7_000)
    lines = shop.rows("SELECT sum(gross), count(*) FROM commerce_orderline")
    assert lines == shop.rows("SELECT gross, line_count FROM commerce_order")
    assert lines == [(34_000, 3)]
