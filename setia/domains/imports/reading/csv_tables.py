"""CSV files, plain or gzipped: separator, title lines and headings are found, rows are streamed."""

import codecs
import io
import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from setia.domains.imports.reading.cells import (
    SAMPLE_ROWS,
    Kind,
    Record,
    Table,
    find_heading,
    is_blank_row,
    name_columns,
)
from setia.domains.imports.reading.csv_records import CsvRecords, finished
from setia.domains.imports.reading.encodings import ERRORS, encoding_of, known_encoding
from setia.domains.imports.reading.files import (
    HEAD_BYTES,
    open_raw,
    refuse_binary,
    refuse_other_formats,
    text_bytes,
)
from setia.domains.imports.reading.reasons import Reason, UnreadableFile, shown
from setia.domains.imports.reading.synonyms import is_known_heading

_MAX_RECORDS_TRIED = 2_000
_DELIMITERS = (",", ";", "\t", "|")
# Excel writes this line, and reads it, so that any separator works in any country.
_SEPARATOR_LINE = re.compile(r'\ufeff?"?sep=([^\w\s"]|\t)"?[\r\n]*\Z', re.IGNORECASE)


class CsvTable(Table):
    """A CSV file."""

    def __init__(self, path: str | os.PathLike[str], kind: Kind, encoding: str | None, delimiter: str | None) -> None:
        self.kind = kind
        self._path = path
        self._raw: BinaryIO | None = None
        self._done = 0.0
        # The file is opened anew for each pass: the head, the scan of the encoding, every rows().
        with self._opened() as stream:
            head = stream.read(HEAD_BYTES)
        refuse_other_formats(head)
        if encoding:
            self.encoding = known_encoding(encoding)
        else:
            with self._opened() as stream:
                self.encoding = encoding_of(stream)
        self._prepare(head, self.encoding, delimiter)

    def _opened(self) -> io.BufferedReader:
        self._raw = open_raw(self._path)
        return text_bytes(self._raw, self.kind)

    def _prepare(self, head: bytes, encoding: str, delimiter: str | None) -> None:
        if encoding.startswith(("utf-16", "utf-32")):
            self._line_end = "\n"
        else:
            refuse_binary(head)
            # A lone CR within a file of LF lines is a defect of its row, not the end of it.
            self._line_end = "\r" if b"\r" in head and b"\n" not in head else "\n"
        decoder = codecs.getincrementaldecoder(encoding)(ERRORS)
        text = decoder.decode(head)
        separator_line = _SEPARATOR_LINE.match(self._text_stream(text).readline(16))
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0 ' or delimiter.isalnum()):
            raise UnreadableFile(Reason("unknown_delimiter", value=shown(delimiter)))
        self.delimiter = delimiter or (separator_line[1] if separator_line else self._guess_delimiter(text))
        self._find_headings(text, self.delimiter, 1 if separator_line else 0)

    def _text_stream(self, text: str) -> io.StringIO:
        return io.StringIO(text, newline=self._line_end)

    def _sample(self, text: str, delimiter: str, after: int = 0) -> list[Record]:
        found = CsvRecords(self._text_stream(text), delimiter)
        # A file may begin with a million blank lines, and this is done for each separator.
        records = ((row, cells) for row, cells in islice(found, _MAX_RECORDS_TRIED) if row > after)
        kept = ((row, cells) for row, cells in records if isinstance(cells, Reason) or not is_blank_row(cells))
        return list(islice(kept, SAMPLE_ROWS))

    def _guess_delimiter(self, text: str) -> str:
        """The separator that gives headings we know; then rows of one width, the more columns the better."""

        def merit(delimiter: str) -> tuple[int, float]:
            rows = [cells for _, cells in self._sample(text, delimiter) if not isinstance(cells, Reason)]
            widths = Counter(len(cells) for cells in rows if len(cells) > 1)
            if not widths:
                return 0, 0.0
            width, count = widths.most_common(1)[0]
            wide = (cells for cells in rows if len(cells) > 1)
            known = max((sum(isinstance(c, str) and is_known_heading(c) for c in cells) for cells in wide), default=0)
            return known, count / len(rows) * (1 - 1 / width)

        return max(_DELIMITERS, key=merit)

    def _find_headings(self, text: str, delimiter: str, after: int) -> None:
        sample = self._sample(text, delimiter, after)
        if not sample:
            raise UnreadableFile(Reason("empty_file"))
        index = find_heading(sample)
        self.heading_row, cells = sample[index]
        if isinstance(cells, Reason):
            raise UnreadableFile(Reason("no_headings"))
        self.headings = name_columns(cells, sample[index + 1 :])

    def rows(self) -> Iterator[Record]:
        """See Table."""
        self._done = 0.0
        with io.TextIOWrapper(self._opened(), encoding=self.encoding, errors=ERRORS, newline=self._line_end) as stream:
            records = CsvRecords(stream, self.delimiter or ",")
            iterator = iter(records)
            for row, _ in iterator:
                if row >= self.heading_row:
                    break
            records.headings = self.headings
            yield from finished(iterator, len(self.headings))
        self._done = 1.0

    def progress(self) -> float:
        """See Table; by bytes of the file as it lies on the disk."""
        if self._done < 1.0 and self._raw is not None and not self._raw.closed:
            size = os.fstat(self._raw.fileno()).st_size
            self._done = min(0.999, self._raw.tell() / size) if size else 0.0
        return self._done

    def close(self) -> None:
        """See Table."""
        if self._raw is not None:
            self._raw.close()
