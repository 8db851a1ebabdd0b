"""`setia import`: files into the shop, from the terminal."""

import sys
from pathlib import Path
from typing import Any

import click

from setia.cli import Failure, start_django
from setia.cli.output import Progress, json_option, print_json

EXIT_NEEDS_ANSWER = 4


@click.group(name="import")
def import_command() -> None:
    """Bring sales in from a till export, see earlier imports, take one back."""
    start_django()


def _option_values(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


@import_command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--currency", help="ISO code of the file's money, e.g. IDR; default: the shop's own.")
@click.option("--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="Say which column a field is in; repeat.")
@click.option(
    "--group-by",
    "grouping",
    type=click.Choice(["invoice", "invoice_day", "customer_minute", "customer_day"]),
    help="Which lines are one order; default: the invoice number, else customer and minute.",
)
@click.option("--date-order", type=click.Choice(["DMY", "MDY", "YMD"], case_sensitive=False), help="Order of dates.")
@click.option("--decimal", "decimal_mark", type=click.Choice([".", ","]), help="The mark before decimals.")
@click.option("--encoding", help="Encoding of a CSV file; default: recognized.")
@click.option("--delimiter", help="What separates columns; default: recognized.")
@click.option("--sheet", help="Sheet of a workbook; default: the first.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be written.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@json_option
def lines(file: Path, pairs: tuple[str, ...], dry_run: bool, yes: bool, as_json: bool, **given: Any) -> None:
    """Import transaction lines: one row is one product on one receipt.

    CSV, CSV.GZ or XLSX. Lines become orders, customers and products; negative quantities become returns. The same
    file twice changes nothing, and an import that was killed goes on when it is started again.
    """
    _run("lines", file, None, pairs, dry_run=dry_run, yes=yes, as_json=as_json, given=_option_values(**given))


def _kind_command(kind: str, summary: str) -> None:
    """Add the command for one more kind of file."""

    @import_command.command(name=kind, help=summary)
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option(
        "--lines",
        "second",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        hidden=kind != "orders",
        help="The file with the order lines; without it the second sheet of the workbook.",
    )
    @click.option("--currency", help="ISO code of the file's money; default: the shop's own.")
    @click.option("--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="Say which column a field is in.")
    @click.option(
        "--date-order", type=click.Choice(["DMY", "MDY", "YMD"], case_sensitive=False), help="Order of dates."
    )
    @click.option("--decimal", "decimal_mark", type=click.Choice([".", ","]), help="The mark before decimals.")
    @click.option("--encoding", help="Encoding of a CSV file; default: recognized.")
    @click.option("--delimiter", help="What separates columns; default: recognized.")
    @click.option("--sheet", help="Sheet of a workbook; default: the first.")
    @click.option(
        "--overwrite", is_flag=True, help="Overwrite what stands in the shop; without it only blanks are filled."
    )
    @click.option("--dry-run", is_flag=True, help="Only tell what would be written.")
    @click.option("--yes", is_flag=True, help="Write without asking.")
    @json_option
    def command(
        file: Path,
        second: Path | None,
        pairs: tuple[str, ...],
        overwrite: bool,
        dry_run: bool,
        yes: bool,
        as_json: bool,
        **given: Any,
    ) -> None:
        chosen = {**_option_values(**given), **({"overwrite": True} if overwrite else {})}
        _run(kind, file, second, pairs, dry_run=dry_run, yes=yes, as_json=as_json, given=chosen)


for _name, _summary in {
    "customers": "Import customers: one row is one person. Blanks are filled; known people are recognized.",
    "products": "Import products: SKU, name, category, price. Known products get what the file says.",
    "orders": "Import orders: a file with their heads, and one (or a second sheet) with their lines.",
    "interactions": "Import contacts with customers: calls, visits, chats.",
    "consents": "Import answers about consent; a yes needs its evidence and the version of its words.",
}.items():
    _kind_command(_name, _summary)


def _run(
    kind: str,
    file: Path,
    second: Path | None,
    pairs: tuple[str, ...],
    *,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    given: dict[str, Any],
) -> None:
    """Bring a file in, or go on with one that was cut short."""
    from setia.domains.imports import actions
    from setia.domains.imports.files import AlreadyRunning
    from setia.domains.imports.models import ImportState
    from setia.foundation import clock

    progress = Progress({"check": "Reading", "write": "Writing"}, quiet=as_json)
    try:
        record, already = _open_import(kind, file, second, pairs, given)
        if already:
            return _tell(record, as_json, already=True)
        if record.state == ImportState.CHECKING:
            actions.run_check(record=record, at=clock.now(), report=progress)
        progress.close()
        if record.state == ImportState.ASKING:
            _ask_for_answer(record, as_json)
        if record.state == ImportState.CHECKED:
            if dry_run:
                return _tell(record, as_json, already=False)
            if not yes:
                _confirm_by_hand(record)
            actions.confirm(record=record, by=_actor(), at=clock.now())
        actions.run_write(record=record, at=clock.now(), report=progress)
    except actions.UnableToImport as error:
        raise Failure(sentence(error)) from error
    except AlreadyRunning as error:
        raise Failure("Another process is working on this import; try again when it is done.") from error
    finally:
        progress.close()
    record.refresh_from_db()
    return _tell(record, as_json, already=False)


def _actor() -> Any:
    from setia.foundation.actors import SYSTEM

    return SYSTEM


def _open_import(
    kind: str, file: Path, second: Path | None, pairs: tuple[str, ...], given: dict[str, Any]
) -> tuple[Any, bool]:
    """Return the import of this file and whether it was written before; one that was cut short goes on."""
    from django.conf import settings

    from setia.domains.imports import actions, checking, files, queries
    from setia.domains.imports.checking import custom_names
    from setia.domains.imports.kinds import kind_of
    from setia.domains.imports.models import ImportState
    from setia.domains.imports.reading import UnreadableFile
    from setia.domains.imports.reading.vocabulary import TABLE_FIELDS
    from setia.domains.shop.queries import the_shop
    from setia.foundation import clock

    digest = files.hash_of(file)
    if second is not None:
        digest = actions.both_hashes(first=digest, second=files.hash_of(second))
    earlier = queries.same_file(digest)
    if earlier is not None and earlier.kind != kind:
        earlier = None
    if earlier is not None and earlier.state == ImportState.DONE:
        return earlier, True
    if earlier is not None and earlier.state == ImportState.WRITING:
        return earlier, False
    try:
        main, *others = kind_of(kind).parts
        head = checking.preview(file, sheet=given.get("sheet"), fields=main.fields)
        if others:
            given["line_sheet"] = None if second else checking.second_sheet(file)
            lines = checking.preview(second or file, sheet=given["line_sheet"], fields=others[0].fields)
            given["line_mapping"] = lines.mapping
    except UnreadableFile as error:
        raise Failure(_reason_sentence(error.reason.code, error.reason.value)) from error
    at = clock.now()
    record = earlier or actions.take_file(
        name=file.name,
        kind=kind,
        blocks=files.blocks_of(file),
        line_blocks=files.blocks_of(second) if second else None,
        limit_bytes=settings.MAX_IMPORT_BYTES,
        by=_actor(),
        at=at,
    )
    if record.state == ImportState.CHECKING:  # a check that was cut short begins again
        return record, False
    names = {field.name for field in TABLE_FIELDS[main.fields]} | {f"custom:{key}" for key, _ in custom_names()}
    known = None if others else queries.remembered(head.headings, kind=kind)
    options = _options(head, pairs, {"currency": the_shop().currency_code, **given}, names=names, known=known)
    actions.choose_options(record=record, options=options, headings=head.headings, at=at)
    return record, False


def _options(head: Any, pairs: tuple[str, ...], given: dict[str, Any], *, names: set[str], known: Any) -> Any:
    from setia.domains.imports.rules import Grouping, ReadingOptions, default_grouping

    mapping = dict(known.mapping) if known else dict(head.mapping)
    columns = {heading.casefold(): index for index, heading in enumerate(head.headings)}
    for pair in pairs:
        name, _, heading = pair.partition("=")
        if name not in names:
            raise Failure(f"--map {pair}: there is no field {name!r}. Fields: {', '.join(sorted(names))}.")
        if not heading:
            mapping.pop(name, None)
        elif heading.casefold() in columns:
            mapping[name] = columns[heading.casefold()]
        else:
            raise Failure(f"--map {pair}: the file has no column {heading!r}. Columns: {', '.join(head.headings)}.")
    grouping = given.pop("grouping", None)
    given["currency"] = given["currency"].upper()
    if "date_order" in given:
        given["date_order"] = given["date_order"].upper()
    elif known and known.date_order:
        given["date_order"] = known.date_order
    chosen = Grouping(grouping) if grouping else (known.grouping if known else default_grouping(mapping))
    return ReadingOptions(mapping=mapping, grouping=chosen, **given)


def _ask_for_answer(record: Any, as_json: bool) -> None:
    question = (
        "No date in this file tells the day from the month. Say which comes first: --date-order DMY (31/12) or MDY."
    )
    if as_json:
        print_json({"import_id": str(record.id), "state": record.state, "question": record.problem["code"]})
    click.echo(question, err=True)
    sys.exit(EXIT_NEEDS_ANSWER)


def _confirm_by_hand(record: Any) -> None:
    _describe(record)
    if not sys.stdin.isatty():
        raise Failure("Nothing was written: confirm with --yes, or use --dry-run to look only.")
    click.confirm("Write this into the shop?", abort=True, err=True)


def _describe(record: Any) -> None:
    from setia.foundation.money import currency, format_money

    counts = record.counts
    money = currency(record.option("currency"))
    if record.kind not in ("lines", "orders"):
        for name in ("rows", "records", "new", "known"):
            if name in counts:
                click.echo(f"  {name:14} {counts[name]:,}", err=True)
        _describe_skipped(counts)
        return
    click.echo(f"  rows read      {counts['rows']:,}", err=True)
    click.echo(f"  customers      {counts['customers']:,}", err=True)
    click.echo(f"  orders         {counts['orders']:,}  with {counts['lines']:,} lines", err=True)
    click.echo(f"  worth          {format_money(counts['gross'], money, 'en')}", err=True)
    click.echo(f"  passers-by     {counts['orders_without_customer']:,} orders without a customer", err=True)
    click.echo(f"  returns        {counts.get('returns', 0):,} lines", err=True)
    _describe_skipped(counts)


def _describe_skipped(counts: Any) -> None:
    for code, count in counts["skipped"].items():
        click.echo(f"  left out       {count:,}  {code}: {_reason_sentence(code, '…')}", err=True)


def _tell(record: Any, as_json: bool, *, already: bool) -> None:
    from setia.domains.imports import files, queries

    if as_json:
        print_json(queries.answer(record, already=already))
        return
    if already:
        click.echo(f"This file was imported before (import {record.id}); nothing was changed.", err=True)
        return
    _describe(record)
    if record.state == "done":
        click.echo(f"Done in {record.work_seconds:.1f} s. Take it back with: setia import undo {record.id}", err=True)
    if record.counts["skipped"]:
        click.echo(f"Rows left out, each with its reason: {files.refused_rows(record.id)}", err=True)


@import_command.command()
@click.argument("import_id", type=int)
@click.option("--yes", is_flag=True, help="Take back without asking.")
@json_option
def undo(import_id: int, yes: bool, as_json: bool) -> None:
    """Take an import back: its orders, returns, and the products and people only it had brought."""
    from setia.domains.imports import actions, files
    from setia.domains.imports.files import AlreadyRunning
    from setia.domains.imports.models import Import
    from setia.foundation import clock

    record = Import.objects.filter(id=import_id).first()
    if record is None:
        raise Failure(f"There is no import {import_id}; `setia import list` shows them.")
    if not yes:
        click.confirm(f"Take back {record.file_name}?", abort=True, err=True)
    progress = Progress({"undo": "Taking back"}, quiet=as_json)
    try:
        if record.state != "undone":
            with files.working_on(record.id):  # nobody is writing it just now
                pass
            actions.start_undo(record=record, by=_actor(), at=clock.now())
            actions.run_undo(record=record, by=_actor(), at=clock.now(), report=progress)
    except actions.UnableToImport as error:
        raise Failure(sentence(error)) from error
    except AlreadyRunning as error:
        raise Failure("Another process is working on this import; try again when it is done.") from error
    finally:
        progress.close()
    record.refresh_from_db()
    if as_json:
        print_json({"import_id": str(record.id), "state": record.state})
    else:
        click.echo(f"{record.file_name} was taken back.", err=True)


@import_command.command(name="list")
@json_option
def list_imports(as_json: bool) -> None:
    """Show the latest imports."""
    from setia.domains.imports import queries

    rows = queries.import_page(cursor="", size=50).rows
    if as_json:
        print_json({"imports": [{**queries.answer(row), "file": row.file_name} for row in rows]})
        return
    for row in rows:
        click.echo(f"{row.id}  {row.created_at:%Y-%m-%d %H:%M}  {row.state:9}  {row.file_name}")
    if not rows:
        click.echo("No file was imported yet. Try: setia import lines FILE --dry-run")


def _reason_sentence(code: str, value: str) -> str:
    from setia.domains.imports.queries import reason_text

    return reason_text(code).format(value=value, column="")


def sentence(error: Any) -> str:
    """Return why an import cannot go on, in one sentence that says how to mend it."""
    about = error.about
    sentences = {
        "too_large": "The file is larger than {limit_mib} MiB. Split it, or raise SETIA_MAX_IMPORT_MIB.",
        "empty_file": "The file is empty.",
        "disk_full": "The disk is full; nothing was changed. Make room and try again.",
        "missing_field": "No column was recognized for {field}. Name it: --map {field}=COLUMN.",
        "other_currency": "The shop sells in {shop} but the file is in {file}. Only a shop without sales can change.",
        "wrong_state": "This import cannot do that now; `setia import list` shows where it stands.",
    }
    if error.code == "unreadable":
        return _reason_sentence(about["code"], about["value"])
    return sentences[error.code].format(**about)
