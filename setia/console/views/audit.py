"""Who looked at whose personal data, how far the audit is sealed, and the security review."""

from django.http import HttpResponse
from django.shortcuts import render

from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.review import points
from setia.domains.staff.queries import everybody, names_by_id
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.events.models import AccessLog
from setia.foundation.events.verifying import last_check, last_seal
from setia.foundation.paging import Key, key_page

PAGE_SIZE = 50


@staff_only(Capability.VIEW_AUDIT)
def access(request: StaffRequest) -> HttpResponse:
    """The looks at personal data, latest first, of one person of the team or at one customer."""
    rows = AccessLog.objects.all()
    staff_id = id_or_none(request.GET.get("staff", ""))
    customer_id = id_or_none(request.GET.get("customer", ""))
    if staff_id is not None:
        rows = rows.filter(actor_kind="staff", actor_id=staff_id)
    if customer_id is not None:
        rows = rows.filter(customer_id=customer_id)
    page = key_page(rows, keys=(Key("id"),), cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    names = names_by_id({row.actor_id for row in page.rows if row.actor_kind == "staff"})
    context = {
        "rows": [(row, names.get(row.actor_id, row.actor_kind)) for row in page.rows],
        "page": page,
        "people": everybody(),
        "staff_id": staff_id,
        "seal": last_seal(),
        "check": last_check(),
    }
    return render(request, "console/access.html", context)


@staff_only(Capability.VIEW_AUDIT)
def review(request: StaffRequest) -> HttpResponse:
    """The security review: what needs a look now, and what to do about it; made to be printed and signed."""
    at = clock.now()
    found = points(request.user, at=at)
    open_count = sum(not point.is_fine for point in found)
    return render(request, "console/review.html", {"points": found, "at": at, "open_count": open_count})
