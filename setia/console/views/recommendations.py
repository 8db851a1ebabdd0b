"""How good recommendations are on the shop's own past, what is never recommended, and what advice reckons with."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console import advice_words, charts
from setia.console.doors import StaffRequest, staff_only
from setia.console.toasts import WayBack, say_done
from setia.domains.advice import actions, queries, tasks
from setia.domains.commerce.models import Product
from setia.domains.commerce.queries import access_product
from setia.domains.commerce.queries.work import category_names
from setia.domains.staff.queries import require_all_outlets
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.jobs.backend import put

_FIGURES = ("hit_rate", "recall", "ndcg")


class AdviceForm(forms.Form):
    """What is never recommended, and what advice reckons with."""

    excluded_categories = forms.MultipleChoiceField(
        label=gettext_lazy("Never recommend these categories"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    out_of_sale_days = forms.IntegerField(
        label=gettext_lazy("A product is out of sale after … days without a sale"), min_value=7, max_value=1095
    )
    least_together = forms.IntegerField(
        label=gettext_lazy("Two products go together from … customers or baskets on"),
        min_value=2,
        max_value=1000,
        help_text=gettext_lazy("Fewer are chance."),
    )
    margin_percent = forms.IntegerField(
        label=gettext_lazy("What is left of a sale after the goods, in percent"), min_value=1, max_value=100
    )
    message_cost = forms.IntegerField(
        label=gettext_lazy("Cost of one message"),
        min_value=0,
        max_value=1_000_000,
        help_text=gettext_lazy("About Rp 660 for an offer by WhatsApp."),
    )
    minute_cost = forms.IntegerField(
        label=gettext_lazy("Cost of one minute of the team"), min_value=0, max_value=1_000_000
    )
    pause_days = forms.IntegerField(label=gettext_lazy("Days of rest after a contact"), min_value=0, max_value=90)
    daily_capacity = forms.IntegerField(
        label=gettext_lazy("How many suggestions the team manages in a day"), min_value=1, max_value=1000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [name for name in category_names() if name]
        self.fields["excluded_categories"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]


@staff_only(Capability.VIEW_MEASURES)
def quality(request: StaffRequest) -> HttpResponse:
    """How the two lists did on the last basket of people, beside what sells best; and how true the windows were."""
    require_all_outlets(request.user)
    found = queries.latest_round()
    judged = found.notes.get("judged", {}) if found else {}
    windows = found.notes.get("windows", {}) if found else {}
    context = {
        "round": found,
        "running": queries.running_round(at=clock.now()),
        "lists": [
            _list(_("Buy again"), judged["again"]),
            _list(_("You may also like"), judged["also"]),
        ]
        if judged
        else [],
        "windows": [
            (label, windows[name]["tried"], windows[name]["ahead"])
            for name, label in (("people", _("Next purchase of a customer")), ("items", _("Same product again")))
            if windows.get(name, {}).get("tried", {}).get("covered") is not None
        ],
        "popular": _products(found.notes.get("popular", [])) if found else [],
    }
    return render(request, "console/recommendations.html", context)


def _list(title: str, found: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "name": advice_words.LISTS.get(name, name),
            "is_shown": name == found["shown"],
            "figures": [_interval(figures[figure]) for figure in _FIGURES],
        }
        for name, figures in found["lists"].items()
    ]
    return {
        "title": title,
        "rows": rows,
        "people": found["people"],
        "since": found.get("since", ""),
        "is_judged": found["is_judged"],
        "shown": advice_words.LISTS.get(found["shown"], found["shown"]),
        "is_popularity": found["shown"] == "popularity",
    }


def _interval(values: list[float]) -> tuple[str, str]:
    return charts.percent(values[0]), f"{charts.percent(max(values[1], 0.0))} – {charts.percent(values[2])}"


def _products(ids: list[str]) -> list[Product]:
    found = Product.objects.in_bulk([int(one) for one in ids[:6]])
    return [found[int(one)] for one in ids[:6] if int(one) in found]


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def choices(request: StaffRequest) -> HttpResponse:
    """What is never recommended, and what advice reckons with; it counts from the next round on."""
    row = queries.choices_row()
    initial = {name: getattr(row, name) for name in AdviceForm.base_fields}
    form = AdviceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.save_choices(changes=form.cleaned_data, by=request.user.actor, at=clock.now())
        put(tasks.advise_now, unique_key="advise")
        messages.success(request, _("Saved. Recommendations are being made anew."))
        return redirect("console:recommendations")
    status = 422 if request.method == "POST" else 200
    never = _products([str(one) for one in row.excluded_products])
    return render(request, "console/advice_choices.html", {"form": form, "never": never}, status=status)


@staff_only(Capability.MANAGE_CATALOGUE, "POST")
def recommendable(request: StaffRequest, product_id: int) -> HttpResponse:
    """Never recommend a product, or do so again."""
    product = access_product(request.user, product_id)
    is_wanted = request.POST.get("wanted", "") == "yes"
    never = {str(one) for one in queries.choices_row().excluded_products}
    changed = never - {str(product.id)} if is_wanted else never | {str(product.id)}
    actions.save_choices(changes={"excluded_products": sorted(changed)}, by=request.user.actor, at=clock.now())
    back = WayBack(request.path, {"wanted": "no" if is_wanted else "yes"})
    words = _("The product may be recommended.") if is_wanted else _("The product is never recommended.")
    say_done(request, words, undo=back if changed != never else None)
    return redirect("console:product", product.id)
