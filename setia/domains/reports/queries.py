"""Questions about reports and alerts."""

from datetime import date, timedelta

from setia.domains.reports.models import Alert, Report, ReportWish
from setia.domains.staff.models import Staff
from setia.domains.staff.rules import Capability, Role, role_may
from setia.foundation.paging import Key, Page, key_page


def report_page(*, cursor: str, size: int) -> Page[Report]:
    """Return one page of reports, the latest period first."""
    return key_page(Report.objects.all(), keys=(Key("start"), Key("id")), cursor=cursor, size=size)


def report_before(report: Report) -> Report | None:
    """Return the report of the same kind before this one, or None."""
    return Report.objects.filter(kind=report.kind, start__lt=report.start).order_by("-start").first()


def latest_reports() -> list[Report]:
    """Return the latest report of each kind."""
    found = [Report.objects.filter(kind=kind).order_by("-start").first() for kind in ("weekly", "monthly")]
    return [report for report in found if report is not None]


def open_alerts() -> list[Alert]:
    """Return alerts that nobody has closed, the latest of each kind, newest first."""
    latest: dict[str, Alert] = {}
    for alert in Alert.objects.filter(closed_at=None).order_by("-day", "-id")[:50]:
        latest.setdefault(alert.kind, alert)
    return list(latest.values())


def alert_page(*, cursor: str, size: int) -> Page[Alert]:
    """Return one page of alerts, the latest first."""
    rows = Alert.objects.select_related("closed_by")
    return key_page(rows, keys=(Key("raised_at"), Key("id")), cursor=cursor, size=size)


def alerts_between(first: date, end: date) -> list[Alert]:
    """Return the alerts raised on days from `first` to before `end`."""
    return list(Alert.objects.filter(day__gte=first, day__lt=end).order_by("day", "id"))


def raised_lately(kind: str, *, until: date, days: int) -> list[Alert]:
    """Return the alerts of a kind raised in so many days up to one."""
    return list(Alert.objects.filter(kind=kind, day__gt=until - timedelta(days=days), day__lte=until))


def wish_of(person: Staff) -> ReportWish:
    """Return what somebody wants by e-mail; an owner who never said wants everything."""
    is_owner = person.role == Role.OWNER
    standing = ReportWish.objects.filter(staff=person).first()
    return standing or ReportWish(staff=person, weekly=is_owner, monthly=is_owner, alerts=is_owner)


def readers(what: str) -> list[Staff]:
    """Return who gets `what` (weekly, monthly or alerts) by e-mail: active, and allowed to see measures of all outlets.

    Someone who sees some outlets only would read sums of the whole shop.
    """
    wishes = {wish.staff_id: wish for wish in ReportWish.objects.all()}
    found = []
    for person in Staff.objects.filter(is_active=True, outlet_limits=None).order_by("id"):
        wish = wishes.get(person.id)
        wanted = getattr(wish, what) if wish else person.role == Role.OWNER
        if wanted and role_may(person.role, Capability.VIEW_MEASURES):
            found.append(person)
    return found
