"""Keys of programs: the list, making and revoking one; recent calls with what went wrong in them."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console.doors import StaffRequest, id_or_none, staff_only, sudo
from setia.domains.apikeys import actions
from setia.domains.apikeys.models import ApiKey
from setia.domains.apikeys.queries import access_key, all_keys, call_page, names_of_keys
from setia.domains.apikeys.rules import Scope
from setia.domains.shop.queries import the_shop
from setia.domains.staff.rules import Capability
from setia.foundation import clock

PAGE_SIZE = 50
SCOPE_NAMES = {
    Scope.CUSTOMERS_READ: gettext_lazy("Read customers, without phone and e-mail"),
    Scope.CUSTOMERS_CONTACT: gettext_lazy("See phone, e-mail, address and birthday of customers it may read"),
    Scope.CUSTOMERS_WRITE: gettext_lazy("Add and change customers"),
    Scope.PRODUCTS_READ: gettext_lazy("Read products"),
    Scope.PRODUCTS_WRITE: gettext_lazy("Add and change products"),
    Scope.ORDERS_READ: gettext_lazy("Read orders"),
    Scope.ORDERS_WRITE: gettext_lazy("Write orders"),
    Scope.RETURNS_READ: gettext_lazy("Read returns"),
    Scope.RETURNS_WRITE: gettext_lazy("Write returns"),
    Scope.EVENTS_READ: gettext_lazy("Read events of other programs"),
    Scope.EVENTS_WRITE: gettext_lazy("Write events of other programs"),
    Scope.SCORES_READ: gettext_lazy("Read scores of customers"),
    Scope.SEGMENTS_READ: gettext_lazy("Read segments and who is in them"),
    Scope.SEGMENTS_WRITE: gettext_lazy("Make segments"),
    Scope.MEASURES_READ: gettext_lazy("Read the figures of the customer index"),
}
_REFUSALS = {
    "no_name": ("name", gettext_lazy("Give the key a name by which you know it again.")),
    "no_scopes": ("scopes", gettext_lazy("Choose at least one thing that the key may do.")),
    "bad_source": ("source", gettext_lazy("Use small letters, digits and hyphens only, for example web-shop.")),
    "expired": ("expires_date", gettext_lazy("Choose a day that is still to come.")),
}


class KeyForm(forms.Form):
    """A key to make."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("For example: web shop, till in Dago.")
    )
    source = forms.CharField(
        label=gettext_lazy("Program"),
        max_length=30,
        initial="web-shop",
        help_text=gettext_lazy(
            "A short word for the program. Numbers of orders and customers belong to their program, so a new key for "
            "the same program needs the same word."
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=[(scope.value, name) for scope, name in SCOPE_NAMES.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one thing that the key may do.")},
    )
    expires_date = forms.DateField(
        label=gettext_lazy("Works until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("To the end of that day. Empty: until you revoke it."),
    )


@staff_only(Capability.MANAGE_API)
def key_list(request: StaffRequest) -> HttpResponse:
    """All keys, those in force first."""
    at = clock.now()
    keys = [(key, state_of(key, at), [SCOPE_NAMES[Scope(name)] for name in key.scopes]) for key in all_keys()]
    return render(request, "console/api_keys.html", {"keys": keys})


def state_of(key: ApiKey, at: datetime) -> str:
    """Return revoked, expired, or active."""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= at else "active"


@staff_only(Capability.MANAGE_API, "GET", "POST")
@sudo
def add(request: StaffRequest) -> HttpResponse:
    """Make a key and show it this once.

    A form sent twice makes two: the token of the first was never seen, so handing out the first again would leave
    its owner without any.
    """
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _make(request, form.cleaned_data)
        except actions.UnableToMakeKey as error:
            field, words = _REFUSALS[str(error)]
            form.add_error(field, words)
        else:
            address = request.build_absolute_uri("/api/v1/")
            return render(request, "console/api_key_made.html", {"made": made, "address": address})
    return render(request, "console/api_key_form.html", {"form": form}, status=422 if form.is_bound else 200)


def _make(request: StaffRequest, values: dict[str, Any]) -> actions.MadeKey:
    last_day = values["expires_date"]
    expires_at = None
    if last_day is not None:
        expires_at = datetime.combine(last_day, time(0), tzinfo=the_shop().zone) + timedelta(days=1)
    return actions.make_key(
        name=values["name"],
        source=values["source"],
        scopes=[Scope(name) for name in values["scopes"]],
        expires_at=expires_at,
        by=request.user.actor,
        at=clock.now(),
    )


@staff_only(Capability.MANAGE_API, "POST")
@sudo
def revoke(request: StaffRequest, key_id: int) -> HttpResponse:
    """Take a key back for good; there is no way back, for whoever holds it may be anybody by now."""
    key = access_key(request.user, key_id)
    actions.revoke_key(key=key, by=request.user.actor, at=clock.now())
    messages.success(request, _("The key “{name}” was revoked. It opens nothing any more.").format(name=key.name))
    return redirect("console:api_keys")


@staff_only(Capability.MANAGE_API)
def calls(request: StaffRequest) -> HttpResponse:
    """Recent calls, all of them or those with errors."""
    only_errors = request.GET.get("show") == "errors"
    key_id = id_or_none(request.GET.get("key", ""))
    cursor = request.GET.get("cursor", "")
    page = call_page(only_errors=only_errors, key_id=key_id, cursor=cursor, size=PAGE_SIZE)
    names = names_of_keys({call.key_id for call in page.rows} | ({key_id} if key_id is not None else set()))
    rows = [(call, names.get(call.key_id, "–")) for call in page.rows]
    context = {"rows": rows, "page": page, "only_errors": only_errors, "key_id": key_id}
    return render(request, "console/api_calls.html", {**context, "key_name": names.get(key_id or 0, "")})
