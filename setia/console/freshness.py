"""How fresh the figures are: what every page of the index says first."""

from typing import Any

from setia.domains.analytics import queries
from setia.foundation import clock


def freshness() -> dict[str, Any]:
    """Return the last analysis, the one under way, and whether the last one found the disk full."""
    return {
        "analysis": queries.latest_analysis(),
        "running": queries.running_analysis(at=clock.now()),
        "disk_full": queries.is_disk_full(),
    }
