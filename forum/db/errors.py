"""What the engines complain about, in our words.

A fault of the storage (busy, full, failing, away) becomes `Unavailable`: nothing was written, the caller may try
again. A violated constraint becomes `ConstraintViolated`, which use cases turn into an answer. Anything else is a
mistake of ours and stays what it is.
"""

from __future__ import annotations

import sqlite3

from forum.core.i18n import N_
from forum.errors import Unavailable

_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY: "storage_busy",
    sqlite3.SQLITE_LOCKED: "storage_busy",
    sqlite3.SQLITE_FULL: "storage_full",
    sqlite3.SQLITE_IOERR: "storage_failing",
    sqlite3.SQLITE_READONLY: "storage_failing",
    sqlite3.SQLITE_CANTOPEN: "storage_failing",
    sqlite3.SQLITE_CORRUPT: "storage_failing",
    sqlite3.SQLITE_NOTADB: "storage_failing",
    sqlite3.SQLITE_PROTOCOL: "storage_failing",
    sqlite3.SQLITE_NOMEM: "storage_failing",
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


# PostgreSQL's error classes (the first two characters of SQLSTATE) that are about the server, not the statement.
_POSTGRES_CLASSES = {
    "08": "storage_failing",
    "53": "storage_full",
    "57": "storage_busy",
    "58": "storage_failing",
    "55": "storage_busy",
    "25": "storage_failing",
    "28": "storage_failing",
    "3D": "storage_failing",
}
RETRY_STATES = frozenset({"40001", "40P01"})


def translate_postgres(error: BaseException) -> BaseException:
    """PostgreSQL's complaint, or the loss of the connection to it, in our words, or the same error."""
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        if state.startswith("23"):
            return ConstraintViolated(str(error))
        if state in RETRY_STATES:
            return unavailable("storage_busy")
        if state[:2] in _POSTGRES_CLASSES:
            return unavailable(_POSTGRES_CLASSES[state[:2]])
        return error
    if isinstance(error, OSError | TimeoutError) or type(error).__module__.startswith("asyncpg"):
        return unavailable("storage_failing")
    return error
