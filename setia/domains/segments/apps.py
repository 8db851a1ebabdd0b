"""The segments domain as a Django app."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "setia.domains.segments"
    label = "segments"

    def ready(self) -> None:
        from setia.domains.segments import subscribers

        subscribers.subscribe_all()
