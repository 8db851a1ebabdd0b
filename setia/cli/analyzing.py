"""`setia analyze` and `setia metrics`: bring the figures up to date, and say them."""

import sys
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from setia.cli import Failure, start_django
from setia.cli.output import json_option, print_json

if TYPE_CHECKING:
    from setia.domains.analytics.measuring import Measure, Period, Value


@click.command(name="analyze")
@click.option("--whole", is_flag=True, help="Read the whole shop anew, not only the months that changed.")
@json_option
def analyze_command(whole: bool, as_json: bool) -> None:
    """Measure the shop: fill the lake, answer all measures, score everybody.

    The worker does it every hour by itself. Safe to repeat and to interrupt.
    """
    start_django()
    from setia.domains.analytics.actions import analyze
    from setia.domains.analytics.lake import LakeBusy, LakeFull
    from setia.foundation import clock

    shown = [-1]

    def report(share: float, step: str) -> None:
        percent = int(100 * share)
        if not as_json and sys.stderr.isatty() and percent != shown[0]:
            shown[0] = percent
            click.echo(f"\r{percent:3} % {step:<30}", nl=False, err=True)

    try:
        done = analyze(at=clock.now(), now=clock.now, whole=whole, report=report)
    except LakeBusy:
        raise Failure("Another analysis is under way; try again when it has finished.") from None
    except LakeFull:
        raise Failure("The disk is full. Make room and try again; the figures of last time still stand.") from None
    seconds = (done.finished_at - done.started_at).total_seconds() if done.finished_at else 0.0
    if as_json:
        print_json({"today": done.today.isoformat(), "seconds": seconds, "lake": done.sequence, **done.notes})
        return
    if sys.stderr.isatty():
        click.echo("\r" + " " * 40 + "\r", nl=False, err=True)
    click.echo(f"{done.notes['people']:,} customers measured as of {done.today:%d %B %Y} ({seconds:.1f} s).")


@click.command(name="metrics")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day; the month's first by default.")
@click.option("--until", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day; today by default.")
@click.option("--week", type=click.DateTime(["%Y-%m-%d"]), help="The week (Monday to Sunday) of this day instead.")
@click.option("--outlet", "outlet_code", default="", help="Code of an outlet, as a shop of its own.")
@click.option("--measure", "names", multiple=True, help="Only this measure; may be repeated.")
@json_option
def metrics_command(first: Any, last: Any, week: Any, outlet_code: str, names: tuple[str, ...], as_json: bool) -> None:
    """Say every measure for a period, with what it was divided by and how many are behind it.

    Asks the lake as it was filled last; `setia analyze` fills it. What looks at the year until the end of the period is
    left out of weeks.
    """
    start_django()
    from setia.domains.analytics.actions import choices
    from setia.domains.analytics.engine import open_engine
    from setia.domains.analytics.lake import read_manifest
    from setia.domains.analytics.measuring import MEASURES
    from setia.domains.analytics.measuring.measuring import lay_out, lay_out_outlets, measure_all
    from setia.domains.analytics.measuring.parts import SHOP
    from setia.domains.shop.queries import outlets_by_code, the_shop
    from setia.foundation import clock

    unknown = sorted(set(names) - {measure.name for measure in MEASURES})
    if unknown:
        raise Failure(f"There is no measure {unknown[0]!r}; there are: {', '.join(m.name for m in MEASURES)}.")
    lake = read_manifest()
    if lake is None:
        raise Failure("Nothing was measured yet: run `setia analyze` first.")
    shop = the_shop()
    today = clock.shop_day(clock.now(), zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    period = _period(first, last, week, today=today)
    outlet = outlets_by_code().get(outlet_code.casefold())
    if outlet_code and outlet is None:
        raise Failure(f"There is no outlet {outlet_code!r}; there are: {', '.join(sorted(outlets_by_code()))}.")
    chosen = [m for m in MEASURES if (not names or m.name in names) and not (week and m.is_yearly)]
    engine = open_engine(lake)
    try:
        lay_out(engine, today=today)
        scope = lay_out_outlets(engine, [outlet.id]) if outlet else SHOP
        values = measure_all(engine, [period], today=today, choices=choices(), measures=chosen, scope=scope)
    finally:
        engine.close()
    by_name = {value.measure: value for value in values}
    found = [_plain(measure, by_name[measure.name]) for measure in chosen if measure.name in by_name]
    if outlet and not found:
        raise Failure(f"Nothing was sold at {outlet.name!r} yet.")
    if as_json:
        print_json(
            {
                "from": period.start.isoformat(),
                "until": (period.end - timedelta(days=1)).isoformat(),
                "outlet": outlet_code or None,
                "read_at": lake.read_at.isoformat(),
                "currency": shop.currency_code,
                "metrics": found,
            }
        )
        return
    _say(found)


def _period(first: Any, last: Any, week: Any, *, today: date) -> "Period":
    from setia.domains.analytics.measuring import Period
    from setia.domains.analytics.measuring.grids import week_periods

    if week:
        return week_periods(week.date(), week.date())[0]
    until: date = last.date() if last else today
    start: date = first.date() if first else until.replace(day=1)
    if start > until:
        raise Failure(f"The period ends ({until}) before it begins ({start}).")
    return Period(start, until + timedelta(days=1))


def _plain(measure: "Measure", value: "Value") -> dict[str, Any]:
    return {
        "metric": value.measure,
        "value": value.value,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "population": value.population,
        "unit": measure.unit,
        "why": value.why or None,
        "interval": value.interval,
    }


def _say(found: list[dict[str, Any]]) -> None:
    for row in found:
        shown = "–" if row["value"] is None else f"{row['value']:,.4g}"
        click.echo(f"{row['metric']:<22} {shown:>14}  {row['unit']:<7} n={row['population']:,} {row['why'] or ''}")
