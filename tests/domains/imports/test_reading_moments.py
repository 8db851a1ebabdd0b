"""Dates and times of tills, as moments in UTC."""

# ruff: noqa: DTZ001 - tills write local times, and Excel has no others

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setia.domains.imports.reading import BadValue, Cell, DateOrder, DateProbe, parse_moment

JAKARTA, LONDON = ZoneInfo("Asia/Jakarta"), ZoneInfo("Europe/London")
YMD, DMY, MDY = DateOrder.YMD, DateOrder.DMY, DateOrder.MDY


def local(cell: Cell, order: DateOrder = DMY, time_cell: Cell = None) -> str:
    """Read a cell in Jakarta and show its local time there."""
    moment = parse_moment(cell, order=order, zone=JAKARTA, time_cell=time_cell)
    assert moment.tzinfo is UTC
    return moment.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("cell", "order", "expected"),
    [
        ("2025-12-31", DMY, "2025-12-31 00:00:00"),
        ("2025-12-31 14:05", DMY, "2025-12-31 14:05:00"),
        ("2025-12-31T14:05:33", MDY, "2025-12-31 14:05:33"),
        ("2025-12-31 14:05:33.123456", YMD, "2025-12-31 14:05:33"),
        ("2025-12-31T07:05:33Z", YMD, "2025-12-31 14:05:33"),
        ("2025-12-31T07:05:33.123Z", YMD, "2025-12-31 14:05:33"),
        ("2025-12-31T14:05+07:00", YMD, "2025-12-31 14:05:00"),
        ("2025-12-31 14:05:00 +0700", YMD, "2025-12-31 14:05:00"),
        ("2025-12-31 14:05 WIB", YMD, "2025-12-31 14:05:00"),
        ("2025-12-31 16:05 WIT", YMD, "2025-12-31 14:05:00"),
        ("2025/12/31 14.05", YMD, "2025-12-31 14:05:00"),
        ("20251231", YMD, "2025-12-31 00:00:00"),
        ("20251231140533", YMD, "2025-12-31 14:05:33"),
        ("20251231 1405", YMD, "2025-12-31 14:05:00"),
        ("31/12/2025 14:05", DMY, "2025-12-31 14:05:00"),
        ("31/12/2025, 14.05.33", DMY, "2025-12-31 14:05:33"),
        ("31-12-25", DMY, "2025-12-31 00:00:00"),
        ("31.12.2025 14.05", DMY, "2025-12-31 14:05:00"),
        ("5/6/2025", DMY, "2025-06-05 00:00:00"),
        ("5/6/2025", MDY, "2025-05-06 00:00:00"),
        ("25-06-05", YMD, "2025-06-05 00:00:00"),
        ("12/31/2025 2:05 PM", MDY, "2025-12-31 14:05:00"),
        ("12/31/2025 12:05 a.m.", MDY, "2025-12-31 00:05:00"),
        ("12/31/2025 12:05\N{NARROW NO-BREAK SPACE}PM", MDY, "2025-12-31 12:05:00"),
        ("31 / 12 / 2025", DMY, "2025-12-31 00:00:00"),
        ("5 Mei 2026", DMY, "2026-05-05 00:00:00"),
        ("05 Agu 2026 09:15", DMY, "2026-08-05 09:15:00"),
        ("5 Agustus 2026 pukul 09.15", DMY, "2026-08-05 09:15:00"),
        ("5 Agustus 2026 pukul 09.15 WIB", DMY, "2026-08-05 09:15:00"),
        ("Senin, 5 Januari 2026", DMY, "2026-01-05 00:00:00"),
        ("Jum'at, 2 Januari 2026 - 19:30", DMY, "2026-01-02 19:30:00"),
        ("Rab 7 Jan 2026 19:30", DMY, "2026-01-07 19:30:00"),
        ("Rabu, 07/01/2026 19:30", DMY, "2026-01-07 19:30:00"),
        ("17-Des-2025", DMY, "2025-12-17 00:00:00"),
        ("17-Dec-25 8:00 PM", DMY, "2025-12-17 20:00:00"),
        ("Dec 17, 2025 8 PM", DMY, "2025-12-17 20:00:00"),
        ("December 17, 2025, 8:00 pm", DMY, "2025-12-17 20:00:00"),
        ("Mon Jan 05 2026 14:05:00 GMT+0700 (Western Indonesia Time)", DMY, "2026-01-05 14:05:00"),
        ("2026-Mei-05", DMY, "2026-05-05 00:00:00"),
        ('="2025-12-31"', DMY, "2025-12-31 00:00:00"),
        ("01/01/79", DMY, "2079-01-01 00:00:00"),
        ("29/02/2024", DMY, "2024-02-29 00:00:00"),
        (45_657, DMY, "2024-12-31 00:00:00"),
        (45_657.586_805_555_555, DMY, "2024-12-31 14:05:00"),
        ("45657", DMY, "2024-12-31 00:00:00"),
        ("45657,5868055556", DMY, "2024-12-31 14:05:00"),
        (date(2025, 12, 31), DMY, "2025-12-31 00:00:00"),
        (datetime(2025, 12, 31, 14, 5), DMY, "2025-12-31 14:05:00"),
        (datetime(2025, 12, 31, 7, 5, tzinfo=UTC), DMY, "2025-12-31 14:05:00"),
    ],
)
def test_moment(cell: Cell, order: DateOrder, expected: str) -> None:
    assert local(cell, order) == expected


@pytest.mark.parametrize(
    ("time_cell", "expected"),
    [
        ("14:05", "14:05:00"),
        ("14.05", "14:05:00"),
        ("14:05:33", "14:05:33"),
        ("2:05 PM", "14:05:00"),
        ("8 am", "08:00:00"),
        ("1405", "14:05:00"),
        ("140533", "14:05:33"),
        ("pukul 14.05", "14:05:00"),
        ("14:05 WIB", "14:05:00"),
        ("31/12/2025 14:05", "14:05:00"),
        ("0.586805556", "14:05:00"),
        (0.586_805_556, "14:05:00"),
        (0, "00:00:00"),
        (14.05, "14:05:00"),
        (45_657.586_805_556, "14:05:00"),
        (time(14, 5), "14:05:00"),
        (datetime(1899, 12, 30, 14, 5), "14:05:00"),
        ("", "08:30:00"),
        (None, "08:30:00"),
    ],
)
def test_time_in_a_column_of_its_own(time_cell: Cell, expected: str) -> None:
    assert local("31/12/2025 08:30", time_cell=time_cell) == f"2025-12-31 {expected}"


@pytest.mark.parametrize(
    ("cell", "order", "code"),
    [
        (None, DMY, "date_missing"),
        ("  ", DMY, "date_missing"),
        ("kemarin", DMY, "bad_date"),
        ("2025", DMY, "bad_date"),
        ("12/2025", DMY, "bad_date"),
        ("31/12/2025 foo", DMY, "bad_date"),
        ("31/12/2025 14", DMY, "bad_date"),
        ("31/12/20255", DMY, "bad_date"),
        ("x" * 500, DMY, "bad_date"),
        (True, DMY, "bad_date"),
        (19_999, DMY, "bad_date"),
        (80_001.0, DMY, "bad_date"),
        (float("nan"), DMY, "bad_date"),
        (time(14, 5), DMY, "bad_date"),
        ("31/02/2025", DMY, "no_such_date"),
        ("29/02/2025", DMY, "no_such_date"),
        ("2025-02-31", DMY, "no_such_date"),
        ("31 Juni 2025", DMY, "no_such_date"),
        ("31/12/2025 24:00", DMY, "no_such_date"),
        ("31/12/2025 13:05 PM", DMY, "no_such_date"),
        ("31/12/2025 14:05 +99:00", DMY, "no_such_date"),
        ("12/31/2025", DMY, "date_order"),
        ("31/12/2025", MDY, "date_order"),
        ("31/12/2025", YMD, "date_order"),
        ("2025-31-12", YMD, "date_order"),
        ("31/12/1989", DMY, "date_out_of_range"),
        ("31/12/85", DMY, "date_out_of_range"),
        ("2200-01-01", DMY, "date_out_of_range"),
        (datetime(1900, 1, 1), DMY, "date_out_of_range"),
    ],
)
def test_what_is_no_moment(cell: Cell, order: DateOrder, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse_moment(cell, order=order, zone=JAKARTA)
    assert caught.value.reason.code == code


@pytest.mark.parametrize("time_cell", ["25:00", "siang", "14", 99, "13:05 PM", "14:61", True])
def test_what_is_no_time_of_day(time_cell: Cell) -> None:
    with pytest.raises(BadValue) as caught:
        parse_moment("31/12/2025", order=DMY, zone=JAKARTA, time_cell=time_cell)
    assert caught.value.reason.code == "bad_time"


def test_a_local_time_that_does_not_exist_is_shifted_forward() -> None:
    # In London clocks went from 01:00 to 02:00 on 30 March 2025.
    moment = parse_moment("30/03/2025 01:30", order=DMY, zone=LONDON)
    assert moment.astimezone(LONDON).strftime("%H:%M") == "02:30"


def test_of_a_local_time_that_exists_twice_the_first_is_taken() -> None:
    moment = parse_moment("26/10/2025 01:30", order=DMY, zone=LONDON)
    assert moment == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "verdict", "is_ambiguous", "contradictions"),
    [
        (["31/12/2025", "05/06/2025"], DMY, False, 0),
        (["12/31/2025", "05/06/2025"], MDY, False, 0),
        (["05/06/2025", "01/02/2025"], None, True, 0),
        (["05/05/2025"], YMD, False, 0),
        (["2025-12-31", "2025-01-02"], YMD, False, 0),
        (["2025-12-31", "05/06/2025"], None, True, 0),
        (["31/12/2025", "12/31/2025", "12/30/2025"], DMY, False, 2),
        (["Senin, 13/01/2026 09:00", "05.06.25"], DMY, False, 0),
        (["5 Mei 2026", "Jan 5, 2026", 45_657, datetime(2026, 5, 6), "20260506"], YMD, False, 0),
        (["5 Mei 2026", "05/06/2026"], None, True, 0),
        ([], None, False, 0),
        ([None, "", "kemarin", True, 3], None, False, 0),
    ],
)
def test_order_of_day_and_month(
    cells: list[Cell], verdict: DateOrder | None, is_ambiguous: bool, contradictions: int
) -> None:
    probe = DateProbe()
    for cell in cells:
        probe.see(cell)
    assert probe.verdict() is verdict
    assert probe.is_ambiguous is is_ambiguous
    assert probe.contradiction_count == contradictions


moments = st.datetimes(datetime(2000, 1, 2), datetime(2079, 12, 30)).map(lambda moment: moment.replace(microsecond=0))
FORMATS = {
    "%Y-%m-%d %H:%M:%S": DMY,
    "%Y-%m-%dT%H:%M:%S": MDY,
    "%d/%m/%Y %H.%M.%S": DMY,
    "%d-%m-%y %H:%M:%S": DMY,
    "%m/%d/%Y %I:%M:%S %p": MDY,
    "%y.%m.%d %H:%M:%S": YMD,
    "%d %B %Y %H:%M:%S": YMD,
    "%A, %d %b %Y, %H:%M:%S": DMY,
    "%b %d, %Y %H:%M:%S": DMY,
    "%Y%m%d%H%M%S": DMY,
}


@given(moment=moments, form=st.sampled_from(list(FORMATS)))
def test_a_written_moment_is_read_back(moment: datetime, form: str) -> None:
    assert local(moment.strftime(form), FORMATS[form]) == moment.strftime("%Y-%m-%d %H:%M:%S")


@given(moment=moments)
def test_excel_serials_are_read_back(moment: datetime) -> None:
    serial = (moment - datetime(1899, 12, 30)) / timedelta(days=1)
    assert local(serial) == local(repr(serial)) == moment.strftime("%Y-%m-%d %H:%M:%S")


@given(moment=moments, hours=st.integers(-12, 14))
def test_an_offset_wins_over_the_zone(moment: datetime, hours: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert parse_moment(aware.isoformat(), order=DMY, zone=JAKARTA) == aware


@given(
    days=st.lists(st.dates(date(2000, 1, 1), date(2079, 1, 1)), min_size=1),
    form=st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]),
)
def test_the_probe_never_contradicts_one_order(days: list[date], form: str) -> None:
    probe = DateProbe()
    for day in days:
        probe.see(day.strftime(form))
    assert probe.verdict() in {None, YMD, DMY if form == "%d/%m/%Y" else MDY}
    assert probe.contradiction_count == 0


cells = st.one_of(st.text(max_size=90), st.floats(), st.integers(), st.datetimes(), st.dates(), st.times(), st.none())


@given(cell=cells, time_cell=cells, order=st.sampled_from(DateOrder))
def test_any_cell_is_a_moment_or_a_bad_value(cell: Cell, time_cell: Cell, order: DateOrder) -> None:
    DateProbe().see(cell)
    try:
        moment = parse_moment(cell, order=order, zone=JAKARTA, time_cell=time_cell)
    except BadValue:
        return
    assert 1989 <= moment.year <= 2199


digits = st.from_regex(
    r"[0-9]{1,4}[-/. ][0-9a-zA-Z]{1,4}[-/. ][0-9]{1,4}[T ,]?([0-9]{1,2}[.:][0-9]{1,3})?[ +apmz0-9:]{0,6}",
    fullmatch=True,
)


@given(cell=digits, order=st.sampled_from(DateOrder))
def test_what_nearly_is_a_date_raises_nothing_else(cell: str, order: DateOrder) -> None:
    with suppress(BadValue):
        parse_moment(cell, order=order, zone=JAKARTA)
