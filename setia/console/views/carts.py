"""Carts: the list, and placing the order of one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, staff_only
from setia.console.people import display_name
from setia.domains.commerce.actions import UnableToOrder, convert_cart
from setia.domains.commerce.models import CartState
from setia.domains.commerce.queries.work import access_cart, cart_counts, cart_page
from setia.domains.shop.queries import the_shop
from setia.domains.staff.rules import Capability
from setia.foundation import clock

PAGE_SIZE = 50


@staff_only(Capability.VIEW_ORDERS)
def cart_list(request: StaffRequest) -> HttpResponse:
    """Carts of one state, latest first."""
    state = request.GET.get("state", "")
    state = state if state in CartState.values else CartState.ABANDONED
    page = cart_page(viewer=request.user, state=state, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    counts = cart_counts(viewer=request.user)
    context = {
        "rows": [(cart, display_name(cart.customer) if cart.customer else "") for cart in page.rows],
        "page": page,
        "state": state,
        "counts": [(name, counts.get(name, 0)) for name in (CartState.ABANDONED, CartState.OPEN, CartState.ORDERED)],
        "idle_minutes": the_shop().cart_idle_minutes,
    }
    return render(request, "console/carts.html", context)


@staff_only(Capability.RECORD_ORDERS, "POST")
def place(request: StaffRequest, cart_id: int) -> HttpResponse:
    """Place the order of a cart; sent twice, it is the same order."""
    cart = access_cart(request.user, cart_id)
    try:
        order_id = convert_cart(cart_id=cart.id, number="", by=request.user.actor, at=clock.now())
    except UnableToOrder:
        messages.error(request, _("The cart is empty."))
        return redirect("console:carts")
    messages.success(request, _("The order was saved."))
    return redirect("console:order", order_id)
