"""What the pages of scores share: how fresh they are, and rows of people."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from django.utils.translation import gettext as _

from setia.console import charts, measure_words
from setia.console.doors import StaffRequest
from setia.console.people import ShownPerson, shown_people
from setia.domains.analytics import queries
from setia.domains.commerce.queries import counters_of_people
from setia.domains.shop.queries import the_shop
from setia.foundation import clock

PAGE_SIZE = 50


class _OfPerson(Protocol):
    customer_id: int


_Row = TypeVar("_Row", bound=_OfPerson)


def freshness() -> dict[str, Any]:
    """Return what every page of the index says first."""
    return {"analysis": queries.latest_analysis(), "running": queries.running_analysis(at=clock.now())}


def frame(chart_id: str, title: str, description: str) -> charts.Frame:
    """Return the texts around a chart."""
    return charts.Frame(
        id=chart_id, title=title, description=description, show_numbers=_("Show the figures"),
        empty=_("Not enough data yet"), unknown=_("not yet known"), save_picture=_("Save the picture (PNG)"),
        save_numbers=_("Save the figures (CSV)"),
    )  # fmt: skip


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
