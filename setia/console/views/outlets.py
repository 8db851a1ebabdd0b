"""Outlets: the list, opening and changing one."""

from typing import Any

from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, staff_only
from setia.console.forms import OutletForm
from setia.console.hours_words import as_typed, date_words, week_words
from setia.console.toasts import WayBack, as_it_was, say_done
from setia.domains.shop import actions
from setia.domains.shop.models import Outlet
from setia.domains.shop.queries import openness, outlets, the_shop
from setia.domains.staff.queries import outlets_of
from setia.domains.staff.rules import Capability
from setia.foundation import clock

_FIELDS = ("code", "name", "city", "zone_name", "opening_hours")


@staff_only(Capability.VIEW_ORDERS)
def outlet_list(request: StaffRequest) -> HttpResponse:
    """All outlets."""
    at = clock.now()
    rows = [(outlet, openness(outlet, at=at), week_words(outlet), date_words(outlet, at)) for outlet in outlets()]
    return render(request, "console/outlets.html", {"rows": rows, "seen": set(outlets_of(request.user))})


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def add(request: StaffRequest) -> HttpResponse:
    """Open an outlet."""
    return _form(request, None)


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def edit(request: StaffRequest, outlet_id: int) -> HttpResponse:
    """Change an outlet."""
    return _form(request, Outlet.objects.get(id=outlet_id))


def _form(request: StaffRequest, outlet: Outlet | None) -> HttpResponse:
    initial: dict[str, Any] = {"zone_name": the_shop().zone_name}
    if outlet:
        initial = {name: getattr(outlet, name) for name in _FIELDS} | {"hours": as_typed(outlet)}
    form = OutletForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_outlet(**form.cleaned_data, outlet=outlet, by=request.user.actor, at=clock.now())
        except IntegrityError:
            form.add_error("code", _("Another outlet has this code."))
        else:
            url = reverse("console:outlet_edit", args=[outlet.id]) if outlet else ""
            back = WayBack(url, as_it_was(form)) if outlet and form.has_changed() else None
            say_done(request, _("The outlet was saved."), undo=back)
            return redirect("console:outlets")
    context = {"form": form, "outlet": outlet}
    return render(request, "console/outlet_form.html", context, status=422 if form.is_bound else 200)
