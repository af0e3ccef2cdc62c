"""One serving process per SQLite file: an advisory lock beside the database, freed by the system however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forum.serving.errors import CannotStart


def lock_path(database: Path) -> Path:
    """The lock that belongs to a database, whatever name it is reached by."""
    real = database.resolve()
    return real.with_name(f"{real.name}.serving")


@contextmanager
def only_server(database: Path) -> Iterator[None]:
    """Be the only process that serves this SQLite file, for the length of a block; raises CannotStart."""
    path = lock_path(database)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotStart(f"The lock file {path} cannot be opened: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(_taken(database, find_server(database))) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def find_server(database: Path) -> int | None:
    """The process that serves a SQLite file now, or None."""
    try:
        with lock_path(database).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                text = file.read()
                return int(text) if text.isdigit() else 0
    except OSError:
        return None
    return None


def _taken(database: Path, process: int | None) -> str:
    who = f"process {process}" if process else "another process"
    return (
        f"{database} is being served by {who} already. A SQLite database has exactly one serving process, because "
        "finished pages are kept in its memory. Stop that one first, or use PostgreSQL for several."
    )
