"""Sign-in: limits that survive a restart, a note of each success and failure, no open sign-up."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from setia.domains.staff import actions
from setia.domains.staff.models import Staff
from setia.foundation import clock, throttle
from setia.foundation.crypto import keyring

BY_LINK = "signed_in_by_link"  # the session's key under which a link's person waits for the second factor
BY_ACCOUNT = throttle.Limit("login_account", 5, timedelta(minutes=5))
BY_ADDRESS = throttle.Limit("login_address", 30, timedelta(minutes=5))


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's account rules for a shop: accounts are opened by the owner, guesses are counted in our table."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return str(request.META.get("REMOTE_ADDR") or "127.0.0.1")

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt; raises allauth's validation error beyond five per account in five minutes."""
        at, login, address = clock.now(), str(credentials.get("email", "")), self.get_client_ip(request)
        # Both are counted, so that neither many names from one address nor one name from many gets through.
        by_address = throttle.allowed(BY_ADDRESS, address, at=at)
        by_account = throttle.allowed(BY_ACCOUNT, login, at=at)
        if not (by_address and by_account):
            actions.note_failed_login(login=login, address=address, reason="throttled", at=at)
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        login = str(credentials.get("email", ""))
        actions.note_failed_login(login=login, address=self.get_client_ip(request), reason="refused", at=clock.now())

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Check name and password under our own limits; a success forgives the account's earlier failures."""
        from django.contrib.auth import authenticate

        self.pre_authenticate(request, **credentials)
        person = authenticate(request, **credentials)
        if person is None:
            self.authentication_failed(request, **credentials)
        else:
            throttle.forgive(BY_ACCOUNT, str(credentials.get("email", "")))
        return person

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Check the password of somebody who is signed in; guesses count like those at the door."""
        if not throttle.allowed(BY_ACCOUNT, user.email, at=clock.now()):
            return False
        right = bool(user.check_password(password))
        if right:
            throttle.forgive(BY_ACCOUNT, user.email)
        return right


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed with the shop's keys."""

    def encrypt(self, text: str) -> str:
        return keyring().seal(text, "mfa_authenticator")

    def decrypt(self, encrypted_text: str) -> str:
        return keyring().open(encrypted_text, "mfa_authenticator")


@receiver(user_logged_in)
def _note_sign_in(sender: Any, request: HttpRequest | None, user: Staff, **_: Any) -> None:
    """Record a sign-in once it is whole: allauth sends the signal after the second factor."""
    if request is None:
        return
    records = get_authentication_records(request, user)
    methods = ["link"] if request.session.pop(BY_LINK, None) == user.pk else []
    methods += [entry.get("type") or entry["method"] for entry in records]
    actions.note_sign_in(person=user, method="+".join(dict.fromkeys(methods)), at=clock.now())
