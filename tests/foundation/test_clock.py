"""The business day: local time, cut at the hour the shop chose."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from setia.foundation import clock
from setia.foundation.clock import day_start, shop_day, zone_label

WIB, WITA, WIT = (ZoneInfo(f"Asia/{name}") for name in ("Jakarta", "Makassar", "Jayapura"))


@pytest.mark.parametrize(
    ("moment", "zone", "cutoff", "day"),
    [
        ("2026-11-22T16:59:59", WIB, 0, 22),  # 23:59:59 in Jakarta
        ("2026-11-22T17:00:00", WIB, 0, 23),
        ("2026-11-22T16:00:00", WITA, 0, 23),
        ("2026-11-22T15:00:00", WIT, 0, 23),
        ("2026-11-22T14:59:59", WIT, 0, 22),
        ("2026-11-22T20:59:59", WIB, 4, 22),  # 03:59:59, the night of a bar
        ("2026-11-22T21:00:00", WIB, 4, 23),
        ("2026-11-22T19:59:59", WITA, 4, 22),
        ("2026-11-22T18:59:59", WIT, 4, 22),
        ("2026-11-22T15:59:59", WIB, 23, 21),
        ("2026-11-22T16:00:00", WIB, 23, 22),
    ],
)
def test_an_instant_belongs_to_one_business_day(moment: str, zone: ZoneInfo, cutoff: int, day: int) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert shop_day(at, zone=zone, cutoff_hour=cutoff) == date(2026, 11, day)


@pytest.mark.parametrize("zone", [WIB, WITA, WIT], ids=str)
@pytest.mark.parametrize("cutoff", range(24))
def test_a_day_begins_where_the_day_before_ends(zone: ZoneInfo, cutoff: int) -> None:
    start = day_start(date(2026, 3, 1), zone=zone, cutoff_hour=cutoff)
    assert shop_day(start, zone=zone, cutoff_hour=cutoff) == date(2026, 3, 1)
    assert shop_day(start - timedelta(microseconds=1), zone=zone, cutoff_hour=cutoff) == date(2026, 2, 28)
    assert day_start(date(2026, 3, 2), zone=zone, cutoff_hour=cutoff) - start == timedelta(days=1)


def test_the_clock_is_frozen_inside_and_runs_outside() -> None:
    moment = datetime(2030, 1, 1, 7, tzinfo=WIB)
    before = clock.now()
    with clock.frozen(moment):
        assert (clock.now(), clock.now().tzinfo) == (moment, UTC)
    assert clock.now() == before


def test_zones_are_named_as_people_name_them() -> None:
    assert [zone_label(zone) for zone in (WIB, WITA, WIT, ZoneInfo("Europe/London"))] == [
        "WIB",
        "WITA",
        "WIT",
        "Europe/London",
    ]
