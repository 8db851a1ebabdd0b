"""Addresses of lists: those of customers, orders and products, saved views, acts on many customers, tags."""

from django.urls import path

from setia.console.views import bulk, customer_list, saved_views, tags, trade_lists

urlpatterns = [
    path("customers/", customer_list.customer_list, name="customers"),
    path("orders/", trade_lists.order_list, name="orders"),
    path("orders/export/", trade_lists.export_orders, name="orders_export"),
    path("products/", trade_lists.product_list, name="products"),
    path("products/export/", trade_lists.export_products, name="products_export"),
    path("lists/views/", saved_views.view_list, name="views"),
    path("lists/views/new/", saved_views.save, name="view_save"),
    path("lists/views/<int:view_id>/rename/", saved_views.rename, name="view_rename"),
    path("lists/views/<int:view_id>/update/", saved_views.update, name="view_update"),
    path("lists/views/<int:view_id>/move/", saved_views.move, name="view_move"),
    path("lists/views/<int:view_id>/copy/", saved_views.copy, name="view_copy"),
    path("lists/views/<int:view_id>/default/", saved_views.set_default, name="view_default"),
    path("lists/views/<int:view_id>/remove/", saved_views.remove, name="view_remove"),
    path("lists/views/<int:view_id>/restore/", saved_views.restore, name="view_restore"),
    path("lists/bulk/", bulk.act_list, name="bulk_acts"),
    path("lists/bulk/new/", bulk.start, name="bulk_start"),
    path("lists/bulk/<int:act_id>/", bulk.detail, name="bulk_act"),
    path("lists/bulk/<int:act_id>/progress/", bulk.progress, name="bulk_progress"),
    path("lists/bulk/<int:act_id>/undo/", bulk.undo, name="bulk_undo"),
    path("lists/bulk/<int:act_id>/resume/", bulk.resume, name="bulk_resume"),
    path("lists/export/", bulk.export, name="bulk_export"),
    path("tags/", tags.tag_list, name="tags"),
    path("tags/<int:tag_id>/rename/", tags.rename, name="tag_rename"),
    path("tags/<int:tag_id>/merge/", tags.merge, name="tag_merge"),
    path("tags/<int:tag_id>/delete/", tags.delete, name="tag_delete"),
]
