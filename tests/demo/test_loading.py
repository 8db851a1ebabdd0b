"""Kopi Senja in the database: by the same verbs, whole, and only in an empty shop."""

import pytest

from setia.demo.loading import TEAM, load_demo, owner_link
from setia.domains.commerce.actions import recount
from setia.domains.commerce.actions.days import day_errors
from setia.domains.commerce.models import Cart, CustomerCounters, Order, Return
from setia.domains.commerce.queries.figures import all_days
from setia.domains.customers.models import ConsentEvent, Customer, DuplicateSuggestion, IdentityQuestion
from setia.domains.shop.models import Outlet, Shop
from setia.domains.staff.actions import use_login_link
from setia.domains.staff.models import Staff
from setia.domains.teamwork.models import Mention, Task
from setia.domains.timeline.models import Interaction
from tests import cast

pytestmark = pytest.mark.django_db


def _load():
    return load_demo(customers=60, months=12, seed=3, at=cast.NOW, report=lambda text: None)


def test_the_demo_shop_is_whole():
    assert _load().startswith("60 customers")
    assert (Shop.objects.get().name, Outlet.objects.count(), Staff.objects.count()) == ("Kopi Senja", 5, len(TEAM))
    assert Customer.objects.count() == 60
    assert Order.objects.filter(customer=None).exists()
    assert Return.objects.exclude(order=None).exists()
    assert recount(customer_ids=list(Customer.objects.values_list("id", flat=True))) == 0


def test_some_come_once_and_some_belong_to_the_house():
    _load()
    counts = list(CustomerCounters.objects.values_list("order_count", flat=True))
    assert counts.count(1) > 15
    assert max(counts) > 10


def test_a_shop_with_sales_is_left_as_it_is():
    cast.buys(cast.member("dewi"), "A1")
    assert _load() == ""
    assert Customer.objects.count() == 1


def test_the_owner_comes_in_by_a_link_once():
    _load()
    token = owner_link(at=cast.NOW)
    assert use_login_link(token=token, at=cast.NOW).name == "Sari Wulandari"
    assert use_login_link(token=token, at=cast.NOW) is None


def test_somebody_is_at_work_on_its_orders():
    load_demo(customers=150, months=3, seed=3, at=cast.NOW, report=lambda text: None)
    statuses = set(Order.objects.values_list("status", flat=True))
    assert statuses >= {"open", "paid", "packed", "shipped", "delivered", "cancelled"}
    assert sorted(Cart.objects.values_list("state", flat=True)) == ["abandoned", "abandoned", "open", "ordered"]
    assert recount(customer_ids=list(Customer.objects.values_list("id", flat=True))) == 0
    assert day_errors(days=[day for days in all_days(size=31) for day in days]) == {}


def test_its_team_has_talked_asked_and_doubted():
    load_demo(customers=200, months=1, seed=3, at=cast.NOW, report=lambda text: None)
    assert (Interaction.objects.count(), Mention.objects.get().person.name) == (2, "Sari Wulandari")
    assert Task.objects.filter(assignee=None).count() == 1
    assert Task.objects.filter(due_date__lt=cast.NOW.date()).count() == 1
    assert ConsentEvent.objects.filter(wording__version=1).count() > 6  # some by hand, and many at the till
    assert (DuplicateSuggestion.objects.count(), IdentityQuestion.objects.count()) == (2, 1)
