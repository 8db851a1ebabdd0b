"""Segments: the list, one segment with its people, the ready-made ones, and what becomes of them."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from setia.console import charts, measure_words, segment_words
from setia.console.charts.inputs import Point
from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.people import shown_people
from setia.console.toasts import WayBack, say_done
from setia.domains.commerce.queries import counters_of_people
from setia.domains.segments import actions, queries
from setia.domains.segments.models import Segment, SegmentState, Standing
from setia.domains.segments.names import ShopNames
from setia.domains.segments.plan import users_of
from setia.domains.segments.rules.errors import BadRule
from setia.domains.segments.rules.ready import READY
from setia.domains.segments.rules.text import parse, written
from setia.domains.segments.rules.tree import Node, from_json
from setia.domains.segments.standing import bits
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.clock import shop_day

PAGE_SIZE = 50
AHEAD_DAYS = 7
HISTORY_DAYS = 90


def segment_or_404(request: StaffRequest, segment_id: int) -> Segment:
    """Return a segment of the whole shop to somebody who sees the whole shop."""
    require_all_outlets(request.user)
    try:
        return queries.access_segment(request.user, segment_id)
    except Segment.DoesNotExist:
        raise Http404 from None


def sentences(request: StaffRequest, names: ShopNames) -> segment_words.Sentences:
    """Return who says rules in the reader's language."""
    return segment_words.Sentences(names, measure_words.writer("money", the_shop().currency, request.user.language))


def rule_of(segment: Segment) -> Node | None:
    """Return a segment's rule, or None for a list and for a rule that this version cannot read."""
    try:
        return from_json(segment.rule) if segment.rule else None
    except BadRule:
        return None


@staff_only(Capability.VIEW_MEASURES)
def segment_list(request: StaffRequest) -> HttpResponse:
    """All segments and lists with their size; the archived ones on their own tab."""
    require_all_outlets(request.user)
    archived = request.GET.get("show") == "archived"
    rows = queries.all_segments(state=SegmentState.ARCHIVED if archived else "")
    names, at = ShopNames(), clock.now()
    say = sentences(request, names)
    shown = [{"segment": row, "says": say.rule(node) if (node := rule_of(row)) else row.description} for row in rows]
    context = {"rows": shown, "archived": archived, "at": at, "ready_count": len(READY)}
    return render(request, "console/segments.html", context)


@staff_only(Capability.VIEW_MEASURES)
def detail(request: StaffRequest, segment_id: int) -> HttpResponse:
    """One segment: what it means, how many, who and why, who comes and goes next, and what uses it."""
    segment = segment_or_404(request, segment_id)
    names, at, shop = ShopNames(), clock.now(), the_shop()
    say, node = sentences(request, names), rule_of(segment)
    page = queries.member_page(segment.id, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    entering, leaving = queries.coming(segment.id, at=at, days=AHEAD_DAYS)
    reasons = say.conditions(node) if node else []
    people = _people(request, [*page.rows, *entering.rows, *leaving.rows])
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    other = queries.segment_or_none(id_or_none(request.GET.get("with", "")) or 0)
    context = {
        "segment": segment,
        "node": node,
        "broken": segment.is_dynamic and node is None,
        "says": say.rule(node) if node else "",
        "rule_text": written(node, names) if node else "",
        "page": page,
        "rows": [
            (people[row.customer_id], row, _why(row, segment, reasons))
            for row in page.rows
            if row.customer_id in people
        ],
        "coming": [
            (side, word, [(people[row.customer_id], row) for row in side.rows if row.customer_id in people])
            for side, word in ((entering, _("will enter")), (leaving, _("will leave")))
        ],
        "chart": _size_chart(segment, today),
        "used_by": users_of(segment.id),
        "others": [row for row in queries.all_segments() if row.id != segment.id],
        "other": other,
        "overlap": queries.overlap(segment.id, other.id) if other else None,
        "ahead": AHEAD_DAYS,
        "until": today + timedelta(days=AHEAD_DAYS),
    }
    return render(request, "console/segment.html", context)


def _people(request: StaffRequest, rows: list[Standing]) -> dict[int, Any]:
    ids = list(dict.fromkeys(row.customer_id for row in rows))
    counters = {row.customer_id: row for row in counters_of_people(ids)}
    found = shown_people(request.user, [counters[each] for each in ids if each in counters], page="segment")
    return {person.id: person for person in found}


def _why(row: Standing, segment: Segment, reasons: list[str]) -> list[str]:
    """Return the conditions that held when somebody came; of an older rule they can no longer be named."""
    if row.version != segment.version:
        return []
    return [reasons[place] for place in bits(row.reason) if place < len(reasons)]


def _size_chart(segment: Segment, today: date) -> Any:
    points = queries.history(segment.id, until=today, days=HISTORY_DAYS)
    frame = charts.Frame(
        id="size", title=_("Size by day"), description=_("how many were in the segment at the end of each day"),
        show_numbers=_("Show the figures"), empty=_("Nobody has come or gone yet"), unknown=_("not yet known"),
        save_picture=_("Save the picture (PNG)"), save_numbers=_("Save the figures (CSV)"),
    )  # fmt: skip
    return charts.line(
        frame,
        [Point(date_format(day, "j M"), size) for day, size in points],
        across=_("Day"),
        up=charts.Axis(name=_("Customers")),
    )


@staff_only(Capability.VIEW_MEASURES)
def persona(request: StaffRequest, segment_id: int) -> HttpResponse:
    """The people of a segment as one person: size, value, what they like, where and when they buy."""
    segment, shop = segment_or_404(request, segment_id), the_shop()
    found = queries.likeness(segment.id, zone=shop.zone)
    frame = charts.Frame(
        id="hours", title=_("Hour of the day"), description=_("orders of these people by hour"),
        show_numbers=_("Show the figures"), empty=_("No orders yet"), unknown=_("not yet known"),
        save_picture=_("Save the picture (PNG)"), save_numbers=_("Save the figures (CSV)"),
    )  # fmt: skip
    chart = charts.bar_list(
        frame,
        [Point(f"{hour:02}.00", count) for hour, count in enumerate(found.hours) if count],
        across=_("Hour"),
        up=charts.Axis(name=_("Orders")),
    )
    best = max(range(24), key=lambda hour: found.hours[hour]) if any(found.hours) else None
    context = {"segment": segment, "found": found, "chart": chart, "best_hour": best}
    context["each"] = found.spent // found.people if found.people else 0
    context["expected_each"] = found.expected // found.people if found.people else 0
    return render(request, "console/segment_persona.html", context)


@staff_only(Capability.EDIT_SEGMENTS, "POST")
def save_persona(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Give the people of a segment a name, and note what they are like."""
    segment = segment_or_404(request, segment_id)
    changes = {
        "persona": request.POST.get("persona", "")[:60],
        "persona_words": request.POST.get("persona_words", "")[:2000],
    }
    try:
        actions.change_segment(segment=segment, changes=changes, by=request.user.actor, at=clock.now())
    except actions.UnableToSave as error:
        messages.error(request, str(segment_words.SAVING[error.code]))
    else:
        say_done(request, _("Saved."))
    return redirect("console:segment_persona", segment.id)


_MOVES = {
    "live": actions.go_live, "draft": actions.to_draft, "archived": actions.archive, "restore": actions.restore,
}  # fmt: skip


@staff_only(Capability.EDIT_SEGMENTS, "POST")
def move(request: StaffRequest, segment_id: int) -> HttpResponse:
    """Let a segment go live, stop it, put it away or take it out again."""
    segment = segment_or_404(request, segment_id)
    wanted = request.POST.get("to", "")
    if wanted not in _MOVES:
        raise Http404
    try:
        row = _MOVES[wanted](segment=segment, by=request.user.actor, at=clock.now())
    except actions.UnableToSave as error:
        messages.error(request, str(segment_words.SAVING[error.code]).format(names=", ".join(error.names)))
        return redirect("console:segment", segment.id)
    if row.state == SegmentState.ARCHIVED:
        back = WayBack(reverse("console:segment_move", args=[row.id]), {"to": "restore"})
        say_done(request, _("“{name}” was archived.").format(name=row.name), undo=back)
        return redirect("console:segments")
    words = {
        SegmentState.LIVE: _("“{name}” is live. Its people are being found."),
        SegmentState.DRAFT: _("“{name}” is a draft."),
    }
    say_done(request, words[SegmentState(row.state)].format(name=row.name))
    return redirect("console:segment", segment.id)


@staff_only(Capability.EDIT_SEGMENTS, "GET", "POST")
def ready(request: StaffRequest) -> HttpResponse:
    """Ready-made segments, each adopted with one press."""
    require_all_outlets(request.user)
    names = ShopNames()
    if request.method == "POST":
        key = request.POST.get("key", "")
        text = dict(READY).get(key)
        if text is None:
            raise Http404
        title, words = segment_words.READY[key]
        segment = actions.adopt(
            name=str(title), node=parse(text, names), description=str(words), by=request.user.actor, at=clock.now(),
            maker=request.user,
        )  # fmt: skip
        say_done(request, _("“{name}” is live. Its people are being found.").format(name=segment.name))
        return redirect("console:segment", segment.id)
    say, have = sentences(request, names), {row.name for row in queries.all_segments()}
    rows = []
    for key, text in READY:
        try:
            node = parse(text, names)
        except BadRule:
            continue  # speaks of a score that this shop's analysis does not have
        title, words = segment_words.READY[key]
        rows.append({"key": key, "name": title, "words": words, "says": say.rule(node), "has": str(title) in have})
    return render(request, "console/segment_ready.html", {"rows": rows})


@staff_only(Capability.VIEW_MEASURES)
def of_customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The segments a customer is in and why, and what changes within a week; a part of his page, or a page."""
    from setia.domains.customers.models import Customer
    from setia.domains.customers.queries import access_customer

    require_all_outlets(request.user)
    try:
        customer = access_customer(request.user, customer_id)
    except Customer.DoesNotExist:
        raise Http404 from None
    say, at = sentences(request, ShopNames()), clock.now()
    rows = []
    for each in queries.segments_of(customer.id):
        node = rule_of(each.segment)
        rows.append((each, _why(each.standing, each.segment, say.conditions(node) if node else [])))
    context = {"customer": customer, "rows": rows, "turns": queries.next_turns(customer.id, at=at)}
    is_part = bool(request.htmx)  # type: ignore[attr-defined]
    part = "console/parts/customer_segments.html" if is_part else "console/customer_segments.html"
    return render(request, part, context)
