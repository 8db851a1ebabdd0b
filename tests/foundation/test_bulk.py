"""Bulk writes: the same rows and the same errors as the ORM's, on both databases."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from setia.domains.commerce.models import Order
from setia.foundation.db import bulk_add, bulk_insert, bulk_put
from setia.foundation.throttle.models import Bucket
from tests import cast

pytestmark = pytest.mark.django_db

COLUMNS = ("key", "count", "resets_at")


def test_rows_read_back_as_they_were_given() -> None:
    rows = [(f"k{number}", number, cast.NOW + timedelta(microseconds=number)) for number in range(5_003)]
    assert bulk_insert(Bucket, COLUMNS, iter(rows)) == 5_003
    assert list(Bucket.objects.order_by("count").values_list(*COLUMNS)) == rows


def test_rows_are_put_in_place_of_those_that_stand() -> None:
    rows = [(f"k{number}", number, cast.NOW) for number in range(5_003)]
    bulk_insert(Bucket, COLUMNS, rows[:10])
    later = [(key, count + 1, at + timedelta(hours=1)) for key, count, at in rows]
    assert bulk_put(Bucket, COLUMNS, iter(later)) == 5_003
    assert list(Bucket.objects.order_by("count").values_list(*COLUMNS)) == later
    assert bulk_put(Bucket, COLUMNS, []) == 0


def test_a_row_that_is_there_is_an_integrity_error_as_anywhere() -> None:
    bulk_insert(Bucket, COLUMNS, [("a", 1, cast.NOW)])
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk_insert(Bucket, COLUMNS, [("b", 1, cast.NOW), ("a", 1, cast.NOW)])
    assert Bucket.objects.count() == 1


def test_amounts_are_added_to_what_stands_there() -> None:
    dewi = cast.member("dewi")
    first, second = (cast.buys(dewi, number) for number in ("A-1", "A-2"))
    before = dict(Order.objects.values_list("id", "gross"))
    assert bulk_add(Order, ["gross", "net"], {first: [10, 10], second: [-5, -5], 1: [7, 7]}) == 2
    assert dict(Order.objects.values_list("id", "gross")) == {first: before[first] + 10, second: before[second] - 5}
    assert bulk_add(Order, ["gross", "net"], {}) == 0
