"""The shop domain as a Django app."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "setia.domains.shop"
    label = "shop"

    def ready(self) -> None:
        from setia.domains.shop import guards  # noqa: F401 (registers what the database keeps true)
