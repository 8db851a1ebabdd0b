"""The commerce domain as a Django app."""

from django.apps import AppConfig


class CommerceConfig(AppConfig):
    name = "setia.domains.commerce"
    label = "commerce"

    def ready(self) -> None:
        from setia.domains.commerce import guards  # noqa: F401 (registers what the database keeps true)
        from setia.domains.commerce.actions.undo import recount_merged
        from setia.domains.customers.actions.merging import merge_hooks

        merge_hooks.append(recount_merged)
