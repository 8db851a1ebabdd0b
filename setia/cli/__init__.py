"""The `setia` command."""

import os
import sys

import click

import setia
from setia import sqlite_driver


class Failure(click.ClickException):
    """An error told in one sentence; exit code 1."""


def start_django(*, needs_tables: bool = True) -> None:
    """Load settings and apps; refuses an unsafe SQLite with a clear sentence and exit code 3.

    Commands that work with the shop's rows need a database that is neither behind nor ahead of this release.
    """
    reason = sqlite_driver.refusal()
    if reason and not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        click.echo(reason, err=True)
        sys.exit(3)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "setia.config.settings")
    import django

    from setia.config.database import BadDatabaseUrl

    try:
        django.setup()
    except BadDatabaseUrl as error:
        raise Failure(str(error)) from error
    # Whoever asks how a command is called has no shop yet, perhaps.
    if needs_tables and not {"-h", "--help"} & set(sys.argv):
        _refuse_other_releases()


def _refuse_other_releases() -> None:
    from django.db import DatabaseError

    from setia.cli.upkeep import pending_migrations, refuse_newer_database

    try:
        refuse_newer_database()
        pending = pending_migrations()
    except DatabaseError as error:
        raise Failure(f"The database does not answer: {error}. Check DATABASE_URL.") from error
    if pending:
        raise Failure("The database is not up to date; run `setia migrate`, or `setia upgrade` for a backup first.")


class LazyGroup(click.Group):
    """Loads the module of a command only when it is asked for, so that `setia --help` is quick."""

    MODULES = {
        "demo": "setia.cli.serving",
        "run": "setia.cli.serving",
        "worker": "setia.cli.serving",
        "migrate": "setia.cli.upkeep",
        "check": "setia.cli.upkeep",
        "backup": "setia.cli.backups",
        "restore": "setia.cli.backups",
        "move": "setia.cli.moving",
        "rotate-keys": "setia.cli.upkeep",
        "upgrade": "setia.cli.upkeep",
        "recount": "setia.cli.upkeep",
        "user": "setia.cli.people",
        "import": "setia.cli.importing",
        "export": "setia.cli.exporting",
        "shop": "setia.cli.people",
        "api-key": "setia.cli.programs",
        "audit": "setia.cli.auditing",
        "analyze": "setia.cli.analyzing",
        "metrics": "setia.cli.analyzing",
        "segments": "setia.cli.segmenting",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.MODULES:
            return None
        import importlib

        module = importlib.import_module(self.MODULES[cmd_name])
        command: click.Command = getattr(module, cmd_name.replace("-", "_") + "_command")
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(setia.__version__, prog_name="setia")
def cli() -> None:
    """Setia keeps a shop's customers: who they are, who is drifting away, what to do about it.

    Everything a shop owns lies in one folder, SETIA_HOME. DATABASE_URL moves the database to PostgreSQL.
    """


def main() -> None:
    """Run the command line. Whatever it writes is the shop's own user's to read and nobody else's."""
    os.umask(0o077)
    cli(prog_name="setia")
