"""The people behind a number of a measure: listed in the background, counted as the number was."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console import measure_words
from setia.console.doors import StaffRequest, staff_only, sudo
from setia.console.freshness import freshness
from setia.console.list_files import STEP, csv_answer, log_list
from setia.console.people import shown_people
from setia.console.views.measure_page import measure_named
from setia.console.views.measures import value_of
from setia.domains.analytics import queries, tasks
from setia.domains.analytics.lists import ListKey
from setia.domains.analytics.measuring import Measure
from setia.domains.analytics.models import MeasureValue
from setia.domains.commerce.models import CustomerCounters
from setia.domains.commerce.queries import counters_of_people
from setia.domains.shop.queries import outlets, the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.jobs.backend import put
from setia.foundation.jobs.models import Job
from setia.foundation.money import from_smallest
from setia.foundation.paging import Page

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class _Asked:
    """A measure of one period of one outlet, and the lists of its groups as of the last analysis."""

    measure: Measure
    row: MeasureValue
    keys: dict[str, ListKey]
    group: str

    @property
    def job_key(self) -> str:
        return f"people:{next(iter(self.keys.values())).name}:{self.measure.name}"

    @property
    def address(self) -> str:
        way = reverse("console:measure_people", args=[self.measure.name, self.row.grain, self.row.start.isoformat()])
        return f"{way}?{urlencode({'outlet': self.row.outlet_id, 'group': self.group})}"


def _asked(request: StaffRequest, measure_name: str, grain: str, start: str) -> _Asked:
    found = measure_named(measure_name)
    given = request.POST if request.method == "POST" else request.GET
    outlet = given.get("outlet", "")
    outlet_id = int(outlet) if outlet.isascii() and outlet.isdigit() and len(outlet) < 19 else 0
    try:
        row = queries.measure_value(found.name, grain=grain, start=date.fromisoformat(start), outlet_id=outlet_id)
    except ValueError:
        raise Http404 from None
    analysis = queries.latest_analysis()
    if row is None or analysis is None or not found.groups:
        raise Http404
    keys = {group: ListKey(analysis.sequence, group, row.start, row.end, outlet_id) for group in found.groups}
    group = given.get("group", "")
    return _Asked(found, row, keys, group if group in keys else found.groups[0])


@staff_only(Capability.VIEW_MEASURES)
def measure_people(request: StaffRequest, measure_name: str, grain: str, start: str) -> HttpResponse:
    """Who stands behind a number: one group at a time, those first who spent most in all."""
    require_all_outlets(request.user)
    asked = _asked(request, measure_name, grain, start)
    key = asked.keys[asked.group]
    total, rows, page = key.count(), [], None
    if total is not None:
        place = request.GET.get("cursor", "")
        low = min(int(place) if place.isascii() and place.isdigit() and len(place) < 12 else 0, total)
        page = _page(key, low, total)
        rows = shown_people(request.user, page.rows, page="measure_people")
    shop, value = the_shop(), value_of(asked.measure, asked.row)
    write = measure_words.writer(asked.measure.unit, shop.currency, request.user.language)
    names = {outlet.id: outlet.name for outlet in outlets()} if asked.row.outlet_id else {}
    context = {
        **freshness(),
        "measure": asked.measure,
        "words": measure_words.MEASURES[asked.measure.name],
        "row": asked.row,
        "last_day": asked.row.end - timedelta(days=1),
        "outlet_name": names.get(asked.row.outlet_id, ""),
        "text": "" if value.value is None else write(value.value),
        "why": measure_words.WHY.get(asked.row.why, ""),
        "groups": [(name, measure_words.PEOPLE[name], each.count()) for name, each in asked.keys.items()],
        "group": asked.group,
        "group_words": measure_words.PEOPLE[asked.group],
        "total": total,
        "rows": rows,
        "page": page,
        "waiting": Job.objects.filter(unique_key=asked.job_key, state__in=["ready", "running"]).exists(),
    }
    return render(request, "console/measure_people.html", context)


def _page(key: ListKey, low: int, total: int) -> Page[CustomerCounters]:
    """Return a page of a list by its place in it, which stands as long as the list does."""
    ids = key.read(low, PAGE_SIZE)
    found = {row.customer_id: row for row in counters_of_people(ids)}
    return Page(
        [found[row_id] for row_id in ids if row_id in found],
        next_cursor=str(low + PAGE_SIZE) if low + PAGE_SIZE < total else "",
        previous_cursor=str(max(low - PAGE_SIZE, 0)) if low else "",
    )


@staff_only(Capability.VIEW_MEASURES, "POST")
def measure_people_list(request: StaffRequest, measure_name: str, grain: str, start: str) -> HttpResponse:
    """Have the lists made; once in the queue they are not asked for twice."""
    require_all_outlets(request.user)
    asked = _asked(request, measure_name, grain, start)
    key = asked.keys[asked.group]
    put(
        tasks.list_people,
        args=[key.sequence, list(asked.keys), key.start.isoformat(), key.end.isoformat(), key.outlet],
        unique_key=asked.job_key,
        attempt_limit=2,
    )
    return redirect(asked.address)


@staff_only(Capability.EXPORT, "POST")
@sudo
def measure_people_file(request: StaffRequest, measure_name: str, grain: str, start: str) -> HttpResponseBase:
    """A group as a file: for whoever may take data away."""
    require_all_outlets(request.user)
    asked = _asked(request, measure_name, grain, start)
    key, at = asked.keys[asked.group], clock.now()
    total = key.count()
    if not total:
        messages.error(request, _("Nobody is on this list, so there is nothing to save."))
        return redirect(asked.address)
    log_list(request.user, "measure_people_file", total, at=at)
    heads = (
        _("Customer number"),
        _("Name"),
        _("Contact"),
        _("City"),
        _("Orders"),
        _("Spent in all"),
        _("Last purchase"),
    )
    name = f"setia-{asked.measure.name}-{asked.group}-{asked.row.start}"
    return csv_answer(name, heads, _cells(request, key, total, the_shop().currency.scale), at=at)


def _cells(request: StaffRequest, key: ListKey, total: int, scale: int) -> Iterator[list[Any]]:
    for low in range(0, total, STEP):
        ids = key.read(low, STEP)
        found = {row.customer_id: row for row in counters_of_people(ids)}
        rows = [found[row_id] for row_id in ids if row_id in found]
        for person in shown_people(request.user, rows, page="measure_people_file"):
            counters = person.counters
            last = counters.last_order_at.date().isoformat() if counters.last_order_at else ""
            yield [
                str(person.id), person.name, person.contact, person.city, counters.order_count,
                from_smallest(counters.spent_total, scale), last,
            ]  # fmt: skip
