"""The list of customers: a view, a stage, filters, a sort, a page; or the answer to a search."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from setia.console.doors import StaffRequest, staff_only
from setia.console.list_forms import CustomerFilterForm
from setia.console.people import shown_people
from setia.console.saved import saved_views, way_to_view
from setia.console.tables import table_for
from setia.domains.commerce import queries as commerce
from setia.domains.commerce.queries.listing import sorts_of
from setia.domains.lists.queries import owners_of, tags_of
from setia.domains.staff.queries import may
from setia.domains.staff.rules import Capability
from setia.foundation import clock

PAGE_SIZE = 50


@staff_only(Capability.VIEW_CUSTOMERS)
def customer_list(request: StaffRequest) -> HttpResponse:
    """The list; without a question it opens with the view its reader chose for that."""
    saved = saved_views(request, "customers")
    if (way := way_to_view(request, saved)) is not None:
        return way
    text = request.GET.get("q", "").strip()[:100]
    form = CustomerFilterForm(request.GET, request.user)
    context: dict[str, Any] = {"text": text, "form": form, "saved": saved, **asked(request)}
    context |= {"kept": form.kept("view"), "bare": f"?stage={context['stage']}"}
    context["hidden"] = [("stage", context["stage"]), ("sort", context["sort"])]
    table = table_for(request.user, "customers", chosen=saved.columns)
    if text:
        rows = commerce.search_customers(text, limit=PAGE_SIZE)
        context |= {"count": len(rows)}
    else:
        at = clock.now()
        filters = form.filters
        stage, sort, cursor = context["stage"], context["sort"], request.GET.get("cursor", "")
        found = commerce.customer_list(stage=stage, sort=sort, cursor=cursor, size=PAGE_SIZE, at=at, filters=filters)
        rows = found.page.rows
        context |= {"page": found.page, "count": found.count, "chips": form.chips()}
        if not rows and filters:
            context["drops"] = [
                chip for chip in context["chips"] if commerce.is_anybody(stage=stage, at=at, filters=chip.left)
            ]
    ids = [row.customer_id for row in rows]
    context |= {
        "people": shown_people(request.user, rows, page="customers"),
        "page_ids": ",".join(str(row_id) for row_id in ids),
        "tags": tags_of(ids) if "tags" in table.shown else {},
        "owners": owners_of(ids) if "owner" in table.shown else {},
        "may_choose": may(request.user, Capability.BULK_EDIT) or may(request.user, Capability.EXPORT),
        "stages": commerce.STAGES,
        "table": table,
    }
    part = "console/parts/customer_rows.html" if request.htmx else "console/customers.html"  # type: ignore[attr-defined]
    return render(request, part, context)


def asked(request: StaffRequest) -> dict[str, Any]:
    """Return the stage and the sort a page asks for."""
    stage = request.GET.get("stage", "")
    stage = stage if stage in commerce.STAGES else "buyers"
    sorts = sorts_of(stage)
    sort = request.GET.get("sort", "")
    return {"stage": stage, "sort": sort if sort in sorts else sorts[0], "sorts": sorts}
