"""The wider profile of a customer: ways to recognize him, his family's days, what he consented to."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console.customer_forms import (
    CHANNEL_NAMES,
    IDENTITY_NAMES,
    PURPOSE_NAMES,
    RELATIONS,
    ConsentForm,
    FamilyDateForm,
    IdentityForm,
)
from setia.console.doors import StaffRequest, staff_only
from setia.console.once import page_token
from setia.console.people import display_name, shown_identity
from setia.console.toasts import WayBack, say_done
from setia.domains.customers import actions, queries
from setia.domains.customers.drafts import ConsentDraft
from setia.domains.customers.models import ConsentEvent, Customer, FamilyDate, Identity
from setia.domains.customers.rules import IdentityKind
from setia.domains.customers.rules.consents import Channel, Purpose, is_minor
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import may, names_by_id
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.clock import shop_day
from setia.foundation.events.recording import log_access


def _today() -> Any:
    shop = the_shop()
    return shop_day(clock.now(), zone=shop.zone, cutoff_hour=shop.cutoff_hour)


@staff_only(Capability.VIEW_CUSTOMERS)
def profile(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Ways to recognize a person, and his family's days."""
    customer = queries.access_customer(request.user, customer_id)
    return _profile_page(request, customer, IdentityForm(), FamilyDateForm())


def _profile_page(
    request: StaffRequest, customer: Customer, identity: IdentityForm, family: FamilyDateForm, status: int = 200
) -> HttpResponse:
    ids = queries.alias_ids(customer.id)
    sees_all = may(request.user, Capability.VIEW_PERSONAL_DATA)
    if sees_all:
        log_access(by=request.user.actor, at=clock.now(), page="customer_profile", customer_id=customer.id)
    context = {
        "customer": customer,
        "name": display_name(customer),
        "identities": [
            {
                "id": row.id,
                "kind": IDENTITY_NAMES[IdentityKind(row.kind)],
                "value": shown_identity(request.user, IdentityKind(row.kind), row.value),
                "at": row.created_at,
            }
            for row in queries.identities_of(ids)
        ],
        "family": [(row, dict(RELATIONS).get(row.relation, row.relation)) for row in queries.family_dates(ids)],
        "sees_all": sees_all,
        "identity_form": identity,
        "family_form": family,
        "merges": queries.merges_of(ids),
    }
    return render(request, "console/customer_profile.html", context, status=status)


@staff_only(Capability.EDIT_CUSTOMERS, "POST")
def add_identity(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Give a person one more way to be recognized."""
    customer = queries.access_customer(request.user, customer_id)
    form = IdentityForm(request.POST)
    if form.is_valid():
        kind, value = IdentityKind(form.cleaned_data["kind"]), form.cleaned_data["value"]
        try:
            identity = actions.add_identity(
                customer=customer, kind=kind, value=value, by=request.user.actor, at=clock.now()
            )
        except actions.IdentityTaken as error:
            owner = Customer.objects.get(id=error.owner_id)
            form.add_error(
                "value", _("{name} has this. If they are one person, merge them.").format(name=display_name(owner))
            )
        except actions.IdentityIsBlocked:
            form.add_error("value", _("The shop has blocked this: it identifies nobody."))
        except actions.TooManyIdentities:
            form.add_error("value", _("This person has as many of this kind as one person can have."))
        else:
            back = WayBack(reverse("console:identity_remove", args=[customer.id, identity.id]), {})
            say_done(request, _("It was added."), undo=back)
            return redirect("console:customer_profile", customer.id)
    return _profile_page(request, customer, form, FamilyDateForm(), status=422)


@staff_only(Capability.EDIT_CUSTOMERS, "POST")
def remove_identity(request: StaffRequest, customer_id: int, identity_id: int) -> HttpResponse:
    """Take a way to recognize a person from him."""
    customer = queries.access_customer(request.user, customer_id)
    identity = Identity.objects.get(id=identity_id, customer_id__in=queries.alias_ids(customer.id))
    fields = {"kind": identity.kind, "value": identity.value}
    actions.remove_identity(identity=identity, by=request.user.actor, at=clock.now())
    back = WayBack(reverse("console:identity_add", args=[customer.id]), fields)
    say_done(request, _("It was removed."), undo=back)
    return redirect("console:customer_profile", customer.id)


@staff_only(Capability.EDIT_CUSTOMERS, "POST")
def add_family_date(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Note a day that matters to a family."""
    customer = queries.access_customer(request.user, customer_id)
    form = FamilyDateForm(request.POST)
    if not form.is_valid():
        return _profile_page(request, customer, IdentityForm(), form, status=422)
    values = form.cleaned_data
    row = actions.add_family_date(
        customer=customer,
        relation=values["relation"],
        name=values["name"],
        day=values["date"],
        by=request.user.actor,
        at=clock.now(),
    )
    back = WayBack(reverse("console:family_remove", args=[customer.id, row.id]), {})
    say_done(request, _("The day was noted."), undo=back)
    return redirect("console:customer_profile", customer.id)


@staff_only(Capability.EDIT_CUSTOMERS, "POST")
def remove_family_date(request: StaffRequest, customer_id: int, family_id: int) -> HttpResponse:
    """Forget a family's day."""
    customer = queries.access_customer(request.user, customer_id)
    row = FamilyDate.objects.get(id=family_id, customer_id__in=queries.alias_ids(customer.id))
    fields = {"relation": row.relation, "name": row.name, "date": row.date.isoformat()}
    actions.remove_family_date(family_date=row, by=request.user.actor, at=clock.now())
    back = WayBack(reverse("console:family_add", args=[customer.id]), fields)
    say_done(request, _("The day was removed."), undo=back)
    return redirect("console:customer_profile", customer.id)


@staff_only(Capability.VIEW_CUSTOMERS)
def consents(request: StaffRequest, customer_id: int) -> HttpResponse:
    """What a person allowed, with the proof; printable for whoever asks."""
    customer = queries.access_customer(request.user, customer_id)
    return _consents_page(request, customer, ConsentForm())


def _consents_page(request: StaffRequest, customer: Customer, form: ConsentForm, status: int = 200) -> HttpResponse:
    ids = queries.alias_ids(customer.id)
    today = _today()
    states = queries.consent_states(customer, on=today)
    by_purpose = [
        (PURPOSE_NAMES[purpose], [(CHANNEL_NAMES[row.channel], row) for row in states if row.purpose is purpose])
        for purpose in Purpose
    ]
    events = queries.consent_events(ids)
    names = names_by_id({row.actor_id for row in events if row.actor_kind == "staff"})
    sees_all = may(request.user, Capability.VIEW_PERSONAL_DATA)
    if sees_all:
        log_access(by=request.user.actor, at=clock.now(), page="customer_consents", customer_id=customer.id)
    context = {
        "customer": customer,
        "name": display_name(customer),
        "by_purpose": by_purpose,
        "events": [_shown(row, names) for row in events],
        "minor": is_minor(customer.birth_date, on=today),
        "wordings": [(PURPOSE_NAMES[Purpose(row.purpose)], row) for row in queries.wordings().values()],
        "sees_all": sees_all,
        "form": form,
    }
    return render(request, "console/customer_consents.html", context, status=status)


def _shown(row: ConsentEvent, names: dict[int, str]) -> dict[str, Any]:
    return {
        "row": row,
        "purpose": PURPOSE_NAMES.get(Purpose(row.purpose), row.purpose),
        "channel": CHANNEL_NAMES.get(Channel(row.channel), row.channel),
        "actor": names.get(row.actor_id, "") if row.actor_kind == "staff" else row.actor_kind,
        "evidence": row.evidence.text if hasattr(row, "evidence") else "",
    }


@staff_only(Capability.RECORD_CONSENT, "POST")
def record_consent(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Write an answer down; it can be followed by another but never changed."""
    customer = queries.access_customer(request.user, customer_id)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        return _consents_page(request, customer, form, status=422)
    values, at = form.cleaned_data, clock.now()
    token = page_token(request)
    answers = [
        ConsentDraft(
            customer_id=customer.id,
            purpose=values["purpose"],
            channel=channel,
            is_granted=values["answer"] == "yes",
            given_at=at,
            source=f"form|{request.user.id}|{customer.id}|{token}|{values['purpose']}|{channel}",
            evidence=values["evidence"],
            is_guardian=values["is_guardian"],
        )
        for channel in values["channels"]
    ]
    try:
        actions.record_consents(answers=answers, door="form", by=request.user.actor, at=at)
    except actions.UnableToRecordConsent as error:
        form.add_error(None, consent_refusal(error.code))
        return _consents_page(request, customer, form, status=422)
    say_done(request, _("The answer was written down."))
    return redirect("console:customer_consents", customer.id)


def consent_refusal(code: str) -> str:
    """Return why an answer cannot be written down, and how to mend it."""
    words = {
        "no_wording": _(
            "Nobody has written down with which words this is asked. Do so in Settings → Consent first: a yes counts "
            "only for the words it was given to."
        ),
        "minor": _("This customer is under 18. A yes counts only when a parent or guardian gives it; tick that below."),
        "no_evidence": _("The law asks for proof of a yes. Write down how it was given."),
    }
    return words.get(code, _("This answer does not fit the purpose."))
