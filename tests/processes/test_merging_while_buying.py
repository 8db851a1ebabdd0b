"""Two rows of one person are merged and parted while both buy."""

import threading

from tests.processes.shops import ShopOnDisk


def merge_while_buying() -> list[str]:
    """Sell ten orders to each of two people while a third thread merges and parts them; end merged."""
    from django.db import IntegrityError, OperationalError, connection

    from setia.domains.customers.actions import merge_customers, unmerge_customers
    from setia.foundation.actors import SYSTEM
    from tests import cast

    dewi, eko = cast.member("dewi"), cast.member("eko")
    cast.product()
    start, errors = threading.Barrier(3), []

    def again(call: object) -> object:
        for _ in range(20):
            try:
                return call()  # type: ignore[operator]
            except (IntegrityError, OperationalError):  # two writers waited for each other: one begins again
                continue
        raise AssertionError("twenty tries were not enough")

    def run(work: object) -> None:
        try:
            start.wait()
            work()  # type: ignore[operator]
        except BaseException as error:
            errors.append(repr(error))
        finally:
            connection.close()

    def sell(person: object, prefix: str) -> None:
        for number in range(10):
            again(lambda n=number: cast.buys(person, f"{prefix}-{n}"))

    def tie() -> None:
        for _ in range(5):
            merge = again(lambda: merge_customers(winner=dewi, loser=eko, by=SYSTEM, at=cast.NOW))
            again(lambda m=merge: unmerge_customers(merge=m, by=SYSTEM, at=cast.NOW))
        again(lambda: merge_customers(winner=dewi, loser=eko, by=SYSTEM, at=cast.NOW))

    works = (lambda: sell(dewi, "D"), lambda: sell(eko, "E"), tie)
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_no_order_is_lost_from_the_sums(shop: ShopOnDisk) -> None:
    assert shop.call("tests.processes.test_merging_while_buying:merge_while_buying") == []
    counts = shop.rows("SELECT order_count FROM commerce_customercounters ORDER BY customer_id")
    assert counts == [(20,), (10,)]
    assert shop.one("SELECT count(*) FROM foundation_event WHERE kind = 'customers.merged'") == 6
