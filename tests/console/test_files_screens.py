"""Screens of files: what a column will be read as, mappings with names, folders, exports."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from setia.domains.customers.models import Customer
from setia.domains.exports import files as export_files
from setia.domains.exports import tasks as export_tasks
from setia.domains.exports.models import Export, ExportState
from setia.domains.imports import tasks
from setia.domains.imports.models import Import, ImportState, NamedMapping, WatchFolder
from setia.foundation.events.models import AccessLog
from setia.foundation.jobs.models import Job
from tests import cast
from tests.console.verdicts import put_away
from tests.domains.imports import kinds

pytestmark = pytest.mark.django_db
NEW = "/console/imports/new/"


def _upload(sari, text, name="orang.csv", **fields):
    answer = sari.post(NEW, {"file": SimpleUploadedFile(name, text.encode()), **fields}, follow=True)
    assert answer.status_code == 200
    return Import.objects.latest("id"), answer.content.decode()


@pytest.fixture(autouse=True)
def indonesian(settings):
    settings.LANGUAGE_CODE = "id"


def test_the_kind_is_guessed_and_each_column_shows_how_it_will_be_read(sari):
    record, page = _upload(sari, kinds.CUSTOMERS + "K3,Budi,bukan nomor,,31/02/1990,,,,,,,\n")
    assert (record.kind, record.state) == ("customers", ImportState.UPLOADED)
    for text in ("+6281234567890", "17 Agustus 1985", "perempuan", "kopi, teh", "WhatsApp"):
        assert text in page, text
    assert page.count('class="error"') == 2
    assert "bukan nomor" in page


def test_the_preview_follows_the_choice_and_writes_nothing(sari):
    record, _ = _upload(sari, "A,B\n0812-3456-7890,1.250\n", kind="customers")
    url = f"/console/imports/{record.id}/"
    answer = sari.post(f"{url}preview/", {"column_0": "phone", "column_1": "acquisition_cost", "currency": "IDR"})
    page = answer.content.decode()
    assert "+6281234567890" in page
    assert "Rp\xa01.250" in page
    answer = sari.post(f"{url}preview/", {"column_0": "email", "currency": "IDR"})
    assert answer.content.decode().count('class="error"') == 1
    record.refresh_from_db()
    assert (record.state, record.options) == (ImportState.UPLOADED, {})


def test_one_field_for_two_columns_is_an_error_at_both(sari):
    record, _ = _upload(sari, "A,B,C\n0812-3456-7890,Dewi,Lestari\n", kind="customers")
    url = f"/console/imports/{record.id}/"
    form = {"column_0": "phone", "column_1": "customer_name", "column_2": "customer_name", "currency": "IDR"}
    for path, status in ((f"{url}preview/", 200), (f"{url}options/", 422)):
        answer = sari.post(path, form)
        page = answer.content.decode()
        assert answer.status_code == status
        for column, other in ((1, "C"), (2, "B")):
            part = page.split(f'id="column-{column}"')[1].split("</td>")[0]
            assert f'aria-describedby="column-{column}-error"' in part
            assert f"juga dipilih untuk kolom “{other}”. Lewati salah satunya, atau pilih isi yang lain." in part
            assert '<option value="customer_name" selected>' in part
        assert page.count('<span class="error" id="column-') == 2
    assert "Dua kolom tidak bisa berisi hal yang sama" in page
    record.refresh_from_db()
    assert (record.state, record.options) == (ImportState.UPLOADED, {})
    assert sari.post(f"{url}options/", {**form, "column_2": ""}).status_code == 302


def test_a_row_with_a_name_only_says_what_is_missing_and_how_to_mend_it(sari):
    record, _ = _upload(sari, "Nama,Telepon\nDewi,0812-3456-7890\nEko,\n", kind="customers")
    form = {"column_0": "customer_name", "column_1": "phone", "currency": "IDR"}
    sari.post(f"/console/imports/{record.id}/options/", form)
    tasks.check.func(str(record.id))
    page = sari.get(f"/console/imports/{record.id}/").content.decode()
    assert "Baris ini tidak punya nomor pelanggan, kartu, telepon, e-mail, atau akun." in page
    assert "Nama saja tidak cukup untuk membedakan orang: tambahkan salah satunya." in page
    record.refresh_from_db()
    assert record.counts["skipped"] == {"no_identity": 1}


def test_a_mapping_is_saved_offered_used_renamed_and_deleted(sari):
    record, _ = _upload(sari, "A,B\n0812-3456-7890,Dewi\n", kind="customers")
    form = {"column_0": "phone", "column_1": "customer_name", "currency": "IDR", "keep_as": "Dari kasir"}
    assert sari.post(f"/console/imports/{record.id}/options/", form).status_code == 302
    mapping = NamedMapping.objects.get()
    assert mapping.columns == {"phone": "A", "customer_name": "B"}
    other, page = _upload(sari, "B,C,A\nEko,x,0813-1111-2222\n", kind="customers")
    assert "Dari kasir" in page
    page = sari.get(f"/console/imports/{other.id}/?mapping=1&use={mapping.id}").content.decode()
    assert '<option value="phone" selected>' in page
    assert "+6281311112222" in page
    sari.post(f"/console/imports/mappings/{mapping.id}/rename/", {"name": "Kasir Dago"})
    assert "Kasir Dago" in sari.get("/console/imports/mappings/").content.decode()
    sari.post(f"/console/imports/mappings/{mapping.id}/delete/")
    assert not NamedMapping.objects.exists()


def test_a_file_is_brought_in_from_upload_to_result(sari):
    record, _ = _upload(sari, kinds.CUSTOMERS)
    form = {f"column_{index}": name for index, name in enumerate(["customer", "customer_name", "phone", "email"])}
    sari.post(f"/console/imports/{record.id}/options/", {**form, "currency": "IDR"})
    tasks.check.func(str(record.id))
    page = sari.get(f"/console/imports/{record.id}/").content.decode()
    assert "Pelanggan" in page
    sari.post(f"/console/imports/{record.id}/confirm/")
    tasks.write.func(str(record.id))
    page = sari.get(f"/console/imports/{record.id}/").content.decode()
    assert Customer.objects.count() == 2
    assert "2" in page


def test_orders_ask_for_the_file_with_their_lines(sari):
    record, page = _upload(sari, kinds.ORDERS, name="pesanan.csv")
    assert (record.kind, 'id="lines-file"' in page) == ("orders", True)
    lines = SimpleUploadedFile("baris.csv", kinds.ORDER_LINES.encode())
    page = sari.post(f"/console/imports/{record.id}/lines/", {"lines": lines}, follow=True).content.decode()
    assert 'name="lines_column_1"' in page
    assert '<option value="product" selected>' in page
    sari.post(f"/console/imports/{record.id}/kind/", {"kind": "lines"})
    record.refresh_from_db()
    assert record.kind == "lines"


def test_a_folder_outside_is_refused_and_what_was_typed_stays(sari):
    answer = sari.post("/console/imports/folders/", {"kind": "products", "path": "/etc"})
    page = answer.content.decode()
    assert (answer.status_code, 'value="/etc"' in page, "SETIA_IMPORT_FOLDERS" in page) == (422, True, True)
    assert sari.post("/console/imports/folders/", {"kind": "products", "path": ""}).status_code == 302
    folder = WatchFolder.objects.get()
    sari.post(f"/console/imports/folders/{folder.id}/watch/", {})
    folder.refresh_from_db()
    assert not folder.is_active


def test_a_failed_file_shows_at_home_until_somebody_has_seen_it(sari):
    folder = WatchFolder.objects.create(
        kind="lines", created_at=cast.NOW, actor_kind="staff", actor_id=1, failed_at=cast.NOW, failed_file="rusak.csv"
    )
    assert "rusak.csv" in sari.get("/console/").content.decode()
    sari.post(f"/console/imports/folders/{folder.id}/seen/")
    assert "rusak.csv" not in sari.get("/console/").content.decode()


def test_an_export_is_asked_for_made_taken_and_deleted(sari):
    cast.member("dewi")
    form = {"kind": "customers", "form": "csv", "once": "satu"}
    first = sari.post("/console/exports/new/", form)
    assert sari.post("/console/exports/new/", form).headers["Location"] == first.headers["Location"]
    record = Export.objects.get()
    assert Job.objects.filter(unique_key=f"export:{record.id}").count() == 1
    url = f"/console/exports/{record.id}/"
    assert 'id="progress"' in sari.get(url).content.decode()
    export_tasks.make.func(str(record.id))
    assert sari.get(f"{url}progress/").headers["HX-Refresh"] == "true"
    assert "/file/" in sari.get(url).content.decode()
    assert sari.get(f"{url}file/").status_code == 405
    answer = sari.post(f"{url}file/")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert b"Dewi" in b"".join(answer.streaming_content)
    put_away(answer)
    assert AccessLog.objects.filter(page="export:customers.file").count() == 1
    sari.post(f"{url}delete/")
    page = sari.post(f"{url}file/", follow=True).content.decode()
    assert "/again/" in page
    again = sari.post(f"{url}again/", {"once": "dua"})
    assert again.headers["Location"] != url
    assert Export.objects.count() == 2


def test_an_export_that_was_stopped_says_so(sari):
    sari.post("/console/exports/new/", {"kind": "products", "form": "xlsx"})
    record = Export.objects.get()
    page = sari.post(f"/console/exports/{record.id}/cancel/", follow=True).content.decode()
    record.refresh_from_db()
    assert (record.state, "/again/" in page) == (ExportState.CANCELLED, True)
    assert not export_files.folder(record.id).exists()


def test_an_export_whose_days_are_reversed_is_refused(sari):
    form = {"kind": "orders", "form": "csv", "first": "2026-02-01", "last": "2026-01-01"}
    answer = sari.post("/console/exports/new/", form)
    assert (answer.status_code, Export.objects.count()) == (422, 0)
    assert 'value="2026-02-01"' in answer.content.decode()
