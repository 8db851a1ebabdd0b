"""Who is who: people who stand twice, merging and parting them, numbers with two names, values that are nobody's."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from setia.console.customer_forms import GENDERS, IDENTITY_NAMES, BlockForm
from setia.console.doors import StaffRequest, staff_only
from setia.console.people import contact_of, display_name, shown_identity, shown_people
from setia.console.toasts import WayBack, say_done
from setia.domains.commerce import queries as commerce
from setia.domains.customers import actions, queries
from setia.domains.customers.models import (
    BlockedIdentity,
    Customer,
    DuplicateSuggestion,
    IdentityAnswer,
    IdentityQuestion,
    Merge,
)
from setia.domains.customers.rules import IdentityKind
from setia.domains.customers.tasks import find_duplicates
from setia.domains.staff.queries import may
from setia.domains.staff.rules import Capability
from setia.foundation import clock
from setia.foundation.events.recording import log_access
from setia.foundation.jobs.backend import put
from setia.foundation.jobs.models import Job

PAGE_SIZE = 20


def reason_texts(codes: list[str]) -> list[str]:
    """Return what speaks for two rows being one person, in words."""
    words = {
        "same_name": _("same name"),
        "similar_name": _("similar name"),
        "same_birthday": _("same birthday"),
        "similar_birthday": _("nearly the same birthday"),
        "phone_one_digit_off": _("phone differs by one digit"),
        "same_phone_ending": _("phone ends alike"),
        "same_mailbox": _("same mailbox"),
        "email_one_letter_off": _("e-mail differs by one letter"),
        "same_city": _("same city"),
        "same_number": _("same number"),
    }
    return [words.get(code, code) for code in codes]


@staff_only(Capability.VIEW_CUSTOMERS)
def duplicate_list(request: StaffRequest) -> HttpResponse:
    """People who may stand twice, likeliest first."""
    page = queries.open_duplicates(cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    people = _people(request, [row for pair in page.rows for row in (pair.left, pair.right)])
    pairs = [
        {"pair": row, "reasons": reason_texts(row.reasons), "sides": [people[row.left_id], people[row.right_id]]}
        for row in page.rows
    ]
    searching = Job.objects.filter(unique_key="find_duplicates", state__in=["ready", "running"]).exists()
    context = {"pairs": pairs, "page": page, "searching": searching, "waiting": queries.waiting_decisions()}
    return render(request, "console/duplicates.html", context)


def _people(request: StaffRequest, customers: list[Customer]) -> dict[int, Any]:
    """Return customers as they are shown in lists, by id."""
    rows = commerce.counters_of_people([customer.id for customer in customers])
    return {person.id: person for person in shown_people(request.user, rows, page="duplicates")}


@staff_only(Capability.MERGE_CUSTOMERS, "POST")
def search_duplicates(request: StaffRequest) -> HttpResponse:
    """Look for people who stand twice, in the background."""
    put(find_duplicates, unique_key="find_duplicates")
    messages.success(request, _("Setia is looking. New pairs appear here in a moment."))
    return redirect("console:duplicates")


@staff_only(Capability.MERGE_CUSTOMERS, "POST")
def dismiss_duplicate(request: StaffRequest, pair_id: int) -> HttpResponse:
    """Say that two people are not one."""
    pair = DuplicateSuggestion.objects.get(id=pair_id)
    actions.dismiss_duplicate(suggestion=pair, by=request.user.actor, at=clock.now())
    back = WayBack(reverse("console:duplicate_reopen", args=[pair.id]), {})
    say_done(request, _("They stay two people."), undo=back)
    return redirect("console:duplicates")


@staff_only(Capability.MERGE_CUSTOMERS, "POST")
def reopen_duplicate(request: StaffRequest, pair_id: int) -> HttpResponse:
    """Take a dismissal back."""
    actions.reopen_duplicate(suggestion=DuplicateSuggestion.objects.get(id=pair_id))
    return redirect("console:duplicates")


@staff_only(Capability.MERGE_CUSTOMERS)
def merge_choice(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Find the other row of one person."""
    customer = queries.access_customer(request.user, customer_id)
    text = request.GET.get("q", "").strip()[:100]
    rows = commerce.search_customers(text, limit=20) if text else []
    others = [row for row in rows if row.customer_id != customer.id]
    context = {
        "customer": customer,
        "name": display_name(customer),
        "text": text,
        "people": shown_people(request.user, others, page="merge_choice"),
    }
    return render(request, "console/merge_choice.html", context)


@staff_only(Capability.MERGE_CUSTOMERS, "GET", "POST")
def merge(request: StaffRequest, customer_id: int, other_id: int) -> HttpResponse:
    """Two rows side by side, and the button that makes them one."""
    winner = queries.access_customer(request.user, customer_id)
    loser = queries.access_customer(request.user, other_id)
    if winner.id == loser.id:
        messages.success(request, _("They are one person already."))
        return redirect("console:customer", winner.id)
    if request.method == "POST":
        keep = [name for name in request.POST.getlist("keep") if name in actions.MERGED_FIELDS]
        try:
            done = actions.merge_customers(
                winner=winner, loser=loser, by=request.user.actor, at=clock.now(), keep_from_loser=keep
            )
        except actions.UnableToMerge as error:
            messages.error(request, merge_refusal(str(error)))
            return redirect("console:customer", winner.id)
        back = WayBack(reverse("console:unmerge", args=[done.id]), {})
        say_done(request, _("{name} is one person now.").format(name=display_name(winner)), undo=back)
        return redirect("console:customer", winner.id)
    return render(request, "console/merge.html", _comparison(request, winner, loser))


def merge_refusal(code: str) -> str:
    """Return why two rows cannot be merged or parted, and what to do."""
    words = {
        "already_merged": _("One of them was merged meanwhile. Open the person and look again."),
        "newer_merge": _("This person was merged again since. Take the later merge back first."),
    }
    return words.get(code, _("They are one person already."))


def _comparison(request: StaffRequest, winner: Customer, loser: Customer) -> dict[str, Any]:
    sees_all = may(request.user, Capability.VIEW_PERSONAL_DATA)
    labels = {
        "name": _("Name"),
        "birth_date": _("Birthday"),
        "address": _("Address"),
        "city": _("City"),
        "gender": _("Gender"),
        "acquisition_source": _("How did they find the shop?"),
    }
    fields = []
    for name, label in labels.items():
        mine, other = getattr(winner, name), getattr(loser, name)
        if name == "gender":
            mine, other = (dict(GENDERS)[code] if code else "" for code in (mine, other))
        if name == "birth_date":
            mine, other = (date_format(day, "j M Y") if day else "" for day in (mine, other))
        hidden = name in ("birth_date", "address") and not sees_all
        fields.append(
            {
                "name": name,
                "label": label,
                "mine": "•••" if hidden and mine else mine,
                "other": "•••" if hidden and other else other,
                "differs": bool(mine and other and mine != other),
            }
        )
    sides = []
    for customer in (winner, loser):
        ids = queries.alias_ids(customer.id)
        sides.append(
            {
                "customer": customer,
                "name": display_name(customer),
                "contact": contact_of(request.user, customer, ids, page="merge"),
                "counters": commerce.counters_of(customer.id),
                "tags": queries.tags_of(ids),
            }
        )
    pair = next((row for row in queries.duplicates_of(winner.id) if loser.id in (row.left_id, row.right_id)), None)
    return {
        "winner": winner,
        "loser": loser,
        "fields": fields,
        "sides": sides,
        "reasons": reason_texts(pair.reasons) if pair else [],
        "score": pair.score if pair else None,
    }


@staff_only(Capability.MERGE_CUSTOMERS, "POST")
def unmerge(request: StaffRequest, merge_id: int) -> HttpResponse:
    """Take a merge back."""
    done = Merge.objects.get(id=merge_id)
    try:
        actions.unmerge_customers(merge=done, by=request.user.actor, at=clock.now())
    except actions.UnableToMerge as error:
        messages.error(request, merge_refusal(str(error)))
    else:
        back = WayBack(reverse("console:merge", args=[done.winner_id, done.loser_id]), {})
        say_done(request, _("They are two people again."), undo=back)
    return redirect("console:customer", done.winner_id)


@staff_only(Capability.VIEW_CUSTOMERS)
def question_list(request: StaffRequest) -> HttpResponse:
    """Numbers that came with two names."""
    page = queries.open_questions(cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    people = _people(request, [row for question in page.rows for row in (question.holder, question.newcomer)])
    if page.rows and may(request.user, Capability.VIEW_PERSONAL_DATA):
        log_access(by=request.user.actor, at=clock.now(), page="questions", customer_id=None, row_count=len(page.rows))
    questions = [
        {
            "question": row,
            "kind": IDENTITY_NAMES[IdentityKind(row.kind)],
            "value": shown_identity(request.user, IdentityKind(row.kind), row.value),
            "sides": [people[row.holder_id], people[row.newcomer_id]],
        }
        for row in page.rows
    ]
    context = {"questions": questions, "page": page, "waiting": queries.waiting_decisions()}
    return render(request, "console/questions.html", context)


@staff_only(Capability.MERGE_CUSTOMERS, "POST")
def answer_question(request: StaffRequest, question_id: int) -> HttpResponse:
    """Decide whose a number is."""
    question = IdentityQuestion.objects.get(id=question_id)
    answer, by, at = request.POST.get("answer", ""), request.user.actor, clock.now()
    try:
        if answer == "blocked":
            actions.block_question(question=question, reason=_("given with many names"), by=by, at=at)
        elif answer in (IdentityAnswer.SAME, IdentityAnswer.MOVED, IdentityAnswer.SHARED):
            actions.answer_question(question=question, answer=IdentityAnswer(answer), by=by, at=at)
        else:
            messages.error(request, _("Choose one of the answers."))
            return redirect("console:questions")
    except actions.UnableToAnswer as error:
        text = _("Somebody has decided this already.") if str(error) == "answered" else merge_refusal(str(error))
        messages.error(request, text)
        return redirect("console:questions")
    undo = _way_back_of(question) if answer == IdentityAnswer.SAME else None
    say_done(request, _("Decided. Setia will remember it."), undo=undo)
    return redirect("console:questions")


def _way_back_of(question: IdentityQuestion) -> WayBack | None:
    loser = Customer.objects.get(id=question.newcomer_id)
    done = queries.merges_of([loser.canonical_id or loser.id])
    standing = next((row for row in done if row.loser_id == loser.id), None)
    return WayBack(reverse("console:unmerge", args=[standing.id]), {}) if standing else None


@staff_only(Capability.MERGE_CUSTOMERS, "GET", "POST")
def blocked(request: StaffRequest) -> HttpResponse:
    """Values that identify nobody, and a form to add one."""
    form = BlockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        row = actions.block_identity(
            kind=IdentityKind(values["kind"]),
            value=values["value"],
            reason=values["reason"],
            by=request.user.actor,
            at=clock.now(),
        )
        back = WayBack(reverse("console:unblock", args=[row.id]), {})
        say_done(request, _("It identifies nobody from now on."), undo=back)
        return redirect("console:blocked")
    rows = [
        {
            "id": row.id,
            "kind": IDENTITY_NAMES[IdentityKind(row.kind)],
            "value": shown_identity(request.user, IdentityKind(row.kind), row.value),
            "reason": row.reason,
            "at": row.created_at,
        }
        for row in queries.blocked_identities()
    ]
    context = {"rows": rows, "form": form, "waiting": queries.waiting_decisions()}
    return render(request, "console/blocked.html", context, status=422 if form.is_bound else 200)


@staff_only(Capability.MERGE_CUSTOMERS, "POST")
def unblock(request: StaffRequest, blocked_id: int) -> HttpResponse:
    """Let a value identify people again."""
    row = BlockedIdentity.objects.get(id=blocked_id)
    fields = {"kind": row.kind, "value": row.value, "reason": row.reason}
    actions.unblock_identity(blocked=row, by=request.user.actor, at=clock.now())
    say_done(request, _("It may identify people again."), undo=WayBack(reverse("console:blocked"), fields))
    return redirect("console:blocked")
