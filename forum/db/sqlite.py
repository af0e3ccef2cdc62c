"""SQLite behind `databases`: long-lived connections instead of one per query, settings that stay with them.

`databases` opens a connection per acquire, forgets every PRAGMA with it and hops threads several times a statement.
This backend keeps a small pool of query-only connections and runs each statement in one hop.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from databases import DatabaseURL
from databases.interfaces import ConnectionBackend, DatabaseBackend, TransactionBackend
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine import Dialect

from forum.db.errors import translate_sqlite
from forum.db.statements import Bound, Row

T = TypeVar("T")
READERS = 4
BUSY_MILLISECONDS = 2_000
CACHED_STATEMENTS = 256
# 64 MiB of page cache for the writer, 16 MiB for each reader (SQLite counts in KiB when negative).
WRITER_CACHE = -64 * 1024
READER_CACHE = -16 * 1024
MMAP_BYTES = 256 * 1024 * 1024


class _Configured(sqlite3.Connection):
    """A connection that is set up the moment it exists: PRAGMAs belong to the connection, not to the file."""

    query_only = False

    def __init__(self, database: str, **options: Any) -> None:
        super().__init__(database, isolation_level=None, cached_statements=CACHED_STATEMENTS, **options)
        cache = READER_CACHE if self.query_only else WRITER_CACHE
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            "trusted_schema = OFF",
            f"cache_size = {cache}",
            f"mmap_size = {MMAP_BYTES}",
            f"query_only = {int(self.query_only)}",
        ):
            self.execute(f"PRAGMA {pragma}").fetchall()
        if self.query_only:
            # One connection does all writing and checkpointing (a WAL fault of SQLite before 3.51.3).
            self.execute("PRAGMA wal_autocheckpoint = 0").fetchall()


class _Writing(_Configured):
    query_only = False


class _Reading(_Configured):
    query_only = True


class Held(aiosqlite.Connection):
    """A connection kept open, able to run a whole function in its thread in one hop."""

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Run `function(connection, *args)` in the connection's own thread."""
        result: T = await self._execute(function, self._conn, *args)  # type: ignore[no-untyped-call]
        return result


async def connect_held(path: Path, *, writing: bool) -> Held:
    """Open a connection that stays open until it is closed."""
    factory = _Writing if writing else _Reading

    def connector() -> sqlite3.Connection:
        return factory(str(path), check_same_thread=False)

    held = Held(connector, iter_chunk_size=64)
    _ = await held.__aenter__()
    return held


def fetch(connection: sqlite3.Connection, dialect: Dialect, bound: Bound) -> list[Row]:
    """Run a statement in this thread and return its rows."""
    compiled = bound.prepared.compiled(dialect)
    sql, parameters = compiled.bind(bound.values)
    return compiled.rows(connection.execute(sql, parameters).fetchall())


def change(connection: sqlite3.Connection, dialect: Dialect, bound: Bound) -> int:
    """Run a statement in this thread and return how many rows it changed."""
    sql, parameters = bound.prepared.compiled(dialect).bind(bound.values)
    return connection.execute(sql, parameters).rowcount


class InThread:
    """Runs statements directly, from inside the connection's own thread. Its methods never suspend."""

    __slots__ = ("_connection", "_dialect")

    def __init__(self, connection: sqlite3.Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect

    async def fetch_all(self, query: Bound) -> list[Row]:
        return fetch(self._connection, self._dialect, query)

    async def execute(self, query: Bound) -> int:
        return change(self._connection, self._dialect, query)


class SQLiteConnection(ConnectionBackend):
    """One reader of the pool, for as long as it is acquired."""

    def __init__(self, backend: SQLiteBackend) -> None:
        self._backend = backend
        self._held: Held | None = None

    async def acquire(self) -> None:
        self._held = await self._backend.take()

    async def release(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._backend.give_back(held)

    async def fetch_all(self, query: Any) -> list[Any]:
        return await self._run(fetch, query)

    async def execute(self, query: Any) -> Any:
        return await self._run(change, query)

    async def _run(self, function: Callable[..., T], query: Any) -> T:
        if self._held is None:
            raise RuntimeError("the connection is not acquired")
        try:
            return await self._held.run(function, self._backend.dialect, query)
        except sqlite3.Error as error:
            raise translate_sqlite(error) from error

    def transaction(self) -> TransactionBackend:
        raise RuntimeError("readers don't write; use Database.write")

    @property
    def raw_connection(self) -> Any:
        return self._held


class SQLiteBackend(DatabaseBackend):
    """A pool of query-only connections to one file."""

    def __init__(self, database_url: DatabaseURL | str, **options: Any) -> None:
        self._path = Path(DatabaseURL(database_url).database)
        self._free: asyncio.Queue[Held] = asyncio.Queue()
        self._all: list[Held] = []
        self._readers: int = options.get("readers", READERS)
        self.dialect: Dialect = pysqlite.dialect(paramstyle="qmark")

    async def connect(self) -> None:
        try:
            for _ in range(self._readers):
                held = await connect_held(self._path, writing=False)
                self._all.append(held)
                self._free.put_nowait(held)
        except sqlite3.Error as error:
            raise translate_sqlite(error) from error

    async def disconnect(self) -> None:
        while self._all:
            await self._all.pop().close()
        self._free = asyncio.Queue()

    def connection(self) -> SQLiteConnection:
        return SQLiteConnection(self)

    async def take(self) -> Held:
        """Wait for a free reader."""
        return await self._free.get()

    def give_back(self, held: Held) -> None:
        """Return a reader to the pool."""
        self._free.put_nowait(held)
