"""The shop that the table of verdicts is tried on, and the browsers of its people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from setia.domains.advice.actions import dismiss
from setia.domains.apikeys.actions import make_key
from setia.domains.apikeys.rules import Scope
from setia.domains.commerce.actions import CartLineDraft, Money, save_cart, take_back, take_payment
from setia.domains.commerce.models import OrderLine, Refund
from setia.domains.customers import actions as customers
from setia.domains.customers.models import Customer, DuplicateSuggestion, IdentityQuestion
from setia.domains.customers.rules import FieldKind, IdentityKind, PersonClaim
from setia.domains.exports.actions import request_export
from setia.domains.exports.rules import Filters
from setia.domains.imports import files
from setia.domains.imports.models import Import, NamedMapping, WatchFolder
from setia.domains.lists.actions import run_act, save_view, start_act
from setia.domains.lists.models import BulkKind
from setia.domains.lists.selections import Selection
from setia.domains.segments.actions import make_segment
from setia.domains.segments.previewing import ask
from setia.domains.segments.rules.tree import Condition
from setia.domains.shop.actions import save_outlet
from setia.domains.staff.actions import add_staff, make_login_link
from setia.domains.staff.models import Staff
from setia.domains.staff.rules import Role
from setia.domains.teamwork.actions import log_contact, make_task
from setia.domains.timeline.actions import write_note
from setia.foundation.actors import SYSTEM
from setia.foundation.db.stamps import StampField
from tests import cast
from tests.conftest import prove
from tests.console import scenes_goals, scenes_reports
from tests.console.verdict_table import NAMES, PEOPLE, REFUSALS, VERDICTS

# Written by nobody's will: sessions, who looked where, attempts counted.
# Whatever else a statement begins with may change a row.
_READING = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "EXPLAIN", "SET TRANSACTION")
_NOT_COMPARED = {"django_session", "foundation_accesslog", "foundation_bucket", "usersessions_usersession"}

__all__ = ["NAMES", "PEOPLE", "REFUSALS", "VERDICTS"]


class Browser(Client):
    """A browser: it sends a form the way browsers do, which the test client's multipart is not."""

    def post(self, path: str, data: Any = None, content_type: str = "", **extra: Any) -> Any:
        form = "application/x-www-form-urlencoded"
        body = data if content_type else urlencode(data or {}, doseq=True)
        return super().post(path, body, content_type or form, **extra)


@dataclass(frozen=True, slots=True)
class Scene:
    """One row of everything a URL may name."""

    ids: dict[str, Any]

    def url(self, name: str, **changes: Any) -> str:
        """Return the address of a URL name, with the scene's own rows in it."""
        wanted = arguments()[name]
        return reverse(name, kwargs={key: {**self.ids, **changes}[key] for key in wanted})


def scene() -> Scene:
    """Lay out a shop in which every address leads somewhere."""
    for name in cast.STAFF:
        cast.staff(name)
    lina = add_staff(email="lina@kopisenja.example", name="Lina", role=Role.CASHIER, by=SYSTEM, at=cast.NOW)
    dewi = cast.member("dewi")
    outlet = save_outlet(
        code="DGO",
        name="Dago",
        city="Bandung",
        zone_name="Asia/Jakarta",
        opening_hours="",
        by=sari_actor(),
        at=cast.NOW,
    )
    note = write_note(customer=dewi, body="Suka kopi tanpa gula.", author=cast.staff("tono"), at=cast.NOW)
    task = make_task(title="Telepon Dewi", customer=dewi, by=cast.staff("budi"), at=cast.NOW)
    contact = log_contact(customer=dewi, kind="call", happened_at=cast.NOW, by=cast.staff("tono"), at=cast.NOW)
    record = Import.objects.create(
        file_name="kasir.csv", file_hash="0" * 64, byte_count=1, actor_kind="staff", actor_id=1,
        created_at=cast.NOW, state="checked", written={"orders": 0}, options={"currency": "IDR"},
    )  # fmt: skip
    mapping = NamedMapping.objects.create(name="Gudang", kind="products", created_at=cast.NOW)
    folder = WatchFolder.objects.create(kind="lines", created_at=cast.NOW, actor_kind="staff", actor_id=1)
    export = request_export(kind="products", form="csv", filters=Filters(), by=sari_actor(), at=cast.NOW)
    ids = {
        "mapping_id": mapping.id,
        "folder_id": folder.id,
        "export_id": export.id,
        **_census(dewi),
        "customer_id": dewi.id,
        "note_id": note.id,
        "task_id": task.id,
        "interaction_id": contact.id,
        "product_id": cast.product(),
        "outlet_id": outlet.id,
        "import_id": record.id,
        "staff_id": cast.staff("budi").id,
        "session_id": UserSession.objects.create(user=cast.staff("budi"), ip="127.0.0.1", session_key="x" * 32).pk,
        "token": make_login_link(person=lina, by=SYSTEM, at=cast.NOW),
        "table": "customers",
        **order_work(dewi),
        "key_id": make_key(name="Toko", source="web", scopes=tuple(Scope), by=sari_actor(), at=cast.NOW).key.id,
        "event_id": 1,
        "pk": 1,
        "key": "not-a-key",
        "measure_name": "retention",
        "name": "retention",
        "grain": "month",
        "start": "2026-10-01",
        "segment_name": "loyal",
        "zone": "red",
        "alarm": "high",
        "level": "client",
        "year": 2026,
        "month": 10,
        "source": "loyal",
        "target": "at_risk",
        "action_name": "complete",
        "chart_name": "health",
        "form": "csv",
        "decision_id": dismiss(customer=dewi, kind="thank", reason="not_now", by=cast.staff("tono"), at=cast.NOW).id,
        "uidb36": "1",
    }
    ids |= {**list_rows(dewi.id), **segment_rows()}
    ids |= scenes_reports.ids(dewi.id)
    ids |= scenes_goals.ids()
    return Scene(ids)


def _census(dewi: Customer) -> dict[str, Any]:
    """Lay out what the shop asks itself about who is who, and what else it notes of Dewi."""
    by, at = sari_actor(), cast.NOW
    eko, fitri, gilang = (cast.member(name) for name in ("eko", "fitri", "gilang"))
    customers.suggest_duplicate(left_id=dewi.id, right_id=eko.id, score=80, reasons=["same_name"], at=at)
    merge = customers.merge_customers(winner=fitri, loser=gilang, by=by, at=at)
    stranger = PersonClaim(phone="0812 3456 7890", name="Joko Susilo")
    customers.resolve_people(claims=[stranger], door="import", by=by, at=at)
    blocked = customers.block_identity(kind=IdentityKind.PHONE, value="0812 0000 9999", reason="toko", by=by, at=at)
    field = customers.save_field(label="Favorit", kind=FieldKind.TEXT, purpose="menyapa", by=by, at=at)
    born = date(2015, 5, 1)
    family = customers.add_family_date(customer=dewi, relation="child", name="Rafi", day=born, by=by, at=at)
    return {
        "other_id": eko.id,
        "pair_id": DuplicateSuggestion.objects.get().id,
        "merge_id": merge.id,
        "question_id": IdentityQuestion.objects.get().id,
        "blocked_id": blocked.id,
        "field_id": field.id,
        "family_id": family.id,
        "identity_id": dewi.identities.get(kind="email").id,
    }


def order_work(dewi: Customer) -> dict[str, int]:
    """Lay out an order with a payment, a return that was paid back, and a cart; return their ids."""
    order_id = cast.buys(dewi, "A-1")
    by, at = sari_actor(), cast.NOW
    money = {"tender": "QRIS", "by": by, "at": at}
    payment = take_payment(order_id=order_id, amount=1_000, reference="", source="scene", **money)
    line_id = OrderLine.objects.get(order_id=order_id).id
    goods = {"quantities": {line_id: 500}, "reason": "rusak", "source": "scene", "by": by, "at": at}
    row = take_back(order_id=order_id, refund=Money(500, "QRIS"), **goods)
    tea = CartLineDraft(product_id=cast.product("Teh Tarik", 15_000), quantity_milli=1000, unit_price=15_000)
    cart = save_cart(source="scene", customer_id=dewi.id, lines=[tea], by=by, at=at)
    return {
        "payment_id": payment.id,
        "refund_id": Refund.objects.get(return_row=row).id,
        "return_id": row.id,
        "cart_id": cart.id,
        "order_id": order_id,
    }


def list_rows(customer_id: int) -> dict[str, int]:
    """Lay out a shared view of Sari's and an act on a customer that is over."""
    sari = cast.staff("sari")
    picked = Selection(customer_ids=(customer_id,))
    act = start_act(kind=BulkKind.ADD_TAG, selection=picked, tag_name="VIP", by=sari.actor, at=cast.NOW)
    run_act(act=act, now=lambda: cast.NOW)
    view = save_view(
        table="customers", name="Semua", query="stage=everyone", columns=None, is_shared=True, by=sari, at=cast.NOW
    )
    return {"view_id": view.id, "act_id": act.id, "tag_id": act.tag_id or 0}


def segment_rows() -> dict[str, int]:
    """Lay out a segment, and a count that Sari asked for."""
    sari, node = cast.staff("sari"), Condition("order_count", ">=", (1,))
    segment = make_segment(name="Pembeli", node=node, by=sari.actor, at=cast.NOW)
    return {"segment_id": segment.id, "preview_id": ask(node=node, segment=None, by=sari, at=cast.NOW).id}


def sari_actor() -> Any:
    """Return whoever did what the story needs done."""
    return cast.staff("sari").actor


def patterns(resolver: Any = None, prefix: str = "", above: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Walk over every URL pattern, included ones too: its full name and the names of its arguments."""
    for entry in (resolver or get_resolver()).url_patterns:
        names = (*above, *entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix, names)
        else:
            yield f"{prefix}{entry.name or entry.pattern}", list(names)


@cache
def arguments() -> dict[str, list[str]]:
    """Return which arguments each URL name takes."""
    return dict(patterns())


def browser(person: str) -> Browser:
    """Return a browser of somebody: signed in with a second factor, suspended meanwhile, or a stranger's."""
    client = Browser(raise_request_exception=False)
    if person == "stranger":
        return client
    member = cast.staff(NAMES.get(person, "tono"))
    Authenticator.objects.get_or_create(user=member, type="totp", defaults={"data": {"secret": "x"}})
    client.force_login(member)
    prove(client, member.id)
    if person == "suspended":
        # Harsher than the verb, which ends the session too: here the cookie is still good.
        Staff.objects.filter(id=member.id).update(is_active=False)
    return client


def verdict_of(response: HttpResponse) -> str:
    """Return the cell an answer stands for."""
    target = response.headers.get("Location", "")
    if response.status_code == 302:
        for word, path in (("in", "/account/login/"), ("proof", "reauthenticate"), ("2fa", "/account/2fa/")):
            if path in target:
                return word
    return str(response.status_code)


def rows(*, counted_only: bool = False, stamps: bool = True) -> dict[str, Any]:
    """Return all rows of all tables (or their numbers) but the bookkeeping of visits, to compare before and after.

    Without `stamps` what was changed and changed back is equal; with them it was changed twice.
    """
    found: dict[str, Any] = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if table in _NOT_COMPARED or not model._meta.managed:
            continue
        if counted_only:
            found[table] = model._default_manager.count()
            continue
        fields = [field for field in model._meta.concrete_fields if stamps or not isinstance(field, StampField)]
        names = [field.attname for field in fields if field.name != "last_seen_at"]
        found[table] = sorted(repr(row) for row in model._default_manager.values_list(*names))
    return found


@contextmanager
def writes() -> Iterator[list[str]]:
    """Collect the statements that can change a row, so that tables are compared only where one was run."""
    seen: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = str(sql)
        visit = any(f'"{table}"' in text for table in _NOT_COMPARED) or 'SET "last_seen_at" = %s WHERE' in text
        if not visit and not text.lstrip(" (").upper().startswith(_READING):
            seen.append(text)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


def put_away(response: Any) -> None:
    """Close the file of a streamed answer; `response.close()` would close the test's database too."""
    for close in response._resource_closers:
        close()


def lay_refused_rows(import_id: int) -> None:
    """Put the file of refused rows where the import keeps it."""
    path = files.refused_rows(import_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("row,reason,column,value,Nama\n2,not_a_number,quantity,x,Dewi\n", encoding="utf-8-sig")
