"""Background entry points of mail."""

from django_tasks import task

from setia.domains.mail import actions
from setia.foundation import clock


@task
def forget_old() -> int:
    """Forget letters of long ago."""
    return actions.forget_old(at=clock.now())
