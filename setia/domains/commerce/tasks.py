"""Background entry points of commerce."""

from django_tasks import task

from setia.domains.commerce import actions
from setia.foundation import clock
from setia.foundation.actors import SYSTEM


@task
def abandon_carts() -> int:
    """Note which carts were left alone."""
    return actions.abandon_carts(by=SYSTEM, at=clock.now())
