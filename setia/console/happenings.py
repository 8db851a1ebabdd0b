"""Facts as a person reads them on a timeline: an icon, a title, a line of detail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may, names_by_id
from setia.domains.staff.rules import Capability
from setia.domains.timeline.models import Interaction, InteractionKind, Note
from setia.domains.timeline.queries import interactions_by_id, notes_by_id
from setia.foundation.events.models import Event
from setia.foundation.money import format_money


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
}


def shown(events: Sequence[Event], *, viewer: Staff) -> list[Happening]:
    """Return facts as they read in the viewer's language; notes bring their words from where they are kept."""
    notes = notes_by_id(
        [event.subject_id for event in events if event.kind == "timeline.note_written" and event.subject_id]
    )
    names = names_by_id({event.actor_id for event in events if event.actor_kind == "staff"})
    contacts = interactions_by_id(
        [event.subject_id for event in events if event.kind == "timeline.interaction_logged" and event.subject_id]
    )
    reader = _Reader(viewer, notes, contacts)
    return [
        reader.read(event, names.get(event.actor_id, "") if event.actor_kind == "staff" else "") for event in events
    ]


class _Reader:
    def __init__(self, viewer: Staff, notes: dict[int, Note], contacts: dict[int, Interaction]) -> None:
        self._contacts = contacts
        self._notes = notes
        self._language = viewer.language
        self._currency = the_shop().currency
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

    def _timeline_note_written(self, event: Event, actor: str) -> Happening:
        note = self._notes.get(event.subject_id or 0)
        if note is None:
            return Happening(event.occurred_at, "note", "plain", _("Note"), _("Removed"), "", actor)
        note_id = note.id if self._may_edit else None
        return Happening(event.occurred_at, "note", "gold", _("Note"), note.body, "", actor, note_id)

    def _timeline_note_removed(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "note", "plain", _("A note was removed"), "", "", actor)

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

    def _teamwork_task_made(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "check", "plain", _("A task was made"), "", "", actor)

    def _teamwork_task_state_changed(self, event: Event, actor: str) -> Happening:
        titles = {
            "done": _("A task was done"),
            "cancelled": _("A task was cancelled"),
            "open": _("A task was reopened"),
        }
        return Happening(event.occurred_at, "check", "plain", titles[event.payload["new_state"]], "", "", actor)

    def _teamwork_task_handed_over(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "check", "plain", _("A task went to a colleague"), "", "", actor)

    def _teamwork_person_mentioned(self, event: Event, actor: str) -> Happening:
        return Happening(event.occurred_at, "note", "plain", _("A colleague was mentioned"), "", "", actor)

    def _customers_added(self, event: Event, actor: str) -> Happening:
        doors = {"import": _("From an import"), "form": _("Added by hand"), "demo": _("Demo data")}
        door = doors.get(event.payload.get("door", ""), "")
        return Happening(event.occurred_at, "star", "gold", _("First known to the shop"), door, "", actor)

    def _customers_changed(self, event: Event, actor: str) -> Happening:
        names = [_FIELD_NAMES[name]() if name in _FIELD_NAMES else name for name in event.payload.get("fields", [])]
        return Happening(event.occurred_at, "pen", "plain", _("Profile changed"), ", ".join(names), "", actor)
