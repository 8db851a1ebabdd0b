"""Facts as a person reads them on a timeline: an icon, a title, a line of detail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setia.console.advice_words import KINDS
from setia.console.customer_forms import CHANNEL_NAMES, PURPOSE_NAMES
from setia.console.guide_words import CAUSES
from setia.console.order_words import status_name
from setia.domains.commerce.queries.scope import facts_elsewhere
from setia.domains.customers.rules.consents import Channel, Purpose
from setia.domains.lists.queries import names_of_tags
from setia.domains.segments.queries import names_of as names_of_segments
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may, names_by_id
from setia.domains.staff.rules import Capability
from setia.domains.timeline.models import Interaction, InteractionKind, Note
from setia.domains.timeline.queries import interactions_by_id, notes_by_id
from setia.foundation.events.models import Event
from setia.foundation.money import Currency, format_money


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact, ready to show. `note_id` is set where the reader may take the note back."""

    at: Any
    icon: str
    tone: str
    title: str
    detail: str = ""
    url: str = ""
    actor: str = ""
    note_id: int | None = None


_FIELD_NAMES = {
    "name": lambda: _("Name"),
    "birth_date": lambda: _("Birthday"),
    "address": lambda: _("Address"),
    "city": lambda: _("City"),
    "phone": lambda: _("Phone"),
    "email": lambda: _("E-mail"),
    "external": lambda: _("Number in the shop's till"),
    "card": lambda: _("Member card"),
    "market": lambda: _("Marketplace account"),
    "social": lambda: _("Social account"),
    "family": lambda: _("Days that matter"),
    "country": lambda: _("Country"),
    "salutation": lambda: _("Called"),
    "gender": lambda: _("Gender"),
    "language": lambda: _("Language"),
    "interests": lambda: _("Likes"),
    "preferred_channel": lambda: _("Likes to be reached by"),
    "acquisition_source": lambda: _("How did they find the shop?"),
    "acquisition_cost": lambda: _("What it cost to win them"),
    "owner_id": lambda: _("Looked after by"),
}


def shown(events: Sequence[Event], *, viewer: Staff, currency: Currency | None = None) -> list[Happening]:
    """Return facts as they read in the viewer's language; notes bring their words from where they are kept."""
    notes = notes_by_id(
        [event.subject_id for event in events if event.kind == "timeline.note_written" and event.subject_id]
    )
    names = names_by_id({event.actor_id for event in events if event.actor_kind == "staff"})
    contacts = interactions_by_id(
        [event.subject_id for event in events if event.kind == "timeline.interaction_logged" and event.subject_id]
    )
    reader = _Reader(
        viewer, notes, contacts, currency=currency or the_shop().currency, tags=_tags_of(events),
        team=_team_of(events), segments=_segments_of(events),
    )  # fmt: skip
    elsewhere = facts_elsewhere(events, viewer=viewer)
    return [
        Happening(event.occurred_at, "store", "plain", _("Something at another outlet"))
        if event.id in elsewhere
        else reader.read(event, names.get(event.actor_id, "") if event.actor_kind == "staff" else "")
        for event in events
    ]


def _tags_of(events: Sequence[Event]) -> dict[int, str]:
    """Return what the tags that facts speak of are called by now."""
    kinds = ("customers.tagged", "customers.untagged")
    ids = {event.subject_id for event in events if event.kind in kinds and event.subject_id}
    return names_of_tags(list(ids)) if ids else {}


def _segments_of(events: Sequence[Event]) -> dict[int, str]:
    """Return the names of the segments that facts speak of."""
    kinds = ("segments.entered", "segments.left")
    ids = {event.subject_id for event in events if event.kind in kinds and event.subject_id}
    return names_of_segments(ids) if ids else {}


def _team_of(events: Sequence[Event]) -> dict[int, str]:
    """Return the names of those who were given people to look after."""
    ids = {event.subject_id for event in events if event.kind == "customers.assigned" and event.subject_id}
    return names_by_id(ids) if ids else {}


class _Reader:
    def __init__(
        self,
        viewer: Staff,
        notes: dict[int, Note],
        contacts: dict[int, Interaction],
        *,
        tags: dict[int, str],
        team: dict[int, str],
        segments: dict[int, str],
        currency: Currency,
    ) -> None:
        self._contacts = contacts
        self._notes = notes
        self._tags = tags
        self._team = team
        self._segments = segments
        self._sees_segments = may(viewer, Capability.VIEW_MEASURES)
        self._language = viewer.language
        self._currency = currency
        self._may_edit = may(viewer, Capability.EDIT_CUSTOMERS)

    def read(self, event: Event, actor: str) -> Happening:
        reader = getattr(self, "_" + event.kind.replace(".", "_"), None)
        if reader is None:
            return Happening(event.occurred_at, "dot", "plain", event.kind, actor=actor)
        happening: Happening = reader(event, actor)
        return happening

    def _money(self, amount: int) -> str:
        return format_money(amount, self._currency, self._language)

    def _commerce_order_placed(self, event: Event, actor: str) -> Happening:
        facts = event.payload
        lines = ngettext("{count} line", "{count} lines", facts["line_count"]).format(count=facts["line_count"])
        title = _("Order {number}").format(number=facts["number"])
        url = reverse("console:order", args=[int(facts["order_id"])])
        return Happening(event.occurred_at, "bag", "good", title, f"{self._money(facts['net'])} · {lines}", url, actor)

    def _commerce_return_recorded(self, event: Event, actor: str) -> Happening:
        facts = event.payload
        lines = ngettext("{count} line", "{count} lines", facts["line_count"]).format(count=facts["line_count"])
        detail = f"{self._money(facts['total'])} · {lines}"
        return Happening(event.occurred_at, "undo", "bad", _("Goods came back"), detail, "", actor)

    def _segments_entered(self, event: Event, actor: str) -> Happening:
        return self._segment(event, "columns", "good", _("Entered the segment “{name}”"))

    def _segments_left(self, event: Event, actor: str) -> Happening:
        return self._segment(event, "columns", "plain", _("Left the segment “{name}”"))

    def _segment(self, event: Event, icon: str, tone: str, words: str) -> Happening:
        segment_id = event.subject_id or 0
        title = words.format(name=self._segments.get(segment_id, "–"))
        url = reverse("console:segment", args=[segment_id]) if segment_id in self._segments else ""
        return Happening(event.occurred_at, icon, tone, title, "", url if self._sees_segments else "")

    def _order_url(self, event: Event) -> str:
        return reverse("console:order", args=[int(event.payload["order_id"])])

    def _commerce_order_status_changed(self, event: Event, actor: str) -> Happening:
        facts = event.payload
        title = _("Order {number}: {status}").format(number=facts["number"], status=status_name(facts["to_status"], ""))
        detail = _("A step was taken back") if facts["is_back"] else ""
        tone = "bad" if facts["to_status"] == "cancelled" else "plain"
        return Happening(event.occurred_at, "bag", tone, title, detail, self._order_url(event), actor)

    def _commerce_shipment_saved(self, event: Event, actor: str) -> Happening:
        words = _("Parcel of order {number} sent") if event.payload["created"] else _("Parcel of {number} changed")
        title = words.format(number=event.payload["number"])
        return Happening(event.occurred_at, "truck", "plain", title, "", self._order_url(event), actor)

    def _commerce_payment_recorded(self, event: Event, actor: str) -> Happening:
        amount, number = event.payload["amount"], event.payload["number"]
        words = _("Payment for order {number}") if amount > 0 else _("Payment for order {number} taken back")
        title, url = words.format(number=number), self._order_url(event)
        return Happening(event.occurred_at, "check", "plain", title, self._money(amount), url, actor)

    def _commerce_refund_recorded(self, event: Event, actor: str) -> Happening:
        amount, number = event.payload["amount"], event.payload["number"]
        words = _("Money paid back for order {number}") if amount > 0 else _("Refund of order {number} taken back")
        title, url = words.format(number=number), self._order_url(event)
        return Happening(event.occurred_at, "undo", "plain", title, self._money(amount), url, actor)

    def _commerce_return_checked(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "check", "plain", _("Returned goods were checked"), "", "", actor)

    def _commerce_return_undone(self, event: Event, actor: str) -> Happening:
        detail = self._money(event.payload["total"])
        return Happening(event.occurred_at, "undo", "plain", _("A return was taken back"), detail, "", actor)

    def _cart(self, event: Event, actor: str, title: str) -> Happening:
        facts = event.payload
        lines = ngettext("{count} line", "{count} lines", facts["line_count"]).format(count=facts["line_count"])
        url = reverse("console:carts")
        return Happening(
            event.occurred_at, "cart", "plain", title, f"{self._money(facts['total'])} · {lines}", url, actor
        )

    def _commerce_cart_started(self, event: Event, actor: str) -> Happening:
        return self._cart(event, actor, _("Put something in a cart"))

    def _commerce_cart_taken_up(self, event: Event, actor: str) -> Happening:
        return self._cart(event, actor, _("Came back to a cart"))

    def _commerce_cart_abandoned(self, event: Event, actor: str) -> Happening:
        return self._cart(event, actor, _("Left a cart behind"))

    def _timeline_note_written(self, event: Event, actor: str) -> Happening:
        note = self._notes.get(event.subject_id or 0)
        if note is None:
            return Happening(event.occurred_at, "note", "plain", _("Note"), _("Removed"), "", actor)
        note_id = note.id if self._may_edit else None
        return Happening(event.occurred_at, "note", "gold", _("Note"), note.body, "", actor, note_id)

    def _timeline_note_removed(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "note", "plain", _("A note was removed"), "", "", actor)

    def _customers_tagged(self, event: Event, actor: str) -> Happening:
        name = self._tags.get(event.subject_id or 0, "–")
        return Happening(event.occurred_at, "tag", "good", _("Tag “{name}” added").format(name=name), "", "", actor)

    def _customers_untagged(self, event: Event, actor: str) -> Happening:
        name = self._tags.get(event.subject_id or 0, "–")
        return Happening(
            event.occurred_at, "tag", "plain", _("Tag “{name}” taken off").format(name=name), "", "", actor
        )

    def _customers_assigned(self, event: Event, actor: str) -> Happening:
        name = self._team.get(event.subject_id or 0, "–")
        title = _("Looked after by {name}").format(name=name) if event.subject_id else _("Looked after by nobody")
        return Happening(event.occurred_at, "badge", "plain", title, "", "", actor)

    def _timeline_outside_event(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "link", "plain", event.payload["code"], event.payload["source"], "", actor)

    def _timeline_interaction_logged(self, event: Event, actor: str) -> Happening:
        titles = {
            InteractionKind.CALL: (_("We called"), _("They called")),
            InteractionKind.VISIT: (_("We visited"), _("They came by")),
            InteractionKind.CHAT: (_("We wrote in chat"), _("They wrote in chat")),
            InteractionKind.EMAIL: (_("We sent an e-mail"), _("They sent an e-mail")),
            InteractionKind.MEETING: (_("Meeting"), _("Meeting")),
            InteractionKind.OTHER: (_("Other contact"), _("Other contact")),
        }
        title = titles[InteractionKind(event.payload["contact"])][bool(event.payload["is_inbound"])]
        row = self._contacts.get(event.subject_id or 0)
        words = " · ".join(part for part in (row.outcome, row.body) if part) if row else _("Removed")
        return Happening(event.occurred_at, "phone", "gold" if row else "plain", title, words, "", actor)

    def _timeline_interaction_removed(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "phone", "plain", _("A contact was removed"), "", "", actor)

    def _guidance_leaving_noted(self, event: Event, actor: str) -> Happening:
        title = _("Why they left: {cause}").format(cause=CAUSES[event.payload["cause"]])
        return Happening(event.occurred_at, "door", "bad", title, "", "", actor)

    def _teamwork_task_made(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "check", "plain", _("A task was made"), "", "", actor)

    def _teamwork_task_state_changed(self, event: Event, actor: str) -> Happening:
        titles = {
            "done": _("A task was done"),
            "cancelled": _("A task was cancelled"),
            "open": _("A task was reopened"),
        }
        return Happening(event.occurred_at, "check", "plain", titles[event.payload["new_state"]], "", "", actor)

    def _teamwork_task_changed(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "check", "plain", _("A task was changed"), "", "", actor)

    def _teamwork_task_handed_over(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "check", "plain", _("A task went to a colleague"), "", "", actor)

    def _advice(self, event: Event, title: str, actor: str) -> Happening:
        name = KINDS.get(event.payload["action"], event.payload["action"])
        return Happening(event.occurred_at, "star", "plain", title, str(name), "", actor)

    def _advice_accepted(self, event: Event, actor: str) -> Happening:
        return self._advice(event, _("A suggestion was taken up"), actor)

    def _advice_dismissed(self, event: Event, actor: str) -> Happening:
        return self._advice(event, _("A suggestion was dismissed"), actor)

    def _advice_undone(self, event: Event, actor: str) -> Happening:
        return self._advice(event, _("A decision about a suggestion was taken back"), actor)

    def _teamwork_person_mentioned(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "note", "plain", _("A colleague was mentioned"), "", "", actor)

    def _customers_added(self, event: Event, actor: str) -> Happening:
        doors = {
            "import": _("From an import"),
            "form": _("Added by hand"),
            "demo": _("Demo data"),
            "api": _("From another program"),
        }
        door = doors.get(event.payload.get("door", ""), "")
        return Happening(event.occurred_at, "star", "gold", _("First known to the shop"), door, "", actor)

    def _customers_changed(self, event: Event, actor: str) -> Happening:
        fields = [name.removeprefix("custom.") for name in event.payload.get("fields", [])]
        names = [_FIELD_NAMES[name]() if name in _FIELD_NAMES else name for name in fields]
        return Happening(event.occurred_at, "pen", "plain", _("Profile changed"), ", ".join(names), "", actor)

    def _customers_merged(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "link", "plain", _("Two rows became one person"), "", "", actor)

    def _customers_unmerged(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "link", "plain", _("A merge was taken back"), "", "", actor)

    def _customers_identity_questioned(self, event: Event, actor: str) -> Happening:
        title = _("A number of this customer came with another name")
        return Happening(event.occurred_at, "alert", "gold", title, "", reverse("console:questions"), actor)

    def _customers_identity_question_answered(self, event: Event, actor: str) -> Happening:
        words = {
            "same": _("one person, two names"),
            "moved": _("the number changed hands"),
            "shared": _("both use it"),
            "blocked": _("it is nobody's"),
        }
        detail = words.get(event.payload.get("answer", ""), "")
        return Happening(event.occurred_at, "check", "plain", _("Decided whose a number is"), detail, "", actor)

    def _customers_consent_recorded(self, event: Event, actor: str) -> Happening:
        facts = event.payload
        granted = facts["is_granted"]
        title = _("Consent given") if granted else _("Consent refused")
        purpose = PURPOSE_NAMES.get(Purpose(facts["purpose"]), "")
        detail = f"{purpose} · {CHANNEL_NAMES.get(Channel(facts['channel']), '')}"
        tone = "good" if granted else "bad"
        return Happening(event.occurred_at, "check" if granted else "cross", tone, title, detail, "", actor)
