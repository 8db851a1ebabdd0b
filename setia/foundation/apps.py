"""The foundation as a Django app: its tables and the guards of the database."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class FoundationConfig(AppConfig):
    name = "setia.foundation"
    label = "foundation"

    def ready(self) -> None:
        pre_migrate.connect(_before_migrate, sender=self, dispatch_uid="guards")
        post_migrate.connect(_after_migrate, dispatch_uid="guards")


def _before_migrate(sender: AppConfig, using: str = "default", plan: Sequence[Any] = (), **_: Any) -> None:
    from setia.foundation.db.guards import lay_down_guards

    if plan:
        lay_down_guards(using)


def _after_migrate(sender: AppConfig, using: str = "default", **_: Any) -> None:
    from setia.foundation.db.guards import install_guards

    # The signal comes once for each app; the guards need to run once, when all tables stand.
    if sender.label == "foundation":
        install_guards(using)
