"""The security review in words: what was looked at, what was found, what to do next."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setia.console.forms import ROLE_NAMES
from setia.domains.apikeys.queries import KeyReview, key_review, names_of_keys
from setia.domains.exports.queries import taken_since
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may, names_by_id
from setia.domains.staff.review import AccountReview, account_review
from setia.domains.staff.rules import SECOND_FACTOR_ROLES, Capability, Role
from setia.foundation import home
from setia.foundation.events.verifying import last_check

BACKUP_SUFFIX = ".setia-backup"
_SINCE = timedelta(days=90)
_OLD_BACKUP, _OLD_CHECK = timedelta(days=7), timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Found:
    """One line of a point: who or what, a detail in words, a moment, and where to look."""

    name: str
    detail: str = ""
    at: datetime | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One question of the review; `fine` is said where nothing needs a look, `step` where something does."""

    title: str
    fine: str
    step: str
    found: list[Found] = field(default_factory=list)
    is_fine: bool = True


def points(viewer: Staff, *, at: datetime) -> list[Point]:
    """Return the whole review as somebody who may see the audit reads it; raises NotAllowed."""
    accounts, keys = account_review(viewer, at=at), key_review(viewer, at=at)
    link = _Links(may(viewer, Capability.MANAGE_STAFF))
    return [
        *_account_points(accounts, link),
        _taken(viewer, at),
        *_key_points(keys, may(viewer, Capability.MANAGE_API)),
        _backup(at),
        _check(at),
    ]


@dataclass(frozen=True, slots=True)
class _Links:
    are_open: bool

    def to(self, person: Staff) -> str:
        return reverse("console:staff_edit", args=[person.id]) if self.are_open else ""


def _point(title: str, fine: str, step: str, found: list[Found]) -> Point:
    return Point(title, fine, step, found, is_fine=not found)


def _account_points(accounts: AccountReview, link: _Links) -> list[Point]:
    def line(person: Staff, at: datetime | None = None) -> Found:
        return Found(person.name, str(ROLE_NAMES[Role(person.role)]), at, link.to(person))

    must = [person for person in accounts.without_factor if person.role in SECOND_FACTOR_ROLES]
    return [
        _point(
            _("People without a second factor"),
            _("Everybody proves himself with a second factor."),
            _("Ask them to add an authenticator app or a passkey under “Account and security”."),
            [line(person) for person in [*must, *(p for p in accounts.without_factor if p not in must)]],
        ),
        _point(
            _("Accounts nobody has used for 90 days"),
            _("Every account was used within 90 days."),
            _("Suspend those who have left. An account can be reinstated at any time."),
            [line(person, person.last_seen_at or person.last_login) for person in accounts.idle],
        ),
        _point(
            _("People who have never signed in"),
            _("Everybody with an account has signed in."),
            _("Send them a fresh login link, or suspend the account."),
            [line(person, person.created_at) for person in accounts.never_signed_in],
        ),
        _point(
            _("Many refused logins within 30 days"),
            _("No name was tried many times without success."),
            _("Ask whether it was they. If not: a new password, a second factor, and end sessions they do not know."),
            [
                Found(
                    row.person.name if row.person else _("A name without an account"),
                    ngettext("{count} refused login", "{count} refused logins", row.count).format(count=row.count),
                    row.latest_at,
                    link.to(row.person) if row.person else "",
                )
                for row in accounts.guesses
            ],
        ),
    ]


def _taken(viewer: Staff, at: datetime) -> Point:
    rows = taken_since(viewer, since=at - _SINCE)
    people = names_by_id({row.actor_id for row in rows if row.actor_kind == "staff"})
    keys = names_of_keys({row.actor_id for row in rows if row.actor_kind == "apikey"})
    found = []
    for row in rows:
        names = people if row.actor_kind == "staff" else keys
        files = ngettext("{count} file", "{count} files", row.file_count).format(count=row.file_count)
        lines = ngettext("{count} row", "{count} rows", row.row_count).format(count=row.row_count)
        found.append(Found(names.get(row.actor_id, row.actor_kind), f"{files} · {lines}", row.latest_at))
    return _point(
        _("Data taken out as files within 90 days"),
        _("Nobody took data out as a file."),
        _("Check that each of them needed it. Whoever did not should get a role that cannot export."),
        found,
    )


def _key_points(keys: KeyReview, is_link: bool) -> list[Point]:
    url = reverse("console:api_keys") if is_link else ""
    return [
        _point(
            _("Keys no program has used for 90 days"),
            _("Every key in force is in use."),
            _("Revoke them; a program that turns out to need one gets a new key."),
            [Found(key.name, key.source, key.last_used_at or key.created_at, url) for key in keys.unused],
        ),
        _point(
            _("Keys without an end"),
            _("Every key in force has an end."),
            _("Make a new key with an end for each of these programs, then revoke the old one."),
            [Found(key.name, key.source, key.created_at, url) for key in keys.endless],
        ),
    ]


def _backup(at: datetime) -> Point:
    stamps = [path.stat().st_mtime for path in home.folder("backups").glob(f"*{BACKUP_SUFFIX}")]
    latest = datetime.fromtimestamp(max(stamps), tz=at.tzinfo) if stamps else None
    found = [Found(_("Latest backup in this computer's folder"), "", latest)] if latest else []
    return Point(
        _("Last backup"),
        "",
        _("Run “setia backup” every day and keep the files elsewhere. Backups that went elsewhere are not seen here."),
        found,
        is_fine=latest is not None and at - latest <= _OLD_BACKUP,
    )


def _check(at: datetime) -> Point:
    check = last_check()
    found: list[Found] = []
    if check is not None:
        words = _("not as it was sealed") if check.finding else _("intact")
        found = [Found(_("Audit checked"), words, check.checked_at)]
    return Point(
        _("Last check of the audit trail"),
        "",
        _("Run “setia audit verify”. If it finds a changed row, keep the database as it is and ask for help."),
        found,
        is_fine=check is not None and not check.finding and at - check.checked_at <= _OLD_CHECK,
    )
