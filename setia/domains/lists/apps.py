"""The lists domain as a Django app."""

from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "setia.domains.lists"
    label = "lists"

    def ready(self) -> None:
        from setia.domains.lists import guards  # noqa: F401 (registers what the database keeps true)
