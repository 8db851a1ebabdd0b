"""Segments of the story's shop, and a small world in which everything happens at random."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

from setia.domains.analytics.models import PersonScore
from setia.domains.commerce.actions import abandon_carts, move_order, record_returns, record_sales, save_cart
from setia.domains.commerce.actions.carts import CartLineDraft
from setia.domains.commerce.drafts import ReturnDraft, ReturnLineDraft, SaleDraft
from setia.domains.commerce.models import Order
from setia.domains.customers import actions as customers
from setia.domains.customers.actions import tagging
from setia.domains.customers.actions.merging import UnableToMerge, merge_customers, unmerge_customers
from setia.domains.customers.drafts import ConsentDraft
from setia.domains.customers.models import ConsentWording, Customer, Merge
from setia.domains.customers.rules import PersonClaim
from setia.domains.segments import actions
from setia.domains.segments.models import Segment, Standing
from setia.domains.segments.names import ShopNames
from setia.domains.segments.rules.text import parse
from setia.domains.shop.actions import save_outlet
from setia.foundation import clock
from setia.foundation.actors import SYSTEM
from setia.foundation.events.delivering import deliver_due
from setia.foundation.events.models import Delivery
from tests import cast


def live(name: str, text: str, *, at: datetime = cast.NOW) -> Segment:
    """Return a segment that is live and filled."""
    node = parse(text, ShopNames())
    segment = actions.make_segment(name=name, node=node, by=SYSTEM, at=at)
    segment = actions.go_live(segment=segment, by=SYSTEM, at=at)
    actions.fill(segment_id=segment.id, now=lambda: at)
    segment.refresh_from_db()
    return segment


def hear(at: datetime = cast.NOW) -> None:
    """Let everybody hear what he is owed, as the worker does at a moment."""
    with clock.frozen(at):
        while Delivery.objects.filter(due_at__lte=at).exists():
            assert deliver_due(at=at, limit=500)


def members(segment: Segment) -> set[int]:
    """Return who is in a segment."""
    rows = Standing.objects.filter(segment=segment, is_member=True, customer__canonical__isnull=True)
    return set(rows.values_list("customer_id", flat=True))


def state() -> dict[tuple[int, int], tuple[bool, datetime | None]]:
    """Return everybody's standing, without when and why it came to be."""
    rows = Standing.objects.filter(customer__canonical__isnull=True, segment__kind="dynamic")
    return {(row.segment_id, row.customer_id): (row.is_member, row.recheck_at) for row in rows}


class World:
    """A shop with few people in which one random thing happens after another."""

    def __init__(self, seed: int, people: int = 6) -> None:
        self.chance, self.at = random.Random(seed), cast.NOW
        self.number = 0
        for code in ("DGO", "BRG"):
            save_outlet(code=code, name=code, city="Bandung", zone_name="Asia/Jayapura" if code == "BRG" else
                        "Asia/Jakarta", opening_hours="", by=SYSTEM, at=self.at)  # fmt: skip
        for purpose in ("marketing", "profiling"):
            ConsentWording.objects.create(
                purpose=purpose, version=1, text_id="Boleh?", text_hash="x", actor_kind="system", actor_id=0,
                published_at=self.at - timedelta(days=900),
            )  # fmt: skip
        self.people = [self._person() for _ in range(people)]
        tagging.ensure_tags(names=["VIP", "Ojol"], at=self.at)
        cast.product()
        cast.product("Teh Tarik")

    def _person(self) -> Customer:
        self.number += 1
        claim = PersonClaim(name=f"Orang {self.number}", phone=f"0812-{self.number:04}-7777")
        return customers.add_customer(claim=claim, door="form", by=SYSTEM, at=self.at)

    def anybody(self) -> Customer:
        """Return somebody as he is now."""
        return Customer.objects.get(id=self.chance.choice(self.people).id)

    def happens(self) -> None:
        """Let one thing happen."""
        things: list[Callable[[], object]] = [
            *[self.buys] * 4, self.returns, self.cancels, self.tag, self.untag, self.consents, self.born, self.moves,
            self.merges, self.unmerges, self.cart, self.joins, self.family, self.assigned,
        ]  # fmt: skip
        self.chance.choice(things)()

    def buys(self) -> None:
        """Somebody buys: now, long ago (a late file), or tomorrow (a wrong clock)."""
        self.number += 1
        days = self.chance.choice([0, 0, 0, 1, 5, 29, 30, 31, 89, 400, -1, -2])
        lines = [cast.line(self.chance.choice(["Kopi Susu Senja", "Teh Tarik"]), quantity=self.chance.randint(1, 3))]
        outlet = self.chance.choice([None, *_outlets()])
        draft = SaleDraft(
            source=f"w|{self.number}", number=str(self.number), customer_id=self.anybody().id,
            placed_at=self.at - timedelta(days=days, hours=self.chance.randint(0, 23)), lines=tuple(lines),
            outlet_id=outlet, channel=self.chance.choice(["", "online"]),
        )  # fmt: skip
        for _ in range(self.chance.randint(1, 2)):
            record_sales(drafts=[draft], by=SYSTEM, at=self.at)

    def returns(self) -> None:
        """Goods come back."""
        self.number += 1
        line = ReturnLineDraft(product_id=cast.product(), quantity_milli=1000, total=22_000)
        draft = ReturnDraft(source=f"r|{self.number}", number="", customer_id=self.anybody().id,
                            returned_at=self.at - timedelta(days=self.chance.randint(0, 3)), lines=(line,))  # fmt: skip
        record_returns(drafts=[draft], by=SYSTEM, at=self.at)

    def cancels(self) -> None:
        """An order is cancelled."""
        order = Order.objects.exclude(status="cancelled").order_by("?").first()
        if order is not None:
            try:
                move_order(order_id=order.id, from_status=order.status, to_status="cancelled", by=SYSTEM, at=self.at)
            except Exception as error:
                assert type(error).__name__ == "UnableToMove"  # noqa: PT017 (some steps are not allowed)

    def tag(self) -> None:
        """Somebody gets a tag."""
        tagging.add_tags(
            customer_ids=[self.anybody().id], names=[self.chance.choice(["VIP", "Ojol"])], by=SYSTEM, at=self.at
        )

    def untag(self) -> None:
        """Somebody loses a tag."""
        tagging.remove_tags(customer_ids=[self.anybody().id], names=["VIP"], by=SYSTEM, at=self.at)

    def consents(self) -> None:
        """Somebody says yes or no."""
        self.number += 1
        purpose, channel = self.chance.choice([("marketing", "email"), ("profiling", "any")])
        draft = ConsentDraft(
            customer_id=self.anybody().id, purpose=purpose, channel=channel, is_granted=self.chance.random() < 0.6,
            given_at=self.at - timedelta(hours=self.chance.randint(0, 3)), source=f"c|{self.number}", evidence="ya",
            is_guardian=True,
        )  # fmt: skip
        customers.record_consents(answers=[draft], door="form", by=SYSTEM, at=self.at)

    def born(self) -> None:
        """A birthday is learnt, or corrected."""
        day = self.chance.choice([None, date(2008, 11, 25), date(2004, 2, 29), date(1990, 11, 30), date(1990, 12, 9)])
        customers.change_customer(customer=self.anybody(), changes={"birth_date": day}, by=SYSTEM, at=self.at)

    def moves(self) -> None:
        """Somebody moves to another city."""
        city = self.chance.choice(["Bandung", "bandung", "Cimahi", ""])
        customers.change_customer(customer=self.anybody(), changes={"city": city}, by=SYSTEM, at=self.at)

    def family(self) -> None:
        """A child's birthday is noted."""
        customers.add_family_date(
            customer=self.anybody(), relation="child", name="", day=date(2015, 12, 1), by=SYSTEM, at=self.at
        )

    def assigned(self) -> None:
        """Somebody of the team looks after him."""
        tagging.give_owners(owners={self.anybody().id: cast.staff("budi").id}, by=SYSTEM, at=self.at)

    def merges(self) -> None:
        """Two turn out to be one."""
        try:
            merge_customers(winner=self.anybody(), loser=self.anybody(), by=SYSTEM, at=self.at)
        except UnableToMerge:
            return

    def unmerges(self) -> None:
        """And then they do not."""
        merge = Merge.objects.filter(undone_at__isnull=True).order_by("-id").first()
        if merge is not None:
            unmerge_customers(merge=merge, by=SYSTEM, at=self.at)

    def cart(self) -> None:
        """A cart is filled, and left alone."""
        line = CartLineDraft(product_id=cast.product(), quantity_milli=1000, unit_price=self.chance.randint(1, 9))
        person = self.anybody()
        save_cart(source=f"web|{person.id}", customer_id=person.id, lines=[line], by=SYSTEM, at=self.at)
        if self.chance.random() < 0.7:
            self.at += timedelta(hours=2)
            abandon_carts(by=SYSTEM, at=self.at)

    def joins(self) -> None:
        """Somebody new."""
        self.people.append(self._person())

    def scored(self) -> None:
        """An analysis is over."""
        for person in Customer.objects.filter(canonical__isnull=True):
            values = {"recency_days": 1, "recency": self.chance.randint(1, 5), "frequency": 3, "money": 3,
                      "segment": self.chance.choice(["loyal", "lost"]), "level": 4,
                      "chance_silent": self.chance.choice([None, 300, 800])}  # fmt: skip
            PersonScore.objects.update_or_create(customer=person, defaults=values)
        actions.fill_all(now=lambda: self.at, topics=["scores"])

    def later(self) -> None:
        """Time passes, up to some weeks, over midnights at which people come and go."""
        hours = self.chance.choice([1, 5, 24, 24, 48, 24 * 7, 24 * 31])
        self.at += timedelta(hours=hours)


def _outlets() -> list[int]:
    from setia.domains.shop.models import Outlet

    return list(Outlet.objects.order_by("id").values_list("id", flat=True))
