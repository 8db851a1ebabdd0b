"""What a move compares: order of tables, checksums, texts of JSON and moments; no database is asked."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.cli.move_tables import Checksum, Column, Table, normal_json, plain_moment, tables


def test_every_table_comes_after_those_it_points_to() -> None:
    from django.apps import apps

    order = {table.name: place for place, table in enumerate(tables())}
    models = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    assert set(order) == {model._meta.db_table for model in models}
    wrong = [
        (model._meta.db_table, field.column)
        for model in models
        for field in model._meta.local_concrete_fields
        if field.is_relation and order[field.related_model._meta.db_table] > order[model._meta.db_table]
    ]
    assert wrong == []


TABLE = Table("x", "id", (Column("id", "whole"), Column("payload", "json"), Column("note", "text")))


def sum_of(*rows: tuple[Any, ...]) -> str:
    checksum = Checksum(TABLE)
    checksum.add(rows)
    return checksum.hex


@given(st.lists(st.tuples(st.integers(), st.just("{}"), st.one_of(st.none(), st.text())), min_size=1))
def test_a_checksum_sees_every_change_and_no_order(rows: list[tuple[Any, ...]]) -> None:
    assert sum_of(*rows) == sum_of(*reversed(rows))
    assert sum_of(*rows) != sum_of(*rows, rows[0])
    assert sum_of(*rows) != sum_of((rows[0][0] + 1, *rows[0][1:]), *rows[1:])


@pytest.mark.parametrize(
    ("one", "other", "are_equal"),
    [
        ('{"b": 1, "a": 2}', '{"a":2,"b":1}', True),
        ("1e16", "10000000000000000", True),
        ("0.10", "0.1", True),
        ('"é"', '"\\u00e9"', True),
        ("1.5", '"1.5"', False),
        ("null", '"null"', False),
        ("[]", "{}", False),
        ("9007199254740993", "9007199254740992", False),
    ],
)
def test_json_is_compared_by_what_it_says(one: str, other: str, are_equal: bool) -> None:
    assert (normal_json(one) == normal_json(other)) is are_equal


def test_null_and_nothing_differ_in_a_checksum() -> None:
    assert len({sum_of((1, "null", "")), sum_of((1, None, "")), sum_of((1, "null", None)), sum_of((1, '""', ""))}) == 4


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("2026-11-22 03:00:00", "2026-11-22 03:00:00"),
        ("2026-11-22 03:00:00.000000", "2026-11-22 03:00:00"),
        ("2026-11-22 03:00:00.120000", "2026-11-22 03:00:00.120000"),
        ("2026-11-22T10:00:00+07:00", "2026-11-22 03:00:00"),
        ("2026-11-22 03:00:00.12", "2026-11-22 03:00:00.120000"),
    ],
)
def test_moments_are_utc_as_django_writes_them(written: str, plain: str) -> None:
    assert plain_moment(written) == plain
