"""Background entry points of guidance."""

from django.utils import translation
from django.utils.translation import gettext
from django_tasks import task

from setia.domains.guidance import actions
from setia.domains.shop.queries import the_shop
from setia.foundation import clock
from setia.foundation.clock import shop_day


@task
def note_and_remind() -> str:
    """Note where live key results stand today, and remind owners whose check-in fell due."""
    shop, at = the_shop(), clock.now()
    today = shop_day(at, zone=shop.zone, cutoff_hour=shop.cutoff_hour)
    noted = actions.note_progress(today=today)
    with translation.override(shop.default_language):
        made = actions.remind(today=today, at=at, title=gettext("Check in on the goal: %(goal)s"))
    return f"{noted} noted, {made} reminded"
