"""Sending what is due, in the worker."""

import logging

from django.conf import settings
from django_tasks import task

from setia.domains.mail import actions
from setia.domains.mail.models import Letter
from setia.foundation import clock
from setia.foundation.jobs.worker import stop_wanted
from setia.integrations.mail.sender import BadMailAddress, MailServer, NotSent, mail_server, send

_log = logging.getLogger("setia.mail")


@task
def send_letters() -> int:
    """Send the letters that are due and return how many were; whatever fails is tried again later."""
    try:
        server = mail_server(settings.MAIL_URL)
    except BadMailAddress as error:
        # Letters wait, and are sent when the address was put right.
        _log.error("%s", error)
        return 0
    count = 0
    # One at a time: a slow server must not let the lease of a letter run out before it is its turn.
    while not stop_wanted() and (taken := actions.take_due(at=clock.now(), limit=1)):
        count += _deliver(taken[0], server)
    return count


def _deliver(letter: Letter, server: MailServer | None) -> int:
    if server is None:
        actions.say_captured(letter=letter, at=clock.now())
        return 0
    try:
        send(letter, server)
    except NotSent as error:
        actions.say_failed(letter=letter, problem=error.problem, for_good=error.for_good, at=clock.now())
        return 0
    actions.say_sent(letter=letter, at=clock.now())
    return 1
