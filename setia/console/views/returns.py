"""Returns taken in by a person, and the policy they stand under."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, staff_only
from setia.console.once import only_once
from setia.console.order_forms import ReturnForm, ReturnPolicyForm
from setia.console.order_words import DOUBTS, ELIGIBLE_WORDS, NOT_ELIGIBLE_WORDS, PAY_REFUSALS, RETURN_REFUSALS
from setia.console.toasts import WayBack, as_it_was, say_done
from setia.domains.commerce import queries as commerce
from setia.domains.commerce.actions import (
    Money,
    UnableToPay,
    UnableToReturn,
    change_return_policy,
    mark_checked,
    take_back,
    undo_return,
)
from setia.domains.commerce.models import Order
from setia.domains.commerce.queries.orders import lines_of
from setia.domains.commerce.queries.work import access_return, doubts_about, return_policy, work_on
from setia.domains.commerce.rules import RETURNABLE
from setia.domains.shop.queries import the_shop
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.once import forget_done


@staff_only(Capability.REFUND, "GET", "POST")
def take_goods_back(request: StaffRequest, order_id: int) -> HttpResponse:
    """Take goods of an order back: which lines, how many, why, and what is paid back now."""
    order = commerce.access_order(request.user, order_id)
    if order.status not in RETURNABLE:
        messages.error(request, RETURN_REFUSALS["not_returnable"])
        return redirect("console:order", order.id)
    form = ReturnForm(request.POST or None, lines=lines_of(order), scale=the_shop().currency.scale)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            return_id = only_once(request, f"order_return|{order.id}", lambda: _take_back(request, order, values))
        except UnableToReturn as error:
            form.add_error("exception_reason" if error.code == "reason_needed" else None, RETURN_REFUSALS[error.code])
        except UnableToPay as error:
            form.add_error("amount", PAY_REFUSALS[error.code])
        else:
            url = reverse("console:return_undo", args=[return_id])
            say_done(request, _("The return was saved."), undo=WayBack(url, {}))
            return redirect("console:order", order.id)
    at = clock.now()
    policy = return_policy()
    context = {
        "order": order,
        "form": form,
        "policy": policy,
        "eligible": policy.eligible_words or ELIGIBLE_WORDS,
        "not_eligible": policy.not_eligible_words or NOT_ELIGIBLE_WORDS,
        "doubts": [DOUBTS[doubt] for doubt in doubts_about(order, at=at)],
        "refundable": work_on(order, at=at).balance.refundable,
    }
    return render(request, "console/order_return.html", context, status=422 if form.is_bound else 200)


def _take_back(request: StaffRequest, order: Order, values: dict[str, Any]) -> int:
    row = take_back(
        order_id=order.id,
        quantities=values["quantities"],
        reason=values["reason"],
        source=f"console|{request.user.id}|{request.POST.get('once', '')}|{clock.now().isoformat()}",
        refund=Money(values["refund"], values["tender"]),
        exception_reason=values["exception_reason"],
        by=request.user.actor,
        at=clock.now(),
    )
    return int(row.id)


@staff_only(Capability.REFUND, "POST")
def check(request: StaffRequest, return_id: int) -> HttpResponse:
    """Note that the goods of a return were looked at."""
    row = access_return(request.user, return_id)
    mark_checked(return_id=row.id, by=request.user.actor, at=clock.now())
    say_done(request, _("The goods were checked."))
    return redirect("console:order", row.order_id) if row.order_id else redirect("console:orders")


@staff_only(Capability.REFUND, "POST")
def undo(request: StaffRequest, return_id: int) -> HttpResponse:
    """Take back a return that was written down by mistake, with its refunds."""
    row = access_return(request.user, return_id)
    try:
        undo_return(return_id=row.id, by=request.user.actor, at=clock.now())
    except UnableToReturn as error:
        messages.error(request, RETURN_REFUSALS[error.code])
    else:
        forget_done(row.id)
        say_done(request, _("The return was taken back, with its refund."))
    return redirect("console:order", row.order_id) if row.order_id else redirect("console:orders")


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def policy_page(request: StaffRequest) -> HttpResponse:
    """Change what the shop promises about returns."""
    policy = return_policy()
    initial = {name: getattr(policy, name) for name in ReturnPolicyForm.base_fields}
    initial["excluded_categories"] = "\n".join(policy.excluded_categories)
    form = ReturnPolicyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_return_policy(changes=form.cleaned_data, by=request.user.actor, at=clock.now())
        back = WayBack(request.path, as_it_was(form)) if form.has_changed() else None
        say_done(request, _("The changes were saved."), undo=back)
        return redirect("console:return_policy")
    context = {"form": form, "spans": _spans(form), "eligible": ELIGIBLE_WORDS, "not_eligible": NOT_ELIGIBLE_WORDS}
    return render(request, "console/return_policy.html", context, status=422 if form.is_bound else 200)


def _spans(form: forms.Form) -> list[tuple[Any, Any]]:
    return [(form[f"{name}_days_min"], form[f"{name}_days_max"]) for name in ("check", "refund", "total")]
