"""Money: what customers cost and bring, how evenly they bring it, what was spent on them, and calculators."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setia.console import charts, measure_words
from setia.console.chart_frames import chart_frame
from setia.console.charts.inputs import Bin, Series
from setia.console.doors import StaffRequest, staff_only
from setia.console.freshness import freshness
from setia.console.money_forms import BreakEvenForm, ReturnForm, SpendForm, SpendRowsForm, WinOrKeepForm
from setia.domains.analytics import actions, queries
from setia.domains.analytics.models import SpendPurpose
from setia.domains.analytics.rules import money as rules
from setia.domains.analytics.rules.formulas import FEWEST
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.clock import shop_day

_MONTHS_SHOWN = 24


def _found(name: str) -> dict[str, Any]:
    row = queries.finding(name)
    return row.found if row else {}


@staff_only(Capability.VIEW_MEASURES)
def money(request: StaffRequest) -> HttpResponse:
    """Acquisition cost against lifetime value, by month and by source; how revenue is spread over customers."""
    require_all_outlets(request.user)
    found, shop, language = _found("money"), the_shop(), request.user.language
    context = {**freshness(), "has": bool(found.get("people"))}
    if context["has"]:
        write = measure_words.writer("money", shop.currency, language)
        short = measure_words.writer("money", shop.currency, language, short=True)
        axis = charts.Axis(name=_("Amount"), text=write, tick=short)
        context |= _value_and_cost(found, short) | _course(found, axis) | _spread(found, write, short)
        context["sources"] = [_source(each, write) for each in found["sources"]]
    return render(request, "console/money.html", context)


def _value_and_cost(found: dict[str, Any], write: Callable[[float], str]) -> dict[str, Any]:
    """Return the lifetime value, what it allows to spend, and how many times the cost it is.

    The value is the measure of that name in its last whole month; where it is not known, what people brought so far and
    are expected to bring in a year.
    """
    rows = [row for row in queries.measure_history(["lifetime_value"])["lifetime_value"] if row.value is not None]
    whole = [row for row in rows if not row.is_running] or rows
    value = whole[-1].value if whole else found["worth"]
    recent = [each for each in found["months"] if each["cost"] is not None and not each["is_running"]][-12:]
    won = sum(each["won"] for each in recent)
    cost = sum(each["cost"] * each["won"] for each in recent) / won if won else None
    ratio, budget = rules.value_to_cost(lifetime_value=value, cost=cost), rules.keeping_budget(value)
    ceiling = rules.cost_ceiling(value)
    return {
        "value": None if value is None else write(value),
        "is_measured": bool(whole),
        "cost": None if cost is None else write(cost),
        "won": won,
        "is_small": won < FEWEST,
        "ratio": None if ratio is None else charts.thousands(round(ratio, 1)),
        "is_good": ratio is not None and ratio >= rules.TARGET_RATIO,
        "target": charts.thousands(rules.TARGET_RATIO),
        "ceiling": None if ceiling is None else write(ceiling),
        "is_below_ceiling": cost is not None and ceiling is not None and cost <= ceiling,
        "budget": None if budget is None else (write(budget[0]), write(budget[1])),
    }


def _course(found: dict[str, Any], axis: charts.Axis) -> dict[str, Any]:
    """Return by month of the first purchase what somebody cost, and what he brought and is expected to bring."""
    months = [each for each in found["months"] if not each["is_running"]][-_MONTHS_SHOWN:]
    worth = [
        None if each["so_far"] is None or each["expected"] is None else each["so_far"] + each["expected"]
        for each in months
    ]
    chart = charts.multi_line(
        chart_frame("course", _("What a customer is worth, and what he cost"), _("by the month of the first purchase")),
        [date_format(date.fromisoformat(each["month"]), "M y") for each in months],
        [
            Series(_("Brought so far and expected in a year"), worth),
            Series(_("Cost to win"), [each["cost"] for each in months]),
        ],
        across=_("Month"),
        up=axis,
    )
    return {"course": chart, "has_cost": any(each["cost"] is not None for each in months)}


def _spread(found: dict[str, Any], write: Callable[[float], str], short: Callable[[float], str]) -> dict[str, Any]:
    """Return the Lorenz curve with its figures, and the histogram of what is expected."""
    context: dict[str, Any] = {}
    bins = [Bin(each["low"], each["high"], each["people"]) for each in found["bins"]]
    context["bins"] = charts.histogram(
        chart_frame("bins", _("What customers are expected to spend in a year"), _("how many of them, by amount")),
        bins,
        across=charts.Axis(name=_("Expected in a year"), text=write, tick=short),
        up=charts.Axis(name=_("Customers")),
    )
    even = found["concentration"]
    if even is None:
        return context
    curve = even["curve"]
    step = 100 // (len(curve) - 1)
    context["lorenz"] = charts.multi_line(
        chart_frame(
            "lorenz",
            _("How revenue is spread over customers"),
            _("from who spends least to who spends most; the further below the even line, the fewer carry it"),
        ),
        [f"{number * step}%" for number in range(len(curve))],
        [
            Series(_("Revenue"), curve),
            Series(_("If all spent the same"), [number / (len(curve) - 1) for number in range(len(curve))]),
        ],
        across=_("Customers"),
        up=charts.Axis(name=_("Share of revenue"), text=charts.whole_percent),
    )
    context["even"] = {
        "buyers": even["buyers"],
        "gini": charts.thousands(round(even["gini"], 2)),
        "tenth": charts.whole_percent(even["top_tenth"]),
        "fifth": charts.whole_percent(even["top_fifth"]),
        "tenth_order": None if even["tenth_order"] is None else write(even["tenth_order"]),
        "times": None if even["times"] is None else charts.thousands(round(even["times"], 1)),
        "is_small": even["buyers"] < FEWEST,
    }
    return context


def _source(each: dict[str, Any], write: Callable[[float], str]) -> dict[str, Any]:
    ratio = rules.value_to_cost(lifetime_value=each["worth"], cost=each["cost"])
    return {
        "name": each["source"],
        "won": each["won"],
        "spent": None if each["spent"] is None else write(each["spent"]),
        "cost": None if each["cost"] is None else write(each["cost"]),
        "is_noted": each["from"] == "noted",
        "worth": None if each["worth"] is None else write(each["worth"]),
        "ratio": None if ratio is None else charts.thousands(round(ratio, 1)),
        "is_good": ratio is not None and ratio >= rules.TARGET_RATIO,
        "is_small": each["won"] < FEWEST,
    }


@staff_only(Capability.VIEW_MEASURES)
def calculators(request: StaffRequest) -> HttpResponse:
    """Three calculators that work by what stands in the address, so that a result can be sent to a colleague."""
    require_all_outlets(request.user)
    scale = the_shop().currency.scale
    forms: dict[str, Any] = {}
    for name, form_class in (("win", WinOrKeepForm), ("roi", ReturnForm), ("member", BreakEvenForm)):
        asked = request.GET.get("what") == name
        forms[name] = form_class(request.GET if asked else None, scale=scale)
    results = {name: form.found() if form.is_bound and form.is_valid() else None for name, form in forms.items()}
    found = {name: _reckoned(result) for name, result in results.items()}
    return render(request, "console/calculators.html", {**freshness(), "forms": forms, "found": found})


def _reckoned(result: Any) -> dict[str, Any] | None:
    """Return what a calculator found as the page writes it."""
    if isinstance(result, rules.WinOrKeep):
        return {
            "each_won": result.each_won,
            "each_won_amount": round(result.each_won or 0),
            "each_kept": result.each_kept,
            "each_kept_amount": round(result.each_kept or 0),
            "times": charts.thousands(round(result.times, 1)) if result.times else "",
        }
    if isinstance(result, rules.BreakEven):
        return {"saved": round(result.saved_each), "purchases": result.purchases, "extra": result.extra}
    if result is None:
        return None
    return {**result, "loss": -result["gain"], "roi": None if result["roi"] is None else charts.percent(result["roi"])}


@staff_only(Capability.VIEW_MEASURES, "GET")
def spend(request: StaffRequest) -> HttpResponse:
    """What was spent on customers, month by month, with the forms to enter it for who manages the shop."""
    require_all_outlets(request.user)
    return _spend_page(request)


@staff_only(Capability.MANAGE_SHOP, "POST")
def spend_save(request: StaffRequest) -> HttpResponse:
    """Write one amount, or many rows pasted from a table."""
    require_all_outlets(request.user)
    shop = the_shop()
    today = shop_day(clock.now(), zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    is_many = "rows" in request.POST
    form: Any = (SpendRowsForm if is_many else SpendForm)(request.POST, scale=shop.currency.scale, today=today)
    if not form.is_valid():
        return _spend_page(request, status=422, **{"rows_form" if is_many else "form": form})
    count = actions.save_spend(spent=form.spent(), by=request.user.actor, at=clock.now(), today=today)
    if count:
        words = ngettext(
            "%(count)s entry saved. It counts from the next measuring on.",
            "%(count)s entries saved. They count from the next measuring on.",
            count,
        )
        messages.success(request, words % {"count": count})
    else:
        messages.info(request, _("Nothing was different."))
    return redirect("console:spend")


def _spend_page(request: StaffRequest, *, status: int = 200, **given: Any) -> HttpResponse:
    shop = the_shop()
    today = shop_day(clock.now(), zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    known: dict[str, Any] = {"scale": shop.currency.scale, "today": today}
    rows, older = queries.spend_by_month(most=_MONTHS_SHOWN)
    context = {
        **freshness(),
        "form": given.get("form") or SpendForm(**known),
        "rows_form": given.get("rows_form") or SpendRowsForm(**known),
        "months": rows,
        "older": older,
        "purposes": {
            SpendPurpose.ACQUISITION: _("Winning new customers"),
            SpendPurpose.RETENTION: _("Keeping customers"),
        },
    }
    return render(request, "console/spend.html", context, status=status)


_GROUP_FIGURES = (
    ("people", "count"), ("frequency", "number"), ("order_value", "money"), ("repeat", "share"), ("gap", "days"),
    ("returned_goods", "share"), ("so_far", "money"), ("expected", "money"), ("revenue_share", "share"),
)  # fmt: skip
_WON_FIGURES = (
    ("people", "count"), ("second", "share"), ("active", "share"), ("so_far", "money"), ("expected", "money"),
)  # fmt: skip


@staff_only(Capability.VIEW_MEASURES)
def loyal_and_new(request: StaffRequest) -> HttpResponse:
    """Loyal customers beside new ones, and those who were referred beside all others."""
    require_all_outlets(request.user)
    found, shop, language = _found("groups"), the_shop(), request.user.language

    def table(name: str, left: str, right: str, figures: tuple[tuple[str, str], ...]) -> dict[str, Any]:
        both = found[name]
        few = [side for side in (left, right) if _count(both[side]) < FEWEST]
        rows = []
        for key, unit in figures:
            write = measure_words.writer(unit, shop.currency, language, short=True)
            sides = [_shown_figure(both[side].get(key), write) for side in (left, right)]
            rows.append(
                {"words": measure_words.GROUPS[key], "sides": sides, "is_clear": _is_clear(both, key, left, right)}
            )
        return {"rows": rows, "few": few}

    context = {**freshness(), "has": bool(found), "groups": found, "fewest": FEWEST}
    if found:
        context["loyalty"] = table("loyalty", "loyal", "new", _GROUP_FIGURES)
        context["referral"] = table("referral", "referred", "others", _WON_FIGURES)
        context["lifts"] = _lifts(found["referral"])
    return render(request, "console/loyal_and_new.html", context)


def _count(side: dict[str, Any]) -> int:
    return int(side["people"]["count"]) if side else 0


def _shown_figure(figure: dict[str, Any] | None, write: Callable[[float], str]) -> dict[str, Any]:
    if figure is None or figure["value"] is None:
        return {"text": "", "low": "", "high": ""}
    known = figure["low"] is not None
    return {
        "text": write(figure["value"]),
        "low": write(figure["low"]) if known else "",
        "high": write(figure["high"]) if known else "",
    }


def _is_clear(both: dict[str, Any], key: str, left: str, right: str) -> bool:
    """Tell whether two intervals do not touch, with enough people on both sides."""
    one, other = both[left].get(key), both[right].get(key)
    if not one or not other or min(_count(both[left]), _count(both[right])) < FEWEST:
        return False
    if None in (one["low"], one["high"], other["low"], other["high"]):
        return False
    return bool(one["low"] > other["high"] or other["low"] > one["high"])


def _lifts(both: dict[str, Any]) -> list[dict[str, str]]:
    """Return by how much the referred are worth more and stay more, beside what the source says is usual."""
    found: list[dict[str, str]] = []
    if min(_count(both["referred"]), _count(both["others"])) < FEWEST:
        return found
    for key, usual in (("expected", 0.16), ("active", 0.37)):
        one, other = both["referred"].get(key), both["others"].get(key)
        if one and other and one["value"] is not None and other["value"]:
            change = one["value"] / other["value"] - 1
            sign = "−" if change < 0 else "+"
            found.append(
                {
                    "words": measure_words.GROUPS[key].name,
                    "change": sign + charts.whole_percent(abs(change)),
                    "usual": "+" + charts.whole_percent(usual),
                }
            )
    return found
