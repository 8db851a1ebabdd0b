"""Verbs of reports: freeze the last week or month, watch today's figures, close an alert, choose what comes by mail."""

from datetime import date, datetime, timedelta
from typing import Any

from setia.domains.analytics import queries as analytics
from setia.domains.commerce.queries import daily_sales
from setia.domains.reports.events import AlertClosed, AlertRaised, AlertReopened, ReportMade, WishesChanged
from setia.domains.reports.gathering import gather, top_at_risk
from setia.domains.reports.models import Alert, AlertKind, Report, ReportWish
from setia.domains.reports.queries import raised_lately, wish_of
from setia.domains.reports.rules.periods import KINDS, last_whole
from setia.domains.reports.rules.watching import fallen_sales, risen
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.foundation.actors import SYSTEM, Actor
from setia.foundation.clock import shop_day
from setia.foundation.db import write_tx
from setia.foundation.events import record
from setia.foundation.ids import new_id

# Figures are measured every hour; after a day and a bit something is broken and nobody may have seen.
STALE = timedelta(hours=26)
# Whoever was named in an alert is not named again for so many days.
NAMED_FOR_DAYS = 30
CRITICAL_LIMIT = 10
SALES_DAYS = 63


def make_reports(*, at: datetime) -> list[Report]:
    """Freeze the last whole week and the last whole month and return those that were not there yet.

    A period is frozen once an analysis has seen all of its days. Safe to repeat and to run twice at once.
    """
    shop, analysis = the_shop(), analytics.latest_analysis()
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    made = []
    for kind in KINDS:
        start, end = last_whole(kind, today)
        if analysis is None or analysis.today < end or Report.objects.filter(kind=kind, start=start).exists():
            continue
        content = gather(kind, start, end)
        if not any(figure["value"] is not None for figure in content["figures"]):
            continue  # a shop without sales has nothing to read
        with write_tx():
            report, is_new = Report.objects.get_or_create(
                kind=kind, start=start, defaults={"end": end, "made_at": at, "content": content}
            )
            if is_new:
                record(ReportMade(report_id=report.id, period=kind), by=SYSTEM, at=at)
                made.append(report)
    return made


def watch(*, at: datetime) -> list[Alert]:
    """Look at today's figures and return the alerts they gave cause for; each kind at most once a day."""
    shop = the_shop()
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    causes: dict[AlertKind, dict[str, Any] | None] = {
        AlertKind.STALE: _stale(at),
        AlertKind.CHURN_SPIKE: _churn_spike(today),
        AlertKind.SALES_FALLEN: _sales_fallen(today),
        AlertKind.CRITICAL: _critical(today),
    }
    raised = []
    for kind, figures in causes.items():
        if figures is None or raised_lately(kind, until=today, days=_quiet_days(kind)):
            continue
        with write_tx():
            alert, is_new = Alert.objects.get_or_create(
                kind=kind, day=today, defaults={"id": new_id(), "raised_at": at, "figures": figures}
            )
            if is_new:
                record(AlertRaised(alert_id=alert.id, alert=kind.value), by=SYSTEM, at=at)
                raised.append(alert)
    return raised


def _quiet_days(kind: AlertKind) -> int:
    """Return for how many days one alert of a kind is enough: the weeks behind a spike change by a seventh a day."""
    return 1 if kind in (AlertKind.CRITICAL, AlertKind.STALE) else 7


def _stale(at: datetime) -> dict[str, Any] | None:
    last = analytics.latest_analysis()
    if last is None or last.finished_at is None or at - last.finished_at < STALE:
        return None
    return {"hours": int((at - last.finished_at) / timedelta(hours=1))}


def _churn_spike(today: date) -> dict[str, Any] | None:
    finding = analytics.finding("leaving")
    if finding is None or finding.as_of < today - timedelta(days=1):
        return None
    found = risen(finding.found["silent"], finding.found["buyers"])
    if found is None:
        return None
    return {
        "share": found.share, "normal": found.normal_share, "people": found.recent, "of": found.recent_of,
        "active_days": finding.found["active_days"],
    }  # fmt: skip


def _sales_fallen(today: date) -> dict[str, Any] | None:
    days = daily_sales(first=today - timedelta(days=SALES_DAYS), last=today - timedelta(days=1))
    found = fallen_sales([day.net for day in days])
    return {"sales": found[0], "normal": found[1]} if found else None


def _critical(today: date) -> dict[str, Any] | None:
    """Return the people of most value who are drifting away and were not named lately."""
    named = {
        person_id
        for alert in raised_lately(AlertKind.CRITICAL, until=today, days=NAMED_FOR_DAYS)
        for person_id in alert.figures.get("people", [])
    }
    people = [str(person_id) for person_id in top_at_risk(CRITICAL_LIMIT) if str(person_id) not in named]
    return {"people": people} if people else None


def close_alert(*, alert: Alert, person: Staff, at: datetime) -> None:
    """Keep that somebody has looked; one that is closed stays as it is."""
    with write_tx():
        if Alert.objects.filter(id=alert.id, closed_at=None).update(closed_at=at, closed_by=person):
            record(AlertClosed(alert_id=alert.id), by=person.actor, at=at)


def reopen_alert(*, alert: Alert, by: Actor, at: datetime) -> None:
    """Take the closing of an alert back; one that is open stays as it is."""
    with write_tx():
        if Alert.objects.filter(id=alert.id).exclude(closed_at=None).update(closed_at=None, closed_by=None):
            record(AlertReopened(alert_id=alert.id), by=by, at=at)


def save_wishes(*, person: Staff, weekly: bool, monthly: bool, alerts: bool, by: Actor, at: datetime) -> ReportWish:
    """Keep what somebody wants by e-mail. Saving the same again writes no fact."""
    wanted = {"weekly": weekly, "monthly": monthly, "alerts": alerts}
    with write_tx():
        before = wish_of(person)
        changed = sorted(name for name, value in wanted.items() if getattr(before, name) != value)
        row, _ = ReportWish.objects.update_or_create(staff=person, defaults=wanted)
        if changed:
            record(WishesChanged(staff_id=person.id, fields=changed), by=by, at=at)
    return row
