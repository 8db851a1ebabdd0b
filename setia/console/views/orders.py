"""Orders: the list, one order with its lines and returns, writing one down by hand."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.forms import OrderForm
from setia.console.people import display_name
from setia.console.tables import table_for
from setia.domains.commerce import queries as commerce
from setia.domains.commerce.actions import HandLine, place_by_hand
from setia.domains.commerce.models import Order
from setia.domains.commerce.queries.orders import lines_of, returns_of_order
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import access_customer
from setia.domains.shop.queries import outlets, the_shop
from setia.domains.staff.rules import Capability
from setia.foundation import clock

PAGE_SIZE = 50


@staff_only(Capability.VIEW_ORDERS)
def order_list(request: StaffRequest) -> HttpResponse:
    """All orders, latest first; a whole order number finds one."""
    text = request.GET.get("q", "").strip()[:64]
    outlet = request.GET.get("outlet", "")
    outlet_id = id_or_none(outlet)
    page = commerce.order_page(text=text, outlet_id=outlet_id, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    rows = [(order, _buyer(order)) for order in page.rows]
    context = {"rows": rows, "page": page, "text": text, "outlets": outlets(), "outlet_id": outlet_id}
    return render(request, "console/orders.html", {**context, "table": table_for(request.user, "orders")})


def _buyer(order: Order) -> str:
    return display_name(order.customer) if order.customer else ""


@staff_only(Capability.VIEW_ORDERS)
def detail(request: StaffRequest, order_id: int) -> HttpResponse:
    """One order: its lines, what came back, the money."""
    order = commerce.access_order(request.user, order_id)
    context = {
        "order": order,
        "buyer": _buyer(order),
        "lines": lines_of(order),
        "returns": returns_of_order(order),
        "zone": order.outlet.zone if order.outlet else the_shop().zone,
    }
    return render(request, "console/order.html", context)


@staff_only(Capability.RECORD_ORDERS, "GET", "POST")
def add(request: StaffRequest) -> HttpResponse:
    """Write an order down by hand; the form's own token makes a double click one order."""
    scale = the_shop().currency.scale
    chosen = request.POST.get("customer") or request.GET.get("customer", "")
    chosen_id = id_or_none(chosen)
    if chosen and chosen_id is None:
        raise Customer.DoesNotExist
    customer = access_customer(request.user, chosen_id) if chosen_id is not None else None
    initial = {"customer": customer.id if customer else None, "once": secrets.token_urlsafe(16)}
    form = OrderForm(request.POST or None, initial=initial, scale=scale)
    if request.method == "POST" and form.is_valid():
        order_id = _place(request, form.cleaned_data, customer)
        messages.success(request, _("The order was saved."))
        return redirect("console:order", order_id)
    context = {
        "form": form,
        "customer": customer,
        "name": display_name(customer) if customer else "",
        "products": commerce.product_page(text="", cursor="", size=200).rows,
    }
    return render(request, "console/order_form.html", context, status=422 if form.is_bound else 200)


def _place(request: StaffRequest, values: dict[str, Any], customer: Customer | None) -> int:
    lines = [
        HandLine(product=product, quantity=quantity, unit_price=price, known=known)
        for product, quantity, price, known in values["lines"]
    ]
    return place_by_hand(
        number=values["number"],
        customer_id=customer.id if customer else None,
        outlet_id=values["outlet"].id if values["outlet"] else None,
        lines=lines,
        once=f"staff:{request.user.id}:{values['once']}",
        by=request.user.actor,
        at=clock.now(),
    )
