"""Letters that carry reports and alerts to whoever wants them, in his language and without anybody's name."""

from datetime import datetime, timedelta

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from setia.console import report_words
from setia.domains.analytics.actions import choices
from setia.domains.mail.actions import Enclosure, write_letter
from setia.domains.mail.models import Letter
from setia.domains.reports import queries
from setia.domains.reports.models import Alert, Report
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff

# After an outage of that long nobody wants last week's letters in one heap.
WORTH_SENDING = timedelta(days=3)


def write_letters(*, at: datetime) -> int:
    """Put the letters of fresh reports and alerts in the outbox and return how many readers have one.

    Safe to repeat, and to kill between making a report and writing its letters: each letter has a key.
    """
    since = at - WORTH_SENDING
    due: list[tuple[str, Staff, Report | Alert]] = [
        (f"report-{report.id}-{person.id}", person, report)
        for report in Report.objects.filter(made_at__gte=since)
        for person in queries.readers(report.kind)
    ]
    alerts = list(Alert.objects.filter(raised_at__gte=since, closed_at=None).order_by("id"))
    for person in queries.readers("alerts") if alerts else []:
        due += [(f"alert-{alert.id}-{person.id}", person, alert) for alert in alerts]
    written = set(Letter.objects.filter(key__in=[key for key, _, _ in due]).values_list("key", flat=True))
    fresh = [each for each in due if each[0] not in written]
    for key, person, about in fresh:
        _write(key, person, about, at=at)
    return len(fresh)


def _write(key: str, person: Staff, about: Report | Alert, *, at: datetime) -> None:
    with translation.override(person.language):
        subject, text, html, enclosures = (
            _of_report(about, person) if isinstance(about, Report) else _of_alert(about, person)
        )
    write_letter(key=key, to=person, subject=subject, text=text, html=html, enclosures=enclosures, at=at)


def _of_report(report: Report, person: Staff) -> tuple[str, str, str, list[Enclosure]]:
    from setia.console.paper.report_pdf import report_pdf

    shop, industry = the_shop(), choices().industry
    title = report_words.report_title(report)
    context = {
        "title": title,
        "person": person,
        "shop": shop,
        "language": person.language,
        "lines": report_words.lines(report, currency=shop.currency, language=person.language, industry=industry),
        "wins": report_words.win_sentences(report),
        "at_risk": len(report.content.get("at_risk", [])),
        "url": settings.SETIA_URL + reverse("console:report", args=[report.id]),
        "wishes_url": settings.SETIA_URL + reverse("console:report_wishes"),
    }
    paper = report_pdf(report, shop_name=shop.name, currency=shop.currency, language=person.language, industry=industry)
    name = f"setia-{report.kind}-{report.start.isoformat()}.pdf"
    text = render_to_string("console/letters/report.txt", context)
    html = render_to_string("console/letters/report.html", context)
    return f"{shop.name or 'Setia'}: {title}", text, html, [Enclosure(name, "application/pdf", paper)]


def _of_alert(alert: Alert, person: Staff) -> tuple[str, str, str, list[Enclosure]]:
    shop = the_shop()
    title = str(report_words.ALERTS[alert.kind])
    context = {
        "title": title,
        "person": person,
        "shop": shop,
        "language": person.language,
        "sentence": report_words.alert_sentence(
            alert.kind, alert.figures, currency=shop.currency, language=person.language
        ),
        "step": report_words.STEPS[alert.kind],
        "url": settings.SETIA_URL + reverse("console:alerts"),
        "wishes_url": settings.SETIA_URL + reverse("console:report_wishes"),
    }
    text = render_to_string("console/letters/alert.txt", context)
    html = render_to_string("console/letters/alert.html", context)
    return _("%(shop)s: %(alert)s") % {"shop": shop.name or "Setia", "alert": title}, text, html, []


def write_test_letter(person: Staff, *, at: datetime) -> Letter:
    """Put a short letter to somebody himself in the outbox, to see whether mail arrives. Each minute has its own."""
    with translation.override(person.language):
        return write_letter(
            key=f"test-{person.id}-{at:%Y%m%d%H%M}", to=person, at=at,
            subject=_("A test letter of Setia"),
            text=_("If you read this in your mail, Setia can send you reports and alerts."),
        )  # fmt: skip
