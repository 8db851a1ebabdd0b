"""Home: how today goes and what needs doing."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from setia.console import charts
from setia.console.chart_frames import chart_frame
from setia.console.doors import StaffRequest, staff_only
from setia.console.people import display_name, shown_people
from setia.domains.commerce.queries import daily_sales, home_figures, shop_has_sales
from setia.domains.commerce.queries.figures import HomeFigures, slipping_customers
from setia.domains.imports.folders import failing_folders
from setia.domains.imports.models import WatchFolder
from setia.domains.imports.queries import unfinished
from setia.domains.shop.queries import the_shop
from setia.domains.staff.queries import may, outlet_scope
from setia.domains.staff.rules import Capability
from setia.domains.teamwork.queries import due_tasks
from setia.foundation import clock
from setia.foundation.clock import shop_day
from setia.foundation.jobs.queue import seconds_behind
from setia.foundation.money import format_money, format_money_short

CHART_DAYS = 30
_SLOW_SECONDS = 120


@staff_only(Capability.VIEW_HOME)
def home(request: StaffRequest) -> HttpResponse:
    """Today's figures, the last thirty days, and what needs doing."""
    at = clock.now()
    if not shop_has_sales():
        empty = {"waiting": unfinished(), "failed_folders": _failed_folders(request)}
        return render(request, "console/home_empty.html", empty)
    shop = the_shop()
    scope = outlet_scope(request.user)
    figures = home_figures(at=at, outlet_ids=scope)
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    days = daily_sales(first=today - timedelta(days=CHART_DAYS - 1), last=today, outlet_ids=scope)
    language = request.user.language
    known = figures.today.known_orders
    context = {
        "figures": figures,
        "today": today,
        "known_share": round(100 * known / figures.today.orders) if figures.today.orders else None,
        "change": _change(figures),
        "spark": charts.spark_line(_frame("home-spark", _("Sales of the last 30 days")), [day.net for day in days]),
        "chart": charts.bars(
            _frame("home-sales", _("Sales per day")),
            [charts.Point(date_format(day.day, "j M"), day.net) for day in days],
            across=_("Day"),
            up=charts.Axis(
                name=_("Sales"),
                text=lambda amount: format_money(round(amount), shop.currency, language),
                tick=lambda amount: format_money_short(round(amount), shop.currency, language),
            ),
        ),
        "slipping": shown_people(request.user, slipping_customers(at=at, limit=6), page="home"),
        "waiting": unfinished() if may(request.user, Capability.IMPORT) else [],
        "behind": behind if (behind := seconds_behind(at=at)) > _SLOW_SECONDS else 0,
        "at": at,
        "failed_folders": _failed_folders(request),
        "due": [
            (task, display_name(task.customer) if task.customer else "")
            for task in due_tasks(request.user, today=today, limit=6)
        ],
    }
    return render(request, "console/home.html", context)


def _failed_folders(request: StaffRequest) -> list[WatchFolder]:
    return failing_folders() if may(request.user, Capability.IMPORT) else []


def _frame(chart_id: str, title: str) -> charts.Frame:
    return chart_frame(chart_id, title, _("Net sales of each business day over the last 30 days"))


def _change(figures: HomeFigures) -> dict[str, Any] | None:
    """Return today's sales against a week ago by this time of day, in percent; None without a base."""
    base = figures.week_ago.net
    if not base:
        return None
    share = 100 * (figures.today.net - base) / base
    return {"percent": round(share, 1), "is_up": share >= 0}
