"""What segments hear: facts of the domains below, many at a time, and which rules each can change."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from setia.domains.analytics.events import AnalysisFinished
from setia.domains.commerce import events as commerce
from setia.domains.customers import events as customers
from setia.domains.customers.actions.tagging import CustomerAssigned, CustomerTagged, CustomerUntagged
from setia.domains.customers.models import Customer, Merge
from setia.domains.segments.actions.judging import judge_people, merge_standing, unmerge_standing
from setia.domains.segments.plan import any_live, live_segments
from setia.domains.shop.events import ShopChanged
from setia.foundation import clock
from setia.foundation.events.models import Event
from setia.foundation.events.subscribing import subscribe, subscribe_many
from setia.foundation.jobs.backend import put

NAME = "segments"
_EVERYTHING = frozenset({"*"})
_ORDERS = frozenset({"orders", "lines", "carts"})
_TOPICS: dict[str, frozenset[str]] = {
    commerce.OrderPlaced.kind: _ORDERS,
    commerce.OrderStatusChanged.kind: _ORDERS,
    commerce.ReturnRecorded.kind: frozenset({"orders", "returns"}),
    commerce.ReturnUndone.kind: frozenset({"orders", "returns"}),
    commerce.CartAbandoned.kind: frozenset({"carts"}),
    commerce.CartTakenUp.kind: frozenset({"carts"}),
    customers.CustomerAdded.kind: _EVERYTHING,
    customers.CustomerChanged.kind: frozenset(),  # by its fields
    customers.ConsentRecorded.kind: frozenset({"consent"}),
    CustomerTagged.kind: frozenset({"tags"}),
    CustomerUntagged.kind: frozenset({"tags"}),
    CustomerAssigned.kind: frozenset({"profile"}),
    customers.CustomersMerged.kind: frozenset(),
    customers.CustomersUnmerged.kind: frozenset(),
}
_IDENTITIES = frozenset({"phone", "email", "external", "card", "market", "social"})


def subscribe_all() -> None:
    """Register with every kind of fact that can change who is in a segment."""
    subscribe_many(tuple(_TOPICS), NAME, hear, wanted=any_live)
    subscribe(AnalysisFinished.kind, NAME, _after_analysis)
    subscribe(ShopChanged.kind, NAME, _after_shop)
    subscribe(commerce.ProductChanged.kind, NAME, _after_product)
    subscribe("commerce.product_details_changed", NAME, _after_product)
    subscribe(customers.CustomFieldSaved.kind, NAME, _after_shop)


def topics_of(event: Event) -> frozenset[str]:
    """Return what a fact may have changed; `*` is everything, for whether somebody may be sorted at all is."""
    if event.kind == customers.ConsentRecorded.kind and event.payload.get("purpose") == "profiling":
        return _EVERYTHING
    if event.kind != customers.CustomerChanged.kind:
        return _TOPICS[event.kind]
    found: set[str] = set()
    for field in event.payload.get("fields", ()):
        if field == "birth_date":
            return _EVERYTHING
        if field == "family":
            found.add("family")
        elif field.startswith("custom."):
            found.add("custom")
        else:
            found.add("identity" if field in _IDENTITIES else "profile")
    return frozenset(found)


def hear(events: Sequence[Event]) -> None:
    """Judge everybody spoken of anew, by the rules that depend on the news; hearing it twice changes nothing.

    What is judged is how things stand now, not what the fact says: late and doubled facts come to the same.
    """
    at = clock.now()
    by_topics: dict[frozenset[str], set[int]] = defaultdict(set)
    together: dict[int, set[str]] = defaultdict(set)
    for event in events:
        if event.kind in (customers.CustomersMerged.kind, customers.CustomersUnmerged.kind):
            _merged(event, at)
        elif event.customer_id is not None:
            together[event.customer_id] |= topics_of(event)
    for person_id, told in together.items():
        by_topics[frozenset(told)].add(person_id)
    everything = [each.id for each in live_segments()] if any("*" in topics for topics in by_topics) else []
    for topics, people in by_topics.items():
        if topics:
            judge_people(customer_ids=people, at=at, topics=topics, only=everything if "*" in topics else ())


def _merged(event: Event, at: datetime) -> None:
    merge = Merge.objects.filter(id=event.subject_id or 0).first()
    if merge is None:
        return
    moved = [int(row_id) for row_id in merge.moved_ids]
    # By how things stand now: a merge may have been taken back before anybody heard of it.
    stands = Customer.objects.filter(id=merge.loser_id, canonical__isnull=True).exists()
    change = unmerge_standing if stands else merge_standing
    change(winner_id=merge.winner_id, moved_ids=moved, at=at)


def _after_analysis(event: Event) -> None:
    from setia.domains.segments.tasks import fill_scored

    put(fill_scored, unique_key="segments:scores")


def _after_product(event: Event) -> None:
    """A product in another category changes what everybody who bought it has bought."""
    from setia.domains.segments.tasks import fill_goods

    if "category" in event.payload.get("fields", ()) and any_live():
        put(fill_goods, unique_key="segments:goods")


def _after_shop(event: Event) -> None:
    """The zone or the hour at which days end may be others, and what a field of the shop's own holds."""
    from setia.domains.segments.tasks import fill_all

    put(fill_all, unique_key="segments:all")
