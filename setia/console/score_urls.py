"""Addresses of scores: health, the warning of churn, stages, moves between segments."""

from django.urls import path

from setia.console.views import churn, health, stages

urlpatterns = [
    path("measures/health/", health.index, name="health_scores"),
    path("measures/health/changes/", health.changes, name="health_changes"),
    path("measures/health/<slug:zone>/", health.zone, name="health_zone"),
    path("measures/churn/", churn.index, name="churn_warning"),
    path("measures/churn/model/", churn.switch, name="churn_switch"),
    path("measures/churn/<slug:alarm>/", churn.people, name="churn_people"),
    path("measures/stages/", stages.index, name="stages"),
    path("measures/stages/<slug:level>/", stages.level, name="stage_level"),
    path("measures/moves/", stages.moves, name="rfm_moves"),
    path("measures/moves/<int:year>-<int:month>/<slug:source>/<slug:target>/", stages.move, name="rfm_move"),
]
