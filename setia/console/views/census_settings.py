"""What the shop asks and notes of its customers: its own fields, and the words with which consent is asked."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from setia.console.customer_forms import FIELD_KIND_NAMES, PURPOSE_NAMES, FieldForm, WordingForm
from setia.console.doors import StaffRequest, staff_only
from setia.console.toasts import WayBack, as_it_was, say_done
from setia.domains.customers import actions, queries
from setia.domains.customers.models import CustomField
from setia.domains.customers.rules import FieldKind
from setia.domains.customers.rules.consents import Purpose
from setia.domains.staff.rules import Capability
from setia.foundation import clock


@staff_only(Capability.MANAGE_SHOP)
def field_list(request: StaffRequest) -> HttpResponse:
    """The shop's own fields."""
    rows = [(row, FIELD_KIND_NAMES[FieldKind(row.kind)]) for row in queries.custom_fields(with_inactive=True)]
    return render(request, "console/custom_fields.html", {"rows": rows})


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def add_field(request: StaffRequest) -> HttpResponse:
    """Make a field."""
    return _field_page(request, None)


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def edit_field(request: StaffRequest, field_id: int) -> HttpResponse:
    """Change a field, or put it away."""
    return _field_page(request, CustomField.objects.get(id=field_id))


def _field_page(request: StaffRequest, field: CustomField | None) -> HttpResponse:
    initial = {}
    if field is not None:
        initial = {name: getattr(field, name) for name in ("label", "kind", "purpose", "retention_days")}
        initial |= {"choices": "\n".join(field.choices), "is_specific": field.is_specific, "is_active": field.is_active}
    form = FieldForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.save_field(
                label=values["label"],
                kind=FieldKind(values["kind"]),
                purpose=values["purpose"],
                choices=values["choices"],
                retention_days=values["retention_days"] or 0,
                is_specific=values["is_specific"],
                is_active=values["is_active"],
                by=request.user.actor,
                at=clock.now(),
                field=field,
            )
        except actions.UnableToSaveField as error:
            name = "kind" if str(error) == "kind_in_use" else "label"
            form.add_error(name, _field_refusal(str(error)))
        else:
            back = WayBack(request.path, as_it_was(form)) if field is not None and form.has_changed() else None
            say_done(request, _("The field was saved."), undo=back)
            return redirect("console:custom_fields")
    context = {"form": form, "field": field}
    return render(request, "console/custom_field_form.html", context, status=422 if form.is_bound else 200)


def _field_refusal(code: str) -> str:
    words = {
        "taken": _("There is a field with this name already."),
        "kind_in_use": _("Customers have values of another kind in this field. Make a new field instead."),
    }
    return words.get(code, _("Something is missing."))


@staff_only(Capability.MANAGE_SHOP, "GET", "POST")
def wordings(request: StaffRequest) -> HttpResponse:
    """The words with which consent is asked; a change makes a new version, and older answers keep theirs."""
    form = WordingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        wording = actions.publish_wording(
            purpose=Purpose(values["purpose"]),
            text_id=values["text_id"],
            text_en=values["text_en"],
            by=request.user.actor,
            at=clock.now(),
        )
        say_done(request, _("Version {version} is asked from now on.").format(version=wording.version))
        return redirect("console:wordings")
    latest = queries.wordings()
    rows = [(name, latest.get(purpose.value)) for purpose, name in PURPOSE_NAMES.items()]
    return render(request, "console/wordings.html", {"form": form, "rows": rows}, status=422 if form.is_bound else 200)
