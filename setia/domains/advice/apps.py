"""The advice domain as a Django app."""

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from setia.foundation.events.models import Event


class AdviceConfig(AppConfig):
    name = "setia.domains.advice"
    label = "advice"

    def ready(self) -> None:
        from setia.domains.analytics.events import AnalysisFinished
        from setia.foundation.events import subscribe

        subscribe(AnalysisFinished.kind, "advice.advise", advise_after)


def advise_after(event: "Event") -> None:
    """Make all advice anew from the scores of a finished analysis; of several waiting one is done."""
    from setia.domains.advice.tasks import advise
    from setia.foundation.jobs.backend import put

    put(advise, unique_key="advise")
