"""Putting Kopi Senja into the database by the same verbs that imports use."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

from setia.demo.generator import DemoOrder, DemoReturn, Person, outlets, people, products, walk_in_count, walk_ins
from setia.demo.money_work import begin_money_work
from setia.demo.order_work import begin_work
from setia.demo.segments import make_segments
from setia.demo.team_work import begin_team_work
from setia.domains.commerce.actions import ProductClaim, ensure_products, record_returns, record_sales
from setia.domains.commerce.drafts import LineDraft, ReturnDraft, ReturnLineDraft, SaleDraft
from setia.domains.commerce.queries import shop_has_sales
from setia.domains.customers.actions import resolve_people
from setia.domains.customers.rules import PersonClaim
from setia.domains.shop.actions import change_shop, save_outlet
from setia.domains.shop.queries import outlets_by_code
from setia.domains.shop.rules import parse_hours
from setia.domains.staff.actions import add_staff, make_login_link
from setia.domains.staff.models import Staff
from setia.domains.staff.rules import Role
from setia.foundation.actors import SYSTEM
from setia.foundation.db import write_tx

_STEP_PEOPLE = 250
_STEP_ORDERS = 500
# A smaller shop is for measuring; there every row is one that was asked for.
_TEAM_WORK_FROM = 200
OWNER_EMAIL = "sari@kopisenja.example"
TEAM = (
    ("Sari Wulandari", OWNER_EMAIL, Role.OWNER),
    ("Rina Kusuma", "rina@kopisenja.example", Role.MANAGER),
    ("Maya Anggraini", "maya@kopisenja.example", Role.MARKETER),
    ("Tono Hidayat", "tono@kopisenja.example", Role.AGENT),
    ("Budi Santoso", "budi@kopisenja.example", Role.CASHIER),
    ("Nadia Putri", "nadia@kopisenja.example", Role.ANALYST),
)


class _Loader:
    """Turns what the generator makes into drafts, with the ids of this database."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        claims = [
            ProductClaim(name=product.name, sku=product.sku, category=product.category, price=product.price)
            for product in products()
        ]
        ids = ensure_products(claims=claims, at=at)
        self._products = [ids[claim.key] for claim in claims]
        places = outlets_by_code()
        self._outlets = [places[outlet.code.casefold()].id for outlet in outlets()]

    def sale(self, order: DemoOrder, customer_id: int | None) -> SaleDraft:
        """Return an order as a draft."""
        lines = tuple(
            LineDraft(
                product_id=self._products[line.product],
                quantity_milli=line.quantity * 1000,
                unit_price=line.unit_price,
                gross=line.quantity * line.unit_price,
                discount=line.discount,
            )
            for line in order.lines
        )
        return SaleDraft(
            source=f"demo|{order.number}",
            number=order.number,
            customer_id=customer_id,
            placed_at=order.placed_at,
            lines=lines,
            outlet_id=self._outlets[order.outlet],
            channel=order.channel,
            tender=order.tender,
        )

    def comeback(self, row: DemoReturn, customer_id: int | None) -> ReturnDraft:
        """Return goods that came back as a draft."""
        line = ReturnLineDraft(
            product_id=self._products[row.product], quantity_milli=row.quantity * 1000, total=row.amount
        )
        return ReturnDraft(
            source=f"demo|{row.number}",
            number=row.number,
            customer_id=customer_id,
            returned_at=row.returned_at,
            lines=(line,),
            reason=row.reason,
            order_source=f"demo|{row.order_number}",
        )

    def write_people(self, group: list[Person]) -> int:
        """Write some people with all their orders and returns, and return how many orders."""
        claims = [
            PersonClaim(
                phone=person.customer.phone or "",
                email=person.customer.email or "",
                name=person.customer.name,
                city=person.customer.city,
                birth_date=person.customer.birth_date,
            )
            for person in group
        ]
        with write_tx():
            ids = resolve_people(
                claims=claims,
                door="demo",
                by=SYSTEM,
                at=self._at,
                joined_at=[person.customer.joined_at for person in group],
            )
            pairs = list(zip(group, ids, strict=True))
            sales = [self.sale(order, who) for person, who in pairs for order in person.orders]
            back = [self.comeback(row, who) for person, who in pairs for row in person.returns]
            record_sales(drafts=sales, by=SYSTEM, at=self._at)
            record_returns(drafts=back, by=SYSTEM, at=self._at)
        return len(sales)


def _chunks(rows: Iterable[Person], size: int) -> Iterator[list[Person]]:
    source = iter(rows)
    while chunk := list(islice(source, size)):
        yield chunk


def load_demo(
    *,
    customers: int,
    months: int,
    seed: int,
    at: datetime,
    report: Callable[[str], None],
    lines_per_customer: float | None = None,
) -> str:
    """Make Kopi Senja in an empty shop and return what was made; a shop with sales is left as it is ("")."""
    if shop_has_sales():
        return ""
    report("Making the demo shop Kopi Senja …")
    _set_up_shop(at)
    loader = _Loader(at)
    orders = done = 0
    told = 0
    made = people(customers=customers, months=months, seed=seed, until=at, lines_per_customer=lines_per_customer)
    for group in _chunks(made, _STEP_PEOPLE):
        orders += loader.write_people(group)
        done += len(group)
        if done - told >= 20_000:
            told = done
            report(f"  {done:,} of {customers:,} customers")
    count = walk_in_count(
        customers=customers, months=months, seed=seed, until=at, lines_per_customer=lines_per_customer
    )
    strangers = iter(walk_ins(count=count, months=months, seed=seed, until=at))
    while step := list(islice(strangers, _STEP_ORDERS)):
        record_sales(drafts=[loader.sale(order, None) for order in step], by=SYSTEM, at=at)
        orders += len(step)
    begin_work(at=at)
    if customers >= _TEAM_WORK_FROM:
        begin_team_work(at=at)
        begin_money_work(at=at)
        make_segments(at=at)
    return f"{customers:,} customers, {orders:,} orders"


_HOURS = "Senin-Jumat 07.00-22.00\nSabtu-Minggu 07.00-23.00"


def _set_up_shop(at: datetime) -> None:
    change_shop(changes={"name": "Kopi Senja"}, by=SYSTEM, at=at)
    standing = outlets_by_code()
    for outlet in outlets():
        if outlet.code.casefold() not in standing:
            save_outlet(
                code=outlet.code,
                name=outlet.name,
                city=outlet.city,
                zone_name=outlet.zone,
                opening_hours="",
                hours=parse_hours("" if outlet.code == "ON" else _HOURS),
                by=SYSTEM,
                at=at,
            )
    for name, email, role in TEAM:
        if not Staff.objects.filter(email=email).exists():
            add_staff(email=email, name=name, role=role, by=SYSTEM, at=at, is_demo=True)


def owner_link(*, at: datetime) -> str:
    """Return a fresh one-time token that signs Sari, the owner of Kopi Senja, in."""
    return make_login_link(person=Staff.objects.get(email=OWNER_EMAIL), by=SYSTEM, at=at)
