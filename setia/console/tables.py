"""Tables whose columns a person chooses; the choice goes with the account, so it is there on every device."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from setia.domains.staff.models import Staff


@dataclass(frozen=True, slots=True)
class Column:
    """One column that may be hidden. `sort` is the sort its heading asks for, if any."""

    name: str
    label: Promise
    is_number: bool = False
    is_usual: bool = True
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the heading of its first column, which always stands, and those to choose from, in their order."""

    name: str
    first: Promise
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as one person sees it; `shown` are the names of the columns on show."""

    table: Table
    shown: frozenset[str]

    @property
    def columns(self) -> list[Column]:
        """Return the columns on show, in their order."""
        return [column for column in self.table.columns if column.name in self.shown]


TABLES = {
    table.name: table
    for table in (
        Table(
            "customers",
            _("Customer"),
            (
                Column("stage", _("Stage")),
                Column("tags", _("Tags"), is_usual=False),
                Column("owner", _("Looked after by"), is_usual=False),
                Column("spent", _("Spent"), is_number=True, sort="spend"),
                Column("orders", _("Orders"), is_number=True, sort="orders"),
                Column("average", _("Per order"), is_number=True, is_usual=False),
                Column("returned", _("Returned"), is_number=True, is_usual=False),
                Column("gap", _("Usual gap"), is_usual=False),
                Column("first", _("First purchase"), is_usual=False),
                Column("last", _("Last purchase"), sort="recent"),
                Column("joined", _("Customer since"), is_usual=False),
            ),
        ),
        Table(
            "orders",
            _("Number"),
            (
                Column("customer", _("Customer")),
                Column("time", _("Time")),
                Column("status", _("Status")),
                Column("outlet", _("Outlet")),
                Column("channel", _("Channel"), is_usual=False),
                Column("tender", _("Payment method"), is_usual=False),
                Column("lines", _("Lines"), is_number=True, is_usual=False),
                Column("discount", _("Discount"), is_number=True, is_usual=False),
                Column("returned", _("Returned"), is_number=True, is_usual=False),
                Column("amount", _("Amount"), is_number=True),
            ),
        ),
        Table(
            "products",
            _("Product"),
            (
                Column("category", _("Category")),
                Column("sku", _("SKU")),
                Column("price", _("Price"), is_number=True),
                Column("added", _("Added"), is_usual=False),
            ),
        ),
    )
}


def table_for(person: Staff, name: str, *, chosen: list[str] | None = None) -> ShownTable:
    """Return a table with the columns this person chose, or the usual ones; names no longer known are left out.

    Columns that were `chosen` by a saved view come before the person's own.
    """
    table = TABLES[name]
    chosen = chosen if chosen is not None else person.table_columns.get(name)
    if not isinstance(chosen, list):
        return ShownTable(table, frozenset(column.name for column in table.columns if column.is_usual))
    return ShownTable(table, frozenset(column.name for column in table.columns if column.name in chosen))


def known_names(name: str, names: Iterable[str]) -> list[str] | None:
    """Return the names that are columns of a table, in their order; None when they are just the usual ones."""
    table, wanted = TABLES[name], set(names)
    if wanted == {column.name for column in table.columns if column.is_usual}:
        return None
    return [column.name for column in table.columns if column.name in wanted]
