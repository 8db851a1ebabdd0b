"""Addresses of what the index says of seasons, money and loyalty."""

from django.urls import path

from setia.console.views import seasons

urlpatterns = [
    path("measures/seasons/", seasons.seasons, name="seasons"),
]
