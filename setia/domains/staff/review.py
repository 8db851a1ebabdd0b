"""What a security review asks of accounts, from what is known of them; nothing of it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max

from setia.domains.staff.models import FailedLogin, Staff
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.foundation.crypto import blind_index

IDLE = timedelta(days=90)
GUESSES_SINCE = timedelta(days=30)
MANY_GUESSES = 10


@dataclass(frozen=True, slots=True)
class Guesses:
    """Refused logins with one name; `person` is None where no account has that name."""

    person: Staff | None
    count: int
    latest_at: datetime


@dataclass(frozen=True, slots=True)
class AccountReview:
    """Open accounts that need a look. Each stands in every list that it belongs to."""

    without_factor: list[Staff]
    idle: list[Staff]
    never_signed_in: list[Staff]
    guesses: list[Guesses]


def account_review(viewer: Any, *, at: datetime) -> AccountReview:
    """Return the accounts that need a look, to somebody who may see the audit; raises NotAllowed."""
    from allauth.mfa.models import Authenticator

    require(viewer, Capability.VIEW_AUDIT)
    # Recovery codes come with a factor; alone they are a password on paper.
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    proven = set(factors.values_list("user_id", flat=True))
    people = list(Staff.objects.filter(is_active=True).order_by("name", "id"))
    came = {person.id: person.last_seen_at or person.last_login for person in people}
    return AccountReview(
        without_factor=[person for person in people if person.id not in proven],
        idle=[person for person in people if (seen := came[person.id]) is not None and at - seen > IDLE],
        never_signed_in=[person for person in people if came[person.id] is None],
        guesses=_guesses(Staff.objects.all(), at=at),
    )


def _guesses(people: Iterable[Staff], *, at: datetime) -> list[Guesses]:
    rows = FailedLogin.objects.filter(failed_at__gte=at - GUESSES_SINCE).values("login_hash")
    counted = rows.annotate(count=Count("id"), latest_at=Max("failed_at")).filter(count__gte=MANY_GUESSES)
    found = list(counted.order_by("-count", "login_hash")[:50])
    known = {blind_index("login", person.email.casefold()).hex(): person for person in people} if found else {}
    return [Guesses(known.get(row["login_hash"]), row["count"], row["latest_at"]) for row in found]
