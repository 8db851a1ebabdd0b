"""Contacts with a customer: log one, take it back."""

from datetime import timedelta
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
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
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import access_customer
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import everybody
from setia.domains.staff.rules import Capability
from setia.domains.teamwork import actions
from setia.domains.teamwork.queries import follow_up_of
from setia.domains.teamwork.rules import mentioned, unknown_mentions
from setia.domains.timeline.actions import LONGEST_NOTE, UnableToLogInteraction
from setia.domains.timeline.models import Interaction, InteractionKind
from setia.domains.timeline.queries import access_interaction
from setia.foundation import clock
from setia.foundation.once import forget_done

KIND_NAMES = {
    InteractionKind.CALL: gettext_lazy("Call"),
    InteractionKind.VISIT: gettext_lazy("Visit"),
    InteractionKind.CHAT: gettext_lazy("Chat"),
    InteractionKind.EMAIL: gettext_lazy("E-mail"),
    InteractionKind.MEETING: gettext_lazy("Meeting"),
    InteractionKind.OTHER: gettext_lazy("Other contact"),
}


NOTE = "note"


class ContactForm(forms.Form):
    """A note, a call, a visit, a chat, and what follows from it."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[(NOTE, gettext_lazy("Note")), *KIND_NAMES.items()],
        widget=forms.RadioSelect,
    )
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

    def __init__(self, writer: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._team = [person for person in everybody() if person.is_active and person.id != writer.id]
        for person in self._team:
            self.fields[f"tell_{person.id}"] = forms.BooleanField(label=person.name, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        body = cleaned.get("body", "").strip()
        if cleaned.get("kind") == NOTE and not body and "body" not in self.errors:
            self.add_error("body", _("Write something first."))
        if cleaned.get("kind") == NOTE and len(body) > LONGEST_NOTE:
            self.add_error("body", _("A note may have 2,000 letters; log a contact for more."))
        return cleaned

    def tell_boxes(self) -> list[BoundField]:
        """Return the boxes of the colleagues who can be told."""
        return [self[f"tell_{person.id}"] for person in self._team]

    def told_words(self) -> list[str]:
        """Return who will find this among their mentions, and which @name meant nobody."""
        names = {person.id: person.name for person in self._team}
        body = self.cleaned_data["body"]
        told = mentioned(body, names) | set(self.told())
        words = (
            [_("Told: {names}.").format(names=", ".join(names[one] for one in names if one in told))] if told else []
        )
        strangers = [f"@{called}" for called in unknown_mentions(body, names)]
        if strangers:
            words.append(
                _("{names} is no colleague's name, so nobody was told by it.").format(names=", ".join(strangers))
            )
        return words

    def told(self) -> list[int]:
        """Return the ids of the colleagues whose box is ticked."""
        return [person.id for person in self._team if self.cleaned_data.get(f"tell_{person.id}")]


@staff_only(Capability.EDIT_CUSTOMERS, "GET", "POST")
def log(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Write a note or a contact down; what was typed stays when it cannot be kept."""
    customer = access_customer(request.user, customer_id)
    # People type the time on the shop's wall.
    with timezone.override(the_shop().zone):
        form = ContactForm(request.user, request.POST or None, initial={"kind": InteractionKind.CALL.value})
        is_valid = request.method == "POST" and form.is_valid()
    if is_valid:
        values, is_note = form.cleaned_data, form.cleaned_data["kind"] == NOTE
        title = values["task_title"].strip()
        also: dict[str, Any] = {
            "tell": form.told(),
            "follow_up": actions.FollowUp(title=title, due_date=values["task_date"]) if title else None,
        }

        def work() -> int:
            at = clock.now()
            if is_note:
                body = values["body"]
                return int(actions.leave_note(customer=customer, body=body, author=request.user, at=at, **also).id)
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
                **also,
            )
            return int(row.id)

        try:
            row_id = only_once(request, f"contact:{customer.id}", work)
        except UnableToLogInteraction:
            form.add_error("happened_at", _("This lies in the future."))
        else:
            remove_name = "console:note_remove" if is_note else "console:contact_remove"
            words = _("The note was saved.") if is_note else _("The contact was saved.")
            words = " ".join((words, *form.told_words()))
            say_done(request, words, undo=WayBack(reverse(remove_name, args=[customer.id, row_id]), {}))
            return redirect("console:customer", customer.id)
    return form_page(request, customer, form)


def form_page(request: StaffRequest, customer: Customer, form: ContactForm) -> HttpResponse:
    """Show the form on a page of its own."""
    context = {"contact_form": form, "customer": customer, "name": display_name(customer)}
    return render(request, "console/contact_form.html", context, status=422 if form.is_bound else 200)


@staff_only(Capability.EDIT_CUSTOMERS, "POST")
def remove(request: StaffRequest, customer_id: int, interaction_id: int) -> HttpResponse:
    """Take a contact back, with the task that followed; the way back writes both anew."""
    customer = access_customer(request.user, customer_id)
    interaction = access_interaction(request.user, customer, interaction_id)
    back = WayBack(reverse("console:contact_log", args=[customer.id]), _as_typed(interaction))
    actions.remove_contact(interaction=interaction, by=request.user, at=clock.now())
    forget_done(interaction_id)
    say_done(request, _("The contact was removed."), undo=back)
    return redirect("console:customer", customer.id)


def _as_typed(interaction: Interaction) -> dict[str, str]:
    """Return a contact as the form would send it; its words leave the database with it."""
    task = follow_up_of(interaction.id)
    local = interaction.happened_at.astimezone(the_shop().zone)
    fields = {
        "kind": interaction.kind,
        "happened_at": f"{local:%Y-%m-%dT%H:%M:%S}",
        "outcome": interaction.outcome,
        "minutes": str(interaction.duration_seconds // 60 or ""),
        "body": interaction.body,
        "task_title": task.title if task and task.state == "open" else "",
        "task_date": task.due_date.isoformat() if task and task.due_date else "",
    }
    return fields | ({"is_inbound": "on"} if interaction.is_inbound else {})
