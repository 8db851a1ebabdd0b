"""A till export becomes customers, orders and returns; twice changes nothing; taken back it leaves nothing."""

import gzip
import os
import random

import pytest

from setia.domains.commerce.actions.undo import true_counters
from setia.domains.commerce.models import CustomerCounters, Order, OrderLine, Product, Return, ReturnLine
from setia.domains.customers.models import Customer, Identity
from setia.domains.imports import actions, checking, files, queries, tasks
from setia.domains.imports.models import ImportState
from setia.domains.imports.reading import UnreadableFile
from setia.domains.imports.rules import Grouping, ReadingOptions
from setia.domains.shop.models import Outlet, Shop
from setia.foundation.actors import SYSTEM
from setia.foundation.events.models import Event
from tests import cast

pytestmark = pytest.mark.django_db

HEAD = "Tanggal,No Nota,Pelanggan,Telepon,Produk,Jumlah,Harga,Outlet\n"
ROWS = (
    "21/11/2026 08:15,N1,Dewi,0812-3456-7890,Kopi Susu,2,Rp 22.000,Dago\n"
    "21/11/2026 08:15,N1,Dewi,0812-3456-7890,Roti,1,15.000,Dago\n"
    "21/11/2026 09:00,N2,,,Kopi Susu,1,22.000,Dago\n"
    "21/11/2026 10:00,N3,Eko,+62 813 1111 2222,Biji Kopi,0.25,200.000,Braga\n"
    "22/11/2026 10:00,N4,Dewi,0812-3456-7890,Roti,-1,15.000,Dago\n"
    "22/11/2026 11:00,N5,Eko,0813 1111 2222,Sampel,1,0,Braga\n"
    "31/02/2026 11:00,N6,Eko,0813 1111 2222,Roti,1,15.000,Braga\n"
)


def _quiet(step, share):
    pass


def _take(tmp_path, text, name="kasir.csv", **changes):
    path = tmp_path / name
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    record = actions.take_file(name=name, blocks=files.blocks_of(path), limit_bytes=10**8, by=SYSTEM, at=cast.NOW)
    head = checking.preview(path)
    options = {"mapping": head.mapping, "currency": "IDR", "grouping": head.grouping, **changes}
    actions.choose_options(record=record, options=ReadingOptions(**options), headings=head.headings, at=cast.NOW)
    return actions.run_check(record=record, at=cast.NOW, report=_quiet)


def _write(record):
    actions.confirm(record=record, by=SYSTEM, at=cast.NOW)
    assert actions.run_write(record=record, at=cast.NOW, report=_quiet)
    record.refresh_from_db()
    return record


def _undo(record):
    actions.start_undo(record=record, by=SYSTEM, at=cast.NOW)
    assert actions.run_undo(record=record, by=SYSTEM, at=cast.NOW, report=_quiet)


def _import(tmp_path, text, **kwargs):
    return _write(_take(tmp_path, text, **kwargs))


def _everything():
    models = (Customer, Identity, Order, OrderLine, Return, ReturnLine, Product, Outlet, CustomerCounters)
    return {model.__name__: model.objects.count() for model in models}


def _sums():
    rows = CustomerCounters.objects.order_by("customer__name").values_list(
        "customer__name", "order_count", "spent_total", "returned_total"
    )
    return list(rows)


def test_a_file_becomes_people_orders_and_returns(tmp_path):
    record = _import(tmp_path, HEAD + ROWS)
    assert record.counts["skipped"] == {"no_price": 1, "no_such_date": 1}
    answer = queries.answer(record)
    assert (answer["customers"], answer["orders"], answer["lines"], answer["returns"]) == (2, 2, 3, 1)
    assert (answer["gross"], answer["orders_without_customer"], answer["gross_without_customer"]) == (
        109_000,
        1,
        22_000,
    )
    assert _sums() == [("Dewi", 1, 59_000, 15_000), ("Eko", 1, 50_000, 0)]
    assert sorted(Outlet.objects.values_list("code", flat=True)) == ["Braga", "Dago"]
    assert Order.objects.get(number="N3").lines.get().quantity_milli == 250


def test_a_return_is_tied_to_the_line_it_was_bought_with(tmp_path):
    _import(tmp_path, HEAD + ROWS)
    assert ReturnLine.objects.get().order_line.order.number == "N1"
    assert Order.objects.get(number="N1").returned_total == 15_000


def test_the_same_lines_again_change_nothing(tmp_path):
    _import(tmp_path, HEAD + ROWS)
    before, sums, events = _everything(), _sums(), Event.objects.filter(kind__startswith="commerce").count()
    again = _import(tmp_path, HEAD + ROWS + "\n\n", name="lagi.csv.gz")
    assert (again.written["lines"], again.written["known_lines"], again.written["orders"]) == (0, 4, 0)
    assert (_everything(), _sums()) == (before, sums)
    assert Event.objects.filter(kind__startswith="commerce").count() == events


def test_an_overlapping_file_adds_only_what_is_new(tmp_path):
    _import(tmp_path, HEAD + "".join(ROWS.splitlines(keepends=True)[:3]))
    second = _import(tmp_path, HEAD + "".join(ROWS.splitlines(keepends=True)[1:]), name="minggu-ini.csv")
    assert (second.written["lines"], second.written["known_lines"]) == (1, 2)
    assert _sums() == [("Dewi", 1, 59_000, 15_000), ("Eko", 1, 50_000, 0)]


def test_undo_leaves_every_table_as_it_was(tmp_path):
    dewi = cast.member("dewi")
    cast.buys(dewi, "HAND-1")
    before, sums = _everything(), _sums()
    record = _import(tmp_path, HEAD + ROWS)
    _undo(record)
    assert (_everything(), _sums()) == (before, sums)
    assert record.state == ImportState.UNDONE
    assert not files.folder(record.id).exists()


def test_undo_takes_only_its_own_lines_out_of_an_order_of_another_file(tmp_path):
    lines = ROWS.splitlines(keepends=True)
    _import(tmp_path, HEAD + lines[0])
    before, sums = _everything(), _sums()
    second = _import(tmp_path, HEAD + ROWS, name="dua.csv")
    _undo(second)
    assert (_everything(), _sums()) == (before, sums)
    assert Order.objects.get(number="N1").net == 44_000


def test_an_order_that_a_later_file_added_to_stays_with_what_that_file_brought(tmp_path):
    lines = ROWS.splitlines(keepends=True)
    first = _import(tmp_path, HEAD + lines[0] + lines[3])
    second = _import(tmp_path, HEAD + lines[1] + lines[4], name="dua.csv")
    _undo(first)
    order = Order.objects.get()
    assert (order.number, order.origin_id, order.net, order.line_count, order.returned_total) == (
        "N1",
        second.id,
        15_000,
        1,
        15_000,
    )
    assert _sums() == [("Dewi", 1, 15_000, 15_000)]
    told = Event.objects.get(kind="commerce.order_placed", batch_id=second.id)
    assert (told.subject_id, told.payload["net"], told.payload["order_count"]) == (order.id, 15_000, 0)


def test_a_file_whose_rows_went_with_an_earlier_one_may_come_again(tmp_path):
    lines = ROWS.splitlines(keepends=True)
    first = _import(tmp_path, HEAD + "".join(lines[:3]))
    text = HEAD + "".join(lines)
    second = _import(tmp_path, text, name="dua.csv")
    assert queries.sharers(first) == [second]
    assert queries.same_file(second.file_hash) == second
    _undo(first)
    second.refresh_from_db()
    assert second.is_short
    assert queries.same_file(second.file_hash) is None
    third = _import(tmp_path, text, name="tiga.csv")
    assert _sums() == [("Dewi", 1, 59_000, 15_000), ("Eko", 1, 50_000, 0)]
    assert queries.same_file(second.file_hash) == third


def test_refused_rows_are_told_from_their_file_and_not_kept_in_the_database(tmp_path):
    secret = "0899-8888-7777"
    record = _take(tmp_path, HEAD + ROWS + f"21/11/2026 08:15,N9,Gita,,Kopi Susu,dua {secret},22.000,Dago\n")
    assert queries.first_refused(record, count=5)[-1] == {
        "row": "9",
        "code": "bad_number",
        "column": "quantity",
        "value": f"dua {secret}",
    }
    record.refresh_from_db()
    assert secret not in f"{record.counts}{record.problem}{record.written}"


def test_trouble_is_noted_by_name_only_and_gone_when_the_work_is_done(tmp_path, monkeypatch):
    record = _take(tmp_path, HEAD + ROWS)
    actions.confirm(record=record, by=SYSTEM, at=cast.NOW)

    def broken(*args, **kwargs):
        raise ValueError("0812-3456-7890")

    with monkeypatch.context() as patch:
        patch.setattr("setia.domains.imports.sales_writing.record_sales", broken)
        with pytest.raises(ValueError, match="0812"):
            tasks.write.func(str(record.id))
    record.refresh_from_db()
    assert (record.state, record.problem) == (ImportState.WRITING, {"code": "stopped", "value": "ValueError"})
    tasks.write.func(str(record.id))
    record.refresh_from_db()
    assert (record.state, record.problem) == (ImportState.DONE, None)


def test_folders_without_a_row_are_removed_after_a_week(tmp_path):
    folder = files.folder(123)
    folder.mkdir(parents=True)
    kept = _take(tmp_path, HEAD + ROWS)
    assert actions.purge_files(at=cast.NOW) == 0
    os.utime(folder, (0, 0))
    assert actions.purge_files(at=cast.NOW) == 1
    assert not folder.exists()
    assert files.folder(kept.id).exists()


def test_a_customer_who_came_again_survives_the_undo(tmp_path):
    record = _import(tmp_path, HEAD + ROWS)
    eko = Customer.objects.get(name="Eko")
    cast.buys(eko, "LATER")
    _undo(record)
    assert _sums() == [("Eko", 1, 22_000, 0)]


def test_a_stopped_write_goes_on_where_it_stood(tmp_path, monkeypatch):
    monkeypatch.setattr("setia.domains.imports.writing.STEP_LINES", 2)
    record = _take(tmp_path, HEAD + ROWS)
    actions.confirm(record=record, by=SYSTEM, at=cast.NOW)
    stops = iter([False, True, False, True] + [False] * 20)
    rounds = 0
    while not actions.run_write(record=record, at=cast.NOW, report=_quiet, should_stop=lambda: next(stops)):
        rounds += 1
    assert rounds == 2
    assert _sums() == [("Dewi", 1, 59_000, 15_000), ("Eko", 1, 50_000, 0)]


def test_a_step_that_fails_leaves_nothing_of_itself(tmp_path, monkeypatch):
    record = _take(tmp_path, HEAD + ROWS)
    actions.confirm(record=record, by=SYSTEM, at=cast.NOW)
    before = _everything()
    monkeypatch.setattr("setia.domains.imports.sales_writing.record_returns", _fails)
    with pytest.raises(RuntimeError):
        actions.run_write(record=record, at=cast.NOW, report=_quiet)
    after = _everything()
    record.refresh_from_db()
    assert record.position == 0
    assert {**after, "Outlet": 0} == {**before, "Outlet": 0}  # outlets are opened before the first step


def _fails(*args, **kwargs):
    raise RuntimeError("kill")


def test_rows_of_one_order_need_not_stand_together(tmp_path):
    lines = ROWS.splitlines(keepends=True)[:4]
    random.Random(4).shuffle(lines)
    _import(tmp_path, HEAD + "".join(lines))
    assert Order.objects.get(number="N1").line_count == 2


def test_dates_that_tell_nothing_are_asked_about(tmp_path):
    text = HEAD + "03/04/2026 08:15,N1,Dewi,0812-3456-7890,Kopi,1,22.000,Dago\n"
    record = _take(tmp_path, text)
    assert (record.state, record.problem) == (ImportState.ASKING, {"code": "date_order"})
    head = checking.preview(files.source(record.id))
    options = ReadingOptions(mapping=head.mapping, currency="IDR", grouping=Grouping.INVOICE, date_order="DMY")
    actions.choose_options(record=record, options=options, headings=head.headings, at=cast.NOW)
    _write(actions.run_check(record=record, at=cast.NOW, report=_quiet))
    assert Order.objects.get().placed_at.isoformat() == "2026-04-03T01:15:00+00:00"


def test_a_mapping_is_remembered_for_the_same_headings(tmp_path):
    record = _take(tmp_path, HEAD + ROWS, grouping=Grouping.INVOICE_DAY)
    head = checking.preview(files.source(record.id))
    assert queries.remembered(head.headings).grouping is Grouping.INVOICE_DAY
    assert queries.remembered(("other",)) is None


def test_an_empty_shop_adopts_the_currency_of_its_first_file(tmp_path):
    _import(tmp_path, HEAD + ROWS.replace("Rp ", ""), currency="GBP", decimal_mark=".")
    assert Shop.objects.get().currency_code == "GBP"


def test_a_shop_with_sales_refuses_another_currency(tmp_path):
    cast.buys(cast.member("dewi"), "A1")
    with pytest.raises(actions.UnableToImport, match="other_currency"):
        _take(tmp_path, HEAD + ROWS, currency="GBP")


@pytest.mark.parametrize(
    ("grouping", "orders"),
    [(Grouping.INVOICE, 1), (Grouping.INVOICE_DAY, 2), (Grouping.CUSTOMER_MINUTE, 3), (Grouping.CUSTOMER_DAY, 2)],
)
def test_each_grouping_rule(tmp_path, grouping, orders):
    rows = [
        f"{moment},1,Dewi,0812-3456-7890,Kopi,1,22.000,Dago\n"
        for moment in ("20/11/2026 08:15", "20/11/2026 08:16", "21/11/2026 08:15")
    ]
    record = _import(tmp_path, HEAD + "".join(rows), grouping=grouping)
    assert record.written["orders"] == orders


def test_refused_rows_keep_their_reason_and_every_cell(tmp_path):
    record = _take(tmp_path, HEAD + ROWS + '"=cmd|x",N7,Eko,,Roti,abc,15.000,Braga\n')
    text = files.refused_rows(record.id).read_text("utf-8-sig")
    assert "7,no_price" in text
    assert "bad_number,quantity,abc" in text
    assert "'=cmd|x" in text


def test_an_unreadable_file_changes_nothing_and_says_why(tmp_path):
    path = tmp_path / "foto.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    record = actions.take_file(name="foto.csv", blocks=files.blocks_of(path), limit_bytes=10**6, by=SYSTEM, at=cast.NOW)
    with pytest.raises(UnreadableFile) as failure:
        checking.preview(files.source(record.id))
    assert failure.value.reason.code == "not_a_table"


def test_a_file_over_the_limit_is_not_kept(tmp_path):
    before = set(files.home.folder("imports").glob("*/source"))
    with pytest.raises(actions.UnableToImport, match="too_large"):
        actions.take_file(name="x.csv", blocks=[b"x" * 100] * 20, limit_bytes=1000, by=SYSTEM, at=cast.NOW)
    assert set(files.home.folder("imports").glob("*/source")) == before


def test_cancel_drops_a_file_of_which_nothing_was_written(tmp_path):
    record = _take(tmp_path, HEAD + ROWS)
    actions.cancel(record=record, at=cast.NOW)
    with pytest.raises(actions.UnableToImport, match="wrong_state"):
        actions.confirm(record=record, by=SYSTEM, at=cast.NOW)
    assert Order.objects.count() == 0


def test_counters_equal_a_recount_after_an_import(tmp_path):
    _import(tmp_path, HEAD + ROWS)
    for customer_id, figures in true_counters(customer_ids=list(Customer.objects.values_list("id", flat=True))).items():
        row = CustomerCounters.objects.get(customer_id=customer_id)
        assert {name: getattr(row, name) for name in figures} == figures
