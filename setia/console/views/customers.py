"""Customers: the list, the 360 page, adding and changing people, notes."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console import happenings
from setia.console.doors import StaffRequest, staff_only
from setia.console.forms import CustomerForm, NoteForm
from setia.console.once import only_once
from setia.console.people import contact_of, display_name, shown_people
from setia.console.tables import table_for
from setia.console.toasts import WayBack, as_it_was, say_done
from setia.domains.commerce import queries as commerce
from setia.domains.commerce.queries.listing import sorts_of, stage_of
from setia.domains.customers import actions
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import access_customer, alias_ids, contacts
from setia.domains.customers.rules import IdentityKind, PersonClaim
from setia.domains.staff.queries import may
from setia.domains.staff.rules import Capability
from setia.domains.timeline import actions as timeline_actions
from setia.domains.timeline.queries import GROUPS, access_note, timeline
from setia.foundation import clock
from setia.foundation.events.recording import log_access
from setia.foundation.paging import COUNT_LIMIT

PAGE_SIZE = 50
TIMELINE_SIZE = 20
ORDERS_SIZE = 6
_PROFILE_FIELDS = ("name", "birth_date", "address", "city")


@staff_only(Capability.VIEW_CUSTOMERS)
def customer_list(request: StaffRequest) -> HttpResponse:
    """The list: a stage, a sort, a page; or the answer to a search."""
    at = clock.now()
    stage = request.GET.get("stage", "")
    stage = stage if stage in commerce.STAGES else "buyers"
    sorts = sorts_of(stage)
    sort = request.GET.get("sort", "")
    sort = sort if sort in sorts else sorts[0]
    text = request.GET.get("q", "").strip()[:100]
    context: dict[str, Any] = {"stage": stage, "sort": sort, "sorts": sorts, "text": text}
    if text:
        rows = commerce.search_customers(text, limit=PAGE_SIZE)
        context |= {"people": shown_people(request.user, rows, page="customers"), "count": len(rows)}
    else:
        count = commerce.customer_count(stage=stage, at=at)
        cursor, is_many = request.GET.get("cursor", ""), count > COUNT_LIMIT
        page = commerce.customer_page(stage=stage, sort=sort, cursor=cursor, size=PAGE_SIZE, at=at, is_many=is_many)
        context |= {
            "people": shown_people(request.user, page.rows, page="customers"),
            "page": page,
            "count": count,
        }
    context |= {"stages": commerce.STAGES, "table": table_for(request.user, "customers")}
    part = "console/parts/customer_rows.html" if request.htmx else "console/customers.html"  # type: ignore[attr-defined]
    return render(request, part, context)


@staff_only(Capability.VIEW_CUSTOMERS)
def detail(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The 360 page: who this is, how valuable, what happened, what is open."""
    customer = access_customer(request.user, customer_id)
    if customer.id != customer_id:
        return redirect("console:customer", customer.id)
    return _detail(request, customer, NoteForm())


def _detail(request: StaffRequest, customer: Customer, form: NoteForm, status: int = 200) -> HttpResponse:
    at = clock.now()
    ids = alias_ids(customer.id)
    counters = commerce.counters_of(customer.id)
    group = request.GET.get("show", "")
    context = {
        "customer": customer,
        "name": display_name(customer),
        "contact": contact_of(request.user, customer, ids, page="customer"),
        "sees_all": may(request.user, Capability.VIEW_PERSONAL_DATA),
        "counters": counters,
        "stage": stage_of(counters, at),
        "overdue": _overdue(counters, at),
        "orders": commerce.orders_of(ids, cursor="", size=ORDERS_SIZE),
        "returns": commerce.returns_of(ids, limit=5),
        "favorites": commerce.top_products(ids, limit=5),
        "note_form": form,
        **_timeline(request, ids, group),
    }
    return render(request, "console/customer.html", context, status=status)


def _timeline(request: StaffRequest, ids: list[int], group: str) -> dict[str, Any]:
    page = timeline(ids, group=group, cursor=request.GET.get("cursor", ""), size=TIMELINE_SIZE)
    return {
        "group": group if group in GROUPS else "",
        "groups": GROUPS,
        "happenings": happenings.shown(page.rows, viewer=request.user),
        "timeline": page,
    }


def _overdue(counters: Any, at: Any) -> int | None:
    """Return by how many days a customer is later than his own usual gap, when it is half as long again."""
    gap = counters.average_gap
    if gap is None or counters.order_count < 3 or gap.total_seconds() < 86_400:
        return None
    silent = at - counters.last_order_at
    return (silent - gap).days if silent > 1.5 * gap else None


@staff_only(Capability.VIEW_CUSTOMERS)
def timeline_part(request: StaffRequest, customer_id: int) -> HttpResponse:
    """More of the timeline, for htmx; a page of its own without it."""
    customer = access_customer(request.user, customer_id)
    context = {"customer": customer, "name": display_name(customer)}
    context |= _timeline(request, alias_ids(customer.id), request.GET.get("show", ""))
    part = "console/parts/timeline.html" if request.htmx else "console/timeline.html"  # type: ignore[attr-defined]
    return render(request, part, context)


@staff_only(Capability.VIEW_ORDERS)
def orders_part(request: StaffRequest, customer_id: int) -> HttpResponse:
    """All orders of a customer, page by page."""
    customer = access_customer(request.user, customer_id)
    page = commerce.orders_of(alias_ids(customer.id), cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    context = {"customer": customer, "name": display_name(customer), "page": page}
    return render(request, "console/customer_orders.html", context)


@staff_only(Capability.EDIT_CUSTOMERS, "GET", "POST")
def add(request: StaffRequest) -> HttpResponse:
    """Add a person by hand."""
    form = CustomerForm(request.POST or None)
    taken = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        claim = PersonClaim(
            phone=values["phone"],
            email=values["email"],
            name=values["name"],
            city=values["city"],
            birth_date=values["birth_date"],
        )

        def work() -> int:
            by, at = request.user.actor, clock.now()
            return int(actions.add_customer(claim=claim, address=values["address"], door="form", by=by, at=at).id)

        try:
            customer = access_customer(request.user, only_once(request, "customer", work))
        except actions.IdentityTaken as error:
            taken = _say_taken(form, error)
        else:
            say_done(request, _("{name} was added.").format(name=display_name(customer)))
            return redirect("console:customer", customer.id)
    status = 422 if form.is_bound else 200
    return render(request, "console/customer_form.html", {"form": form, "taken": taken}, status=status)


@staff_only(Capability.EDIT_CUSTOMERS, "GET", "POST")
def edit(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Change a person's profile, phone and e-mail."""
    customer = access_customer(request.user, customer_id)
    contact = contacts([customer.id])[customer.id]
    log_access(by=request.user.actor, at=clock.now(), page="customer_form", customer_id=customer.id)
    initial = {name: getattr(customer, name) for name in _PROFILE_FIELDS}
    form = CustomerForm(request.POST or None, initial={**initial, "phone": contact.phone, "email": contact.email})
    taken = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.change_profile(
                customer=customer,
                changes={name: values[name] for name in _PROFILE_FIELDS},
                identities={IdentityKind.PHONE: values["phone"], IdentityKind.EMAIL: values["email"]},
                by=request.user.actor,
                at=clock.now(),
            )
        except actions.IdentityTaken as error:
            taken = _say_taken(form, error)
        else:
            back = WayBack(request.path, as_it_was(form)) if form.has_changed() else None
            say_done(request, _("The changes were saved."), undo=back)
            return redirect("console:customer", customer.id)
    context = {"form": form, "customer": customer, "name": display_name(customer), "taken": taken}
    return render(request, "console/customer_form.html", context, status=422 if form.is_bound else 200)


def _say_taken(form: CustomerForm, error: actions.IdentityTaken) -> int:
    words = {
        IdentityKind.PHONE: _("Somebody else has this phone number."),
        IdentityKind.EMAIL: _("Somebody else has this e-mail address."),
    }
    form.add_error(error.kind.value, words[error.kind])
    return error.owner_id


@staff_only(Capability.EDIT_CUSTOMERS, "POST")
def write_note(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Write a note; what was typed stays when it cannot be kept."""
    customer = access_customer(request.user, customer_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _detail(request, customer, form, status=422)
    body = form.cleaned_data["body"]

    def work() -> int:
        return int(timeline_actions.write_note(customer=customer, body=body, author=request.user, at=clock.now()).id)

    note_id = only_once(request, f"note:{customer.id}", work)
    back = WayBack(reverse("console:note_remove", args=[customer.id, note_id]), {})
    say_done(request, _("The note was saved."), undo=back)
    return redirect("console:customer", customer.id)


@staff_only(Capability.EDIT_CUSTOMERS, "POST")
def remove_note(request: StaffRequest, customer_id: int, note_id: int) -> HttpResponse:
    """Take a note back."""
    customer = access_customer(request.user, customer_id)
    note = access_note(request.user, customer, note_id)
    timeline_actions.remove_note(note=note, by=request.user, at=clock.now())
    # The words are gone from the database; they come back as a note of whoever takes this back.
    back = WayBack(reverse("console:note_write", args=[customer.id]), {"body": note.body})
    say_done(request, _("The note was removed."), undo=back)
    return HttpResponseRedirect(f"/console/customers/{customer.id}/")
