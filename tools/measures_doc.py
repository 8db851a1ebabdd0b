"""Write docs/measures.md from the registry of measures and its words: `.venv/bin/python tools/measures_doc.py`."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TARGET = ROOT / "docs" / "measures.md"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setia.config.settings")

_HEAD = """# Measures

Made by `tools/measures_doc.py` from `setia/domains/analytics/measuring/registry.py` and
`setia/console/measure_words.py`; a test fails when it is out of date. `setia metrics --json` answers each of them
for any period, with value, numerator, denominator and population, so that anybody can check them against his own
data.

**Periods** are half open (from the first day to before the day after the last) and made of the shop's own days: its
zone and the hour its day ends at. Weeks begin on Monday. "A year" is the same day a year before the period ends, so
twelve calendar months for a month; weeks are too short for what looks at a year.

**Population**: orders that were not cancelled, with their value less what came back. "Known customers" are those an
order names; rows that were merged are one person. At an outlet everything is reckoned as if it were a shop of its
own: a person belongs to every outlet he bought at.

**Active** is who bought within the days the shop chose, **lost** who has been silent for the days it chose.

**Nothing to divide by** gives no value and a reason: `nobody`, `early` (what people will still do is not known,
which is no 0), `no_data` (before the first sale, or to come), `no_loss` (nobody left, so there is no end to reckon
with), `no_cost`.

**Few people**: below 30 a value is shown with its 95 % interval (Wilson) and without a judgment.
"""


def document() -> str:
    """Return the whole document."""
    import django

    import setia  # noqa: F401 (puts the SQLite driver in place)

    django.setup()
    from django.utils import translation

    from setia.console import measure_words
    from setia.domains.analytics.measuring import MEASURES
    from setia.domains.analytics.rules.bands import FAMILIES, RETENTION

    with translation.override("id"):
        indonesian = {name: str(words.name) for name, words in measure_words.MEASURES.items()}
    with translation.override("en"):
        parts = [_HEAD]
        for measure in MEASURES:
            words = measure_words.MEASURES[measure.name]
            rows = [
                ("Formula", str(words.formula)),
                ("Unit", measure.unit + (", a sum" if measure.is_sum else "")),
                ("Looks at", "the year until the end of the period" if measure.is_yearly else "the period"),
                ("Known", f"{measure.matures_after} days after the period" if measure.matures_after else "at once"),
                ("Good is", {True: "more", False: "less", None: "neither"}[measure.more_is_better]),
                ("People behind it", ", ".join(f"`{name}`" for name in measure.groups) or "none: orders"),
                ("Judged by", f"`{measure.bands}`" if measure.bands else "nothing"),
                ("Source", measure.source),
            ]
            table = "\n".join(f"| {name} | {text} |" for name, text in rows)
            parts.append(
                f"## {words.name} · {indonesian[measure.name]}\n\n`{measure.name}`\n\n| | |\n|---|---|\n{table}\n"
            )
        parts.append("# Benchmarks\n\nThe shop picks the set retention is judged by (Customer index, What counts).\n")
        sets = {f"retention: {name}": each for name, each in RETENTION.items()} | FAMILIES
        for name, each in sets.items():
            lines = "\n".join(
                f"| {measure_words.INDUSTRIES[industry]} | "
                + ", ".join(f"{measure_words.BANDS[band.name]} from {band.low:g}" for band in bands)
                + " |"
                for industry, bands in each.by_industry.items()
            )
            period = measure_words.BAND_PERIODS[each.period]
            parts.append(f"## `{name}`\n\n{each.source}; {period}.\n\n| Trade | Bands |\n|---|---|\n{lines}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(document(), "utf-8")
