"""The second pass: units go from the scratch table into the shop, a few hundred lines at a time.

Each step is one transaction that also moves the import's position. Killed at any moment, it goes on after the last
step; and because all that is written has its key, a step that is done twice changes nothing.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError

from setia.domains.imports import files
from setia.domains.imports.kinds import kind_of
from setia.domains.imports.kinds.protocol import StepWriter
from setia.domains.imports.models import Import, ImportState
from setia.foundation.db import write_tx

# A step of this many lines holds the write lock for a tenth of a second, so that a cashier hardly waits.
STEP_LINES = 1_500
_TRIES = 6
# Lets a waiting cashier in between two steps.
_BREATH_SECONDS = 0.002

Report = Callable[[int, int], None]


class NoLongerWriting(Exception):
    """Raised when the import was taken back while it was being written; the step is undone."""


def write(record: Import, *, at: datetime, report: Report, should_stop: Callable[[], bool]) -> bool:
    """Write what is left of an import; False says that it was asked to stop and goes on later where it stands."""
    kind = kind_of(record.kind)
    with kind.stage(files.staging(record.id), fresh=False) as staging:
        writer = kind.writer(record, staging, at=at)
        writer.prepare()
        while units := staging.units_after(record.position, line_limit=STEP_LINES):
            if should_stop():
                return False
            try:
                _step(writer, record, units)
            except NoLongerWriting:
                return False
            report(record.done_count, record.total_count)
            time.sleep(_BREATH_SECONDS)
    return True


def _step(writer: StepWriter, record: Import, units: Sequence[Any]) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            with write_tx():
                added = writer.step(units)
                written = Counter({name: int(count) for name, count in record.written.items()})
                written.update(added)
                position, done = units[-1].position, units[-1].position
                mine = Import.objects.filter(id=record.id, state=ImportState.WRITING)
                if not mine.update(position=position, done_count=done, written=dict(written)):
                    raise NoLongerWriting
        except (IntegrityError, OperationalError):
            # Another door made the same person or order at this moment, or the database broke a tie between two
            # writers. Nothing of the step remains, so it is done again; a real fault fails each time.
            if attempt == _TRIES:
                raise
            time.sleep(0.02 * attempt)
        else:
            record.position, record.done_count, record.written = position, done, dict(written)
            return
