"""Work that a person asks for twice by accident (a double tap, a page sent again) and that is done once.

The mark is written in the work's own transaction, so there is never one without the other.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError

from setia.foundation.db import write_tx

KEEP = timedelta(days=7)


def done_once(scope: str, token: str, *, at: datetime, work: Callable[[], int]) -> int:
    """Do some work in one transaction and return its id; with the same scope and token again, only the id.

    Two calls at the same moment: one does the work, the other waits for it and finds it done, or does it itself where
    the first failed. Errors of `work` come through and leave no mark.
    """
    from setia.foundation.once.models import DoneOnce

    key = hashlib.blake2b(f"{scope}\x1f{token}".encode(), digest_size=16).digest()

    def attempt() -> int:
        with write_tx():
            done = DoneOnce.objects.filter(key=key).first()
            if done is None:
                # The mark comes before the work: whoever is second waits at its unique key. Were it the other way
                # round, he would do the work beside the first and meet what that has just made: "number taken".
                done = DoneOnce.objects.create(key=key, result_id=0, done_at=at)
                done.result_id = work()
                done.save(update_fields=["result_id"])
            return done.result_id

    try:
        return attempt()
    except IntegrityError:
        return attempt()


def forget_done(result_id: int) -> None:
    """Forget what made a row that was taken back, so that the same page may make it anew."""
    from setia.foundation.once.models import DoneOnce

    DoneOnce.objects.filter(result_id=result_id).delete()


def purge_done(*, at: datetime) -> int:
    """Forget marks after a week and return how many; nobody sends a page again after that."""
    from setia.foundation.once.models import DoneOnce

    return DoneOnce.objects.filter(done_at__lt=at - KEEP).delete()[0]
