"""The outbox of letters to the team: what was sent, what waits, what failed; and those kept because nothing is sent."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from setia.console.doors import StaffRequest, staff_only
from setia.console.report_letters import write_test_letter
from setia.domains.mail import actions, queries
from setia.domains.mail.models import Attachment, Letter
from setia.domains.staff.rules import Capability
from setia.foundation import clock

PAGE_SIZE = 50


@staff_only(Capability.MANAGE_SHOP)
def letter_list(request: StaffRequest) -> HttpResponse:
    """All letters, the last written first."""
    page = queries.letter_page(cursor=request.GET.get("cursor", ""), size=PAGE_SIZE)
    context = {
        "page": page,
        "rows": page.rows,
        "counts": queries.letter_counts(),
        "has_server": bool(settings.MAIL_URL),
    }
    return render(request, "console/letters.html", context)


@staff_only(Capability.MANAGE_SHOP)
def letter(request: StaffRequest, letter_id: int) -> HttpResponse:
    """One letter as its reader has it."""
    found = get_object_or_404(Letter.objects.select_related("staff"), id=letter_id)
    files = list(Attachment.objects.filter(letter=found).defer("content"))
    return render(request, "console/letter.html", {"letter": found, "files": files})


@staff_only(Capability.MANAGE_SHOP)
def attachment(request: StaffRequest, letter_id: int, attachment_id: int) -> HttpResponse:
    """A file of a letter, always as a download: nothing of it is shown inside Setia."""
    found = get_object_or_404(Attachment, id=attachment_id, letter_id=letter_id)
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return response


@staff_only(Capability.MANAGE_SHOP, "POST")
def try_again(request: StaffRequest, letter_id: int) -> HttpResponse:
    """Send a letter that failed or was kept once more."""
    found = get_object_or_404(Letter, id=letter_id)
    if actions.try_again(letter=found, at=clock.now()):
        messages.success(request, _("The letter is sent within a minute."))
    else:
        messages.info(request, _("The letter was sent already, or is on its way."))
    return redirect("console:letters")


@staff_only(Capability.MANAGE_SHOP, "POST")
def write_test(request: StaffRequest) -> HttpResponse:
    """A short letter to oneself, to see whether mail arrives."""
    write_test_letter(request.user, at=clock.now())
    messages.success(request, _("A test letter to %(address)s was written.") % {"address": request.user.email})
    return redirect("console:letters")
