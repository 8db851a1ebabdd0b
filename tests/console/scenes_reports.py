"""Rows of reports for the table of doors and for the tests of their pages."""

from datetime import date
from typing import Any

from setia.domains.mail.actions import Enclosure, write_letter
from setia.domains.reports.models import Alert, Report
from tests import cast


def report(people: list[int], *, kind: str = "monthly", **more: Any) -> Report:
    """Write a report of October that names these people as at risk."""
    figure = {
        "measure": "retention", "unit": "share", "value": 0.8, "why": "", "numerator": 400, "denominator": 500,
        "population": 500, "before": 0.85, "year_before": None, "trend": [0.7, None, 0.8, 0.85, 0.8],
    }  # fmt: skip
    content = {
        "figures": [figure],
        "segments": [{"name": "cant_lose", "people": 12, "worth": 0, "before": 9}],
        "at_risk": [str(person_id) for person_id in people],
        "alerts": [{"kind": "sales_fallen", "day": "2026-10-12", "sales": 420_000, "normal": 700_000}],
        "tasks_closed": 3,
        "wins": [{"code": "wake_up", "people": 7}],
    } | more
    start, end = date(2026, 10, 1), date(2026, 11, 1)
    return Report.objects.create(kind=kind, start=start, end=end, made_at=cast.NOW, content=content)


def alert(people: list[int]) -> Alert:
    """Raise an alert that names these people."""
    figures = {"people": [str(person_id) for person_id in people]}
    return Alert.objects.create(kind="critical", day=cast.NOW.date(), raised_at=cast.NOW, figures=figures)


def ids(person_id: int) -> dict[str, int]:
    """Return the ids of a report, an alert, a letter and its file."""
    letter = write_letter(
        key="scene", to=cast.staff("sari"), subject="Laporan", text="Halo", at=cast.NOW,
        enclosures=[Enclosure("laporan.pdf", "application/pdf", b"%PDF-1.4")],
    )  # fmt: skip
    return {
        "report_id": report([person_id]).id,
        "alert_id": alert([person_id]).id,
        "letter_id": letter.id,
        "attachment_id": letter.attachments.get().id,
    }
