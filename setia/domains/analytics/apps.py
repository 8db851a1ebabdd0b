"""The analytics domain as a Django app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "setia.domains.analytics"
    label = "analytics"
