"""Short words after something was done, with a way back where there is one.

The way back is a form that is sent to an ordinary address: the page that made the change, filled in as it was before.
What it holds may be personal, and waits in the session until the next page; so it is sealed there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.session import SessionStorage
from django.http.response import HttpResponseBase

from setia.console.doors import StaffRequest
from setia.foundation.crypto import keyring
from setia.foundation.crypto.keyring import UnreadableSecret

_PLACE = "toast"


@dataclass(frozen=True, slots=True)
class WayBack:
    """A form that takes something back: its address and its fields."""

    url: str
    fields: Mapping[str, str]


class LatestMessages(SessionStorage):
    """Keeps the latest few messages: a till that saves order after order and never opens a page would pile them up."""

    KEPT = 5

    def _store(self, messages: list[Message], response: HttpResponseBase, *args: Any, **kwargs: Any) -> list[Message]:
        left: list[Message] = super()._store(messages[-self.KEPT :], response, *args, **kwargs)  # type: ignore[misc]
        return left


def say_done(request: StaffRequest, text: str, *, undo: WayBack | None = None) -> None:
    """Show a text on the next page, with a button that takes it back."""
    sealed = keyring().seal(json.dumps([undo.url, dict(undo.fields)]), _PLACE) if undo else ""
    messages.success(request, text, extra_tags=sealed)


def way_back(message: Message) -> WayBack | None:
    """Return the way back that a message carries, or None."""
    if not message.extra_tags:
        return None
    try:
        url, fields = json.loads(keyring().open(message.extra_tags, _PLACE))
    except (UnreadableSecret, ValueError):
        return None
    return WayBack(url, fields)


def as_it_was(form: forms.Form) -> dict[str, str]:
    """Return what a browser would send for a form's initial values."""
    texts = {}
    for name, field in form.fields.items():
        value: Any = field.widget.format_value(field.prepare_value(form.get_initial_for_field(field, name)))
        if isinstance(value, list):
            value = value[0] if value else ""
        if not isinstance(field, forms.BooleanField):
            texts[name] = "" if value is None else str(value)
        elif form.get_initial_for_field(field, name):
            texts[name] = "on"
    return texts
