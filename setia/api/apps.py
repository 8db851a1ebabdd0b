"""The API as a Django app, for its templates."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "setia.api"
    label = "api"
