"""What the engines complain about, in our words.

A fault of the storage (busy, full, failing, away) becomes `Unavailable`: nothing was written, the caller may try
again. A violated constraint becomes `ConstraintViolated`, which use cases turn into an answer. Anything else is a
mistake of ours and stays what it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from types import TracebackType

from forum.core.i18n import N_
from forum.errors import Unavailable

BUSY, FULL, FAILING, CLOSING = "storage_busy", "storage_full", "storage_failing", "shutting_down"
_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_INTERRUPT: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: FAILING,
    sqlite3.SQLITE_READONLY: FAILING,
    sqlite3.SQLITE_PERM: FAILING,
    sqlite3.SQLITE_CANTOPEN: FAILING,
    sqlite3.SQLITE_CORRUPT: FAILING,
    sqlite3.SQLITE_NOTADB: FAILING,
    sqlite3.SQLITE_PROTOCOL: FAILING,
    sqlite3.SQLITE_NOMEM: FAILING,
}
_PRIMARY_CODE = 0xFF


class ConstraintViolated(Exception):
    """A row that must be unique exists already, or a row it refers to does not."""


def unavailable(code: str) -> Unavailable:
    """The storage can't do this now. Nothing was written."""
    return Unavailable(code, N_("The storage is busy or out of space. Nothing was lost; please try again."))


def translate_sqlite(error: BaseException) -> BaseException:
    """SQLite's complaint in our words, or the same error."""
    if isinstance(error, sqlite3.IntegrityError):
        return ConstraintViolated(str(error))
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & _PRIMARY_CODE in _SQLITE_CODES:
            return unavailable(_SQLITE_CODES[code & _PRIMARY_CODE])
    return error


# SQLSTATEs and their classes (the first two characters) that are about the server, not about the statement.
_POSTGRES_STATES = {
    "25006": FAILING,  # the server has become a read-only standby
    "3D000": FAILING,  # the database is gone
    "53100": FULL,
    "40001": BUSY,
    "40P01": BUSY,
}
_POSTGRES_CLASSES = {"08": FAILING, "28": FAILING, "53": BUSY, "55": BUSY, "57": BUSY, "58": FAILING}
RETRY_STATES = frozenset({"40001", "40P01"})


def translate_postgres(error: BaseException) -> BaseException:
    """PostgreSQL's complaint, or the loss of the connection to it, in our words, or the same error."""
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        error.detail = None  # type: ignore[attr-defined]  # "Failing row contains …": what somebody wrote, for the log
        if state.startswith("23"):
            return ConstraintViolated(str(error))
        code = _POSTGRES_STATES.get(state) or _POSTGRES_CLASSES.get(state[:2])
        return error if code is None else unavailable(code)
    if isinstance(error, TimeoutError):  # of a statement, or of the wait for a connection
        return unavailable(BUSY)
    if isinstance(error, OSError) or _lost_connection(error):
        return unavailable(FAILING)
    return error


def _lost_connection(error: BaseException) -> bool:
    """Whether the driver complains about a connection that went away below it, and not about how we use it."""
    kind = type(error)
    if not kind.__module__.startswith("asyncpg"):
        return False
    # The second: a server's farewell was read, and the end of the connection not yet.
    return "clos" in str(error) or any(base.__name__ == "InternalClientError" for base in kind.__mro__)


class InOurWords:
    """A block whose storage errors leave it translated; each keeps the engine's own error as its cause."""

    __slots__ = ("_translate",)

    def __init__(self, translate: Callable[[BaseException], BaseException]) -> None:
        self._translate = translate

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: TracebackType | None) -> None:
        if error is None:
            return
        said = self._translate(error)
        if said is not error:
            raise said from error


sqlite_in_our_words = InOurWords(translate_sqlite)
postgres_in_our_words = InOurWords(translate_postgres)
