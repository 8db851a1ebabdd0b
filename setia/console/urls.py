"""Addresses of the staff screens."""

from django.conf import settings
from django.urls import path

from setia.console import list_urls
from setia.console.views import (
    carts,
    customers,
    design,
    home,
    imports,
    order_work,
    orders,
    outlets,
    products,
    profile,
    returns,
    search,
    shop,
    staff,
    tables,
)
from setia.console.views import census_settings as census
from setia.console.views import identity as who

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("customers/new/", customers.add, name="customer_add"),
    path("customers/<int:customer_id>/", customers.detail, name="customer"),
    path("customers/<int:customer_id>/edit/", customers.edit, name="customer_edit"),
    path("customers/<int:customer_id>/timeline/", customers.timeline_part, name="customer_timeline"),
    path("customers/<int:customer_id>/orders/", customers.orders_part, name="customer_orders"),
    path("customers/<int:customer_id>/notes/", customers.write_note, name="note_write"),
    path("customers/<int:customer_id>/notes/<int:note_id>/remove/", customers.remove_note, name="note_remove"),
    path("customers/<int:customer_id>/profile/", profile.profile, name="customer_profile"),
    path("customers/<int:customer_id>/identities/", profile.add_identity, name="identity_add"),
    path(
        "customers/<int:customer_id>/identities/<int:identity_id>/remove/",
        profile.remove_identity,
        name="identity_remove",
    ),
    path("customers/<int:customer_id>/family/", profile.add_family_date, name="family_add"),
    path(
        "customers/<int:customer_id>/family/<int:family_id>/remove/", profile.remove_family_date, name="family_remove"
    ),
    path("customers/<int:customer_id>/consents/", profile.consents, name="customer_consents"),
    path("customers/<int:customer_id>/consents/new/", profile.record_consent, name="consent_record"),
    path("customers/<int:customer_id>/merge/", who.merge_choice, name="merge_choice"),
    path("customers/<int:customer_id>/merge/<int:other_id>/", who.merge, name="merge"),
    path("customers/merges/<int:merge_id>/undo/", who.unmerge, name="unmerge"),
    path("customers/duplicates/", who.duplicate_list, name="duplicates"),
    path("customers/duplicates/search/", who.search_duplicates, name="duplicates_search"),
    path("customers/duplicates/<int:pair_id>/dismiss/", who.dismiss_duplicate, name="duplicate_dismiss"),
    path("customers/duplicates/<int:pair_id>/reopen/", who.reopen_duplicate, name="duplicate_reopen"),
    path("customers/questions/", who.question_list, name="questions"),
    path("customers/questions/<int:question_id>/", who.answer_question, name="question_answer"),
    path("customers/blocked/", who.blocked, name="blocked"),
    path("customers/blocked/<int:blocked_id>/remove/", who.unblock, name="unblock"),
    path("settings/fields/", census.field_list, name="custom_fields"),
    path("settings/fields/new/", census.add_field, name="custom_field_add"),
    path("settings/fields/<int:field_id>/", census.edit_field, name="custom_field_edit"),
    path("settings/consent/", census.wordings, name="wordings"),
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
]

urlpatterns += [
    path("orders/<int:order_id>/move/", order_work.move, name="order_move"),
    path("orders/<int:order_id>/back/", order_work.step_back, name="order_back"),
    path("orders/<int:order_id>/ship/", order_work.ship, name="order_ship"),
    path("orders/<int:order_id>/pay/", order_work.pay, name="order_pay"),
    path(
        "orders/<int:order_id>/payments/<int:payment_id>/reverse/",
        order_work.take_payment_back,
        name="payment_reverse",
    ),
    path("orders/<int:order_id>/refund/", order_work.refund, name="order_refund"),
    path("orders/<int:order_id>/refunds/<int:refund_id>/reverse/", order_work.take_refund_back, name="refund_reverse"),
    path("orders/<int:order_id>/return/", returns.take_goods_back, name="order_return"),
    path("returns/<int:return_id>/check/", returns.check, name="return_check"),
    path("returns/<int:return_id>/undo/", returns.undo, name="return_undo"),
    path("carts/", carts.cart_list, name="carts"),
    path("carts/<int:cart_id>/order/", carts.place, name="cart_order"),
    path("products/new/", products.add, name="product_add"),
    path("products/categories/", products.category_list, name="categories"),
    path("products/<int:product_id>/edit/", products.edit, name="product_edit"),
    path("settings/returns/", returns.policy_page, name="return_policy"),
]
urlpatterns += list_urls.urlpatterns

if settings.DEBUG:
    urlpatterns.append(path("_design/", design.design, name="design"))
