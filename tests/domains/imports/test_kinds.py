"""Customers, products, orders with lines: they come in once, fill blanks, and go without a trace."""

from datetime import date, timedelta

import pytest

from setia.domains.commerce.models import CustomerCounters, Order, Product
from setia.domains.customers.actions import (
    add_tags,
    change_customer,
    publish_wording,
    remove_tags,
    save_field,
    set_values,
)
from setia.domains.customers.models import ConsentEvent, Customer, CustomValue, Identity
from setia.domains.customers.queries import tags_of
from setia.domains.customers.rules.consents import Purpose
from setia.domains.customers.rules.fields import FieldKind
from setia.domains.imports import checking, files, queries
from setia.domains.imports.models import ImportChange
from setia.domains.imports.reading.vocabulary import guess_kind
from setia.domains.teamwork.actions import make_task
from setia.domains.timeline.models import Interaction
from setia.domains.timeline.queries import timeline
from setia.foundation.actors import SYSTEM, Actor
from setia.foundation.events.models import Event, VoidedBatch
from tests import cast
from tests.domains.imports import kinds
from tests.domains.imports.kinds import taken, undone, written

pytestmark = pytest.mark.django_db
STAFF = Actor("staff", 1)


def _profiles():
    names = ("name", "birth_date", "gender", "salutation", "city", "interests", "preferred_channel", "code")
    return [tuple(getattr(row, name) for name in names) for row in Customer.objects.order_by("name")]


def _rows():
    customers = [
        (row.id, row.name, row.address, row.birth_date, row.gender, row.city, row.interests)
        for row in Customer.objects.order_by("id")
    ]
    products = list(Product.objects.order_by("id").values())
    counters = list(CustomerCounters.objects.order_by("customer_id").values())
    return customers, products, counters, Identity.objects.count(), Order.objects.count()


def _without_stamps(rows):
    """Leave out when rows changed: what was changed and changed back was changed twice."""
    customers, products, counters, *counts = rows
    plain = [[{name: value for name, value in row.items() if name != "updated_at"} for row in each]
             for each in (products, counters)]  # fmt: skip
    return customers, plain, counts


@pytest.mark.parametrize("kind", kinds.FILES)
def test_headings_tell_the_kind_of_file(tmp_path, kind):
    path = tmp_path / "x.csv"
    path.write_text(kinds.FILES[kind])
    assert checking.preview(path).guessed_kind == kind
    assert guess_kind(("Apa", "Itu"), []) == "lines"


def test_people_come_with_their_profile_and_nothing_that_was_not_mapped(tmp_path):
    record = taken(tmp_path, "customers", kinds.CUSTOMERS)
    assert record.counts == {"records": 2, "distinct": 2, "known": 0, "new": 2, "rows": 2, "skipped": {}}
    written(record)
    assert _profiles() == [
        ("Dewi Lestari", date(1985, 8, 17), "female", "ibu", "Bandung", ["kopi", "teh"], "whatsapp", "K1"),
        ("Eko", None, "male", "bapak", "Cimahi", [], "", "K2"),
    ]
    assert Customer.objects.get(code="K1").address == "Jl. Dago 1"
    assert record.written["people"] == 2
    assert queries.answer(record)["written"]["customers"] == 2


def test_the_same_people_again_change_nothing(tmp_path):
    written(taken(tmp_path, "customers", kinds.CUSTOMERS))
    before, events = _rows(), Event.objects.filter(kind="customers.changed").count()
    again = written(taken(tmp_path, "customers", kinds.CUSTOMERS))
    assert (again.counts["known"], again.written.get("changed", 0)) == (2, 0)
    assert _rows() == before
    assert Event.objects.filter(kind="customers.changed").count() == events


@pytest.mark.parametrize(("overwrite", "name"), [(False, "Dewi Lestari"), (True, "Bu Dewi")])
def test_a_known_person_keeps_what_stands_unless_overwriting_was_chosen(tmp_path, overwrite, name):
    dewi = cast.member("dewi")
    text = "Nama,No HP,Alamat,Kota\nBu Dewi,081234567890,Jl. Braga 2,Jakarta\n"
    record = written(taken(tmp_path, "customers", text, overwrite=overwrite))
    dewi.refresh_from_db()
    assert (dewi.name, dewi.address) == (name, "Jl. Braga 2")
    assert record.written["changed"] == 1
    undone(record)
    dewi = Customer.objects.get(id=dewi.id)
    assert (dewi.name, dewi.address, dewi.city) == ("Dewi Lestari", "", "Bandung")
    assert not ImportChange.objects.exists()


def test_what_somebody_changed_since_stays_when_an_import_is_taken_back(tmp_path):
    dewi = cast.member("dewi")
    record = written(taken(tmp_path, "customers", kinds.CUSTOMERS, overwrite=True))
    dewi = Customer.objects.get(id=dewi.id)
    change_customer(customer=dewi, changes={"address": "Jl. Baru 9"}, by=STAFF, at=cast.NOW)
    undone(record)
    dewi = Customer.objects.get(id=dewi.id)
    assert (dewi.address, dewi.gender, dewi.birth_date) == ("Jl. Baru 9", "", None)


@pytest.mark.parametrize("kind", ["customers", "products", "orders"])
def test_undo_leaves_every_table_as_it_was(tmp_path, kind):
    cast.buys(cast.member("dewi"), "HAND-1", cast.line("Kopi Susu", price=20_000))
    before = _rows()
    record = written(taken(tmp_path, kind, kinds.FILES[kind], overwrite=True))
    assert _rows() != before
    undone(record)
    assert _without_stamps(_rows()) == _without_stamps(before)
    assert not files.folder(record.id).exists()


def test_products_are_added_and_known_ones_get_the_new_price(tmp_path):
    written(taken(tmp_path, "products", kinds.PRODUCTS))
    record = taken(tmp_path, "products", kinds.PRODUCTS.replace("22.000", "24.000"))
    assert (record.counts["known"], record.counts["new"]) == (2, 0)
    written(record)
    assert record.written == {"known": 2, "changed": 1, "products": 0, "customers": 0}
    assert list(Product.objects.order_by("sku").values_list("sku", "name", "category", "price")) == [
        ("K-1", "Kopi Susu", "Kopi", 24_000),
        ("R-1", "Roti", "Roti", 15_000),
    ]
    undone(record)
    assert Product.objects.get(sku="K-1").price == 22_000


def test_heads_and_lines_become_orders_and_a_lower_total_is_a_discount(tmp_path):
    record = written(taken(tmp_path, "orders", kinds.ORDERS))
    rows = Order.objects.order_by("number").values_list("number", "status", "gross", "discount", "net", "line_count")
    assert list(rows) == [("A1", "done", 59_000, 0, 59_000, 2), ("A2", "paid", 22_000, 2_000, 20_000, 1)]
    assert Order.objects.get(number="A1").customer.name == "Dewi"
    assert (record.written["orders"], record.counts["orders_without_customer"]) == (2, 1)


def test_orders_of_both_kinds_of_file_are_the_same_orders(tmp_path):
    written(taken(tmp_path, "lines", "Tanggal,No Nota,Produk,Jumlah,Harga\n21/11/2026 08:15,A1,Kopi Susu,2,22.000\n"))
    record = written(taken(tmp_path, "orders", kinds.ORDERS))
    assert (record.written["orders"], record.written["known_lines"]) == (1, 1)
    assert Order.objects.filter(number="A1").count() == 1


def test_heads_and_lines_that_do_not_meet_are_refused_with_their_row(tmp_path):
    orders = kinds.ORDERS + "A3,22/11/2026 10:00,,,Lunas,1\nA1,22/11/2026 11:00,,,Lunas,1\nA4,22/11/2026,,,Batal,1\n"
    orders += "A5,22/11/2026,,,Lunas,99.000\n"
    record = taken(tmp_path, "orders", orders, lines=kinds.ORDER_LINES + "A9,Roti,1,1.000\nA5,Roti,1,1.000\n")
    assert record.counts["skipped"] == {
        "same_invoice": 1,
        "cancelled": 1,
        "no_lines": 1,
        "order_total": 1,
        "no_header": 1,
    }
    found = [(row["row"], row["code"], row["value"]) for row in queries.first_refused(record, count=9)]
    assert ("4", "no_lines", "A3") in found
    assert ("5", "no_header", "A9") in found


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("K9,,,,,,,,,,,", None),
        (",Siti,,,,,,,,,,", "no_identity"),
        ("K9,Siti,12,,,,,,,,,", "bad_phone"),
        ("K9,Siti,,bukan,,,,,,,,", "bad_email"),
        ("K9,Siti,,,31/02/1990,,,,,,,", "no_such_date"),
        ("K9,Siti,,,31/12/2190,,,,,,,", "in_the_future"),
        ("K9,Siti,,,,naga,,,,,,", "bad_word"),
        ("K9,Siti,,,,,,,,,merpati,", "bad_word"),
    ],
)
def test_a_person_that_cannot_be_read_is_refused_with_its_reason(tmp_path, row, code):
    record = taken(tmp_path, "customers", kinds.CUSTOMERS + row + "\n")
    assert record.counts["skipped"] == ({code: 1} if code else {})
    assert record.counts["records"] == (2 if code else 3)


def test_a_stopped_import_of_people_goes_on_where_it_stood(tmp_path, monkeypatch):
    from setia.domains.imports import actions

    monkeypatch.setattr("setia.domains.imports.writing.STEP_LINES", 6)
    record = taken(tmp_path, "customers", kinds.CUSTOMERS)
    actions.confirm(record=record, by=STAFF, at=cast.NOW)
    stops = iter([False, True, False, False, False])
    assert not actions.run_write(record=record, at=cast.NOW, report=kinds.quiet, should_stop=lambda: next(stops))
    assert Customer.objects.count() == 1
    assert actions.run_write(record=record, at=cast.NOW, report=kinds.quiet, should_stop=lambda: next(stops))
    assert Customer.objects.count() == 2


def _wording():
    return publish_wording(
        purpose=Purpose.MARKETING,
        text_id="Boleh kami kirim kabar?",
        text_en="",
        by=SYSTEM,
        at=cast.NOW - timedelta(days=9),
    )


def test_answers_come_with_their_proof_once_and_are_void_when_taken_back(tmp_path):
    _wording()
    dewi = cast.member("dewi")
    record = written(taken(tmp_path, "consents", kinds.CONSENTS))
    answer = ConsentEvent.objects.get()
    assert (answer.customer_id, answer.purpose, answer.channel, answer.is_granted) == (
        dewi.id,
        "marketing",
        "whatsapp",
        True,
    )
    assert (answer.evidence.text, answer.wording.version) == ("Formulir kertas no. 12", 1)
    again = written(taken(tmp_path, "consents", kinds.CONSENTS))
    assert (again.written["consents"], again.written["known"], ConsentEvent.objects.count()) == (0, 1, 1)
    undone(record)
    assert VoidedBatch.objects.filter(batch_id=record.id).exists()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("08123456789,promosi,WA,ya,21/11/2026,1,", "no_evidence"),
        ("08123456789,promosi,WA,ya,21/11/2026,,Formulir", "no_wording"),
        ("08123456789,promosi,WA,ya,21/11/2026,7,Formulir", "unknown_wording"),
        ("08123456789,promosi,any,tidak,21/11/2026,,", "wrong_channel"),
        ("08123456789,promosi,WA,,21/11/2026,1,Formulir", "no_answer"),
        ("08123456789,,WA,ya,21/11/2026,1,Formulir", "no_purpose"),
        ("08123456789,promosi,WA,ya,21/12/2026,1,Formulir", "in_the_future"),
        ("08123456789,promosi,WA,tidak,21/11/2026,,", None),
    ],
)
def test_a_yes_needs_proof_and_words_and_a_no_needs_neither(tmp_path, row, code):
    _wording()
    record = taken(tmp_path, "consents", kinds.CONSENTS + row + "\n")
    assert record.counts["skipped"] == ({code: 1} if code else {})


def test_own_fields_are_set_by_their_key_or_label_and_set_back(tmp_path):
    field = save_field(
        field=None, key="ukuran", label="Ukuran Baju", kind=FieldKind.CHOICE, choices=("M", "L"), purpose="stok",
        by=SYSTEM, at=cast.NOW,
    )  # fmt: skip
    dewi = cast.member("dewi")
    set_values(customer=dewi, values={field.key: "M"}, by=SYSTEM, at=cast.NOW)
    text = "No HP,Ukuran Baju\n081234567890,l\n081311112222,m\n081311112223,XXL\n"
    record = taken(tmp_path, "customers", text, overwrite=True)
    assert record.counts["skipped"] == {"bad_field_value": 1}
    written(record)
    assert sorted(row.text for row in CustomValue.objects.all()) == ["L", "M"]
    undone(record)
    assert [(row.customer_id, row.text) for row in CustomValue.objects.all()] == [(dewi.id, "M")]


def test_contacts_come_in_once_and_go_again(tmp_path):
    dewi = cast.member("dewi")
    rows = kinds.INTERACTIONS + "0813-1111-2222,kunjungan,20/11/2026,keluar,,,\n"
    record = written(taken(tmp_path, "interactions", rows))
    contact = Interaction.objects.get(customer=dewi)
    assert (contact.kind, contact.is_inbound, contact.outcome, contact.duration_seconds, contact.body) == (
        *("call", True, "puas", 120, "Tanya jam buka"),
    )
    assert contact.happened_at.isoformat() == "2026-11-21T01:15:00+00:00"
    again = written(taken(tmp_path, "interactions", rows))
    assert (again.written["interactions"], again.written["known"], Interaction.objects.count()) == (0, 2, 2)
    undone(record)
    assert (Interaction.objects.count(), Customer.objects.count()) == (0, 1)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("0812,telepon,21/11/2026,,,,", "bad_phone"),
        (",telepon,21/11/2026,,,,", "no_identity"),
        ("08123456789,,21/11/2026,,,,", "no_kind"),
        ("08123456789,terbang,21/11/2026,,,,", "bad_word"),
        ("08123456789,chat,,,,,", "date_missing"),
        ("08123456789,chat,21/11/2026,,,-5,", "number_too_large"),
    ],
)
def test_a_contact_that_cannot_be_read_is_refused(tmp_path, row, code):
    assert taken(tmp_path, "interactions", kinds.INTERACTIONS + row + "\n").counts["skipped"] == {code: 1}


def test_tags_of_a_file_are_put_on_and_go_with_it_but_for_those_put_on_again(tmp_path):
    dewi, by = cast.member("dewi"), cast.staff("tono").actor
    add_tags(customer_ids=[dewi.id], names=["VIP"], by=by, at=cast.NOW)
    record = written(taken(tmp_path, "customers", 'No HP,Tag\n081234567890,"Setia; vip; Pagi"\n'))
    assert tags_of([dewi.id]) == ["Pagi", "Setia", "VIP"]
    later = cast.NOW + timedelta(hours=1)
    remove_tags(customer_ids=[dewi.id], names=["Pagi"], by=by, at=later)
    add_tags(customer_ids=[dewi.id], names=["Pagi"], by=by, at=later)
    undone(record)
    assert tags_of([dewi.id]) == ["Pagi", "VIP"]


def test_contacts_of_a_file_stand_on_the_timeline_until_it_is_undone(tmp_path):
    dewi = cast.member("dewi")
    record = written(taken(tmp_path, "interactions", kinds.INTERACTIONS))
    fact = timeline([dewi.id], group="contacts", cursor="", size=9).rows[0]
    assert (fact.kind, fact.batch_id) == ("timeline.interaction_logged", record.id)
    undone(record)
    assert timeline([dewi.id], group="contacts", cursor="", size=9).rows == []


def test_people_whom_somebody_has_something_to_do_about_stay_when_their_file_goes(tmp_path):
    record = written(taken(tmp_path, "customers", "Nama,No HP\nWulan,081299998888\nJoko,081299997777\n"))
    make_task(title="Telepon", customer=Customer.objects.get(name="Wulan"), by=cast.staff("tono"), at=cast.NOW)
    undone(record)
    assert [row.name for row in Customer.objects.all()] == ["Wulan"]
