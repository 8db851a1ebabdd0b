"""Reading a till's export: tables, headings, numbers, dates. Pure: no database, no clock, no file but the one given.

It owns how such files are written; it must not know what their rows mean for a shop.
"""

from setia.domains.imports.reading.cells import Cell, Record, Table
from setia.domains.imports.reading.codes import clean_code
from setia.domains.imports.reading.csvsafe import safe_cell
from setia.domains.imports.reading.headings import FIELDS, Field, guess_mapping
from setia.domains.imports.reading.moments import DateOrder, DateProbe, parse_day, parse_moment
from setia.domains.imports.reading.numbers import NumberStyle, guess_number_style, parse_number
from setia.domains.imports.reading.reasons import TEXTS, BadValue, Reason, UnreadableFile
from setia.domains.imports.reading.tables import open_table

__all__ = [
    "FIELDS",
    "TEXTS",
    "BadValue",
    "Cell",
    "DateOrder",
    "DateProbe",
    "Field",
    "NumberStyle",
    "Reason",
    "Record",
    "Table",
    "UnreadableFile",
    "clean_code",
    "guess_mapping",
    "guess_number_style",
    "open_table",
    "parse_day",
    "parse_moment",
    "parse_number",
    "safe_cell",
]
