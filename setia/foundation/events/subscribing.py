"""Who hears of which facts. Subscribers are registered when the apps start."""

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from setia.foundation.events.models import Event

Subscriber = Callable[["Event"], None]

_by_kind: dict[str, dict[str, Subscriber]] = defaultdict(dict)


def subscribe(kind: str, name: str, call: Subscriber) -> None:
    """Let `call` hear each fact of a kind at least once, in the worker; it must be idempotent by event id.

    `name` is stored with the delivery, so it must stay the same from one release to the next.
    """
    _by_kind[kind][name] = call


def unsubscribe(kind: str, name: str) -> None:
    """Take a subscriber away, for tests."""
    _by_kind[kind].pop(name, None)


def subscribers_of(kind: str) -> list[str]:
    """Return the names of all subscribers of a kind."""
    return list(_by_kind.get(kind, ()))


def subscriber(kind: str, name: str) -> Subscriber | None:
    """Return the function of a subscriber, or None when this release has it no more."""
    return _by_kind.get(kind, {}).get(name)
