"""The shop's profile."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, staff_only, sudo
from setia.console.forms import ShopForm
from setia.console.toasts import WayBack, as_it_was, say_done
from setia.domains.commerce.queries import shop_has_sales
from setia.domains.shop import actions
from setia.domains.shop.queries import the_shop
from setia.domains.staff.rules import Capability
from setia.foundation import clock

_FIELDS = ("name", "currency_code", "zone_name", "cutoff_hour", "cart_idle_minutes")


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
@sudo
def settings_page(request: StaffRequest) -> HttpResponse:
    """Change name, currency, zone and business day; the currency stays once something was sold in it."""
    shop = the_shop()
    form = ShopForm(request.POST or None, initial={name: getattr(shop, name) for name in _FIELDS})
    if request.method == "POST" and form.is_valid():
        changes = dict(form.cleaned_data)
        if changes["currency_code"] != shop.currency_code and shop_has_sales():
            form.add_error(
                "currency_code", _("The shop has sales in another currency, so this cannot change any more.")
            )
        else:
            actions.change_shop(changes=changes, by=request.user.actor, at=clock.now())
            back = WayBack(request.path, as_it_was(form)) if form.has_changed() else None
            say_done(request, _("The changes were saved."), undo=back)
            return redirect("console:settings")
    return render(request, "console/settings.html", {"form": form}, status=422 if form.is_bound else 200)
