"""Verbs of staff: add, change duties, suspend and reinstate, one-time login links."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from setia.domains.staff.events import (
    LoginLinkMade,
    SecondFactorRemoved,
    StaffAdded,
    StaffOutletsChanged,
    StaffReinstated,
    StaffRoleChanged,
    StaffSessionEnded,
    StaffSignedIn,
    StaffSuspended,
)
from setia.domains.staff.models import FailedLogin, LoginLink, Staff, StaffOutlet
from setia.domains.staff.rules import Role
from setia.foundation.actors import Actor
from setia.foundation.crypto import blind_index
from setia.foundation.db import write_tx
from setia.foundation.events import record

LINK_LIFE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)


class UnableToChangeStaff(Exception):
    """Raised with a plain reason when an account cannot be changed so."""


def add_staff(
    *,
    email: str,
    name: str,
    role: Role,
    by: Actor,
    at: datetime,
    password: str | None = None,
    language: str = "id",
    is_demo: bool = False,
    outlet_ids: Collection[int] = (),
) -> Staff:
    """Open an account; without a password only a login link lets its owner in; without outlets he sees them all.

    Raises UnableToChangeStaff: `taken` when the e-mail has an account, `owner_sees_all` for outlets of an owner.
    """
    with write_tx():
        if Staff.objects.filter(email__iexact=email).exists():
            raise UnableToChangeStaff("taken")
        person = Staff(
            email=email.strip().lower(), name=name, role=role, language=language, created_at=at, is_demo=is_demo
        )
        person.set_password(password)
        person.save(force_insert=True)
        record(StaffAdded(staff_id=person.id, role=role), by=by, at=at)
        limit_outlets(person=person, outlet_ids=outlet_ids, by=by, at=at)
    return person


def change_role(*, person: Staff, role: Role, by: Actor, at: datetime) -> None:
    """Give somebody other duties, at once for open sessions too; raises UnableToChangeStaff on the last owner."""
    with write_tx():
        _guard_last_owner(person, leaves_owner=role != Role.OWNER)
        old = person.role
        if old == role:
            return
        person.role = role
        person.save(update_fields=["role"])
        record(StaffRoleChanged(staff_id=person.id, old_role=old, new_role=role), by=by, at=at)


def limit_outlets(*, person: Staff, outlet_ids: Collection[int], by: Actor, at: datetime) -> None:
    """Let somebody see the orders of these outlets only, or of all where none is named; at once, in open sessions too.

    Raises UnableToChangeStaff with code `owner_sees_all` for an owner. Repeating it changes nothing.
    """
    wanted = set(outlet_ids)
    with write_tx():
        role = Staff.objects.select_for_update().get(id=person.id).role
        if wanted and role == Role.OWNER:
            raise UnableToChangeStaff("owner_sees_all")
        standing = set(StaffOutlet.objects.filter(staff=person).values_list("outlet_id", flat=True))
        if wanted == standing:
            return
        StaffOutlet.objects.filter(staff=person, outlet_id__in=standing - wanted).delete()
        StaffOutlet.objects.bulk_create(
            [StaffOutlet(staff=person, outlet_id=outlet_id) for outlet_id in sorted(wanted - standing)]
        )
        change = {"old_outlet_ids": sorted(standing), "new_outlet_ids": sorted(wanted)}
        record(StaffOutletsChanged(staff_id=person.id, **change), by=by, at=at)


def change_duties(*, person: Staff, role: Role, outlet_ids: Collection[int], by: Actor, at: datetime) -> None:
    """Give somebody a role and the outlets he sees, both or neither; raises what the two verbs raise."""
    with write_tx():
        change_role(person=person, role=role, by=by, at=at)
        limit_outlets(person=person, outlet_ids=outlet_ids, by=by, at=at)


def suspend(*, person: Staff, by: Actor, at: datetime) -> None:
    """Close an account and end its sessions; raises UnableToChangeStaff on the last owner or oneself."""
    with write_tx():
        if by == person.actor:
            raise UnableToChangeStaff("oneself")
        _guard_last_owner(person, leaves_owner=True)
        if not person.is_active:
            return
        person.is_active = False
        person.save(update_fields=["is_active"])
        end_sessions(person=person)
        record(StaffSuspended(staff_id=person.id), by=by, at=at)


def reinstate(*, person: Staff, by: Actor, at: datetime) -> None:
    """Open a closed account again; changes nothing when it is open."""
    with write_tx():
        if person.is_active:
            return
        person.is_active = True
        person.save(update_fields=["is_active"])
        record(StaffReinstated(staff_id=person.id), by=by, at=at)


def set_password(*, person: Staff, password: str, by: Actor, at: datetime) -> None:
    """Give an account a new password and end its sessions."""
    with write_tx():
        person.set_password(password)
        person.save(update_fields=["password"])
        end_sessions(person=person)


def remove_second_factor(*, person: Staff, by: Actor, at: datetime) -> None:
    """Take away somebody's second factors, after a lost phone; his role makes him add one at the next sign-in."""
    from allauth.mfa.models import Authenticator

    with write_tx():
        Authenticator.objects.filter(user_id=person.id).delete()
        end_sessions(person=person)
        record(SecondFactorRemoved(staff_id=person.id), by=by, at=at)


def end_sessions(*, person: Staff) -> int:
    """End every session of an account and return how many."""
    from allauth.usersessions.models import UserSession

    keys = list(UserSession.objects.filter(user_id=person.id).values_list("session_key", flat=True))
    UserSession.objects.filter(user_id=person.id).delete()
    return Session.objects.filter(session_key__in=keys).delete()[0]


def end_session(*, person: Staff, session_id: int, by: Actor, at: datetime) -> None:
    """End one session of a person, whose device is asked to sign in at its next step; raises UserSession.DoesNotExist.

    Sent twice it finds nothing more to end.
    """
    from allauth.usersessions.models import UserSession

    with write_tx():
        row = UserSession.objects.select_for_update().get(id=session_id, user_id=person.id)
        Session.objects.filter(session_key=row.session_key).delete()
        row.delete()
        record(StaffSessionEnded(staff_id=person.id), by=by, at=at)


def make_login_link(*, person: Staff, by: Actor, at: datetime) -> str:
    """Return a fresh token that signs the person in once within twelve hours; older links end."""
    token = secrets.token_urlsafe(32)
    with write_tx():
        LoginLink.objects.filter(staff=person).delete()
        LoginLink.objects.create(token_hash=_hash(token), staff=person, expires_at=at + LINK_LIFE)
        record(LoginLinkMade(staff_id=person.id), by=by, at=at)
    return token


def use_login_link(*, token: str, at: datetime) -> Staff | None:
    """Spend a token and return whom it lets in, or None when it is unknown, old or spent. Works once, ever."""
    with write_tx():
        spent = LoginLink.objects.filter(
            token_hash=_hash(token), used_at=None, expires_at__gt=at, staff__is_active=True
        ).update(used_at=at)
        if not spent:
            return None
        return LoginLink.objects.select_related("staff").get(token_hash=_hash(token)).staff


def note_sign_in(*, person: Staff, method: str, at: datetime) -> None:
    """Record that somebody signed in; `method` names the ways, e.g. `password+totp`."""
    record(StaffSignedIn(staff_id=person.id, method=method), by=person.actor, at=at)


def note_failed_login(*, login: str, address: str | None, reason: str, at: datetime) -> None:
    """Record a refused login without keeping the name that was typed."""
    hashed = blind_index("login", login.strip().casefold()).hex()
    FailedLogin.objects.create(failed_at=at, login_hash=hashed, address=address, reason=reason)


def note_seen(*, person: Staff, at: datetime) -> None:
    """Note that somebody is at work, at most once a minute, so that pages stay free of writes."""
    if person.last_seen_at is None or at - person.last_seen_at >= SEEN_EVERY:
        Staff.objects.filter(id=person.id).update(last_seen_at=at)


def change_language(*, person: Staff, language: str) -> None:
    """Set the language somebody reads Setia in."""
    Staff.objects.filter(id=person.id).update(language=language)


def choose_columns(*, person: Staff, table: str, names: list[str] | None) -> None:
    """Keep which columns of a table somebody wants to see; None for the usual ones. Repeating it changes nothing."""
    with write_tx():
        standing = Staff.objects.select_for_update().get(id=person.id).table_columns
        kept = {name: columns for name, columns in standing.items() if name != table}
        Staff.objects.filter(id=person.id).update(table_columns=kept if names is None else {**kept, table: names})


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _guard_last_owner(person: Staff, *, leaves_owner: bool) -> None:
    owners = Staff.objects.select_for_update().filter(role=Role.OWNER, is_active=True)
    if leaves_owner and person.role == Role.OWNER and not owners.exclude(id=person.id).exists():
        raise UnableToChangeStaff("last_owner")


def purge_expired(*, at: datetime) -> int:
    """Remove sessions and login links that are over, and failed logins after 90 days; return how many rows."""
    sessions = Session.objects.filter(expire_date__lt=at).delete()[0]
    links = LoginLink.objects.filter(expires_at__lt=at).delete()[0]
    return sessions + links + FailedLogin.objects.filter(failed_at__lt=at - timedelta(days=90)).delete()[0]
