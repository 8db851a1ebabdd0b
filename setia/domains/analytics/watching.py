"""How many of a day's buyers have not been back since, day by day: what is watched for churn.

Of those who bought exactly `active_days` before a day, the share that has not bought again is who stops counting as
active on that day. As a share of its own day's buyers it does not rise ninety days after every busy week.
"""

from datetime import timedelta
from typing import Any

from setia.domains.analytics.engine.base import rows
from setia.domains.analytics.findings import Round

DAYS = 140
_QUESTION = """
SELECT w.day, COUNT(*) AS buyers, SUM(CASE WHEN d.next_day >= w.day THEN 1 ELSE 0 END) AS silent
FROM watched w JOIN days d ON d.shop_day = w.bought_day
GROUP BY w.day
"""


def leaving(this: Round) -> dict[str, Any]:
    """Return for the last 140 days, oldest first, the buyers of `active_days` before and how many are silent since."""
    known = timedelta(days=this.choices.active_days)
    days = [this.today - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    parts = [f"SELECT $day_{number} AS day, $bought_{number} AS bought_day" for number in range(DAYS)]
    values = {f"day_{number}": day for number, day in enumerate(days)}
    values |= {f"bought_{number}": day - known for number, day in enumerate(days)}
    this.engine.snapshot("watched", " UNION ALL ".join(parts), values)
    found = {row["day"]: row for row in rows(this.engine.run(_QUESTION))}
    none = {"buyers": 0, "silent": 0}
    return {
        "days": [day.isoformat() for day in days],
        "buyers": [int(found.get(day, none)["buyers"]) for day in days],
        "silent": [int(found.get(day, none)["silent"]) for day in days],
        "active_days": this.choices.active_days,
    }
