"""What to do next: about one customer, and today for the whole shop; taking suggestions up, dismissing, taking back."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setia.console import advice_words, measure_words
from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.people import display_name
from setia.console.toasts import WayBack, say_done
from setia.domains.advice import actions, queries
from setia.domains.advice.queries import Advised
from setia.domains.advice.rules.actions import KINDS
from setia.domains.advice.rules.learning import REASON_DAYS
from setia.domains.customers.models import Customer
from setia.domains.customers.queries import access_customer, alias_ids, by_ids
from setia.domains.shop.models import Shop
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import may, outlet_scope
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.clock import day_start, shop_day

PAGE_SIZE = 50


@staff_only(Capability.VIEW_CUSTOMERS)
def of_customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """What to do next about a customer and what to recommend; a part of his page, or a page without script."""
    customer = access_customer(request.user, customer_id)
    shop, at, ids = the_shop(), clock.now(), alias_ids(customer.id)
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    advised = queries.advice_for([customer], at=at, shop=shop)[0]
    lists = queries.lists_of(ids, today=today) if not advised.known.facts.objects else None
    context = {
        "customer": customer,
        "name": display_name(customer),
        "shown": _shown(advised, request, shop),
        "objects": advised.known.facts.objects,
        "lists": lists,
        "again": [(one, advice_words.in_words(one.next) if one.next else "") for one in lists.again] if lists else [],
        "next": lists.next if lists else None,
        "next_words": advice_words.in_words(lists.next) if lists and lists.next else "",
        "decisions": [
            (row, advice_words.KINDS.get(row.kind, row.kind), advice_words.REASONS.get(row.reason, ""))
            for row in queries.latest_decisions(ids)
        ],
        "reasons": advice_words.REASONS,
    }
    part = "console/parts/customer_advice.html" if request.htmx else "console/customer_advice.html"  # type: ignore[attr-defined]
    return render(request, part, context)


def _shown(advised: Advised, request: StaffRequest, shop: Shop) -> dict[str, Any]:
    """Return the suggestions of one customer in words: the best, the others, and what may not be done."""
    money = measure_words.writer("money", shop.currency, request.user.language)
    judged = advised.judged

    def told(one: Any) -> dict[str, Any]:
        why = advice_words.reason(one, money, advice_words.product_of(advised, one.kind))
        return {"kind": one.kind, "name": advice_words.KINDS[one.kind], "why": why, "one": one}

    rows = [told(one) for one in judged.suggestions]
    return {
        "best": rows[0] if rows else None,
        "others": rows[1:4],
        "forbidden": [(told(one), advice_words.FORBIDS[why]) for one, why in judged.forbidden[:3]],
    }


def best_of(advised: Advised, request: StaffRequest, shop: Shop) -> dict[str, Any] | None:
    """Return the best suggestion of one customer in words, or None where it is to do nothing."""
    best: dict[str, Any] | None = _shown(advised, request, shop)["best"]
    return best


@staff_only(Capability.DO_TASKS)
def today_list(request: StaffRequest) -> HttpResponse:
    """What to do today, the most worth first: for the whole shop, or for those one looks after."""
    shop, at = the_shop(), clock.now()
    chosen = queries.choices_row()
    may_all = may(request.user, Capability.ASSIGN_TASKS) and outlet_scope(request.user) is None
    is_all = may_all and request.GET.get("who", "all") != "mine"
    kind = request.GET.get("kind", "")
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    done = queries.decided_since(day_start(today, zone=shop.zone, cutoff_hour=shop.cutoff_hour))
    left = max(chosen.daily_capacity - done, 0)
    wants_more = request.GET.get("more", "") == "yes"
    size = PAGE_SIZE if wants_more else min(max(left, 1), PAGE_SIZE)
    page = queries.ranked_page(request.user, kind=kind, is_all=is_all, cursor=request.GET.get("cursor", ""), size=size)
    people = queries.advice_for([row.customer for row in page.rows], at=at, shop=shop)
    counts = queries.kind_counts(request.user, is_all=is_all)
    rows = [
        (one.known.customer, display_name(one.known.customer), _shown(one, request, shop)["best"])
        for one in people
        if one.judged.best is not None and (not kind or one.judged.best.kind == kind)
    ]
    context = {
        "rows": rows,
        "page": page,
        "kind": kind,
        "is_all": is_all,
        "may_all": may_all,
        "counts": [(name, advice_words.KINDS[name], count) for name, count in counts.items() if name in KINDS],
        "total": sum(counts.values()),
        "done": done,
        "capacity": chosen.daily_capacity,
        "is_full": left == 0,
        "wants_more": wants_more,
        "round": queries.latest_round(),
        "reasons": advice_words.REASONS,
    }
    return render(request, "console/advice.html", context)


@staff_only(Capability.DO_TASKS, "POST")
def accept(request: StaffRequest, customer_id: int, action_name: str) -> HttpResponse:
    """Take a suggestion up: it becomes a task."""
    customer = access_customer(request.user, customer_id)
    if action_name not in KINDS:
        raise Http404
    try:
        decision = _take_up(request, customer, action_name)
    except actions.UnableToDecide as error:
        messages.error(request, _problem(error))
        return _back(request, customer)
    back = WayBack(reverse("console:advice_undo", args=[decision.id]), {"next": _next(request)})
    say_done(request, _("It is on the list of tasks now."), undo=back)
    return _back(request, customer)


def _take_up(request: StaffRequest, customer: Customer, kind: str) -> Any:
    shop, at = the_shop(), clock.now()
    advised = queries.advice_for([customer], at=at, shop=shop)[0]
    one = next((each for each in advised.judged.suggestions if each.kind == kind), None)
    product = advice_words.product_of(advised, kind)
    money = measure_words.writer("money", shop.currency, request.user.language)
    note = advice_words.reason(one, money, product) if one else ""
    title = advice_words.task_title(kind, product)
    return actions.accept(customer=customer, kind=kind, title=title, note=note, by=request.user, at=at)


@staff_only(Capability.DO_TASKS, "POST")
def dismiss(request: StaffRequest, customer_id: int, action_name: str) -> HttpResponse:
    """Say no to a suggestion, with the reason; it stays away for as long as the reason lasts."""
    customer = access_customer(request.user, customer_id)
    if action_name not in KINDS:
        raise Http404
    reason = request.POST.get("reason", "not_now")
    try:
        decision = actions.dismiss(customer=customer, kind=action_name, reason=reason, by=request.user, at=clock.now())
    except actions.UnableToDecide as error:
        messages.error(request, _problem(error))
        return _back(request, customer)
    back = WayBack(reverse("console:advice_undo", args=[decision.id]), {"next": _next(request)})
    days = REASON_DAYS[reason]
    words = ngettext("It stays away for {count} day.", "It stays away for {count} days.", days).format(count=days)
    say_done(request, words, undo=back)
    return _back(request, customer)


@staff_only(Capability.DO_TASKS, "POST")
def undo(request: StaffRequest, decision_id: int) -> HttpResponse:
    """Take a decision back, with the task that nobody has done yet."""
    decision = queries.access_decision(request.user, decision_id)
    if actions.take_back(decision=decision, by=request.user, at=clock.now()):
        say_done(request, _("Taken back. The suggestion comes again where there is still an occasion."))
    return _back(request, decision.customer)


@staff_only(Capability.DO_TASKS, "POST")
def accept_many(request: StaffRequest) -> HttpResponse:
    """Take up the suggestions of all ticked customers; each is the one shown, and what is gone is left out."""
    chosen = [(one, kind) for one, kind in map(_chosen, request.POST.getlist("chosen")[:PAGE_SIZE]) if one is not None]
    people = {row.id: row for row in by_ids([one for one, _kind in chosen])}
    done = _each(chosen, lambda one, kind: _take_up(request, people[one], kind), people)
    if done:
        words = ngettext("{count} suggestion is a task now.", "{count} suggestions are tasks now.", done)
        say_done(request, words.format(count=done))
    missed = len(chosen) - done
    if missed:
        words = ngettext(
            "{count} was left out: there is no occasion any more, or it was decided already.",
            "{count} were left out: there is no occasion any more, or they were decided already.",
            missed,
        )
        messages.warning(request, words.format(count=missed))
    if not chosen:
        messages.error(request, _("Tick somebody first."))
    return redirect(_next(request) or "console:advice")


def _chosen(text: str) -> tuple[int | None, str]:
    number, _colon, kind = text.partition(":")
    return (id_or_none(number) if kind in KINDS else None), kind


def _each(chosen: Sequence[tuple[int | None, str]], work: Callable[[int, str], Any], people: dict[int, Any]) -> int:
    done = 0
    for one, kind in chosen:
        try:
            if one is not None and one in people:
                work(one, kind)
                done += 1
        except actions.UnableToDecide:
            continue
    return done


def _problem(error: actions.UnableToDecide) -> str:
    words = {
        "gone": _("There is no occasion for it any more."),
        "decided": _("Somebody decided this already; take that back first."),
    }
    return words.get(str(error), _("This cannot be decided."))


def _next(request: StaffRequest) -> str:
    came_from = request.POST.get("next", "")
    return came_from if url_has_allowed_host_and_scheme(came_from, allowed_hosts=None) else ""


def _back(request: StaffRequest, customer: Customer) -> HttpResponse:
    return redirect(_next(request) or reverse("console:customer", args=[customer.id]))


@staff_only(Capability.VIEW_MEASURES)
def learned(request: StaffRequest) -> HttpResponse:
    """What decisions have taught: how often each kind is taken up, what followed, and what that does not prove."""
    shop, by_kind = the_shop(), queries.learned()
    rows = [
        {
            "name": advice_words.KINDS[kind],
            "known": known,
            "low": known.uplift_range[0],
            "high": known.uplift_range[1],
            "source": advice_words.SOURCES["solved" if kind in ("check_in", "win_back") else "assumed"],
        }
        for kind, known in by_kind.items()
    ]
    context = {"rows": rows, "choices": queries.choices_row(), "zone": shop.zone, "days": timedelta(days=30).days}
    return render(request, "console/advice_learned.html", context)
