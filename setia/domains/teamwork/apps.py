"""The teamwork domain as a Django app."""

from django.apps import AppConfig


class TeamworkConfig(AppConfig):
    name = "setia.domains.teamwork"
    label = "teamwork"
