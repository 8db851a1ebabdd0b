"""What is done with an order: steps, the parcel, payments, refunds."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.once import only_once
from setia.console.order_forms import MoveForm, PaymentForm, RefundForm, ShipForm
from setia.console.order_words import MOVE_REFUSALS, PAY_REFUSALS, status_name
from setia.console.toasts import WayBack, say_done
from setia.console.views.orders import order_page
from setia.domains.commerce import queries as commerce
from setia.domains.commerce.actions import (
    UnableToMove,
    UnableToPay,
    move_order,
    pay_back,
    reverse_payment,
    reverse_refund,
    ship_order,
    take_payment,
    take_step_back,
)
from setia.domains.commerce.models import Order
from setia.domains.commerce.queries.work import access_payment, access_refund
from setia.domains.shop.queries import the_shop
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.once import forget_done


def _back(order: Order) -> WayBack:
    return WayBack(reverse("console:order_back", args=[order.id]), {"from_status": order.status})


@staff_only(Capability.CHANGE_ORDERS, "POST")
def move(request: StaffRequest, order_id: int) -> HttpResponse:
    """Take an order a step further."""
    order = commerce.access_order(request.user, order_id)
    form = MoveForm(request.POST)
    if form.is_valid():
        try:
            moved = move_order(order_id=order.id, **form.cleaned_data, by=request.user.actor, at=clock.now())
        except UnableToMove as error:
            messages.error(request, MOVE_REFUSALS[error.code])
        else:
            words = _("The order is now: {status}.").format(status=status_name(moved.status, moved.fulfilment))
            say_done(request, words, undo=_back(moved))
    return redirect("console:order", order.id)


@staff_only(Capability.CHANGE_ORDERS, "POST")
def step_back(request: StaffRequest, order_id: int) -> HttpResponse:
    """Take the latest step of an order back."""
    order = commerce.access_order(request.user, order_id)
    from_status = request.POST.get("from_status", "")
    try:
        moved = take_step_back(order_id=order.id, from_status=from_status, by=request.user.actor, at=clock.now())
    except UnableToMove as error:
        messages.error(request, MOVE_REFUSALS[error.code])
    else:
        name = status_name(moved.status, moved.fulfilment)
        say_done(request, _("The step was taken back; the order is now: {status}.").format(status=name))
    return redirect("console:order", order.id)


@staff_only(Capability.CHANGE_ORDERS, "POST")
def ship(request: StaffRequest, order_id: int) -> HttpResponse:
    """Hand an order to a courier, or change what is known of its parcel."""
    order = commerce.access_order(request.user, order_id)
    zone = order.outlet.zone if order.outlet else the_shop().zone
    form = ShipForm(request.POST, ordered_date=order.placed_at.astimezone(zone).date())
    if not form.is_valid():
        return order_page(request, order, wrong=form, status=422)
    was_shipped = order.status in ("shipped", "delivered")
    try:
        moved = ship_order(order_id=order.id, **form.cleaned_data, by=request.user.actor, at=clock.now())
    except UnableToMove as error:
        messages.error(request, MOVE_REFUSALS[error.code])
    else:
        say_done(request, _("The parcel was saved."), undo=None if was_shipped else _back(moved))
    return redirect("console:order", order.id)


@staff_only(Capability.CHANGE_ORDERS, "POST")
def pay(request: StaffRequest, order_id: int) -> HttpResponse:
    """Write down money that came in."""
    order = commerce.access_order(request.user, order_id)
    form = PaymentForm(request.POST, scale=the_shop().currency.scale)
    if not form.is_valid():
        return order_page(request, order, wrong=form, status=422)

    def work() -> int:
        source = f"console|{request.user.id}|{request.POST.get('once', '')}|{clock.now().isoformat()}"
        payment = take_payment(
            order_id=order.id, **form.cleaned_data, source=source, by=request.user.actor, at=clock.now()
        )
        return int(payment.id)

    try:
        payment_id = only_once(request, "order_pay", work)
    except UnableToPay as error:
        form.add_error(None, PAY_REFUSALS[error.code])
        return order_page(request, order, wrong=form, status=422)
    url = reverse("console:payment_reverse", args=[order.id, payment_id])
    say_done(request, _("The payment was saved."), undo=WayBack(url, {}))
    return redirect("console:order", order.id)


@staff_only(Capability.CHANGE_ORDERS, "POST")
def take_payment_back(request: StaffRequest, order_id: int, payment_id: int) -> HttpResponse:
    """Take a payment back that was written down by mistake."""
    order = commerce.access_order(request.user, order_id)
    payment = access_payment(request.user, order, payment_id)
    try:
        reverse_payment(payment_id=payment.id, by=request.user.actor, at=clock.now())
    except UnableToPay as error:
        messages.error(request, PAY_REFUSALS[error.code])
    else:
        forget_done(payment_id)
        say_done(request, _("The payment was taken back."))
    return redirect("console:order", order.id)


@staff_only(Capability.REFUND, "POST")
def refund(request: StaffRequest, order_id: int) -> HttpResponse:
    """Write down money that goes back: for a return of the order, or for the order itself."""
    order = commerce.access_order(request.user, order_id)
    form = RefundForm(request.POST, scale=the_shop().currency.scale)
    if not form.is_valid():
        return order_page(request, order, wrong=form, status=422)

    def work() -> int:
        source = f"console|{request.user.id}|{request.POST.get('once', '')}|{clock.now().isoformat()}"
        paid_back = pay_back(
            order_id=order.id,
            return_id=id_or_none(request.POST.get("return", "")),
            **form.cleaned_data,
            source=source,
            by=request.user.actor,
            at=clock.now(),
        )
        return int(paid_back.id)

    try:
        refund_id = only_once(request, "order_refund", work)
    except UnableToPay as error:
        form.add_error(None, PAY_REFUSALS[error.code])
        return order_page(request, order, wrong=form, status=422)
    url = reverse("console:refund_reverse", args=[order.id, refund_id])
    say_done(request, _("The refund was saved."), undo=WayBack(url, {}))
    return redirect("console:order", order.id)


@staff_only(Capability.REFUND, "POST")
def take_refund_back(request: StaffRequest, order_id: int, refund_id: int) -> HttpResponse:
    """Take a refund back that was written down by mistake."""
    order = commerce.access_order(request.user, order_id)
    paid_back = access_refund(request.user, order, refund_id)
    try:
        reverse_refund(refund_id=paid_back.id, by=request.user.actor, at=clock.now())
    except UnableToPay as error:
        messages.error(request, PAY_REFUSALS[error.code])
    else:
        forget_done(refund_id)
        say_done(request, _("The refund was taken back."))
    return redirect("console:order", order.id)
