"""The reports domain as a Django app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "setia.domains.reports"
    label = "reports"

    def ready(self) -> None:
        from setia.domains.analytics.events import AnalysisFinished
        from setia.domains.reports.subscribers import freeze_and_watch
        from setia.foundation.events import subscribe

        subscribe(AnalysisFinished.kind, "reports.freeze_and_watch", freeze_and_watch)
