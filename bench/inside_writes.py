"""The part of the writes benchmark that runs inside the shop: the raw driver doing what one order does."""

import os
import sys
import time
from typing import Any

import django

django.setup()

from django.db import connection, models  # noqa: E402

from setia.domains.commerce.models import Order, OrderLine, Product  # noqa: E402
from setia.domains.customers.models import Customer  # noqa: E402
from setia.foundation import clock  # noqa: E402
from setia.foundation.events.models import Event  # noqa: E402
from setia.foundation.ids import new_id  # noqa: E402

POSTGRES = connection.vendor == "postgresql"
MARK = "%s" if POSTGRES else "?"


def insert(model: type[models.Model]) -> str:
    """Return the INSERT of the columns a table has no default for, in the order of its fields."""
    fields = [field for field in model._meta.concrete_fields if not field.has_db_default()]
    columns = [str(field.column) for field in fields if field.name != "paid_total"]
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join([MARK] * len(columns))})"


COUNT = (
    "UPDATE commerce_customercounters SET order_count = order_count + 1, line_count = line_count + 1, "
    f"spent_total = spent_total + 15000, last_order_at = {MARK} WHERE customer_id = {MARK}"
)


def main() -> None:
    """Write orders for some seconds, one or more in each transaction, and print how many a second."""
    seconds = float(sys.argv[1])
    together = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    connection.ensure_connection()
    raw: Any = connection.connection
    product = Product.objects.all()[0].id
    people = list(Customer.objects.values_list("id", flat=True)[:500])
    at = clock.now()
    moment: Any = at if POSTGRES else str(at.replace(tzinfo=None))
    day: Any = at.date() if POSTGRES else at.date().isoformat()
    orders, lines, events = insert(Order), insert(OrderLine), insert(Event)
    cursor = raw.cursor()

    def write(order: int, person: int) -> None:
        head = (order, "R", person, None, "", "", "paid", moment, day)
        cursor.execute(orders, (*head, 15000, 0, 0, 15000, 0, 1, os.urandom(16), None, moment))
        line = (new_id(), order, person, None, product, "", day, 1, 1000, 15000)
        cursor.execute(lines, (*line, 15000, 0, 0, 15000, None))
        cursor.execute(COUNT, (moment, person))
        fact = (new_id(), "commerce.order_placed", moment, moment, person, order)
        cursor.execute(events, (*fact, "system", 0, None, "{}"))

    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        if POSTGRES:
            with raw.transaction():
                for number in range(done, done + together):
                    write(new_id(), people[number % len(people)])
        else:
            cursor.execute("BEGIN IMMEDIATE")
            for number in range(done, done + together):
                write(new_id(), people[number % len(people)])
            cursor.execute("COMMIT")
        done += together
    print(done / (time.perf_counter() - start))


main()
