"""Addresses of what the index says of seasons, money and loyalty."""

from django.urls import path

from setia.console.views import money, seasons

urlpatterns = [
    path("measures/seasons/", seasons.seasons, name="seasons"),
    path("measures/money/", money.money, name="money"),
    path("measures/money/spend/", money.spend, name="spend"),
    path("measures/money/spend/save/", money.spend_save, name="spend_save"),
    path("measures/money/calculators/", money.calculators, name="calculators"),
    path("measures/loyal-and-new/", money.loyal_and_new, name="loyal_and_new"),
]
