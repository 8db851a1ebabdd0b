"""Questions about advice: the lists of a customer, the pairs of a product, what to do today, what was learned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, Sum

from setia.domains.advice.facts import Known, gather
from setia.domains.advice.models import (
    AdviceChoices,
    AdviceRound,
    AdviceState,
    Companion,
    Decision,
    NextAction,
    Recommended,
)
from setia.domains.advice.rules.actions import AHEAD_DAYS, KINDS, PRIORS, Judged, Terms, judge
from setia.domains.advice.rules.learning import KindLearned
from setia.domains.advice.rules.windows import Window, window
from setia.domains.commerce.models import CustomerCounters, Order, OrderLine, Product
from setia.domains.customers.models import Customer
from setia.domains.shop.models import Shop
from setia.domains.staff.queries import may, require
from setia.domains.staff.rules import Capability
from setia.foundation.paging import Key, Page, key_page

_LATEST = 3


@dataclass(frozen=True, slots=True)
class Again:
    """A product somebody buys again: how often so far, mean gap and days since in days, and when next, if known."""

    product: Product
    times: int
    gap: float
    silent: int
    next: Window | None


@dataclass(frozen=True, slots=True)
class Lists:
    """What to recommend to one person. `popular` fills what is short; `next` is the window of any purchase."""

    again: list[Again]
    also: list[Product]
    popular: list[Product]
    with_last: list[Companion]
    next: Window | None
    again_shown: str
    also_shown: str


def choices_row() -> AdviceChoices:
    """Return what the shop decided about advice, or what holds until it does."""
    return AdviceChoices.objects.filter(id=1).first() or AdviceChoices()


def latest_round() -> AdviceRound | None:
    """Return the last round that was finished, or None."""
    return AdviceRound.objects.filter(state=AdviceState.DONE).order_by("-id").first()


def running_round(*, at: datetime) -> AdviceRound | None:
    """Return the round under way; one that was killed is not told for ever."""
    last = AdviceRound.objects.order_by("-id").first()
    is_running = last is not None and last.state == AdviceState.RUNNING and at - last.started_at < timedelta(hours=2)
    return last if is_running else None


def lists_of(customer_ids: Sequence[int], *, today: date, limit: int = 5) -> Lists | None:
    """Return what to recommend to a person, given all his rows, the standing one first; None before the first round.

    What the shop has excluded since, and what is gone, is left out.
    """
    found = latest_round()
    if found is None:
        return None
    row = Recommended.objects.filter(customer_id=customer_ids[0]).first()
    own = row.own_products if row else []
    new = row.new_products if row else []
    popular = [int(one) for one in found.notes.get("popular", [])]
    wanted = {one.product_id for one in own} | set(new) | set(popular)
    products = _recommendable(wanted)
    windows, judged = found.notes.get("windows", {}), found.notes.get("judged", {})
    now = (today - date(1970, 1, 1)).days
    calibration = windows.get("items", {}).get("calibration", {})
    again = [
        Again(
            products[one.product_id], one.times, one.gap, now - one.last_day,
            window(calibration, moments=one.times, silent=now - one.last_day, gap=one.gap) if one.times > 1 else None,
        )
        for one in own
        if one.product_id in products
    ]  # fmt: skip
    has = {one.product_id for one in own} | set(new)
    return Lists(
        again[:limit],
        [products[one] for one in new if one in products][:limit],
        [products[one] for one in popular if one in products and one not in has][:limit],
        companions_of_last(customer_ids),
        _next_purchase(row, windows.get("people", {}), now) if row else None,
        judged.get("again", {}).get("shown", ""),
        judged.get("also", {}).get("shown", ""),
    )


def _next_purchase(row: Recommended, windows: Mapping[str, Any], now: int) -> Window | None:
    calibration = windows.get("calibration", {})
    gap = row.gap_tenths / 10
    return window(calibration, moments=row.day_count, silent=now - row.last_day, gap=gap)


def _recommendable(product_ids: Collection[int]) -> dict[int, Product]:
    """Return those products that are still there and that the shop has not excluded."""
    chosen = choices_row()
    excluded = {str(name).casefold() for name in chosen.excluded_categories}
    never = {int(one) for one in chosen.excluded_products}
    return {
        one: product
        for one, product in Product.objects.in_bulk(list(product_ids)).items()
        if one not in never and product.category.casefold() not in excluded
    }


def companions_of(product: Product) -> list[Companion]:
    """Return what goes with a product, the surest first."""
    return list(Companion.objects.filter(product=product).select_related("other").order_by("place"))


def companions_of_last(customer_ids: Sequence[int]) -> list[Companion]:
    """Return what goes with the last purchase of a person and was not in it, the most lifted first."""
    last = Order.objects.filter(customer_id__in=customer_ids).exclude(status="cancelled").order_by("-placed_at", "-id")
    lines = OrderLine.objects.filter(order_id__in=list(last.values_list("id", flat=True)[:1]))
    had = set(lines.values_list("product_id", flat=True)[:60])
    pairs = Companion.objects.filter(product_id__in=had).exclude(other_id__in=had).select_related("product", "other")
    found: dict[int, Companion] = {}
    for pair in sorted(pairs, key=lambda one: (-one.lift, one.id)):
        found.setdefault(pair.other_id, pair)
    allowed = _recommendable(found)
    return [pair for other, pair in found.items() if other in allowed][:_LATEST]


def terms_of(shop_figures: Mapping[str, Any] | None = None) -> Terms:
    """Return what advice reckons with: the shop's choices, and its own mean order and gap."""
    row, found = choices_row(), latest_round() if shop_figures is None else None
    notes = shop_figures or (found.notes if found else {})
    return Terms(
        margin=row.margin_percent / 100,
        message_cost=row.message_cost,
        minute_cost=row.minute_cost,
        pause_days=row.pause_days,
        usual_order=int(notes.get("usual_order", 0)),
        usual_gap=float(notes.get("windows", {}).get("people", {}).get("gap") or 30.0),
    )


def usual_order() -> int:
    """Return the mean net of an order of somebody known, in smallest units; 0 where there is none."""
    sums = CustomerCounters.objects.filter(order_count__gt=0).aggregate(spent=Sum("spent_total"), n=Sum("order_count"))
    return int(sums["spent"] // sums["n"]) if sums["n"] else 0


def learned() -> dict[str, KindLearned]:
    """Return what is known of each kind of advice, by the decisions that were not taken back."""
    counted = Decision.objects.filter(undone_at__isnull=True).values("kind").annotate(
        accepted=Count("id", filter=Q(is_accepted=True)),
        dismissed=Count("id", filter=Q(is_accepted=False)),
        judged=Count("id", filter=Q(is_accepted=True, has_bought__isnull=False)),
        bought=Count("id", filter=Q(is_accepted=True, has_bought=True)),
        anyway=Avg("chance_anyway", filter=Q(is_accepted=True, has_bought__isnull=False)),
    )  # fmt: skip
    found = {kind: KindLearned.of(PRIORS[kind].uplift) for kind in KINDS}
    for row in counted:
        if row["kind"] in found:
            anyway = (row["anyway"] or 0.0) / 1000 * row["judged"]
            prior = PRIORS[row["kind"]].uplift
            figures = (row["accepted"], row["dismissed"], row["judged"], row["bought"])
            found[row["kind"]] = KindLearned(prior, *figures, anyway)
    return found


@dataclass(frozen=True, slots=True)
class Advised:
    """A customer with what is worth doing about him, as of now."""

    known: Known
    judged: Judged
    product: Product | None = None


def advice_for(customers: Sequence[Customer], *, at: datetime, shop: Shop | None = None) -> list[Advised]:
    """Return what to do next about these people, by a fixed number of questions, in their order."""
    terms, by_kind = terms_of(), learned()
    known = gather(customers, at=at, shop=shop)
    judged = [judge(one.facts, terms, by_kind) for one in known]
    wanted: set[int] = set()
    for one in known:
        wanted |= {product for product in (one.facts.due_product, one.facts.also_product) if product is not None}
    products = _recommendable(wanted) if wanted else {}
    found = []
    for one, what in zip(known, judged, strict=True):
        best = what.best.kind if what.best else ""
        product_id = one.facts.due_product if best == "replenish" else one.facts.also_product
        found.append(Advised(one, what, products.get(product_id) if product_id else None))
    return found


def ranked_page(viewer: Any, *, kind: str, is_all: bool, cursor: str, size: int) -> Page[NextAction]:
    """Return one page of suggestions, the most worth first: of one's own customers, or of the whole shop.

    The whole shop is for those who may assign tasks. Raises NotAllowed.
    """
    require(viewer, Capability.DO_TASKS)
    rows = NextAction.objects.select_related("customer").filter(customer__canonical__isnull=True)
    if not (is_all and may(viewer, Capability.ASSIGN_TASKS)):
        rows = rows.filter(customer__owner_id=viewer.id)
    if kind in KINDS:
        rows = rows.filter(kind=kind)
    return key_page(rows, keys=(Key("net"), Key("customer_id")), cursor=cursor, size=size)


def kind_counts(viewer: Any, *, is_all: bool) -> dict[str, int]:
    """Return how many suggestions there are of each kind."""
    rows = NextAction.objects.all()
    if not (is_all and may(viewer, Capability.ASSIGN_TASKS)):
        rows = rows.filter(customer__owner_id=viewer.id)
    return dict(rows.values_list("kind").annotate(count=Count("customer_id")).order_by(F("count").desc()))


def decided_since(moment: datetime) -> int:
    """Return how many suggestions were taken up since a moment and not taken back."""
    return Decision.objects.filter(decided_at__gte=moment, is_accepted=True, undone_at__isnull=True).count()


def latest_decisions(customer_ids: Sequence[int], *, limit: int = 5) -> list[Decision]:
    """Return what was decided about a person lately, latest first, without what was taken back."""
    rows = Decision.objects.filter(customer_id__in=customer_ids, undone_at__isnull=True)
    return list(rows.select_related("task", "staff").order_by("-id")[:limit])


def access_decision(viewer: Any, decision_id: int) -> Decision:
    """Return a decision to whoever may act on tasks; raises NotAllowed and Decision.DoesNotExist."""
    require(viewer, Capability.DO_TASKS)
    return Decision.objects.select_related("customer", "task").get(id=decision_id)


def unjudged_before(moment: datetime, *, limit: int) -> list[Decision]:
    """Return accepted decisions older than a moment of which it is not known yet whether a purchase followed."""
    rows = Decision.objects.filter(has_bought__isnull=True, is_accepted=True, decided_at__lt=moment)
    return list(rows.order_by("decided_at")[:limit])


def bought_after(decision: Decision) -> int | None:
    """Return the net of what a customer bought in the 30 days after a decision, or None where nothing."""
    until = decision.decided_at + timedelta(days=AHEAD_DAYS)
    rows = Order.objects.filter(
        customer_id=decision.customer_id, placed_at__gt=decision.decided_at, placed_at__lte=until
    )
    total: int | None = rows.exclude(status="cancelled").aggregate(total=Sum("net"))["total"]
    return total
