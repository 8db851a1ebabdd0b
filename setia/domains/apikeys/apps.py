"""The apikeys domain as a Django app."""

from django.apps import AppConfig


class ApiKeysConfig(AppConfig):
    name = "setia.domains.apikeys"
    label = "apikeys"
