"""The imports domain as a Django app."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "setia.domains.imports"
    label = "imports"
