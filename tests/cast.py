"""The people of every test. Shop Kopi Senja: Sari owns it, Rina manages, Maya does marketing, Tono answers people,
Budi is cashier, Nadia counts. Members: Dewi (gold), Eko (lapsed), Fitri (no consent), Gilang (new)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from setia.domains.commerce.actions import HandLine, ProductClaim, ensure_products, record_sales
from setia.domains.commerce.drafts import LineDraft, SaleDraft
from setia.domains.customers.actions import IdentityTaken, add_customer
from setia.domains.customers.models import Customer
from setia.domains.customers.rules import PersonClaim
from setia.domains.staff.actions import add_staff
from setia.domains.staff.models import Staff
from setia.domains.staff.rules import Role
from setia.foundation.actors import SYSTEM

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # ten in the morning in Bandung

STAFF = {
    "sari": ("Sari Wulandari", Role.OWNER),
    "rina": ("Rina Kusuma", Role.MANAGER),
    "maya": ("Maya Anggraini", Role.MARKETER),
    "tono": ("Tono Hidayat", Role.AGENT),
    "budi": ("Budi Santoso", Role.CASHIER),
    "nadia": ("Nadia Putri", Role.ANALYST),
}
MEMBERS = {
    "dewi": PersonClaim(phone="0812-3456-7890", email="dewi@contoh.id", name="Dewi Lestari", city="Bandung"),
    "eko": PersonClaim(phone="0813 1111 2222", name="Eko Prasetyo", city="Cimahi"),
    "fitri": PersonClaim(phone="+62 857 3333 4444", name="Fitri Handayani", city="Bandung"),
    "gilang": PersonClaim(email="gilang@contoh.id", name="Gilang Ramadhan"),
}


def staff(name: str) -> Staff:
    """Return somebody of the team, hired when first asked for."""
    full_name, role = STAFF[name]
    email = f"{name}@kopisenja.example"
    standing = Staff.objects.filter(email=email).first()
    return standing or add_staff(email=email, name=full_name, role=role, by=SYSTEM, at=NOW, password="kopi-senja-enak")


def member(name: str) -> Customer:
    """Return a member, added to the shop when first asked for."""
    try:
        return add_customer(claim=MEMBERS[name], door="form", by=SYSTEM, at=NOW)
    except IdentityTaken as standing:
        return Customer.objects.get(id=standing.owner_id)


def product(name: str = "Kopi Susu Senja", price: int = 22_000) -> int:
    """Return the id of a product."""
    claim = ProductClaim(name=name, price=price, category="Kopi")
    return ensure_products(claims=[claim], at=NOW)[claim.key]


def line(name: str = "Kopi Susu Senja", *, quantity: int = 1, price: int = 22_000, discount: int = 0) -> LineDraft:
    """Return a line to sell."""
    return LineDraft(
        product_id=product(name, price),
        quantity_milli=quantity * 1000,
        unit_price=price,
        gross=quantity * price,
        discount=discount,
    )


def sale(number: str, customer: Customer | None, *lines: LineDraft, at: datetime = NOW, days_ago: int = 0) -> SaleDraft:
    """Return an order to write."""
    return SaleDraft(
        source=f"invoice||{number}",
        number=number,
        customer_id=customer.id if customer else None,
        placed_at=at - timedelta(days=days_ago),
        lines=lines or (line(),),
    )


def buys(customer: Customer | None, number: str, *lines: LineDraft, days_ago: int = 0) -> int:
    """Let somebody buy and return the id of the order."""
    return record_sales(drafts=[sale(number, customer, *lines, days_ago=days_ago)], by=SYSTEM, at=NOW).order_ids[0]


def hand_line(name: str = "Kopi Susu Senja", *, quantity: int = 1, price: int = 22_000) -> HandLine:
    """Return a line as somebody types it."""
    return HandLine(product=name, quantity=Decimal(quantity), unit_price=Decimal(price))


def database_now() -> datetime:
    """Return the time by the database's own clock."""
    from django.db import connection

    sql = (
        "SELECT clock_timestamp()"
        if connection.vendor == "postgresql"
        else "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        value = cursor.fetchone()[0]
    return value if isinstance(value, datetime) else datetime.fromisoformat(value).replace(tzinfo=UTC)
