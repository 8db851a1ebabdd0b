"""Why a file, a row or a cell could not be read, as a code with plain words for it.

Knows nothing of languages: the screens translate TEXTS, an extraction tool finds them by N_().
"""

from dataclasses import dataclass

SHOWN_CHARACTERS = 80
# Python refuses to write longer integers in decimal, because that takes time squared.
_LONGEST_INTEGER_BITS = 4_096


def N_(text: str) -> str:  # noqa: N802 - the name that extraction tools look for
    """This will mark a text for translation and return it unchanged."""
    return text


@dataclass(frozen=True, slots=True)
class Reason:
    """This will name one defect: `code` is a key of TEXTS, `value` the offending text, short and printable."""

    code: str
    column: str | None = None
    value: str = ""


class UnreadableFile(Exception):
    """The file as a whole cannot be read; no row of it should be trusted."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.code}: {reason.value}" if reason.value else reason.code)
        self.reason = reason


class BadValue(Exception):
    """One cell cannot be read; the rest of the row may be."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.code}: {reason.value}" if reason.value else reason.code)
        self.reason = reason


def shown(value: object) -> str:
    """This will return `value` as short printable text, fit for a message, a log line and any database."""
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER_BITS:
        value = hex(value)
    text = value[: SHOWN_CHARACTERS * 2] if isinstance(value, str) else str(value)
    # NUL cannot be stored in PostgreSQL and a lone surrogate cannot be written as UTF-8 at all.
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text.strip())
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


TEXTS: dict[str, str] = {
    # One row.
    "cell_too_long": N_(
        "The cell in column “{column}” holds more than 32,767 characters, more than Excel can. Shorten it in the file."
    ),
    "nul_byte": N_("This row holds an invisible zero byte. Export the file again, or delete the row and type it anew."),
    "record_too_long": N_(
        'This row goes on for too long. A quotation mark (") in it is probably not closed: “{value}”. '
        "Close or delete it."
    ),
    "unclosed_quote": N_(
        'A quotation mark (") that opens in this row is not closed where it should be: “{value}”. Close or delete it.'
    ),
    "too_many_cells": N_(
        "This row has more cells than there are headings, from “{value}” on. "
        "Put text that contains the separator between quotation marks."
    ),
    "undecodable_text": N_(
        "This row holds letters in another encoding than the rest of the file: “{value}”. "
        "Save the file as “CSV UTF-8” and try again."
    ),
    "stray_line_break": N_(
        "This row holds a line break outside quotation marks: “{value}”. Delete the line break and try again."
    ),
    # The whole file.
    "cannot_open": N_("The file “{value}” cannot be opened. Upload it again."),
    "empty_file": N_("The file is empty. Export it again and check that it holds rows."),
    "no_headings": N_("No row with column headings was found. Put the headings in one row above the sales."),
    "too_many_columns": N_("The file has more than 500 columns. Delete the columns that are not needed."),
    "old_excel": N_(
        "This is an old Excel file (.xls), which cannot be read. Open it in Excel and save it as .xlsx or CSV. "
        "If it has a password, remove the password too."
    ),
    "locked_workbook": N_(
        "This Excel file is locked with a password. Open it in Excel, remove the password and save it."
    ),
    "broken_workbook": N_("This Excel file is damaged. Open it in Excel, save it under a new name and try again."),
    "workbook_too_large": N_("This Excel file is too large to be read safely. Save the sheet as CSV and try again."),
    "unsafe_workbook": N_("This Excel file holds parts that Excel never writes. Open it in Excel and save it as CSV."),
    "not_a_workbook": N_(
        "This is a packed file, but not an Excel workbook (.xlsx). Unpack it first, or save the table as .xlsx or CSV."
    ),
    "no_such_sheet": N_("The workbook has no sheet named “{value}”. Choose another sheet."),
    "empty_sheet": N_("The sheet “{value}” is empty. Choose another sheet."),
    "broken_gzip": N_("The compressed file is damaged or not complete. Export or upload it again."),
    "expands_too_far": N_("The compressed file unpacks to far more than a till export can be. Unpack it and check it."),
    "web_page": N_(
        "This is a web page or XML with the name of a table, as some tills export it. "
        "Open it in Excel and save it as .xlsx."
    ),
    "not_a_table": N_("This is not a table. Upload a CSV file or an Excel workbook (.xlsx)."),
    "unknown_encoding": N_("The encoding “{value}” is not known. Choose UTF-8, UTF-16 or Windows-1252."),
    "unknown_delimiter": N_("“{value}” cannot separate columns. Choose comma, semicolon, tab or |."),
    # One number.
    "number_missing": N_("A number is missing. Fill it in."),
    "bad_number": N_("“{value}” is not a number. Write it with digits only, such as 12500 or 12.500."),
    "number_mark": N_(
        "“{value}” uses the dot or the comma in another way than the rest of the column. "
        "Write all numbers the same way."
    ),
    "number_percent": N_("“{value}” is a percentage. Write the amount instead."),
    "number_too_large": N_("“{value}” is too large to be right. At most 15 digits are read."),
    "number_is_date": N_("“{value}” is a date where a number is expected. Set the column to “Number” in Excel."),
    # One date or time.
    "date_missing": N_("The date is missing. Fill it in."),
    "bad_date": N_("“{value}” is not a date that can be read. Write it as 31/12/2026 14:05 or 2026-12-31 14:05."),
    "no_such_date": N_("“{value}” is not a day in the calendar or a time of day. Correct it."),
    "date_order": N_(
        "“{value}” does not fit the order of day and month chosen for this column. Choose another order or correct it."
    ),
    "date_out_of_range": N_("“{value}” is not between 1990 and 2199. Correct the year, and write it with four digits."),
    "bad_time": N_("“{value}” is not a time of day. Write it as 14:05."),
    # One word, number or address of a person.
    "bad_word": N_("“{value}” is not one of the words this column may hold. Correct it or leave it empty."),
    "bad_phone": N_("“{value}” is not a phone number. Write it like 0812-3456-7890."),
    "bad_email": N_("“{value}” is not an e-mail address. Write it like sari@contoh.id."),
    "bad_account": N_("“{value}” does not name its place. Write it like shopee:12345 or instagram:kopisenja."),
}
