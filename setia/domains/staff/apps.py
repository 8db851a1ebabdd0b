"""The staff domain as a Django app."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "setia.domains.staff"
    label = "staff"
