"""Contacts with a customer: log one, take it back."""

from datetime import timedelta

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console.doors import StaffRequest, staff_only
from setia.console.once import only_once
from setia.console.people import display_name
from setia.console.toasts import WayBack, say_done
from setia.domains.customers.queries import access_customer
from setia.domains.shop.queries import the_shop
from setia.domains.staff.rules import Capability
from setia.domains.teamwork import actions
from setia.domains.timeline.actions import UnableToLogInteraction, remove_interaction
from setia.domains.timeline.models import InteractionKind
from setia.domains.timeline.queries import access_interaction
from setia.foundation import clock

KIND_NAMES = {
    InteractionKind.CALL: gettext_lazy("Call"),
    InteractionKind.VISIT: gettext_lazy("Visit"),
    InteractionKind.CHAT: gettext_lazy("Chat"),
    InteractionKind.EMAIL: gettext_lazy("E-mail"),
    InteractionKind.MEETING: gettext_lazy("Meeting"),
    InteractionKind.OTHER: gettext_lazy("Other contact"),
}


class ContactForm(forms.Form):
    """A call, a visit, a chat, and what follows from it."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=list(KIND_NAMES.items()))
    is_inbound = forms.BooleanField(label=gettext_lazy("The customer came to us"), required=False)
    happened_at = forms.DateTimeField(
        label=gettext_lazy("When"),
        required=False,
        help_text=gettext_lazy("Leave it empty for now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), required=False, min_value=0, max_value=24 * 60)
    outcome = forms.CharField(label=gettext_lazy("Outcome"), max_length=40, required=False)
    body = forms.CharField(
        label=gettext_lazy("What was said"),
        max_length=4000,
        required=False,
        help_text=gettext_lazy("Write @ and a name to let a colleague know."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    task_title = forms.CharField(label=gettext_lazy("Task that follows"), max_length=160, required=False)
    task_date = forms.DateField(
        label=gettext_lazy("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


@staff_only(Capability.EDIT_CUSTOMERS, "GET", "POST")
def log(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Write a contact down; what was typed stays when it cannot be kept."""
    customer = access_customer(request.user, customer_id)
    # People type the time on the shop's wall.
    with timezone.override(the_shop().zone):
        form = ContactForm(request.POST or None)
        is_valid = request.method == "POST" and form.is_valid()
    if is_valid:
        values = form.cleaned_data

        def work() -> int:
            at = clock.now()
            title = values["task_title"].strip()
            row = actions.log_contact(
                customer=customer,
                kind=values["kind"],
                happened_at=values["happened_at"] or at,
                by=request.user,
                at=at,
                is_inbound=values["is_inbound"],
                outcome=values["outcome"],
                duration_seconds=int(timedelta(minutes=values["minutes"] or 0).total_seconds()),
                body=values["body"],
                follow_up=actions.FollowUp(title=title, due_date=values["task_date"]) if title else None,
            )
            return int(row.id)

        try:
            interaction_id = only_once(request, f"contact:{customer.id}", work)
        except UnableToLogInteraction:
            form.add_error("happened_at", _("This lies in the future."))
        else:
            back = WayBack(reverse("console:contact_remove", args=[customer.id, interaction_id]), {})
            say_done(request, _("The contact was saved."), undo=back)
            return redirect("console:customer", customer.id)
    context = {"form": form, "customer": customer, "name": display_name(customer)}
    return render(request, "console/contact_form.html", context, status=422 if form.is_bound else 200)


@staff_only(Capability.EDIT_CUSTOMERS, "POST")
def remove(request: StaffRequest, customer_id: int, interaction_id: int) -> HttpResponse:
    """Take a contact back."""
    customer = access_customer(request.user, customer_id)
    interaction = access_interaction(request.user, customer, interaction_id)
    remove_interaction(interaction=interaction, by=request.user, at=clock.now())
    say_done(request, _("The contact was removed."))
    return redirect("console:customer", customer.id)
