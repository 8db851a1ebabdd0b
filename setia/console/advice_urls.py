"""Addresses of advice and recommendations."""

from django.urls import path

from setia.console.views import advice, recommendations, retention_home

urlpatterns = [
    path("customers/<int:customer_id>/advice/", advice.of_customer, name="customer_advice"),
    path("customers/<int:customer_id>/advice/<slug:action_name>/accept/", advice.accept, name="advice_accept"),
    path("customers/<int:customer_id>/advice/<slug:action_name>/dismiss/", advice.dismiss, name="advice_dismiss"),
    path("advice/", advice.today_list, name="advice"),
    path("advice/accept/", advice.accept_many, name="advice_accept_many"),
    path("advice/learned/", advice.learned, name="advice_learned"),
    path("advice/decisions/<int:decision_id>/undo/", advice.undo, name="advice_undo"),
    path("measures/recommendations/", recommendations.quality, name="recommendations"),
    path("measures/recommendations/choices/", recommendations.choices, name="advice_choices"),
    path("measures/home/", retention_home.home, name="retention_home"),
    path("measures/home/<slug:chart_name>.<slug:form>", retention_home.chart_file, name="retention_chart"),
    path("products/<int:product_id>/recommend/", recommendations.recommendable, name="product_recommendable"),
]
