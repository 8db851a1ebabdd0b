"""The timeline domain as a Django app."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "setia.domains.timeline"
    label = "timeline"
