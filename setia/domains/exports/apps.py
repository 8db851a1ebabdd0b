"""The exports domain as a Django app."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "setia.domains.exports"
    label = "exports"
