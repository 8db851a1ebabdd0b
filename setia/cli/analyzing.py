"""`setia analyze` and `setia metrics`: bring the figures up to date, and say them."""

import sys
from datetime import date, timedelta
from typing import Any

import click

from setia.cli import Failure, start_django
from setia.cli.output import json_option, print_json


@click.command(name="analyze")
@click.option("--whole", is_flag=True, help="Read the whole shop anew, not only the months that changed.")
@json_option
def analyze_command(whole: bool, as_json: bool) -> None:
    """Measure the shop: fill the lake, answer all measures, score everybody.

    The worker does it every hour by itself. Safe to repeat and to interrupt.
    """
    start_django()
    from setia.domains.analytics.actions import analyze
    from setia.domains.analytics.lake import LakeBusy
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
@click.option("--measure", "names", multiple=True, help="Only this measure; may be repeated.")
@json_option
def metrics_command(first: Any, last: Any, names: tuple[str, ...], as_json: bool) -> None:
    """Say every measure for a period, with what it was divided by and how many are behind it.

    Asks the lake as it was filled last; `setia analyze` fills it.
    """
    start_django()
    from setia.domains.analytics.actions import choices
    from setia.domains.analytics.engine import open_engine
    from setia.domains.analytics.lake import read_manifest
    from setia.domains.analytics.measuring import MEASURES, Period
    from setia.domains.analytics.measuring.measuring import lay_out, measure_all
    from setia.domains.shop.queries import the_shop
    from setia.foundation import clock

    unknown = sorted(set(names) - {measure.name for measure in MEASURES})
    if unknown:
        raise Failure(f"There is no measure {unknown[0]!r}; there are: {', '.join(m.name for m in MEASURES)}.")
    lake = read_manifest()
    if lake is None:
        raise Failure("Nothing was measured yet: run `setia analyze` first.")
    shop = the_shop()
    today = clock.shop_day(clock.now(), zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    until: date = last.date() if last else today
    start: date = first.date() if first else until.replace(day=1)
    if start > until:
        raise Failure(f"The period ends ({until}) before it begins ({start}).")
    period = Period(start, until + timedelta(days=1))
    chosen = [measure for measure in MEASURES if not names or measure.name in names]
    engine = open_engine(lake)
    try:
        lay_out(engine, today=today)
        values = measure_all(engine, [period], today=today, choices=choices(), measures=chosen)
    finally:
        engine.close()
    found = [
        {
            "metric": value.measure,
            "value": value.value,
            "numerator": value.numerator,
            "denominator": value.denominator,
            "population": value.population,
            "unit": measure.unit,
            "why": value.why or None,
            "interval": value.interval,
        }
        for measure, value in zip(chosen, values, strict=True)
    ]
    if as_json:
        print_json(
            {
                "from": start.isoformat(),
                "until": until.isoformat(),
                "read_at": lake.read_at.isoformat(),
                "currency": shop.currency_code,
                "metrics": found,
            }
        )
        return
    _say(found)


def _say(found: list[dict[str, Any]]) -> None:
    for row in found:
        shown = "–" if row["value"] is None else f"{row['value']:,.4g}"
        click.echo(f"{row['metric']:<22} {shown:>14}  {row['unit']:<7} n={row['population']:,} {row['why'] or ''}")
