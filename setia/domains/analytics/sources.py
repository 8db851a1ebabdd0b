"""The finding `sources`: what customers cost by where they came from, and what they have been worth since."""

from datetime import timedelta
from typing import Any

from setia.domains.analytics.engine.base import rows
from setia.domains.analytics.findings import Round
from setia.domains.analytics.rules.formulas import acquisition_cost, share

SOURCES = """
WITH came AS (
    SELECT person_id, MAX(source) AS source, CAST(SUM(cost) AS BIGINT) AS cost FROM customers GROUP BY person_id
)
SELECT c.source, COUNT(*) AS people, COUNT(c.cost) AS costed, CAST(SUM(c.cost) AS BIGINT) AS cost,
       CAST(SUM(p.value) AS BIGINT) AS value
FROM people p JOIN came c ON c.person_id = p.person_id WHERE p.first_day > $since
GROUP BY c.source ORDER BY people DESC, c.source
"""
YEAR_DAYS = 365
MOST = 30


def sources(this: Round) -> dict[str, Any]:
    """Return of those who first bought in the last 365 days how many came from where, CAC, and their worth so far."""
    found = rows(this.engine.run(SOURCES, {"since": this.today - timedelta(days=YEAR_DAYS)}))[:MOST]
    return {
        "rows": [
            {
                "source": row["source"],
                "people": row["people"],
                "costed": row["costed"],
                "cost": acquisition_cost(spent=row["cost"] or 0, new=row["costed"]),
                "worth": share(row["value"], row["people"]),
            }
            for row in found
        ]
    }
