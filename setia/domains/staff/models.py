"""Rows of staff."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from setia.domains.shop.models import Outlet
from setia.domains.staff.rules import Role
from setia.foundation.actors import Actor
from setia.foundation.db.fields import IdField


class StaffManager(BaseUserManager["Staff"]):
    """Look-up by e-mail without regard to case, as people type it."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser):
    """A person who signs in. The e-mail is the login name, kept in lower case."""

    id = IdField()
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12, choices=[(role.value, role.value) for role in Role])
    language = models.CharField(max_length=5, default="id")
    is_active = models.BooleanField(default=True)
    # The demo's owner signs in by a link printed on this machine's own terminal and carries no second factor.
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # By table, the names of the columns to show; a table that is not named shows the usual ones.
    table_columns = models.JSONField(default=dict)
    last_seen_at = models.DateTimeField(null=True)

    objects: ClassVar[StaffManager] = StaffManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name", "role"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(role__in=[role.value for role in Role]), name="staff_known_role"),
        ]

    @property
    def actor(self) -> Actor:
        return Actor("staff", self.id)

    @property
    def initials(self) -> str:
        words = self.name.split() or [self.email]
        return "".join(word[0] for word in words[:2]).upper()

    def get_full_name(self) -> str:
        return self.name


class StaffOutlet(models.Model):
    """An outlet whose orders somebody sees; a person without any of these rows sees all outlets."""

    id = IdField()
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="outlet_limits", db_index=False)
    # Not CASCADE: with the last of these rows gone, its person would see everything.
    outlet = models.ForeignKey(Outlet, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["staff", "outlet"], name="staff_outlet_once")]


class LoginLink(models.Model):
    """A one-time way in, printed on the terminal; only a hash of its token is kept."""

    token_hash = models.CharField(max_length=64, primary_key=True)
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class FailedLogin(models.Model):
    """A refused login; the name typed is kept as a keyed hash only."""

    id = IdField()
    failed_at = models.DateTimeField()
    login_hash = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    reason = models.CharField(max_length=20)
