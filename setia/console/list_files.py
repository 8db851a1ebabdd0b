"""A list saved as a file, just as it is narrowed: for whoever may take data away and sees all outlets."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.http import QueryDict, StreamingHttpResponse

from setia.console.doors import StaffRequest
from setia.domains.imports.reading.csvsafe import safe_cell
from setia.domains.staff.models import Staff
from setia.foundation.events.recording import log_access

# So many rows are read at a time.
STEP = 500


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_answer(
    name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]], *, at: datetime
) -> StreamingHttpResponse:
    """Return rows as a CSV file that no spreadsheet takes for formulas."""

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield "\ufeff" + writer.writerow(heads)
        for row in rows:
            yield writer.writerow([safe_cell(cell) for cell in row])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{at:%Y%m%d-%H%M}.csv"'
    return answer


def query_of(request: StaffRequest) -> QueryDict:
    """Return the address of the list that a form was sent from."""
    return QueryDict(back_of(request).lstrip("?"))


def back_of(request: StaffRequest) -> str:
    """Return the query string of the list that a form was sent from, "" where it names none."""
    back = request.POST.get("query", "").replace("\x00", "")[:2000]
    return back if back.startswith("?") else ""


def log_list(viewer: Staff, page: str, count: int, *, at: datetime) -> None:
    """Write to the access log that somebody took a list away as a file."""
    log_access(by=viewer.actor, at=at, page=page, customer_id=None, row_count=count)
