"""Staff: accounts, duties, suspension, links to sign in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from setia.console.doors import StaffRequest, staff_only, sudo
from setia.console.forms import ROLE_NAMES, RoleForm, StaffForm
from setia.console.toasts import WayBack, as_it_was, say_done
from setia.domains.shop.queries import outlets
from setia.domains.staff import actions
from setia.domains.staff.queries import access_staff, everybody, outlet_scope, sessions_of
from setia.domains.staff.rules import Capability, Role
from setia.domains.teamwork.queries import open_task_count
from setia.foundation import clock


def _refusal(error: actions.UnableToChangeStaff) -> str:
    words = {
        "taken": _("There is an account with this e-mail already."),
        "last_owner": _("The shop needs at least one owner; make somebody else an owner first."),
        "owner_sees_all": _("An owner sees all outlets; untick them or choose another role."),
        "oneself": _("You cannot suspend your own account."),
    }
    return words[str(error)]


@staff_only(Capability.MANAGE_STAFF)
def staff_list(request: StaffRequest) -> HttpResponse:
    """Everybody with an account."""
    people = [(person, ROLE_NAMES[Role(person.role)]) for person in everybody()]
    return render(request, "console/staff.html", {"people": people})


@staff_only(Capability.MANAGE_STAFF, "GET", "POST")
@sudo
def add(request: StaffRequest) -> HttpResponse:
    """Open an account; its owner comes in by a one-time link and sets a password."""
    form = StaffForm(request.POST or None, outlets=outlets())
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            person = actions.add_staff(
                email=values["email"],
                name=values["name"],
                role=Role(values["role"]),
                outlet_ids=form.outlet_ids(),
                by=request.user.actor,
                at=clock.now(),
            )
        except actions.UnableToChangeStaff as error:
            form.add_error("email" if str(error) == "taken" else "role", _refusal(error))
        else:
            say_done(request, _("{name} has an account now.").format(name=person.name))
            return redirect("console:staff_edit", person.id)
    return render(request, "console/staff_form.html", {"form": form}, status=422 if form.is_bound else 200)


@staff_only(Capability.MANAGE_STAFF, "GET", "POST")
@sudo
def edit(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Change somebody's duties."""
    person = access_staff(request.user, staff_id)
    scope = outlet_scope(person) or ()
    initial = {"role": person.role, **{f"outlet_{outlet_id}": True for outlet_id in scope}}
    form = RoleForm(request.POST or None, initial=initial, outlets=outlets())
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_duties(
                person=person,
                role=Role(form.cleaned_data["role"]),
                outlet_ids=form.outlet_ids(),
                by=request.user.actor,
                at=clock.now(),
            )
        except actions.UnableToChangeStaff as error:
            form.add_error("role", _refusal(error))
        else:
            back = WayBack(request.path, as_it_was(form)) if form.has_changed() else None
            say_done(request, _("The changes were saved."), undo=back)
            return redirect("console:staff")
    context = {"form": form, "person": person, "sessions": sessions_of(request.user, person, at=clock.now())}
    return render(request, "console/staff_form.html", context, status=422 if form.is_bound else 200)


@staff_only(Capability.MANAGE_STAFF, "POST")
@sudo
def suspend(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Close an account; open sessions end at once."""
    person = access_staff(request.user, staff_id)
    try:
        actions.suspend(person=person, by=request.user.actor, at=clock.now())
    except actions.UnableToChangeStaff as error:
        messages.error(request, _refusal(error))
    else:
        back = WayBack(reverse("console:staff_reinstate", args=[person.id]), {})
        words = _("{name} can no longer sign in.").format(name=person.name)
        if count := open_task_count(person):
            left = ngettext("{count} open task is left behind.", "{count} open tasks are left behind.", count)
            say_done(request, f"{words} {left.format(count=count)}", undo=back)
            return redirect(f"{reverse('console:tasks_hand_over')}?leaver={person.id}")
        say_done(request, words, undo=back)
    return redirect("console:staff")


@staff_only(Capability.MANAGE_STAFF, "POST")
@sudo
def reinstate(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Open a closed account again."""
    person = access_staff(request.user, staff_id)
    actions.reinstate(person=person, by=request.user.actor, at=clock.now())
    back = WayBack(reverse("console:staff_suspend", args=[person.id]), {})
    say_done(request, _("{name} can sign in again.").format(name=person.name), undo=back)
    return redirect("console:staff")


@staff_only(Capability.MANAGE_STAFF, "POST")
@sudo
def make_link(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Show a fresh one-time link, once; whoever gave it out can send it as he likes."""
    person = access_staff(request.user, staff_id)
    if not person.is_active:
        return redirect("console:staff_edit", person.id)
    token = actions.make_login_link(person=person, by=request.user.actor, at=clock.now())
    link = request.build_absolute_uri(reverse("login_link", args=[token]))
    return render(request, "console/staff_link.html", {"person": person, "link": link})


@staff_only(Capability.MANAGE_STAFF, "POST")
def end_session(request: StaffRequest, staff_id: int, session_id: int) -> HttpResponse:
    """Sign somebody out on one device; no proof is asked for, since this takes away and gives nothing."""
    person = access_staff(request.user, staff_id)
    actions.end_session(person=person, session_id=session_id, by=request.user.actor, at=clock.now())
    say_done(request, _("The session was ended."))
    return redirect("console:staff_edit", person.id)
