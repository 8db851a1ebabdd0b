"""`setia audit`: is the audit trail as it was sealed."""

import sys

import click

from setia.cli import start_django
from setia.cli.output import json_option, print_json

EXIT_ALTERED = 5
_WORDS = {
    "altered": "was altered after it was sealed",
    "missing": "is missing",
    "inserted": "was slipped in among sealed rows",
    "seal": "does not fit the chain",
}


@click.group(name="audit")
def audit_command() -> None:
    """Seal and check the audit trail."""


@audit_command.command(name="verify")
@click.option("--since", "expected_hash", default="", help="The last hash of an earlier check; it must still be there.")
@json_option
def verify_command(expected_hash: str, as_json: bool) -> None:
    """Walk all seals and rows; exit code 5 names the first row that was altered, is missing or was slipped in."""
    start_django()
    from setia.foundation import clock
    from setia.foundation.events.verifying import verify

    verdict = verify(at=clock.now(), expected_hash=expected_hash)
    finding = verdict.finding
    if as_json:
        found = {"what": finding.what, "where": finding.where, "id": str(finding.row_id)} if finding else None
        print_json(
            {
                "seals": verdict.seal_count,
                "rows": verdict.row_count,
                "sealed_at": verdict.sealed_at.isoformat() if verdict.sealed_at else None,
                "last_hash": verdict.last_hash,
                "finding": found,
            }
        )
    elif finding:
        click.echo(f"! {finding.where} {finding.row_id} {_WORDS[finding.what]}.", err=True)
    else:
        click.echo(f"Intact: {verdict.row_count} rows under {verdict.seal_count} seals. Last hash: {verdict.last_hash}")
    if finding:
        sys.exit(EXIT_ALTERED)


@audit_command.command(name="seal")
def seal_command() -> None:
    """Seal what is old enough now, without waiting for the worker."""
    start_django()
    from setia.foundation import clock
    from setia.foundation.events.sealing import seal_due

    click.echo(f"{seal_due(at=clock.now())} rows sealed.")
