"""What is done with an order: steps, the parcel, payments, refunds."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
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

Change = Callable[..., HttpResponse | None]


def _on_order(capability: Capability) -> Callable[[Change], Callable[..., HttpResponseBase]]:
    """Make a view that changes an order and shows it again, with why not where it could not be done."""

    def decorate(change: Change) -> Callable[..., HttpResponseBase]:
        @wraps(change)
        def changed(request: StaffRequest, order_id: int, **ids: int) -> HttpResponse:
            order = commerce.access_order(request.user, order_id)
            try:
                answer = change(request, order, **ids)
            except UnableToMove as error:
                messages.error(request, MOVE_REFUSALS[error.code])
            except UnableToPay as error:
                messages.error(request, PAY_REFUSALS[error.code])
            else:
                if answer is not None:
                    return answer
            return redirect("console:order", order.id)

        return staff_only(capability, "POST")(cast("Any", changed))

    return decorate


def _back(order: Order) -> WayBack:
    return WayBack(reverse("console:order_back", args=[order.id]), {"from_status": order.status})


@_on_order(Capability.CHANGE_ORDERS)
def move(request: StaffRequest, order: Order) -> None:
    """Take an order a step further."""
    form = MoveForm(request.POST)
    if form.is_valid():
        moved = move_order(order_id=order.id, **form.cleaned_data, by=request.user.actor, at=clock.now())
        words = _("The order is now: {status}.").format(status=status_name(moved.status, moved.fulfilment))
        say_done(request, words, undo=_back(moved))


@_on_order(Capability.CHANGE_ORDERS)
def step_back(request: StaffRequest, order: Order) -> None:
    """Take the latest step of an order back."""
    from_status = request.POST.get("from_status", "")
    moved = take_step_back(order_id=order.id, from_status=from_status, by=request.user.actor, at=clock.now())
    name = status_name(moved.status, moved.fulfilment)
    say_done(request, _("The step was taken back; the order is now: {status}.").format(status=name))


@_on_order(Capability.CHANGE_ORDERS)
def ship(request: StaffRequest, order: Order) -> HttpResponse | None:
    """Hand an order to a courier, or change what is known of its parcel."""
    zone = order.outlet.zone if order.outlet else the_shop().zone
    form = ShipForm(request.POST, ordered_date=order.placed_at.astimezone(zone).date())
    if not form.is_valid():
        return order_page(request, order, wrong=form, status=422)
    was_shipped = order.status in ("shipped", "delivered")
    moved = ship_order(order_id=order.id, **form.cleaned_data, by=request.user.actor, at=clock.now())
    say_done(request, _("The parcel was saved."), undo=None if was_shipped else _back(moved))
    return None


@_on_order(Capability.CHANGE_ORDERS)
def pay(request: StaffRequest, order: Order) -> HttpResponse | None:
    """Write down money that came in."""
    form = PaymentForm(request.POST, scale=the_shop().currency.scale)
    return _move_money(
        request, order, form, "payment", _("The payment was saved."), once="order_pay", verb=take_payment
    )


@_on_order(Capability.CHANGE_ORDERS)
def take_payment_back(request: StaffRequest, order: Order, payment_id: int) -> None:
    """Take a payment back that was written down by mistake."""
    payment = access_payment(request.user, order, payment_id)
    reverse_payment(payment_id=payment.id, by=request.user.actor, at=clock.now())
    forget_done(payment_id)
    say_done(request, _("The payment was taken back."))


@_on_order(Capability.REFUND)
def refund(request: StaffRequest, order: Order) -> HttpResponse | None:
    """Write down money that goes back: for a return of the order, or for the order itself."""
    form = RefundForm(request.POST, scale=the_shop().currency.scale)
    about = {"return_id": id_or_none(request.POST.get("return", ""))}
    words = _("The refund was saved.")
    return _move_money(request, order, form, "refund", words, once="order_refund", verb=pay_back, **about)


@_on_order(Capability.REFUND)
def take_refund_back(request: StaffRequest, order: Order, refund_id: int) -> None:
    """Take a refund back that was written down by mistake."""
    paid_back = access_refund(request.user, order, refund_id)
    reverse_refund(refund_id=paid_back.id, by=request.user.actor, at=clock.now())
    forget_done(refund_id)
    say_done(request, _("The refund was taken back."))


def _move_money(
    request: StaffRequest,
    order: Order,
    form: PaymentForm | RefundForm,
    name: str,
    words: str,
    *,
    once: str,
    verb: Callable[..., Any],
    **about: Any,
) -> HttpResponse | None:
    """Write down money once, however often its form is sent; a form that is refused stands there as it was typed."""
    if not form.is_valid():
        return order_page(request, order, wrong=form, status=422)

    def work() -> int:
        source = f"console|{request.user.id}|{request.POST.get('once', '')}|{clock.now().isoformat()}"
        row = verb(
            order_id=order.id, **about, **form.cleaned_data, source=source, by=request.user.actor, at=clock.now()
        )
        return int(row.id)

    try:
        row_id = only_once(request, once, work)
    except UnableToPay as error:
        form.add_error(None, PAY_REFUSALS[error.code])
        return order_page(request, order, wrong=form, status=422)
    say_done(request, words, undo=WayBack(reverse(f"console:{name}_reverse", args=[order.id, row_id]), {}))
    return None
