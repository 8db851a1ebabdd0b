"""Tasks: what is to be done today, by whom; giving them on; where one was named."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from setia.console import score_words
from setia.console.doors import StaffRequest, id_or_none, staff_only
from setia.console.once import only_once
from setia.console.people import display_name
from setia.console.toasts import WayBack, as_it_was, say_done
from setia.domains.customers.queries import access_customer
from setia.domains.shop.queries import the_shop
from setia.domains.staff.models import Staff
from setia.domains.staff.queries import may
from setia.domains.staff.rules import Capability
from setia.domains.teamwork import actions
from setia.domains.teamwork.models import Task
from setia.domains.teamwork.queries import (
    SHOWS,
    access_task,
    colleagues,
    mention_page,
    open_tasks_by_person,
    task_page,
)
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
        label=gettext_lazy("Who does it"),
        queryset=Staff.objects.none(),
        required=False,
        empty_label=gettext_lazy("nobody yet"),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, viewer: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_colleagues(self.fields["assignee"], viewer)
        if not may(viewer, Capability.ASSIGN_TASKS):
            self.fields["assignee"].empty_label = None  # type: ignore[attr-defined]


class TaskChangeForm(TaskForm):
    """What a task says; who has it is changed by handing it over."""

    assignee = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        forms.Form.__init__(self, *args, **kwargs)


class HandoverAllForm(forms.Form):
    """From whom all open tasks go, and to whom."""

    leaver = forms.ModelChoiceField(label=gettext_lazy("From"), queryset=Staff.objects.none(), empty_label=None)
    receiver = forms.ModelChoiceField(label=gettext_lazy("Give it to"), queryset=Staff.objects.none())

    def __init__(self, viewer: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_colleagues(self.fields["receiver"], viewer)
        leaver: Any = self.fields["leaver"]
        leaver.queryset = Staff.objects.filter(is_active=False).order_by("name", "id")
        leaver.label_from_instance = lambda person: person.name


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
    who = request.GET.get("who", "")
    is_all = who == "all" and may(request.user, Capability.ASSIGN_TASKS)
    person_id, cursor = id_or_none(who), request.GET.get("cursor", "")
    page = task_page(
        request.user, show=show, is_all=is_all, today=today, cursor=cursor, size=PAGE_SIZE, person_id=person_id
    )
    rows = [(task, display_name(task.customer) if task.customer else "") for task in page.rows]
    context = {"rows": rows, "page": page, "show": show, "is_all": is_all, "today": today}
    if may(request.user, Capability.ASSIGN_TASKS):
        context |= {"people": colleagues(request.user), "person_id": person_id, "left": open_tasks_by_person()}
    return render(request, "console/tasks.html", context)


@staff_only(Capability.DO_TASKS, "GET", "POST")
def add(request: StaffRequest) -> HttpResponse:
    """Make a task, about a customer or not."""
    customer_id = id_or_none(request.GET.get("customer", ""))
    customer = access_customer(request.user, customer_id) if customer_id else None
    form = TaskForm(request.user, _sent(request), initial={"assignee": request.user.id})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if not may(request.user, Capability.ASSIGN_TASKS):
            values["assignee"] = request.user

        def work() -> int:
            is_open = values["assignee"] is None
            made = actions.make_task(
                **values, is_for_nobody=is_open, customer=customer, by=request.user, at=clock.now()
            )
            return int(made.id)

        task_id = only_once(request, "task", work)
        back = WayBack(reverse("console:task_cancel", args=[task_id]), {})
        say_done(request, _("The task was saved."), undo=back)
        return redirect("console:customer", customer.id) if customer else redirect("console:tasks")
    context = {"form": form, "customer": customer, "name": display_name(customer) if customer else ""}
    return render(request, "console/task_form.html", context, status=422 if form.is_bound else 200)


def _sent(request: StaffRequest) -> dict[str, Any] | None:
    """Return what a form sent; the quick form on a customer's page names only what is to be done."""
    if not request.POST:
        return None
    usual = {"priority": "2", "assignee": str(request.user.id)}
    return {**({} if "priority" in request.POST else usual), **request.POST.dict()}


@staff_only(Capability.DO_TASKS, "GET", "POST")
def edit(request: StaffRequest, task_id: int) -> HttpResponse:
    """Change what a task says."""
    task = access_task(request.user, task_id)
    initial = {name: getattr(task, name) for name in ("due_date", "priority", "note")}
    initial["title"] = score_words.task_title(task.title)
    form = TaskChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        changes = form.cleaned_data
        if actions.change_task(task=task, changes=changes, by=request.user, at=clock.now()):
            say_done(request, _("The changes were saved."), undo=WayBack(request.path, as_it_was(form)))
        return redirect("console:task", task.id)
    context = {"form": form, "task": task}
    return render(request, "console/task_form.html", context, status=422 if form.is_bound else 200)


@staff_only(Capability.ASSIGN_TASKS, "GET", "POST")
def hand_over_all(request: StaffRequest) -> HttpResponse:
    """Give all open tasks of somebody whose account is suspended to a colleague; each keeps its own history."""
    form = HandoverAllForm(request.user, request.POST or None, initial={"leaver": request.GET.get("leaver", "")})
    if request.method == "POST" and form.is_valid():
        leaver, receiver = form.cleaned_data["leaver"], form.cleaned_data["receiver"]
        moved = actions.hand_over_all(leaver=leaver, receiver=receiver, by=request.user, at=clock.now())
        words = ngettext("{name} has {count} task more now.", "{name} has {count} tasks more now.", moved)
        say_done(request, words.format(name=receiver.name, count=moved))
        return redirect("console:tasks")
    context = {"form": form, "left": open_tasks_by_person()}
    return render(request, "console/hand_over_all.html", context, status=422 if form.is_bound else 200)


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
    came_from = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(came_from, allowed_hosts=None):
        return redirect(came_from)
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
            back = WayBack(request.path, {"receiver": str(giver.id)}) if giver and giver.is_active else None
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
