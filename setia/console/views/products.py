"""Products: the list, and what one product sells and to whom."""

from django.http import HttpResponse
from django.shortcuts import render

from setia.console.doors import StaffRequest, staff_only
from setia.console.people import display_name
from setia.console.tables import table_for
from setia.domains.commerce import queries as commerce
from setia.domains.commerce.queries.orders import product_figures
from setia.domains.customers.queries import by_ids
from setia.domains.staff.rules import Capability

PAGE_SIZE = 50


@staff_only(Capability.VIEW_ORDERS)
def product_list(request: StaffRequest) -> HttpResponse:
    """All products by name."""
    text = request.GET.get("q", "").strip()[:200]
    page = commerce.product_page(text=text, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    context = {"page": page, "text": text, "table": table_for(request.user, "products")}
    return render(request, "console/products.html", context)


@staff_only(Capability.VIEW_ORDERS)
def detail(request: StaffRequest, product_id: int) -> HttpResponse:
    """One product: what it sold, who buys it most."""
    product = commerce.access_product(request.user, product_id)
    totals = commerce.buyers_of(product, limit=10)
    people = {customer.id: customer for customer in by_ids([row["customer_id"] for row in totals])}
    buyers = [(people[row["customer_id"]].id, display_name(people[row["customer_id"]]), row) for row in totals]
    context = {"product": product, "figures": product_figures(product), "buyers": buyers}
    return render(request, "console/product.html", context)
