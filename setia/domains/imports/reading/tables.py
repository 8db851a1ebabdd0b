"""Opening a till's export, whatever it calls itself: CSV, gzipped CSV or an Excel workbook."""

import os

from setia.domains.imports.reading.cells import Table
from setia.domains.imports.reading.csv_tables import CsvTable
from setia.domains.imports.reading.files import kind_of, open_raw
from setia.domains.imports.reading.xlsx_tables import XlsxTable


def open_table(
    path: str | os.PathLike[str],
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Table:
    """This will open a till's export and find its headings, whatever the file's name says. Raises UnreadableFile.

    What is not given is guessed from the content: encoding and delimiter of a CSV file, the sheet of a workbook.
    """
    with open_raw(path) as raw:
        kind = kind_of(raw)
    if kind == "xlsx":
        return XlsxTable(path, sheet)
    return CsvTable(path, kind, encoding, delimiter)
