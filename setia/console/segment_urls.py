"""Addresses of segments and lists by hand."""

from django.urls import path

from setia.console.views import segment_builder, segment_lists, segments

urlpatterns = [
    path("segments/", segments.segment_list, name="segments"),
    path("segments/new/", segment_builder.add, name="segment_add"),
    path("segments/ready/", segments.ready, name="segments_ready"),
    path("segments/lists/new/", segment_lists.add, name="segment_list_add"),
    path("segments/counts/<int:preview_id>/", segment_builder.preview, name="segment_preview"),
    path("segments/counts/<int:preview_id>/stop/", segment_builder.stop_preview, name="segment_preview_stop"),
    path("segments/<int:segment_id>/", segments.detail, name="segment"),
    path("segments/<int:segment_id>/edit/", segment_builder.edit, name="segment_edit"),
    path("segments/<int:segment_id>/move/", segments.move, name="segment_move"),
    path("segments/<int:segment_id>/people/", segment_lists.people, name="segment_people"),
    path("segments/<int:segment_id>/export/", segment_lists.export, name="segment_export"),
    path("segments/<int:segment_id>/persona/", segments.persona, name="segment_persona"),
    path("segments/<int:segment_id>/persona/save/", segments.save_persona, name="segment_persona_save"),
    path("customers/<int:customer_id>/segments/", segments.of_customer, name="customer_segments"),
]
