"""Tasks: what is to be done today, by whom; giving them on; where one was named."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.once import only_once
from setia.console.people import display_name
from setia.console.toasts import WayBack, say_done
from setia.domains.customers.queries import access_customer
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may
from setia.domains.staff.rules import Capability
from setia.domains.teamwork import actions
from setia.domains.teamwork.models import Task
from setia.domains.teamwork.queries import SHOWS, access_task, colleagues, mention_page, task_page
from setia.foundation import clock
from setia.foundation.clock import shop_day

PAGE_SIZE = 50
PRIORITIES = ((1, gettext_lazy("High")), (2, gettext_lazy("Usual")), (3, gettext_lazy("Low")))


class TaskForm(forms.Form):
    """Something to do."""

    title = forms.CharField(label=gettext_lazy("What is to be done"), max_length=160)
    due_date = forms.DateField(
        label=gettext_lazy("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    priority = forms.TypedChoiceField(label=gettext_lazy("Priority"), choices=PRIORITIES, coerce=int, initial=2)
    assignee = forms.ModelChoiceField(
        label=gettext_lazy("Who does it"), queryset=Staff.objects.none(), empty_label=None
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, viewer: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_colleagues(self.fields["assignee"], viewer)


class HandoverForm(forms.Form):
    """To whom a task goes."""

    receiver = forms.ModelChoiceField(label=gettext_lazy("Give it to"), queryset=Staff.objects.none())
    word = forms.CharField(label=gettext_lazy("A word with it"), max_length=500, required=False)

    def __init__(self, viewer: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_colleagues(self.fields["receiver"], viewer)


def _offer_colleagues(field: Any, viewer: Staff) -> None:
    field.queryset = colleagues(viewer)
    field.label_from_instance = lambda person: person.name


@staff_only(Capability.DO_TASKS)
def task_list(request: StaffRequest) -> HttpResponse:
    """One's own tasks, or everybody's."""
    shop = the_shop()
    today = shop_day(clock.now(), zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    show = request.GET.get("show", "")
    show = show if show in SHOWS else "today"
    is_all = request.GET.get("who") == "all" and may(request.user, Capability.ASSIGN_TASKS)
    cursor = request.GET.get("cursor", "")
    page = task_page(request.user, show=show, is_all=is_all, today=today, cursor=cursor, size=PAGE_SIZE)
    rows = [(task, display_name(task.customer) if task.customer else "") for task in page.rows]
    context = {"rows": rows, "page": page, "show": show, "is_all": is_all, "today": today}
    return render(request, "console/tasks.html", context)


@staff_only(Capability.DO_TASKS, "GET", "POST")
def add(request: StaffRequest) -> HttpResponse:
    """Make a task, about a customer or not."""
    customer_id = id_or_none(request.GET.get("customer", ""))
    customer = access_customer(request.user, customer_id) if customer_id else None
    form = TaskForm(request.user, request.POST or None, initial={"assignee": request.user.id})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data

        def work() -> int:
            return int(actions.make_task(**values, customer=customer, by=request.user, at=clock.now()).id)

        task_id = only_once(request, "task", work)
        back = WayBack(reverse("console:task_cancel", args=[task_id]), {})
        say_done(request, _("The task was saved."), undo=back)
        return redirect("console:customer", customer.id) if customer else redirect("console:tasks")
    context = {"form": form, "customer": customer, "name": display_name(customer) if customer else ""}
    return render(request, "console/task_form.html", context, status=422 if form.is_bound else 200)


@staff_only(Capability.DO_TASKS)
def detail(request: StaffRequest, task_id: int) -> HttpResponse:
    """One task with its hand-overs."""
    return _detail(request, access_task(request.user, task_id), HandoverForm(request.user))


def _detail(request: StaffRequest, task: Task, form: HandoverForm, status: int = 200) -> HttpResponse:
    context = {
        "task": task,
        "form": form,
        "name": display_name(task.customer) if task.customer else "",
        "handovers": task.handovers.select_related("giver", "receiver").order_by("id"),
    }
    return render(request, "console/task.html", context, status=status)


@staff_only(Capability.DO_TASKS, "POST")
def finish(request: StaffRequest, task_id: int) -> HttpResponse:
    """Mark a task as done."""
    return _change(request, task_id, actions.finish_task, _("Done."), "console:task_reopen")


@staff_only(Capability.DO_TASKS, "POST")
def cancel(request: StaffRequest, task_id: int) -> HttpResponse:
    """Give a task up."""
    return _change(request, task_id, actions.cancel_task, _("The task was cancelled."), "console:task_reopen")


@staff_only(Capability.DO_TASKS, "POST")
def reopen(request: StaffRequest, task_id: int) -> HttpResponse:
    """Open a task again."""
    return _change(request, task_id, actions.reopen_task, _("The task is open again."), "console:task_finish")


def _change(request: StaffRequest, task_id: int, verb: Callable[..., bool], words: str, back_name: str) -> HttpResponse:
    task = access_task(request.user, task_id)
    if verb(task=task, by=request.user, at=clock.now()):
        say_done(request, words, undo=WayBack(reverse(back_name, args=[task.id]), {}))
    return redirect("console:tasks")


@staff_only(Capability.ASSIGN_TASKS, "POST")
def hand_over(request: StaffRequest, task_id: int) -> HttpResponse:
    """Give a task to a colleague, with a word."""
    task = access_task(request.user, task_id)
    form = HandoverForm(request.user, request.POST)
    if not form.is_valid():
        return _detail(request, task, form, status=422)
    giver = task.assignee
    receiver = form.cleaned_data["receiver"]
    try:
        moved = actions.hand_over(
            task=task, receiver=receiver, word=form.cleaned_data["word"], by=request.user, at=clock.now()
        )
    except actions.UnableToChangeTask:
        messages.error(request, _("Somebody changed this task meanwhile; have another look."))
    else:
        if moved:
            back = WayBack(request.path, {"receiver": str(giver.id)}) if giver.is_active else None
            say_done(request, _("{name} has the task now.").format(name=receiver.name), undo=back)
    return redirect("console:task", task.id)


@staff_only(Capability.DO_TASKS, "GET", "POST")
def mentions(request: StaffRequest) -> HttpResponse:
    """Where one was named; POST marks all as read."""
    if request.method == "POST":
        actions.see_mentions(person=request.user, at=clock.now())
        return redirect("console:mentions")
    page = mention_page(request.user, cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    rows = [(mention, display_name(mention.customer)) for mention in page.rows]
    return render(request, "console/mentions.html", {"rows": rows, "page": page})
