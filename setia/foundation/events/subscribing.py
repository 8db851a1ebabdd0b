"""Who hears of which facts. Subscribers are registered when the apps start."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from setia.foundation.events.models import Event

Subscriber = Callable[["Event"], None]

ManySubscriber = Callable[[Sequence["Event"]], None]

_many: dict[str, ManySubscriber] = {}
_wanted: dict[str, Callable[[], bool]] = {}
_by_kind: dict[str, dict[str, Subscriber]] = defaultdict(dict)


def subscribe(kind: str, name: str, call: Subscriber) -> None:
    """Let `call` hear each fact of a kind at least once, in the worker; it must be idempotent by event id.

    `name` is stored with the delivery, so it must stay the same from one release to the next.
    """
    _by_kind[kind][name] = call


def subscribe_many(
    kinds: Sequence[str], name: str, call: ManySubscriber, *, wanted: Callable[[], bool] = lambda: True
) -> None:
    """Let `call` hear facts of some kinds, many at a time where many are owed, in one transaction; else as `subscribe`.

    Where `wanted` says no while a fact is recorded, it is never owed: a shop that uses nothing of what a subscriber
    does must not pay for it with a row for each order.

    An import tells of a hundred thousand orders at once: whoever does something for each of them pays a hundred
    thousand transactions. Where one of many makes it fail, each is handed over by itself.
    """
    _many[name], _wanted[name] = call, wanted
    for kind in kinds:
        subscribe(kind, name, lambda event: call([event]))


def many_subscribers() -> dict[str, ManySubscriber]:
    """Return the subscribers that take many facts at once, by name."""
    return dict(_many)


def unsubscribe(kind: str, name: str) -> None:
    """Take a subscriber away, for tests."""
    _by_kind[kind].pop(name, None)


def subscribers_of(kinds: Iterable[str]) -> dict[str, list[str]]:
    """Return for each kind the names of the subscribers that want to hear of it at this moment."""
    named = {kind: list(_by_kind.get(kind, ())) for kind in kinds}
    asked = {name for names in named.values() for name in names}
    heard = {name for name in asked if name not in _wanted or _wanted[name]()}
    return {kind: [name for name in names if name in heard] for kind, names in named.items()}


def subscriber(kind: str, name: str) -> Subscriber | None:
    """Return the function of a subscriber, or None when this release has it no more."""
    return _by_kind.get(kind, {}).get(name)
