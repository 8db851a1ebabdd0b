"""Products: what one product sells and to whom, adding and changing one, categories."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console import charts
from setia.console.doors import StaffRequest, staff_only
from setia.console.order_forms import ProductForm
from setia.console.people import display_name
from setia.console.toasts import WayBack, as_it_was, say_done
from setia.console.trade_lists import NO_CATEGORY
from setia.domains.advice.models import Companion
from setia.domains.advice.queries import choices_row, companions_of
from setia.domains.commerce import queries as commerce
from setia.domains.commerce.actions import ProductClaim, ProductExists, add_product, change_product
from setia.domains.commerce.models import Product
from setia.domains.commerce.queries.orders import product_figures
from setia.domains.commerce.queries.work import categories, category_names, changes_of
from setia.domains.customers.queries import by_ids
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import names_by_id, outlet_scope
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.money import from_smallest

HISTORY_SIZE = 30


@staff_only(Capability.VIEW_ORDERS)
def category_list(request: StaffRequest) -> HttpResponse:
    """All categories with their products and prices."""
    return render(request, "console/categories.html", {"categories": categories(), "none": NO_CATEGORY})


@staff_only(Capability.VIEW_ORDERS)
def detail(request: StaffRequest, product_id: int) -> HttpResponse:
    """One product: what it sold, who buys it most, what it cost before."""
    product = commerce.access_product(request.user, product_id)
    totals = commerce.buyers_of(product, limit=10)
    people = {customer.id: customer for customer in by_ids([row["customer_id"] for row in totals])}
    buyers = [(people[row["customer_id"]].id, display_name(people[row["customer_id"]]), row) for row in totals]
    changes = changes_of(product, limit=HISTORY_SIZE)
    names = names_by_id({change.actor_id for change in changes if change.actor_kind == "staff"})
    pairs = companions_of(product)
    context = {
        "product": product,
        "companions": [_pair(pair) for pair in pairs],
        "is_excluded": str(product.id) in choices_row().excluded_products,
        "figures": product_figures(product),
        "some_outlets": outlet_scope(request.user) is not None,
        "buyers": buyers,
        "changes": [
            (change, names.get(change.actor_id, "") if change.actor_kind == "staff" else "") for change in changes
        ],
    }
    return render(request, "console/product.html", context)


def _pair(pair: Companion) -> dict[str, Any]:
    """Return a companion with its figures as texts."""
    return {
        "other": pair.other,
        "both": pair.both,
        "confidence_text": charts.whole_percent(pair.confidence),
        "support_text": charts.percent(pair.support),
        "lift_text": charts.thousands(round(pair.lift, 1)),
    }


@staff_only(Capability.MANAGE_CATALOGUE, "GET", "POST")
def add(request: StaffRequest) -> HttpResponse:
    """Add a product by hand."""
    form = ProductForm(request.POST or None, scale=the_shop().currency.scale, with_sku=True)
    if request.method == "POST" and form.is_valid():
        try:
            product = add_product(claim=ProductClaim(**form.cleaned_data), by=request.user.actor, at=clock.now())
        except ProductExists:
            form.add_error("sku" if form.cleaned_data["sku"] else "name", _("This product is there already."))
        else:
            say_done(request, _("The product was added."))
            return redirect("console:product", product.id)
    return _form_page(request, form, None)


@staff_only(Capability.MANAGE_CATALOGUE, "GET", "POST")
def edit(request: StaffRequest, product_id: int) -> HttpResponse:
    """Change a product's name, category or price."""
    product = commerce.access_product(request.user, product_id)
    scale = the_shop().currency.scale
    price = from_smallest(product.price, scale)
    initial = {"name": product.name, "category": product.category, "price": 0 if price is None else price}
    form = ProductForm(request.POST or None, scale=scale, with_sku=False, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_product(product=product, changes=form.cleaned_data, by=request.user.actor, at=clock.now())
        url = reverse("console:product_edit", args=[product.id])
        back = WayBack(url, as_it_was(form)) if form.has_changed() else None
        say_done(request, _("The product was saved."), undo=back)
        return redirect("console:product", product.id)
    return _form_page(request, form, product)


def _form_page(request: StaffRequest, form: ProductForm, product: Product | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "product": product, "categories": category_names()}
    return render(request, "console/product_form.html", context, status=422 if form.is_bound else 200)
