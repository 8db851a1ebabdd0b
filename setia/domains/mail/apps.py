"""The mail domain as a Django app."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "setia.domains.mail"
    label = "mail"
