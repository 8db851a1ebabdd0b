"""The customers domain as a Django app."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "setia.domains.customers"
    label = "customers"

    def ready(self) -> None:
        from setia.domains.customers import guards  # noqa: F401 (registers what the database keeps true)
