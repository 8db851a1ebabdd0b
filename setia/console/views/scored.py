"""What the pages of scores share: rows of people, and how their values are written."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from setia.console import charts, measure_words
from setia.console.doors import StaffRequest
from setia.console.people import ShownPerson, shown_people
from setia.domains.commerce.queries import counters_of_people
from setia.domains.shop.queries import the_shop

PAGE_SIZE = 50


class _OfPerson(Protocol):
    customer_id: int


_Row = TypeVar("_Row", bound=_OfPerson)


def people_rows(request: StaffRequest, rows: Sequence[_Row], *, page: str) -> list[tuple[ShownPerson, _Row]]:
    """Return rows with the people they speak of, and log that these were looked at; who is gone is left out."""
    counters = {row.customer_id: row for row in counters_of_people([row.customer_id for row in rows])}
    known = [row for row in rows if row.customer_id in counters]
    people = shown_people(request.user, [counters[row.customer_id] for row in known], page=page)
    return list(zip(people, known, strict=True))


def share_text(part: float, whole: float) -> str:
    """Return a share in whole percent, empty where there is nothing to divide by."""
    return charts.whole_percent(part / whole) if whole > 0 else ""


def money_writer(request: StaffRequest) -> Callable[[float], str]:
    """Return what writes money short, as axes do."""
    return measure_words.writer("money", the_shop().currency, request.user.language, short=True)
