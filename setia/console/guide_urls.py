"""Addresses of the guide: mistakes, goals, why customers leave, whom nobody talks to."""

from django.urls import path

from setia.console.views import goals, guide

_GOAL = "guide/goals/<int:objective_id>/"

urlpatterns = [
    path("guide/", guide.guide, name="guide"),
    path("guide/leaving/", guide.leaving, name="leaving"),
    path("guide/leaving/<int:customer_id>/", guide.leaving_note, name="leaving_note"),
    path("guide/neglected/", guide.neglected, name="neglected"),
    path("guide/goals/", goals.goals, name="goals"),
    path("guide/goals/new/", goals.goal_add, name="goal_add"),
    path(_GOAL, goals.goal, name="goal"),
    path(_GOAL + "edit/", goals.goal_edit, name="goal_edit"),
    path(_GOAL + "close/", goals.goal_close, name="goal_close"),
    path(_GOAL + "reopen/", goals.goal_reopen, name="goal_reopen"),
    path(_GOAL + "key-results/", goals.key_result_add, name="key_result_add"),
    path(_GOAL + "key-results/<int:key_result_id>/remove/", goals.key_result_remove, name="key_result_remove"),
    path(_GOAL + "key-results/<int:key_result_id>/check-in/", goals.check_in, name="check_in"),
    path(_GOAL + "initiatives/", goals.initiative_add, name="initiative_add"),
    path(_GOAL + "initiatives/<int:initiative_id>/", goals.initiative_step, name="initiative_step"),
]
