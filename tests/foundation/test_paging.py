"""Paging by key: nothing shown twice, nothing left out, and no cursor that breaks the page."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from setia.foundation import paging
from setia.foundation.ids import new_id
from setia.foundation.jobs.models import Job
from setia.foundation.paging import COUNT_LIMIT, Key, Page, capped_count, key_page
from tests import cast

pytestmark = pytest.mark.django_db

LATEST = (Key("due_at"), Key("id"))
BY_NAME = (Key("task_path", descending=False), Key("priority"), Key("id", descending=False))


def put(number: int, *, minutes: int = 0) -> Job:
    due_at = cast.NOW + timedelta(minutes=minutes)
    path, priority = "abc"[number % 3], number % 2
    return Job.objects.create(task_path=path, priority=priority, due_at=due_at, enqueued_at=cast.NOW)


def page(cursor: str = "", *, keys: Any = LATEST, size: int = 3) -> Page[Job]:
    return key_page(Job.objects.all(), keys=keys, cursor=cursor, size=size)


def walk(keys: Any, size: int) -> list[Page[Job]]:
    pages = [page(keys=keys, size=size)]
    while pages[-1].next_cursor:
        pages.append(page(pages[-1].next_cursor, keys=keys, size=size))
    return pages


@pytest.mark.parametrize("size", [1, 2, 3, 10, 11, 12])
@pytest.mark.parametrize("keys", [LATEST, BY_NAME], ids=["latest", "by-name"])
def test_walking_there_and_back_over_ties_shows_each_row_once(keys: Any, size: int) -> None:
    for number in range(11):
        put(number, minutes=number // 4)
    names = [("-" if key.descending else "") + key.name for key in keys]
    pages = walk(keys, size)
    assert [row for each in pages for row in each.rows] == list(Job.objects.order_by(*names))
    assert (pages[0].previous_cursor, pages[-1].next_cursor) == ("", "")
    back = pages[-1]
    for expected in reversed(pages[:-1]):
        back = page(back.previous_cursor, keys=keys, size=size)
        assert back.rows == expected.rows
    assert back.previous_cursor == ""


def test_rows_that_arrive_meanwhile_shift_nothing() -> None:
    rows = [put(number, minutes=-number) for number in range(6)]
    first = page()
    put(9, minutes=5)
    assert page(first.next_cursor).rows == rows[3:]
    rows[1].delete()
    assert [row.id for row in page(first.next_cursor).rows] == [row.id for row in rows[3:]]


def test_the_page_before_the_first_after_rows_went_is_empty() -> None:
    rows = [put(number, minutes=-number) for number in range(4)]
    second = page(page(size=2).next_cursor, size=2)
    Job.objects.filter(id__in=[rows[0].id, rows[1].id]).delete()
    assert page(second.previous_cursor, size=2) == Page([])


def forge(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode()


WHEN, BIG = cast.NOW.isoformat(), 10**30
FORGED = {
    "garbage": "%%%",
    "not-ascii": "é",
    "number": forge(5),
    "text": forge("after"),
    "null": forge(None),
    "empty-list": forge([]),
    "dict": forge({"after": 1, "b": 2}),
    "unknown-direction": forge(["sideways", [WHEN, 1]]),
    "listed-direction": forge([["after"], [WHEN, 1]]),
    "too-few": forge(["after", [WHEN]]),
    "too-many": forge(["after", [WHEN, 1, 2]]),
    "null-value": forge(["after", [None, 1]]),
    "float": forge(["after", [WHEN, 1.5]]),
    "nan": forge('["after", ["x", NaN]]'),
    "list-value": forge(["after", [WHEN, [1]]]),
    "no-date": forge(["after", ["yesterday", 1]]),
    "impossible-date": forge(["before", ["2026-02-30T00:00:00+00:00", 1]]),
    "date-as-number": forge(["after", [20261122, 1]]),
    "date-as-bool": forge(["after", [True, 1]]),
    "out-of-time": forge(["after", ["0001-01-01T00:00:00+14:00", 1]]),
    "end-of-time": forge(["before", ["9999-12-31T23:59:59-12:00", 1]]),
    "id-as-text": forge(["after", [WHEN, "one"]]),
    "endless-number": forge('["after", ["x", ' + "9" * 5000 + "]]"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_cursor_shows_a_page(name: str) -> None:
    rows = [put(number, minutes=-number) for number in range(3)]
    assert page(FORGED[name]).rows in (rows, [], rows[1:])


@pytest.mark.parametrize("value", [BIG, -BIG, 2**63, -(2**63) - 1, True])
def test_a_number_no_column_holds_shows_a_page(value: int) -> None:
    rows = [put(number) for number in range(3)]
    assert len(page(forge(["after", [WHEN, value]])).rows) in (0, 3)
    assert len(page(forge(["before", [WHEN, value]])).rows) in (0, 3)
    assert len(rows) == 3


@pytest.mark.parametrize("text", ["", "z", "'; DROP TABLE x", "%", "\ud800", "a" * 10_000])
def test_a_forged_text_shows_a_page(text: str) -> None:
    put(1)
    assert len(page(forge(["after", [text, 0, new_id()]]), keys=BY_NAME).rows) in (0, 1)


def test_a_text_with_a_nul_shows_a_page() -> None:
    put(1)
    assert len(page(forge(["after", ["\x00", 0, 1]]), keys=BY_NAME).rows) in (0, 1)


def test_a_deeply_nested_cursor_shows_a_page() -> None:
    put(1)
    assert len(page(forge("[" * 5_000)).rows) == 1


def test_counting_stops_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        put(number)
    assert (capped_count(Job.objects.all()), COUNT_LIMIT) == (4, 10_000)
    monkeypatch.setattr(paging, "COUNT_LIMIT", 2)
    assert capped_count(Job.objects.all()) == 3
