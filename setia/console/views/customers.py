"""Customers: the 360 page, adding and changing people, notes."""

from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console import happenings
from setia.console.customer_forms import CHANNEL_NAMES, GENDERS, RELATIONS, SALUTATIONS, ProfileForm
from setia.console.doors import StaffRequest, staff_only
from setia.console.forms import NoteForm
from setia.console.once import only_once
from setia.console.order_words import TONES, status_name
from setia.console.people import contact_of, display_name
from setia.console.toasts import WayBack, as_it_was, say_done
from setia.console.views.contacts import NOTE, ContactForm, form_page
from setia.domains.analytics.queries import counters_and_score
from setia.domains.commerce import queries as commerce
from setia.domains.commerce.queries.listing import stage_of
from setia.domains.commerce.queries.work import carts_of
from setia.domains.customers import actions
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import (
    access_customer,
    alias_ids,
    consent_states,
    custom_fields,
    custom_values,
    duplicates_of,
    family_dates,
    known_sources,
    merges_of,
    questions_of,
    reach_of,
    tags_of,
)
from setia.domains.customers.rules import IdentityKind, PersonClaim
from setia.domains.customers.rules.consents import Purpose, is_minor
from setia.domains.shop.models import Shop
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import may
from setia.domains.staff.rules import Capability
from setia.domains.teamwork.actions import leave_note
from setia.domains.teamwork.queries import tasks_of_customer
from setia.domains.timeline import actions as timeline_actions
from setia.domains.timeline.queries import GROUPS, access_note, timeline
from setia.foundation import clock
from setia.foundation.clock import shop_day
from setia.foundation.events.recording import log_access
from setia.foundation.money import to_smallest
from setia.foundation.once import forget_done

PAGE_SIZE = 50
TIMELINE_SIZE = 20
ORDERS_SIZE = 6
CARTS_SIZE = 3
_PROFILE_FIELDS = (
    *("name", "birth_date", "address", "city", "country", "salutation", "gender", "language", "preferred_channel"),
    "acquisition_source",
)


@staff_only(Capability.VIEW_CUSTOMERS)
def detail(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The 360 page: who this is, how valuable, what happened, what is open."""
    customer = access_customer(request.user, customer_id)
    if customer.id != customer_id:
        return redirect("console:customer", customer.id)
    return _detail(request, customer)


def _detail(request: StaffRequest, customer: Customer) -> HttpResponse:
    at = clock.now()
    ids = alias_ids(customer.id)
    counters, score = counters_and_score(customer.id)
    group, shop = request.GET.get("show", ""), the_shop()
    context = {
        "customer": customer,
        "name": display_name(customer),
        "contact": contact_of(request.user, customer, ids, page="customer"),
        "sees_all": may(request.user, Capability.VIEW_PERSONAL_DATA),
        "counters": counters,
        "stage": stage_of(counters, at),
        "score": score,
        "overdue": _overdue(counters, at),
        "orders": commerce.orders_of(ids, viewer=request.user, cursor="", size=ORDERS_SIZE),
        "returns": commerce.returns_of(ids, viewer=request.user, limit=5),
        "carts": carts_of(ids, viewer=request.user, limit=CARTS_SIZE),
        "favorites": commerce.top_products(ids, limit=5),
        "contact_form": ContactForm(request.user, initial={"kind": NOTE}),
        "tasks": tasks_of_customer(request.user, ids, limit=8),
        **_timeline(request, ids, group, shop),
        **_census(request, customer, ids, shop),
    }
    return render(request, "console/customer.html", context)


def _census(request: StaffRequest, customer: Customer, ids: list[int], shop: Shop) -> dict[str, Any]:
    """Return what the shop knows of a person beside his trade, and what waits for a decision about him."""
    today = shop_day(clock.now(), zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    values, sees_all = custom_values(ids), may(request.user, Capability.VIEW_PERSONAL_DATA)
    states = consent_states(customer, on=today, row_ids=ids)
    return {
        "today": today,
        "tags": tags_of(ids),
        "family": [(row, dict(RELATIONS).get(row.relation, row.relation)) for row in family_dates(ids)[:6]],
        "own_fields": [
            (field.label, values[field.key] if sees_all or not field.is_specific else "•••")
            for field in (custom_fields() if values else ())
            if values.get(field.key)
        ],
        "allowed": [
            CHANNEL_NAMES[row.channel] for row in states if row.purpose is Purpose.MARKETING and row.is_allowed
        ],
        "objects": any(row.purpose is Purpose.PROFILING and not row.is_allowed for row in states),
        "is_minor": is_minor(customer.birth_date, on=today),
        "duplicates": [row.right if row.left_id == customer.id else row.left for row in duplicates_of(customer.id)],
        "questions": questions_of(ids),
        "merges": merges_of(ids),
        "called": dict(SALUTATIONS).get(customer.salutation, ""),
        "gender": dict(GENDERS).get(customer.gender, ""),
        "likes_channel": {c.value: name for c, name in CHANNEL_NAMES.items()}.get(customer.preferred_channel, ""),
    }


def _timeline(request: StaffRequest, ids: list[int], group: str, shop: Shop) -> dict[str, Any]:
    page = timeline(ids, group=group, cursor=request.GET.get("cursor", ""), size=TIMELINE_SIZE)
    return {
        "group": group if group in GROUPS else "",
        "groups": GROUPS,
        "happenings": happenings.shown(page.rows, viewer=request.user, currency=shop.currency),
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
    context |= _timeline(request, alias_ids(customer.id), request.GET.get("show", ""), the_shop())
    part = "console/parts/timeline.html" if request.htmx else "console/timeline.html"  # type: ignore[attr-defined]
    return render(request, part, context)


@staff_only(Capability.VIEW_ORDERS)
def orders_part(request: StaffRequest, customer_id: int) -> HttpResponse:
    """All orders of a customer, page by page."""
    customer = access_customer(request.user, customer_id)
    page = commerce.orders_of(
        alias_ids(customer.id), viewer=request.user, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE
    )
    rows = [(order, status_name(order.status, order.fulfilment), TONES[order.status]) for order in page.rows]
    context = {"customer": customer, "name": display_name(customer), "page": page, "rows": rows}
    return render(request, "console/customer_orders.html", context)


@staff_only(Capability.EDIT_CUSTOMERS, "GET", "POST")
def add(request: StaffRequest) -> HttpResponse:
    """Add a person by hand."""
    form = ProfileForm(request.POST or None, fields=custom_fields(), scale=the_shop().currency.scale)
    taken = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        claim = PersonClaim(**{name: values[name] for name in ("phone", "email", "name", "city", "birth_date")})

        def work() -> int:
            by, at = request.user.actor, clock.now()
            more = {name: value for name, value in _profile_values(form).items() if value not in (None, "", [])}
            customer = actions.add_customer(claim=claim, more=more, door="form", by=by, at=at)
            actions.set_values(customer=customer, values=form.custom_values(), by=by, at=at)
            return int(customer.id)

        try:
            customer = access_customer(request.user, only_once(request, "customer", work))
        except (actions.IdentityTaken, actions.IdentityIsBlocked) as error:
            taken = _say_taken(form, error)
        else:
            say_done(request, _("{name} was added.").format(name=display_name(customer)))
            return redirect("console:customer", customer.id)
    return _form_page(request, form, taken=taken)


@staff_only(Capability.EDIT_CUSTOMERS, "GET", "POST")
def edit(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Change a person's profile, phone and e-mail."""
    customer = access_customer(request.user, customer_id)
    log_access(by=request.user.actor, at=clock.now(), page="customer_form", customer_id=customer.id)
    scale = the_shop().currency.scale
    initial = _initial(customer, scale)
    form = ProfileForm(request.POST or None, initial=initial, fields=custom_fields(), scale=scale)
    taken = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.change_profile(
                customer=customer,
                changes=_profile_values(form),
                identities={IdentityKind.PHONE: values["phone"], IdentityKind.EMAIL: values["email"]},
                custom=form.custom_values(),
                by=request.user.actor,
                at=clock.now(),
            )
        except (actions.IdentityTaken, actions.IdentityIsBlocked) as error:
            taken = _say_taken(form, error)
        else:
            back = WayBack(request.path, as_it_was(form)) if form.has_changed() else None
            say_done(request, _("The changes were saved."), undo=back)
            return redirect("console:customer", customer.id)
    return _form_page(request, form, customer=customer, name=display_name(customer), taken=taken)


def _form_page(request: StaffRequest, form: ProfileForm, **context: Any) -> HttpResponse:
    owner = access_customer(request.user, context["taken"]) if context.get("taken") else None
    context |= {"form": form, "sources": known_sources(), "taken_name": display_name(owner) if owner else ""}
    return render(request, "console/customer_form.html", context, status=422 if form.is_bound else 200)


def _initial(customer: Customer, scale: int) -> dict[str, Any]:
    """Return a person's profile as the form shows it."""
    ids = alias_ids(customer.id)
    contact = reach_of(ids)
    initial = {name: getattr(customer, name) for name in _PROFILE_FIELDS}
    cost = customer.acquisition_cost
    initial |= {
        "phone": contact.phone,
        "email": contact.email,
        "interests": ", ".join(customer.interests),
        "acquisition_cost": None if cost is None else Decimal(cost).scaleb(-scale),
        "owner": customer.owner_id,
    }
    return initial | {f"custom_{key}": text for key, text in custom_values(ids).items()}


def _profile_values(form: ProfileForm) -> dict[str, Any]:
    """Return the fields of a customer that the form holds."""
    values = form.cleaned_data
    cost, scale = values["acquisition_cost"], the_shop().currency.scale
    return {
        **{name: values[name] for name in _PROFILE_FIELDS},
        "language": values["language"] or "id",
        "interests": values["interests"],
        "acquisition_cost": None if cost is None else to_smallest(cost, scale),
        "owner_id": values["owner"].id if values["owner"] else None,
    }


def _say_taken(form: ProfileForm, error: actions.IdentityTaken | actions.IdentityIsBlocked) -> int | None:
    if isinstance(error, actions.IdentityIsBlocked):
        form.add_error(error.kind.value, _("The shop has blocked this: it identifies nobody."))
        return None
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
        typed = ContactForm(request.user, {"kind": NOTE, **request.POST.dict()})
        return form_page(request, customer, typed)
    body = form.cleaned_data["body"]

    def work() -> int:
        return int(leave_note(customer=customer, body=body, author=request.user, at=clock.now()).id)

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
    forget_done(note_id)
    # The words are gone from the database; they come back as a note of whoever takes this back.
    back = WayBack(reverse("console:note_write", args=[customer.id]), {"body": note.body})
    say_done(request, _("The note was removed."), undo=back)
    return HttpResponseRedirect(f"/console/customers/{customer.id}/")
