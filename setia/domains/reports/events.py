"""Facts about reports and alerts."""

from dataclasses import dataclass
from typing import ClassVar

from setia.foundation.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMade(Fact):
    """The figures of a week or a month were frozen."""

    kind: ClassVar[str] = "reports.made"
    subject: ClassVar[str] = "report_id"
    report_id: int
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Fact):
    """A figure left its own normal, or people who matter are about to leave."""

    kind: ClassVar[str] = "reports.alert_raised"
    subject: ClassVar[str] = "alert_id"
    alert_id: int
    alert: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertClosed(Fact):
    """Somebody has looked at an alert."""

    kind: ClassVar[str] = "reports.alert_closed"
    subject: ClassVar[str] = "alert_id"
    alert_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReopened(Fact):
    """The closing of an alert was taken back."""

    kind: ClassVar[str] = "reports.alert_reopened"
    subject: ClassVar[str] = "alert_id"
    alert_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WishesChanged(Fact):
    """Somebody chose which reports come to him by e-mail."""

    kind: ClassVar[str] = "reports.wishes_changed"
    subject: ClassVar[str] = "staff_id"
    staff_id: int
    fields: list[str]
