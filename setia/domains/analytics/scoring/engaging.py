"""How much everybody is in touch, from what is recorded beside purchases."""

from datetime import date, timedelta

import numpy as np

from setia.domains.analytics.engine.base import Engine
from setia.domains.analytics.rules.engagement import engagement
from setia.domains.analytics.rules.weighing import Floats
from setia.domains.analytics.scoring.features import Columns, columns_of

# A part counts for a shop once it is recorded for one person in a hundred: a single logged call would make all others
# look out of touch.
_LEAST_SHARE = 0.01

# The last answer to each channel counts; who agreed to any is reached. -1 where nobody asked.
TOUCHES = """
WITH called AS (
    SELECT c.person_id, COUNT(*) AS contacts FROM contacts t JOIN customers c ON c.customer_id = t.customer_id
    WHERE t.is_inbound = 1 AND t.happened_at >= $half AND t.happened_at < $end GROUP BY c.person_id
), used AS (
    SELECT c.person_id, COUNT(*) AS app FROM app_events t JOIN customers c ON c.customer_id = t.customer_id
    WHERE t.happened_at >= $quarter AND t.happened_at < $end GROUP BY c.person_id
), filled AS (
    SELECT c.person_id, COUNT(*) AS carts FROM carts t JOIN customers c ON c.customer_id = t.customer_id
    WHERE t.changed_at >= $quarter AND t.changed_at < $end GROUP BY c.person_id
), answered AS (
    SELECT c.person_id, t.is_granted,
           ROW_NUMBER() OVER (PARTITION BY c.person_id, t.channel ORDER BY t.given_at DESC, t.consent_id DESC) AS place
    FROM consents t JOIN customers c ON c.customer_id = t.customer_id
    WHERE t.purpose = 'marketing' AND t.given_at < $end
), agreed AS (
    SELECT person_id, MAX(is_granted) AS consent FROM answered WHERE place = 1 GROUP BY person_id
)
SELECT p.person_id, COALESCE(l.contacts, 0) AS contacts, COALESCE(u.app, 0) AS app, COALESCE(f.carts, 0) AS carts,
       COALESCE(a.consent, -1) AS consent
FROM people p LEFT JOIN called l ON l.person_id = p.person_id LEFT JOIN used u ON u.person_id = p.person_id
LEFT JOIN filled f ON f.person_id = p.person_id LEFT JOIN agreed a ON a.person_id = p.person_id
ORDER BY p.person_id
"""


def engagement_of(engine: Engine, known: Columns, *, today: date) -> tuple[Floats, list[str]]:
    """Return scores of 0-100, shape (n,), NaN where nothing is known, and the parts that are known of the shop.

    `known` is what `scoring.features` says of today; after `lay_out`.
    """
    end = today + timedelta(days=1)
    days = {"end": end, "quarter": end - timedelta(days=90), "half": end - timedelta(days=182)}
    touches = columns_of(engine, TOUCHES, days)
    least = max(1.0, _LEAST_SHARE * len(known["person_id"]))
    values = {"visits": known["days_90"].astype(np.float64)}
    for name in ("app", "contacts", "carts"):
        if np.count_nonzero(touches[name]) >= least:
            values[name] = touches[name].astype(np.float64)
    if np.count_nonzero(touches["consent"] >= 0) >= least:
        values["consent"] = np.where(touches["consent"] >= 0, touches["consent"], np.nan).astype(np.float64)
    return engagement(values), list(values)
