"""Files laid into a folder come in by themselves, once; what fails says why."""

import os
from datetime import timedelta

import pytest

from setia.domains.commerce.models import Order, Product
from setia.domains.customers.models import Customer
from setia.domains.imports import folders, mappings, tasks
from setia.domains.imports.models import Import, ImportState, NamedMapping, WatchFolder
from setia.domains.imports.rules import Grouping, ReadingOptions
from setia.foundation import home
from setia.foundation.actors import SYSTEM
from setia.foundation.jobs.models import Job
from tests import cast
from tests.domains.imports import kinds

pytestmark = pytest.mark.django_db
OLD = (cast.NOW - timedelta(minutes=5)).timestamp()


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "home", lambda: tmp_path)


def _folder(kind="products", **about):
    about = {"path": "", "mapping": None, **about}
    folder = folders.add_folder(kind=kind, by=SYSTEM, at=cast.NOW, **about)
    return folder, folders.place_of(folder)


def _lay(place, name, text, *, mtime=OLD):
    path = place / name
    path.write_text(text)
    os.utime(path, (mtime, mtime))
    return path


def _look(folder, **about):
    count = folders.look(folder=folder, at=cast.NOW, **about)
    folder.refresh_from_db()
    return count


def _files(place):
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", ["lines", "customers", "products"])
def test_a_file_of_each_kind_comes_in_and_moves_to_done(kind):
    folder, place = _folder(kind)
    _lay(place, "berkas.csv", kinds.FILES[kind])
    assert _look(folder) == 1
    assert _files(place) == ["done/berkas.csv"]
    record = Import.objects.get()
    assert (record.state, record.kind, record.folder_id) == (ImportState.DONE, kind, folder.id)
    assert Customer.objects.exists() or Product.objects.exists()


def test_orders_and_their_lines_come_in_together():
    folder, place = _folder("orders")
    _lay(place, "juni.csv", kinds.ORDERS)
    _lay(place, "juni.lines.csv", kinds.ORDER_LINES)
    assert _look(folder) == 1
    assert _files(place) == ["done/juni.csv", "done/juni.lines.csv"]
    assert Order.objects.count() == 2


def test_unfinished_files_links_and_others_are_left_alone(tmp_path):
    folder, place = _folder()
    _lay(place, "young.csv", kinds.PRODUCTS, mtime=cast.NOW.timestamp() - 59)
    _lay(place, "a.csv.part", kinds.PRODUCTS)
    _lay(place, ".hidden.csv", kinds.PRODUCTS)
    _lay(place, "readme.md", "x")
    outside = _lay(tmp_path, "secret.csv", kinds.PRODUCTS)
    (place / "link.csv").symlink_to(outside)
    assert _look(folder) == 0
    assert (Import.objects.count(), Product.objects.count()) == (0, 0)


def test_the_same_content_comes_in_once_under_any_name():
    folder, place = _folder()
    _lay(place, "satu.csv", kinds.PRODUCTS)
    _look(folder)
    _lay(place, "dua.csv", kinds.PRODUCTS)
    assert _look(folder) == 1
    assert _files(place) == ["done/dua.csv", "done/satu.csv"]
    assert Import.objects.count() == 1


def test_a_file_of_an_earlier_name_does_not_replace_the_one_in_done():
    folder, place = _folder()
    for price in ("22.000", "23.000"):
        _lay(place, "harga.csv", kinds.PRODUCTS.replace("22.000", price))
        _look(folder)
    assert _files(place) == ["done/harga-2.csv", "done/harga.csv"]
    assert Product.objects.get(sku="K-1").price == 23_000


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("products", "", "empty_file"),
        ("products", "\x89PNG\r\n\x1a\n" + "\x00" * 100, None),
        ("lines", "Nota,Tanggal,Produk,Harga\nN1,03/04/2026,Kopi,20000\n", "date_order"),
        ("customers", "Nama,Kota\nDewi,Bandung\n", "missing_field"),
        ("customers", "Nama,No HP\nDewi,12\n", "all_refused"),
    ],
)
def test_a_file_that_fails_says_why_and_waits_for_somebody_to_see_it(kind, text, code):
    folder, place = _folder(kind)
    _lay(place, "rusak.csv", text)
    assert _look(folder) == 1
    assert _files(place) == ["failed/rusak.csv", "failed/rusak.csv.txt"]
    words = (place / "failed" / "rusak.csv.txt").read_text()
    assert words.startswith("rusak.csv: ")
    assert (place / "failed" / "rusak.csv.txt").stat().st_mode & 0o077 == 0
    assert code is None or "{" not in words
    assert [row.failed_file for row in folders.failing_folders()] == ["rusak.csv"]
    folders.note_seen(folder=folder)
    assert folders.failing_folders() == []
    assert _look(folder) == 0


def test_one_broken_file_does_not_keep_others_out():
    folder, place = _folder()
    _lay(place, "a.csv", "apa ini")
    _lay(place, "b.csv", kinds.PRODUCTS)
    assert _look(folder) == 2
    assert Product.objects.count() == 2


def test_a_mapping_of_the_folder_says_which_column_is_which():
    mapping = NamedMapping.objects.create(
        name="Gudang", kind="products", columns={"product": "Barang X", "unit_price": "Y"}, created_at=cast.NOW
    )
    folder, place = _folder(mapping=mapping)
    _lay(place, "x.csv", "Y,Barang X,Z\n7.500,Teh,9\n")
    _look(folder)
    assert list(Product.objects.values_list("name", "price")) == [("Teh", 7_500)]


def test_a_look_that_was_cut_short_goes_on_where_it_stood(monkeypatch):
    folder, place = _folder("customers")
    _lay(place, "orang.csv", kinds.CUSTOMERS)
    monkeypatch.setattr("setia.domains.imports.writing.STEP_LINES", 6)
    stops = iter([False, False, True])
    assert _look(folder, should_stop=lambda: next(stops)) == 0
    assert (Customer.objects.count(), _files(place)) == (1, ["orang.csv"])
    assert _look(folder) == 1
    assert (Customer.objects.count(), Import.objects.count()) == (2, 1)
    assert _files(place) == ["done/orang.csv"]


def test_a_kill_between_writing_and_moving_writes_nothing_twice(monkeypatch):
    folder, place = _folder("customers")
    _lay(place, "orang.csv", kinds.CUSTOMERS)
    with monkeypatch.context() as patch:
        patch.setattr(folders, "_move", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            _look(folder)
    assert _look(folder) == 1
    assert (Customer.objects.count(), Import.objects.count(), _files(place)) == (2, 1, ["done/orang.csv"])


@pytest.mark.parametrize("path", ["/etc", "relative/inbox", "{tmp}/elsewhere", "{tmp}/imports/inbox/../../run"])
def test_folders_lie_only_where_the_operator_allows_them(tmp_path, path):
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(folders.UnableToWatch, match="outside"):
        folders.add_folder(kind="lines", path=path.format(tmp=tmp_path), mapping=None, by=SYSTEM, at=cast.NOW)


def test_an_allowed_folder_may_not_lead_out_by_a_link(tmp_path, monkeypatch):
    allowed, secret = tmp_path / "allowed", tmp_path / "secret"
    allowed.mkdir()
    secret.mkdir()
    monkeypatch.setenv("SETIA_IMPORT_FOLDERS", str(allowed))
    folder, place = _folder(path=str(allowed))
    assert place == allowed
    (allowed / "way").symlink_to(secret)
    with pytest.raises(folders.UnableToWatch, match="outside"):
        folders.add_folder(kind="lines", path=str(allowed / "way"), mapping=None, by=SYSTEM, at=cast.NOW)
    (allowed / "done").symlink_to(secret)
    _lay(allowed, "x.csv", kinds.PRODUCTS)
    _look(folder)
    assert list(secret.iterdir()) == []
    monkeypatch.delenv("SETIA_IMPORT_FOLDERS")
    _look(folder)
    assert folder.failed_file == "outside"


def test_the_schedule_looks_into_each_active_folder_once(monkeypatch):
    folder, _ = _folder()
    idle, _ = _folder("lines")
    folders.set_watching(folder=idle, is_active=False)
    assert tasks.watch_folders.func() == tasks.watch_folders.func() == 1
    assert [job.args for job in Job.objects.all()] == [[str(folder.id)]]
    assert tasks.watch_folder.func(str(idle.id)) == 0
    with pytest.raises(folders.UnableToWatch, match="taken"):
        _folder()
    folders.remove_folder(folder=folder)
    assert WatchFolder.objects.count() == 1


def test_a_mapping_with_a_name_fits_files_whose_columns_stand_elsewhere(tmp_path):
    options = ReadingOptions(mapping={"product": 1, "unit_price": 0}, currency="IDR", grouping=Grouping.INVOICE)
    about = {"kind": "products", "options": options, "headings": ("Y", "Barang X"), "at": cast.NOW}
    mapping = mappings.keep_mapping(name=" Gudang  utama ", **about)
    assert mappings.keep_mapping(name="Gudang utama", **about).id == mapping.id
    assert mappings.fitting(kind="products", headings=("barang x", "Z", "y")) == [mapping]
    assert mappings.fitting(kind="products", headings=("Barang X",)) == []
    assert mappings.fitting(kind="lines", headings=("barang x", "Z", "y")) == []
    found = mappings.options_of(mapping, headings=("Z", "BARANG X", "y"), currency="IDR")
    assert found.mapping == {"product": 1, "unit_price": 2}
    other = mappings.keep_mapping(name="Lain", **about)
    with pytest.raises(mappings.UnableToKeepMapping, match="taken"):
        mappings.rename_mapping(mapping=other, name="Gudang utama")
    with pytest.raises(mappings.UnableToKeepMapping, match="no_name"):
        mappings.keep_mapping(name="  ", **about)
    mappings.rename_mapping(mapping=other, name="Toko")
    mappings.delete_mapping(mapping=other)
    assert [row.name for row in mappings.all_mappings()] == ["Gudang utama"]
