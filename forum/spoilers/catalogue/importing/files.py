"""Files as they come from elsewhere: packed or not, of bounded size whatever they claim."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

from forum.spoilers.catalogue.drafts import CatalogueProblem

MEGABYTE: Final = 1_000_000
# Of a file that is read as a whole, unpacked.
MOST_BYTES: Final = 50 * MEGABYTE
# Of a table that is read line by line and mostly skipped, unpacked.
MOST_STREAMED: Final = 6_000 * MEGABYTE
# No line of such a table is longer.
MOST_LINE: Final = 65_536
_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 20


@contextmanager
def unpacking(path: Path) -> Iterator[IO[bytes]]:
    """The content of a file, unpacked when it is gzip by its first bytes. Raises CatalogueProblem."""
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == _GZIP
            plain.seek(0)
            if not packed:
                yield plain
                return
            with gzip.GzipFile(fileobj=plain) as unpacked:
                yield cast("IO[bytes]", unpacked)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CatalogueProblem("unreadable", found=reason) from error


def read_bytes(path: Path, *, most: int = MOST_BYTES) -> bytes:
    """The whole content, unpacked, of at most `most` bytes."""
    found = bytearray()
    with unpacking(path) as content:
        while chunk := content.read(_CHUNK):
            found += chunk
            if len(found) > most:
                raise CatalogueProblem("too_big", most=most // MEGABYTE)
    return bytes(found)


def text_of(data: bytes) -> str:
    """The same as text, without a byte order mark."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueProblem("bad_encoding", f"byte {error.start + 1}") from error


def lines_of(path: Path, *, most: int = MOST_STREAMED) -> Iterator[bytes]:
    """The lines of a table, without their ends, one at a time: memory does not grow with the file."""
    read = number = 0
    with unpacking(path) as content:
        while line := content.readline(MOST_LINE):
            number += 1
            read += len(line)
            if read > most:
                raise CatalogueProblem("too_big", most=most // MEGABYTE)
            if len(line) == MOST_LINE:
                raise CatalogueProblem("bad_text", f"line {number}", most=MOST_LINE)
            yield line.rstrip(b"\r\n")
