"""The guidance domain as a Django app."""

from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "setia.domains.guidance"
    label = "guidance"
