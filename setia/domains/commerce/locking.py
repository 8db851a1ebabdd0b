"""Taking people's counters and one order under the pen, so that those who work on them come one after the other."""

from collections.abc import Collection

from setia.domains.commerce.models import CustomerCounters, Order
from setia.domains.customers.queries import canonical_ids


def lock_people(customer_ids: Collection[int]) -> None:
    """Hold the counters of these customers, and of the people they were merged into, until this transaction ends.

    Always before orders and returns, and all at once in the order of ids: two locks taken in two orders would make
    two clerks wait for each other for ever.
    """
    ids = {*customer_ids, *canonical_ids(customer_ids).values()}
    rows = CustomerCounters.objects.select_for_update().filter(customer_id__in=ids).order_by("customer_id")
    list(rows.values_list("customer_id"))


def locked_order(order_id: int) -> Order:
    """Return an order that nobody else changes until this transaction ends; raises Order.DoesNotExist.

    On SQLite the transaction itself is the lock.
    """
    customer_id = Order.objects.values_list("customer_id", flat=True).get(id=order_id)
    if customer_id is not None:
        lock_people([customer_id])
    return Order.objects.select_for_update(of=("self",)).get(id=order_id)
