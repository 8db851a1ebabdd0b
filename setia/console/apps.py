"""The console as a Django app: templates, static files, sign-in."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "setia.console"
    label = "console"

    def ready(self) -> None:
        from setia.console import accounts  # noqa: F401 (connects the sign-in signals)
