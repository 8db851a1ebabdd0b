"""Addresses of the staff screens."""

from django.conf import settings
from django.urls import path

from setia.console.views import (
    api_keys,
    customers,
    design,
    home,
    imports,
    orders,
    outlets,
    products,
    search,
    shop,
    staff,
    tables,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("customers/", customers.customer_list, name="customers"),
    path("customers/new/", customers.add, name="customer_add"),
    path("customers/<int:customer_id>/", customers.detail, name="customer"),
    path("customers/<int:customer_id>/edit/", customers.edit, name="customer_edit"),
    path("customers/<int:customer_id>/timeline/", customers.timeline_part, name="customer_timeline"),
    path("customers/<int:customer_id>/orders/", customers.orders_part, name="customer_orders"),
    path("customers/<int:customer_id>/notes/", customers.write_note, name="note_write"),
    path("customers/<int:customer_id>/notes/<int:note_id>/remove/", customers.remove_note, name="note_remove"),
    path("columns/<slug:table>/", tables.choose_columns, name="columns"),
    path("orders/", orders.order_list, name="orders"),
    path("orders/new/", orders.add, name="order_add"),
    path("orders/<int:order_id>/", orders.detail, name="order"),
    path("products/", products.product_list, name="products"),
    path("products/<int:product_id>/", products.detail, name="product"),
    path("outlets/", outlets.outlet_list, name="outlets"),
    path("outlets/new/", outlets.add, name="outlet_add"),
    path("outlets/<int:outlet_id>/edit/", outlets.edit, name="outlet_edit"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/new/", imports.upload, name="import_upload"),
    path("imports/<int:import_id>/", imports.detail, name="import"),
    path("imports/<int:import_id>/options/", imports.choose_options, name="import_options"),
    path("imports/<int:import_id>/confirm/", imports.confirm, name="import_confirm"),
    path("imports/<int:import_id>/resume/", imports.resume, name="import_resume"),
    path("imports/<int:import_id>/cancel/", imports.cancel, name="import_cancel"),
    path("imports/<int:import_id>/undo/", imports.undo, name="import_undo"),
    path("imports/<int:import_id>/progress/", imports.progress, name="import_progress"),
    path("imports/<int:import_id>/refused.csv", imports.refused, name="import_refused"),
    path("staff/", staff.staff_list, name="staff"),
    path("staff/new/", staff.add, name="staff_add"),
    path("staff/<int:staff_id>/", staff.edit, name="staff_edit"),
    path("staff/<int:staff_id>/suspend/", staff.suspend, name="staff_suspend"),
    path("staff/<int:staff_id>/reinstate/", staff.reinstate, name="staff_reinstate"),
    path("staff/<int:staff_id>/link/", staff.make_link, name="staff_link"),
    path("settings/", shop.settings_page, name="settings"),
    path("api/", api_keys.key_list, name="api_keys"),
    path("api/new/", api_keys.add, name="api_key_add"),
    path("api/<int:key_id>/revoke/", api_keys.revoke, name="api_key_revoke"),
    path("api/calls/", api_keys.calls, name="api_calls"),
]

if settings.DEBUG:
    urlpatterns.append(path("_design/", design.design, name="design"))
