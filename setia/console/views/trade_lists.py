"""The lists of orders and products: a view, filters, a page, or the answer to a search; each as a file."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, staff_only, sudo
from setia.console.filter_forms import FilterForm
from setia.console.list_files import STEP, back_of, csv_answer, log_list, query_of
from setia.console.order_words import TONES, status_name
from setia.console.saved import saved_views, way_to_view
from setia.console.tables import table_for
from setia.console.trade_lists import OrderFilterForm, ProductFilterForm
from setia.console.views.orders import buyer_of
from setia.domains.commerce.models import Order
from setia.domains.commerce.queries import order_lists, product_lists
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.clock import shop_day
from setia.foundation.money import from_smallest

PAGE_SIZE = 50


def _today(at: datetime) -> date:
    shop = the_shop()
    return shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)


def _common(request: StaffRequest, table: str, form: FilterForm, saved: Any, text: str) -> dict[str, Any]:
    """Return what the page of any list knows: its form, its chips, its views and its columns."""
    return {
        "text": text,
        "form": form,
        "chips": form.chips(),
        "kept": form.kept("view"),
        "bare": form.usual,
        "saved": saved,
        "table": table_for(request.user, table, chosen=saved.columns),
    }


@staff_only(Capability.VIEW_ORDERS)
def order_list(request: StaffRequest) -> HttpResponse:
    """All orders, latest first, or those that fit; a whole order or tracking number finds one regardless."""
    saved = saved_views(request, "orders")
    if (way := way_to_view(request, saved)) is not None:
        return way
    text, form = request.GET.get("q", "").replace("\x00", "").strip()[:64], OrderFilterForm(request.GET, request.user)
    context = _common(request, "orders", form, saved, text)
    if text:
        orders = order_lists.find_orders(viewer=request.user, text=text, limit=PAGE_SIZE)
        context["count"] = len(orders)
    else:
        asked: dict[str, Any] = {"viewer": request.user, "today": _today(clock.now())}
        cursor = request.GET.get("cursor", "")
        found = order_lists.order_list(**asked, filters=form.filters, cursor=cursor, size=PAGE_SIZE)
        orders = found.page.rows
        context |= {"page": found.page, "count": found.count}
        if not orders:
            context["drops"] = [c for c in context["chips"] if order_lists.is_any_order(**asked, filters=c.left)]
    context["rows"] = [
        (order, buyer_of(order), status_name(order.status, order.fulfilment), TONES[order.status]) for order in orders
    ]
    return render(request, "console/orders.html", context)


@staff_only(Capability.VIEW_ORDERS)
def product_list(request: StaffRequest) -> HttpResponse:
    """All products by name, or those that fit."""
    saved = saved_views(request, "products")
    if (way := way_to_view(request, saved)) is not None:
        return way
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    form, today = ProductFilterForm(request.GET, request.user), _today(clock.now())
    found = product_lists.product_list(
        filters=form.filters, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE, today=today, text=text
    )
    context = _common(request, "products", form, saved, text) | {"page": found.page, "count": found.count}
    if not found.page.rows and not text:
        context["drops"] = [c for c in context["chips"] if product_lists.is_any_product(filters=c.left, today=today)]
    return render(request, "console/products.html", context)


@staff_only(Capability.EXPORT, "POST")
@sudo
def export_orders(request: StaffRequest) -> HttpResponseBase:
    """The orders of the list as a file."""
    require_all_outlets(request.user)
    at = clock.now()
    filters = OrderFilterForm(query_of(request), request.user).filters
    ids = order_lists.matching_order_ids(viewer=request.user, filters=filters, today=_today(at))
    if not ids:
        return _nothing(request, "orders")
    log_list(request.user, "orders_export", len(ids), at=at)
    heads = (_("Number"), _("Time"), _("Customer"), _("Status"), _("Outlet"), _("Channel"), _("Payment method"))
    sums = (_("Lines"), _("Discount"), _("Amount"), _("Returned"), _("Courier"), _("Tracking number"))
    return csv_answer("setia-orders", (*heads, *sums), _order_cells(ids), at=at)


def _order_cells(ids: Any) -> Iterator[list[Any]]:
    scale = the_shop().currency.scale
    for start in range(0, len(ids), STEP):
        step = list(ids[start : start + STEP])
        rows = Order.objects.select_related("outlet", "customer", "shipment").in_bulk(step)
        for order in (rows[row_id] for row_id in step if row_id in rows):
            parcel = getattr(order, "shipment", None)
            yield [
                *(order.number, order.placed_at.isoformat(), buyer_of(order)),
                *(status_name(order.status, order.fulfilment), order.outlet.name if order.outlet else ""),
                *(order.channel, order.tender, order.line_count),
                *(from_smallest(amount, scale) for amount in (order.discount, order.net, order.returned_total)),
                *(parcel.courier if parcel else "", parcel.tracking_number if parcel else ""),
            ]


@staff_only(Capability.EXPORT, "POST")
@sudo
def export_products(request: StaffRequest) -> HttpResponseBase:
    """The products of the list as a file."""
    require_all_outlets(request.user)
    at, scale = clock.now(), the_shop().currency.scale
    filters = ProductFilterForm(query_of(request), request.user).filters
    rows = list(product_lists.matching_products(filters=filters, today=_today(at)))
    if not rows:
        return _nothing(request, "products")
    log_list(request.user, "products_export", len(rows), at=at)
    cells = (
        [row.name, row.category, row.sku, from_smallest(row.price, scale), row.created_at.isoformat()] for row in rows
    )
    heads = (_("Product"), _("Category"), _("SKU"), _("Price"), _("Added"))
    return csv_answer("setia-products", heads, cells, at=at)


def _nothing(request: StaffRequest, table: str) -> HttpResponse:
    messages.error(request, _("Nothing fits these filters, so there is nothing to save."))
    return redirect(reverse(f"console:{table}") + back_of(request))
