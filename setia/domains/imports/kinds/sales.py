"""Sales lines of a till: one row is one product on one receipt."""

from datetime import datetime
from pathlib import Path

from setia.domains.imports.kinds.protocol import Part, Reading
from setia.domains.imports.lines import LineReader
from setia.domains.imports.models import Import
from setia.domains.imports.rules import ReadingOptions, missing_fields
from setia.domains.imports.sales_writing import SalesWriter
from setia.domains.imports.staging import Staging


class SalesLines:
    """The kind of most files: what a till exports."""

    name = "lines"
    parts = (Part("", "lines"),)

    def missing(self, options: ReadingOptions) -> list[str]:
        """See Kind."""
        return missing_fields(options.mapping)

    def reader(self, part: Part, reading: Reading) -> LineReader:
        """See Kind."""
        return LineReader(
            reading.options,
            number_styles=reading.number_styles,
            date_order=reading.date_order,
            zone=reading.zone,
            zones=reading.zones,
        )

    def stage(self, path: Path, *, fresh: bool) -> Staging:
        """See Kind."""
        return Staging(path, fresh=fresh)

    def writer(self, record: Import, stage: Staging, *, at: datetime) -> SalesWriter:
        """See Kind."""
        return SalesWriter(record, stage, at=at)
