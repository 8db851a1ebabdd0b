"""Telling people and programs: sentences and progress bars on the terminal, one JSON object for `--json`."""

import json
import sys
from collections.abc import Callable
from typing import Any

import click


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json`: the last line of output is one JSON object."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")(command)


def print_json(answer: dict[str, Any]) -> None:
    """Print an answer for programs."""
    click.echo(json.dumps(answer, separators=(", ", ": ")))


class Progress:
    """A progress bar on a terminal, and nothing where the output goes to a file or a program."""

    STEPS = 1000

    def __init__(self, labels: dict[str, str], *, quiet: bool) -> None:
        self._labels = labels
        self._shown = sys.stderr.isatty() and not quiet
        self._bar: Any = None
        self._step = ""
        self._at = 0

    def __call__(self, step: str, share: float) -> None:
        """Show how much of a step is done, from 0 to 1."""
        if not self._shown:
            return
        if step != self._step:
            self.close()
            self._bar = click.progressbar(length=self.STEPS, label=self._labels.get(step, step), file=sys.stderr)
            self._bar.__enter__()
            self._step, self._at = step, 0
        reached = int(min(share, 1.0) * self.STEPS)
        self._bar.update(reached - self._at)
        self._at = reached

    def close(self) -> None:
        """Finish the bar that stands."""
        if self._bar is not None:
            self._bar.update(self.STEPS - self._at)
            self._bar.__exit__(None, None, None)
            self._bar, self._step = None, ""
