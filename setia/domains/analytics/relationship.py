"""The finding `phases`: in which phase of the relationship customers leave, against what the source expects."""

from datetime import timedelta
from typing import Any

from setia.domains.analytics.engine.base import rows
from setia.domains.analytics.findings import Round
from setia.domains.analytics.rules.survival import EARLY_DAYS, PHASES, SURVIVOR_DAYS, phase_churn, survival

# Who had not bought for so long on the last day one can judge had left on his last day before; everybody else was
# there until that day at least, whatever he did since. Who first bought after it says nothing yet.
LIVES = """
WITH lived AS (
    SELECT CASE WHEN last_day <= $judged THEN DATE_DIFF('day', first_day, last_day)
                ELSE DATE_DIFF('day', first_day, $judged) END AS day_count,
           CASE WHEN last_day <= $judged THEN 1 ELSE 0 END AS is_over
    FROM people WHERE first_day <= $judged
)
SELECT day_count, is_over, COUNT(*) AS people FROM lived GROUP BY day_count, is_over
"""


def phases(this: Round) -> dict[str, Any]:
    """Return the churn of each phase, the share of churn in the first 90 days, and what becomes of survivors.

    A share is None where nobody was seen long enough. `people` is how many began a phase and were seen in it.
    """
    judged = this.today - timedelta(days=this.choices.lost_days)
    lives = [
        (row["day_count"], bool(row["is_over"]), row["people"])
        for row in rows(this.engine.run(LIVES, {"judged": judged}))
    ]
    curve = survival(lives)
    left = sum(people for _days, is_over, people in lives if is_over)
    early = sum(people for days, is_over, people in lives if is_over and days < EARLY_DAYS)
    longest = min(curve.last_day, 5 * 365)
    began, after = curve.at(SURVIVOR_DAYS), curve.at(longest)
    stays = after / began if began and after is not None and longest > SURVIVOR_DAYS else None
    return {
        "phases": [
            {"name": phase.name, "churn": phase_churn(curve, phase), "people": curve.seen(phase.start)}
            for phase in PHASES
        ],
        "people": curve.people,
        "left": left,
        "early_share": early / left if left else None,
        "survivors": stays,
        "survivor_days": longest,
        "survivor_people": curve.seen(SURVIVOR_DAYS),
        "judged": judged.isoformat(),
    }
