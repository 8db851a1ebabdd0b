"""Search from the top bar: people first, then orders and products."""

from django.http import HttpResponse
from django.shortcuts import render

from setia.console.doors import StaffRequest, staff_only
from setia.console.people import shown_people
from setia.domains.commerce.queries import product_page, search_customers
from setia.domains.commerce.queries.order_lists import find_orders
from setia.domains.staff.rules import Capability

SHORTEST = 2
DROPDOWN_ROWS = 7
PAGE_ROWS = 50


@staff_only(Capability.VIEW_CUSTOMERS)
def search(request: StaffRequest) -> HttpResponse:
    """Find people, orders and products by one text; for htmx only the drop-down under the box."""
    text = request.GET.get("q", "").strip()[:100]
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    rows = DROPDOWN_ROWS if is_part else PAGE_ROWS
    found: dict[str, object] = {"text": text, "is_short": len(text) < SHORTEST, "rows": rows}
    if len(text) >= SHORTEST:
        found["people"] = shown_people(request.user, search_customers(text, limit=rows), page="search")
        found["orders"] = find_orders(viewer=request.user, text=text, limit=5)
        found["products"] = product_page(text=text, cursor="", size=5).rows
    return render(request, "console/parts/search_results.html" if is_part else "console/search.html", found)
