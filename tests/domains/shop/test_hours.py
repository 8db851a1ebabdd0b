"""Opening hours: what people write is read, and says whether a place is open."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.shop.actions import save_outlet
from setia.domains.shop.models import Outlet
from setia.domains.shop.queries import openness
from setia.domains.shop.rules import (
    Hours,
    UnreadableHours,
    as_json,
    closing_time,
    from_json,
    is_open,
    next_opening,
    parse_hours,
)
from setia.foundation.actors import SYSTEM
from tests import cast

JAKARTA = ZoneInfo("Asia/Jakarta")
WORKDAY = (420, 1320)
READ = [
    ("Senin-Jumat 07.00-22.00", dict.fromkeys(range(5), (WORKDAY,))),
    ("senin – jumat: 7-22", dict.fromkeys(range(5), (WORKDAY,))),
    ("Monday to", None),
    ("Sen, Rab & Jum 07:00-22:00", {0: (WORKDAY,), 2: (WORKDAY,), 4: (WORKDAY,)}),
    ("Setiap hari 07.00-22.00", dict.fromkeys(range(7), (WORKDAY,))),
    ("Sabtu-Senin 08.00-12.00, 13.00-17.00", dict.fromkeys((5, 6, 0), ((480, 720), (780, 1020)))),
    ("Minggu tutup", {6: ()}),
    ("Jum'at 24 jam", {4: ((0, 1440),)}),
    ("Sabtu 18.00-02.00", {5: ((1080, 1560),)}),
    ("Senin 07.00-00.00", {0: ((420, 1440),)}),
    ("", {}),
]


@pytest.mark.parametrize(("text", "week"), READ)
def test_what_people_write_is_read(text: str, week: dict[int, tuple[tuple[int, int], ...]] | None) -> None:
    if week is None:
        with pytest.raises(UnreadableHours):
            parse_hours(text)
    else:
        assert parse_hours(text) == Hours(week)


def test_dates_are_read_in_three_ways() -> None:
    text = "25 Des 2026 tutup\n31/12/2026 08.00-12.00\n2027-01-01 libur"
    dates = {date(2026, 12, 25): (), date(2026, 12, 31): ((480, 720),), date(2027, 1, 1): ()}
    assert parse_hours(text).dates == dates


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Senen 07-22", "day"),
        ("31/2/2026 tutup", "day"),
        ("07.00-22.00", "day"),
        ("Senin", "time"),
        ("Senin pagi", "day"),
        ("Senin 25.00-26.00", "time"),
        ("Senin 07.60-08.00", "time"),
        ("Senin 24.00-25.00", "time"),
        ("Senin 08-12, 11-13", "overlap"),
        ("Senin 18-09\nSelasa 08-10", "overlap"),
        ("Minggu 20-03\nSenin 02-10", "overlap"),
        ("Senin 07-12\nSenin 13-18", "twice"),
        ("Senin, Senin 07-12", "twice"),
        ("25/12/2026 tutup\n25 Des 2026 07-09", "twice"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, code: str) -> None:
    with pytest.raises(UnreadableHours) as refused:
        parse_hours(text)
    assert refused.value.code == code


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of December 2026 in Bandung; the first is a Tuesday."""
    return datetime(2026, 12, day, hour, minute, tzinfo=JAKARTA)


SHOP = parse_hours("Senin-Jumat 07.00-12.00, 13.00-22.00\nSabtu 18.00-02.00\nMinggu tutup\n25 Des 2026 tutup")


@pytest.mark.parametrize(
    ("moment", "open_now", "closes", "opens"),
    [
        (at(1, 6, 59), False, None, at(1, 7)),
        (at(1, 7), True, at(1, 12), at(1, 13)),
        (at(1, 12), False, None, at(1, 13)),
        (at(1, 21, 59), True, at(1, 22), at(2, 7)),
        (at(4, 22), False, None, at(5, 18)),  # Friday night
        (at(6, 1, 59), True, at(6, 2), at(7, 7)),  # the night of Saturday
        (at(6, 2), False, None, at(7, 7)),
        (at(25, 9), False, None, at(26, 18)),  # a Friday that is a holiday
    ],
)
def test_a_place_is_open_or_opens_next(
    moment: datetime, open_now: bool, closes: datetime | None, opens: datetime
) -> None:
    assert (is_open(SHOP, moment), closing_time(SHOP, moment), next_opening(SHOP, moment)) == (open_now, closes, opens)


def test_who_never_closes_has_no_near_closing_time_and_who_never_opens_no_opening() -> None:
    always = parse_hours("Setiap hari 24 jam")
    closes = closing_time(always, at(1, 12))
    assert closes is not None
    assert closes - at(1, 12) > timedelta(days=6)
    assert next_opening(parse_hours("Setiap hari tutup"), at(1, 12)) is None
    assert next_opening(Hours(), at(1, 12)) is None


SPANS = st.lists(st.tuples(st.integers(0, 700), st.integers(720, 1440)), max_size=1).map(tuple)


@given(week=st.dictionaries(st.integers(0, 6), SPANS), minute=st.integers(0, 60 * 24 * 14))
def test_hours_survive_being_kept_and_agree_with_each_other(
    week: dict[int, tuple[tuple[int, int], ...]], minute: int
) -> None:
    hours, moment = Hours(week), at(1, 0) + timedelta(minutes=minute)
    assert from_json(as_json(hours)) == hours
    assert is_open(hours, moment) == (closing_time(hours, moment) is not None)
    opens = next_opening(hours, moment)
    if opens is not None:
        assert opens > moment
        assert is_open(hours, opens)


@pytest.mark.django_db
def test_an_outlet_is_open_by_its_own_zone_and_keeps_its_note() -> None:
    given_hours = parse_hours("Setiap hari 07.00-11.00")
    common = {"city": "", "opening_hours": "buka pagi", "by": SYSTEM, "at": cast.NOW, "hours": given_hours}
    for code, zone in (("BDG", "Asia/Jakarta"), ("AMQ", "Asia/Jayapura")):
        save_outlet(code=code, name=code, zone_name=zone, **common)
    bandung, ambon = (openness(Outlet.objects.get(code=code), at=cast.NOW) for code in ("BDG", "AMQ"))
    assert (bandung.is_open, ambon.is_open) == (True, False)  # ten in Bandung, noon in Ambon
    assert bandung.closes_at == cast.NOW + timedelta(hours=1)
    assert ambon.opens_at == cast.NOW + timedelta(hours=19)
    outlet = Outlet.objects.get(code="BDG")
    save_outlet(
        code="BDG",
        name="Dago",
        city="",
        zone_name="Asia/Jakarta",
        opening_hours="",
        outlet=outlet,
        by=SYSTEM,
        at=cast.NOW,
    )
    assert from_json(Outlet.objects.get(code="BDG").hours) == given_hours


@pytest.mark.django_db
def test_an_outlet_of_an_import_has_no_known_hours() -> None:
    outlet = Outlet.objects.create(code="X", name="X", opening_hours="tiap hari", created_at=cast.NOW)
    assert not openness(outlet, at=cast.NOW).is_known
