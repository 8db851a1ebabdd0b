"""Files of each form, written row by row in the memory of a few hundred rows."""

import csv
import json
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from setia.domains.exports.rules import Column, ColumnKind, Form, cell
from setia.domains.imports.reading import safe_cell

MAX_SHEET_ROWS = 1_048_576
# Marks an empty cell on the way to Parquet; no text of a shop begins so.
_NOTHING = "\x1fnothing"

Rows = Iterable[Sequence[Any]]


def write(path: Path, form: Form, columns: Sequence[Column], rows: Rows, *, scale: int, title: str) -> int:
    """Write a file and return how many rows; `scale` is that of the shop's currency, `title` names sheets.

    Readable by the shop's own user only. A text that a spreadsheet could take for a formula is made harmless in
    CSV and XLSX; JSON lines and Parquet keep every text as it is, for no program runs them.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.close(descriptor)
    return _WRITERS[form](path, columns, rows, scale, title)


def stream(out: TextIO, form: Form, columns: Sequence[Column], rows: Rows, *, scale: int) -> int:
    """Write CSV or JSON lines to a stream and return how many rows."""
    return _csv_rows(out, columns, rows, scale) if form is Form.CSV else _json_rows(out, columns, rows, scale)


def _csv(path: Path, columns: Sequence[Column], rows: Rows, scale: int, title: str) -> int:
    with path.open("w", newline="", encoding="utf-8-sig") as out:
        return _csv_rows(out, columns, rows, scale)


def _csv_rows(out: TextIO, columns: Sequence[Column], rows: Rows, scale: int) -> int:
    writer = csv.writer(out)
    writer.writerow([column.title(Form.CSV) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([_csv_cell(value, column, scale) for value, column in zip(row, columns, strict=True)])
        count += 1
    return count


def _csv_cell(value: Any, column: Column, scale: int) -> Any:
    value = cell(value, column.kind, Form.CSV, scale)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}Z"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return safe_cell(value) if isinstance(value, str) else value


def _json(path: Path, columns: Sequence[Column], rows: Rows, scale: int, title: str) -> int:
    with path.open("w", encoding="utf-8") as out:
        return _json_rows(out, columns, rows, scale)


def _json_rows(out: TextIO, columns: Sequence[Column], rows: Rows, scale: int) -> int:
    names = [column.title(Form.JSONL) for column in columns]
    count = 0
    for row in rows:
        values = [_json_value(value, column) for value, column in zip(row, columns, strict=True)]
        out.write(json.dumps(dict(zip(names, values, strict=True)), default=str, ensure_ascii=False) + "\n")
        count += 1
    return count


def _json_value(value: Any, column: Column) -> Any:
    # JavaScript rounds numbers of more than 53 bits, so ids are texts as in the API.
    if column.kind is ColumnKind.ID:
        return None if value is None else str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _xlsx(path: Path, columns: Sequence[Column], rows: Rows, scale: int, title: str) -> int:
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet: Any = None
    count = 0
    for row in rows:
        if sheet is None or count % (MAX_SHEET_ROWS - 1) == 0:
            sheet = _sheet(workbook, columns, f"{title} {count // (MAX_SHEET_ROWS - 1) + 1}" if count else title)
        sheet.append([_xlsx_cell(value, column, scale) for value, column in zip(row, columns, strict=True)])
        count += 1
    if sheet is None:
        _sheet(workbook, columns, title)
    with path.open("wb") as out:
        workbook.save(out)
    return count


def _sheet(workbook: Any, columns: Sequence[Column], title: str) -> Any:
    sheet = workbook.create_sheet(title=title[:31])
    sheet.freeze_panes = "A2"
    sheet.append([column.title(Form.XLSX) for column in columns])
    return sheet


def _xlsx_cell(value: Any, column: Column, scale: int) -> Any:
    value = cell(value, column.kind, Form.XLSX, scale)
    if value is None or value == "":
        return None
    if column.kind is ColumnKind.ID:
        return str(value)  # Excel keeps fifteen digits of a number
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str):
        # A phone is a text cell and no formula, though it begins with a plus.
        is_phone = column.kind is ColumnKind.PHONE and value[:1] == "+" and value[1:].isdigit()
        return value if is_phone else str(safe_cell(value))[:32_767]
    return float(value) if isinstance(value, Decimal) else value


_TYPES = {
    ColumnKind.ID: "BIGINT",
    ColumnKind.TEXT: "VARCHAR",
    ColumnKind.PHONE: "VARCHAR",
    ColumnKind.NUMBER: "BIGINT",
    ColumnKind.MONEY: "BIGINT",
    ColumnKind.QUANTITY: "BIGINT",
    ColumnKind.MOMENT: "TIMESTAMPTZ",
    ColumnKind.DAY: "DATE",
    ColumnKind.YES_NO: "BOOLEAN",
}


def _parquet(path: Path, columns: Sequence[Column], rows: Rows, scale: int, title: str) -> int:
    """Rows go through a plain file beside the target: DuckDB reads and writes both as streams, in little memory."""
    import duckdb

    between = path.with_suffix(".between")
    descriptor = os.open(between, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    count = 0
    try:
        with os.fdopen(descriptor, "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, quoting=csv.QUOTE_ALL)
            for row in rows:
                writer.writerow([_parquet_cell(value) for value in row])
                count += 1
        types = ", ".join(f"'{_quoted(column.title(Form.PARQUET))}': '{_TYPES[column.kind]}'" for column in columns)
        config: dict[str, Any] = {
            "threads": 1,
            "memory_limit": "256MB",
            "temp_directory": str(path.parent / "spill"),
            "autoinstall_known_extensions": "false",
        }
        with duckdb.connect(config=config) as engine:
            engine.execute("SET TimeZone = 'UTC'")
            engine.execute(
                f"COPY (SELECT * FROM read_csv('{_quoted(str(between))}', columns = {{{types}}}, header = false, "  # noqa: S608
                "auto_detect = false, delim = ',', quote = '\"', escape = '\"', parallel = false, new_line = '\\r\\n', "
                f"max_line_size = 16777216, nullstr = '{_NOTHING}')) "
                f"TO '{_quoted(str(path))}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)"
            )
    finally:
        between.unlink(missing_ok=True)
    path.chmod(0o600)
    return count


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _parquet_cell(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value).replace("\x00", "")


_WRITERS: dict[Form, Callable[[Path, Sequence[Column], Rows, int, str], int]] = {
    Form.CSV: _csv,
    Form.XLSX: _xlsx,
    Form.JSONL: _json,
    Form.PARQUET: _parquet,
}
