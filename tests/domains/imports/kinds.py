"""Files of every kind, and the short way from a text to an import of it."""

from pathlib import Path
from typing import Any

from setia.domains.imports import actions, checking, files
from setia.domains.imports.kinds import kind_of
from setia.domains.imports.models import Import
from setia.domains.imports.rules import Grouping, ReadingOptions
from setia.foundation.actors import SYSTEM
from tests import cast

LINES = "Tanggal,No Nota,Pelanggan,Telepon,Produk,Jumlah,Harga\n21/11/2026 08:15,N1,Dewi,0812-3456-7890,Kopi,2,22.000\n"
CUSTOMERS = (
    "Kode,Nama,No HP,Email,Tanggal Lahir,Jenis Kelamin,Sapaan,Alamat,Kota,Minat,Saluran Favorit,Rahasia\n"
    "K1,Dewi Lestari,0812-3456-7890,dewi@contoh.id,17/08/1985,P,Ibu,Jl. Dago 1,Bandung,kopi; teh,WA,jangan simpan\n"
    "K2,Eko,+62 813 1111 2222,,,L,Bpk,,Cimahi,,,x\n"
)
PRODUCTS = "SKU,Nama Produk,Kategori,Harga Jual\nK-1,Kopi Susu,Kopi,22.000\nR-1,Roti,Roti,15.000\n"
ORDERS = (
    "No Pesanan,Tanggal,Nama,Telepon,Status,Total\n"
    "A1,21/11/2026 08:15,Dewi,0812-3456-7890,Selesai,59.000\n"
    "A2,22/11/2026 09:00,,,Lunas,20.000\n"
)
ORDER_LINES = "No Pesanan,Produk,Jumlah,Harga\nA1,Kopi Susu,2,22.000\nA1,Roti,1,15.000\nA2,Kopi Susu,1,22.000\n"
INTERACTIONS = (
    "Telepon,Jenis Interaksi,Tanggal,Arah,Hasil,Durasi,Catatan\n"
    "0812-3456-7890,telepon,21/11/2026 08:15,masuk,puas,120,Tanya jam buka\n"
)
CONSENTS = (
    "Telepon,Tujuan,Saluran,Setuju,Tanggal,Versi Kalimat,Bukti\n"
    "0812-3456-7890,promosi,WA,ya,21/11/2026 08:15,1,Formulir kertas no. 12\n"
)
FILES = {
    "lines": LINES,
    "customers": CUSTOMERS,
    "products": PRODUCTS,
    "orders": ORDERS,
    "interactions": INTERACTIONS,
    "consents": CONSENTS,
}


def quiet(step: str, share: float) -> None:
    """Progress that nobody reads."""


def taken(
    tmp_path: Path,
    kind: str,
    content: str | bytes,
    *,
    lines: str | None = None,
    name: str = "berkas.csv",
    **changes: Any,
) -> Import:
    """Take a file in, with the mapping Setia guesses, and check it."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    second = None
    if kind == "orders":
        second = tmp_path / "lines.csv"
        second.write_text(ORDER_LINES if lines is None else lines)
    record = actions.take_file(
        name=name,
        kind=kind,
        blocks=files.blocks_of(path),
        line_blocks=files.blocks_of(second) if second else None,
        limit_bytes=10**9,
        by=SYSTEM,
        at=cast.NOW,
    )
    options: dict[str, Any] = {"currency": "IDR", "grouping": Grouping.INVOICE, "date_order": "DMY"}
    headings: tuple[str, ...] = ()
    for part in kind_of(kind).parts:
        head = checking.preview(part.path_of(record.id), fields=part.fields)
        options["line_mapping" if part.name else "mapping"] = head.mapping
        headings += head.headings
    actions.choose_options(
        record=record, options=ReadingOptions(**{**options, **changes}), headings=headings, at=cast.NOW
    )
    return actions.run_check(record=record, at=cast.NOW, report=quiet)


def written(record: Import) -> Import:
    """Write a checked import."""
    actions.confirm(record=record, by=SYSTEM, at=cast.NOW)
    assert actions.run_write(record=record, at=cast.NOW, report=quiet)
    record.refresh_from_db()
    return record


def undone(record: Import) -> Import:
    """Take an import back."""
    actions.start_undo(record=record, by=SYSTEM, at=cast.NOW)
    assert actions.run_undo(record=record, by=SYSTEM, at=cast.NOW, report=quiet)
    record.refresh_from_db()
    return record
