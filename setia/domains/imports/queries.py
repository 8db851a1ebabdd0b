"""Questions about imports."""

import csv
import hashlib
from itertools import islice
from typing import Any

from setia.domains.imports import files
from setia.domains.imports.models import Import, ImportState, SavedMapping
from setia.domains.imports.reading.reasons import TEXTS
from setia.domains.imports.rules import FOLDER_TEXTS, LINE_TEXTS, ROW_TEXTS, ReadingOptions
from setia.domains.staff.queries import require
from setia.domains.staff.rules import Capability
from setia.foundation.paging import Key, Page, key_page


def signature_of(headings: tuple[str, ...], *, kind: str = "lines") -> str:
    """Return the key under which a mapping for these headings is remembered."""
    words = [*(heading.casefold() for heading in headings), *([f"kind:{kind}"] if kind != "lines" else [])]
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()


def remembered(headings: tuple[str, ...], *, kind: str = "lines") -> ReadingOptions | None:
    """Return how a file of this kind with these headings was read last, or None."""
    saved = SavedMapping.objects.filter(signature=signature_of(headings, kind=kind)).first()
    return ReadingOptions.from_json(saved.options) if saved else None


def same_file(file_hash: str, *, but: int | None = None) -> Import | None:
    """Return the latest import of the very same file that is written or on its way, or None."""
    live = [ImportState.DONE, ImportState.WRITING, ImportState.CHECKED, ImportState.CHECKING]
    rows = Import.objects.filter(file_hash=file_hash, state__in=live, is_short=False).exclude(id=but or 0)
    return rows.order_by("-created_at").first()


def sharers(record: Import) -> list[Import]:
    """Return later imports that left out rows because they stood in the shop already, maybe from this one."""
    later = Import.objects.filter(state=ImportState.DONE, id__gt=record.id).order_by("id")
    return [row for row in later if row.written.get("known_lines") or row.written.get("known_returns")]


def first_refused(record: Import, *, count: int) -> list[dict[str, Any]]:
    """Return the first refused rows as row number, reason code, column and value; none once the files are gone.

    They are read from the file of refused rows: what a cell held may be personal and goes with that file.
    """
    path = files.refused_rows(record.id)
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8-sig") as lines:
        rows = islice(csv.reader(lines), 1, count + 1)
        return [{"row": row[0], "code": row[1], "column": row[2], "value": row[3][:80]} for row in rows]


def access_import(viewer: Any, import_id: int) -> Import:
    """Return an import to somebody who may import; raises NotAllowed and Import.DoesNotExist."""
    require(viewer, Capability.IMPORT)
    return Import.objects.get(id=import_id)


def import_page(*, cursor: str, size: int) -> Page[Import]:
    """Return one page of imports, latest first."""
    return key_page(Import.objects.all(), keys=(Key("created_at"), Key("id")), cursor=cursor, size=size)


def unfinished() -> list[Import]:
    """Return imports that wait for a person."""
    waiting = [ImportState.UPLOADED, ImportState.ASKING, ImportState.CHECKED, ImportState.FAILED]
    return list(Import.objects.filter(state__in=waiting, files_gone_at=None).order_by("-created_at")[:5])


def answer(record: Import, *, already: bool = False) -> dict[str, Any]:
    """Return what an import tells programs: what the file holds and, under `written`, what it changed.

    `customers`, `orders`, `lines`, `gross` speak of purchases with a known customer; returns stand apart; money is
    in smallest units.
    """
    nothing = dict.fromkeys(("customers", "orders", "extended_orders", "lines", "returns"), 0)
    return {
        "import_id": str(record.id),
        "state": record.state,
        "currency": record.option("currency"),
        **record.counts,
        "written": nothing if already else {**nothing, **record.written},
        "already_imported": already,
        "seconds": round(record.work_seconds, 2),
        "peak_mib": round(record.peak_mib, 1),
    }


def folder_text(code: str) -> str:
    """Return the English sentence for why a whole file of a watched folder did not come in."""
    return FOLDER_TEXTS.get(code) or reason_text(code)


def reason_text(code: str) -> str:
    """Return the English sentence for a reason, with {value} and {column} to fill in; doors translate it."""
    return {**TEXTS, **LINE_TEXTS, **ROW_TEXTS}.get(code, "{value}")
