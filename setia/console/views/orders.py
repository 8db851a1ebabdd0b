"""Orders: one order with its lines and returns, writing one down by hand."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.forms import OrderForm
from setia.console.once import page_token
from setia.console.order_forms import PaymentForm, RefundForm, ShipForm
from setia.console.order_words import CHANNEL_NAMES, FULFILMENT_NAMES, TENDER_NAMES, TONES, status_name, step_words
from setia.console.people import display_name
from setia.domains.commerce import queries as commerce
from setia.domains.commerce.actions import HandLine, place_by_hand
from setia.domains.commerce.models import Order
from setia.domains.commerce.queries.orders import lines_of
from setia.domains.commerce.queries.work import OrderWork, work_on
from setia.domains.commerce.rules import OPEN, RETURNABLE, SHIPPED, steps_of
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import access_customer
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import names_by_id, outlet_scope, outlets_of
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.money import from_smallest


def buyer_of(order: Order) -> str:
    """Return what to call whose order it is, "" for a passer-by."""
    return display_name(order.customer) if order.customer else ""


@staff_only(Capability.VIEW_ORDERS)
def detail(request: StaffRequest, order_id: int) -> HttpResponse:
    """One order: its steps, its lines, what came back, the money."""
    return order_page(request, commerce.access_order(request.user, order_id))


def order_page(
    request: StaffRequest, order: Order, *, wrong: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    """Return the page of an order; `wrong` is a form of it that was refused, and stands there as it was typed."""
    at = clock.now()
    work = work_on(order, at=at)
    scale = the_shop().currency.scale
    shown: dict[str, Any] = {
        "ship_form": ShipForm(initial=_parcel(order, work)),
        "payment_form": PaymentForm(scale=scale, initial={"amount": from_smallest(work.balance.rest, scale)}),
        "refund_form": RefundForm(scale=scale, initial={"amount": from_smallest(work.balance.surplus, scale)}),
    }
    if wrong is not None:
        name = {ShipForm: "ship_form", PaymentForm: "payment_form", RefundForm: "refund_form"}[type(wrong)]
        shown[name] = wrong
    context = {
        "order": order,
        "buyer": buyer_of(order),
        "lines": lines_of(order),
        "work": work,
        "status_name": status_name(order.status, order.fulfilment),
        "tone": TONES[order.status],
        "steps": _steps(order),
        "buttons": [(step, step_words(step, order.fulfilment)) for step in work.next_statuses if step != SHIPPED],
        "can_ship": SHIPPED in work.next_statuses or work.shipment is not None,
        "history": _history(order, work),
        "zone": order.outlet.zone if order.outlet else the_shop().zone,
        "may_return": order.status in RETURNABLE,
        "fulfilment": FULFILMENT_NAMES[order.fulfilment],
        "tender": TENDER_NAMES.get(order.tender.casefold(), order.tender),
        "channel": CHANNEL_NAMES.get(order.channel.casefold(), order.channel),
    }
    return render(request, "console/order.html", {**context, **shown}, status=status)


def _parcel(order: Order, work: OrderWork) -> dict[str, Any]:
    names = ("courier", "tracking_number", "estimated_date")
    known = {name: getattr(work.shipment, name) for name in names} if work.shipment else {}
    return {"from_status": order.status, **known}


def _steps(order: Order) -> list[tuple[str, str]]:
    """Return the usual way of an order, each step with how it stands: done, here or ahead."""
    steps = steps_of(order.fulfilment)
    if order.status not in (*steps, OPEN):
        return []
    here = steps.index(order.status) if order.status in steps else -1
    words = ["done" if place < here else "here" if place == here else "ahead" for place in range(len(steps))]
    return [(status_name(step, order.fulfilment), word) for step, word in zip(steps, words, strict=True)]


def _history(order: Order, work: OrderWork) -> list[dict[str, Any]]:
    names = names_by_id({change.actor_id for change in work.changes if change.actor_kind == "staff"})
    return [
        {
            "at": change.changed_at,
            "from": status_name(change.from_status, order.fulfilment),
            "to": status_name(change.to_status, order.fulfilment),
            "is_back": change.is_back,
            "actor": names.get(change.actor_id, "") if change.actor_kind == "staff" else "",
        }
        for change in work.changes
    ]


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
    # Whoever sees some outlets only would not find an order of none again.
    form = OrderForm(
        request.POST or None,
        initial=initial,
        scale=scale,
        outlets=outlets_of(request.user),
        needs_outlet=outlet_scope(request.user) is not None,
    )
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
        once=f"staff:{request.user.id}:{page_token(request)}",
        tender=values["tender"],
        fulfilment=values["fulfilment"],
        is_paid=not values["is_unpaid"],
        by=request.user.actor,
        at=clock.now(),
    )
