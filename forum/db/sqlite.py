"""SQLite behind `databases`: long-lived connections instead of one per query, settings that stay with them.

`databases` opens a connection per acquire, forgets every PRAGMA with it and hops threads several times a statement.
This backend keeps a small pool of query-only connections and runs each statement in one hop.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from databases import DatabaseURL
from databases.interfaces import ConnectionBackend, DatabaseBackend, TransactionBackend
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine import Dialect

from forum.db.errors import BUSY, CLOSING, FAILING, sqlite_in_our_words, unavailable
from forum.db.statements import Bound, Row

T = TypeVar("T")
READERS = 4
# How long SQLite waits for another process to finish its write, before the answer is 503.
BUSY_MILLISECONDS = 2_000
# How long a read may wait for a free connection, and how long the engine may work at one go, before it is 503.
ACQUIRE_SECONDS = 5.0
RUN_SECONDS = 30.0
CACHED_STATEMENTS = 256
# 16 MiB of page cache for the writer, 4 MiB for each reader (SQLite counts in KiB when negative). The rest is the
# operating system's: what it caches is shared, and given back when something else needs the memory.
WRITER_CACHE = -16 * 1024
READER_CACHE = -4 * 1024


class _Configured(sqlite3.Connection):
    """A connection that is set up the moment it exists: PRAGMAs belong to the connection, not to the file."""

    query_only = False

    def __init__(self, database: str, **options: Any) -> None:
        super().__init__(database, isolation_level=None, cached_statements=CACHED_STATEMENTS, **options)
        try:
            self._configure()
        except BaseException:
            self.close()
            raise

    def _configure(self) -> None:
        cache = READER_CACHE if self.query_only else WRITER_CACHE
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            # What is deleted is written over, not only marked as free (the default of some builds of SQLite).
            "secure_delete = ON",
            "trusted_schema = OFF",
            f"cache_size = {cache}",
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

    closing = False

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Run `function(connection, *args)` in the connection's own thread; a statement that takes too long is cut."""
        if self.closing or self._connection is None:
            raise unavailable(CLOSING)
        timer = asyncio.get_running_loop().call_later(RUN_SECONDS, self.cut)
        try:
            result: T = await self._execute(function, self._connection, *args)  # type: ignore[no-untyped-call]
        finally:
            timer.cancel()
        return result

    def cut(self) -> None:
        """End the statement that runs in the thread right now, if one does: it fails with SQLITE_INTERRUPT."""
        if self._connection is not None:
            with suppress(sqlite3.ProgrammingError):  # closed a moment ago
                self._connection.interrupt()

    async def close(self) -> None:
        """Let the thread finish what it has begun, and close."""
        self.closing = True
        await super().close()


async def connect_held(path: Path, *, writing: bool) -> Held:
    """Open a connection that stays open until it is closed; raises Unavailable when the file can't be used."""
    factory = _Writing if writing else _Reading

    def connector() -> sqlite3.Connection:
        return factory(str(path), check_same_thread=False)

    held = Held(connector, iter_chunk_size=64)
    try:
        with sqlite_in_our_words:
            _ = await held.__aenter__()
    except Exception as error:
        error.add_note(f"the database file is {path}")
        raise
    return held


def fetch(connection: sqlite3.Connection, dialect: Dialect, bound: Bound) -> list[Row]:
    """Run a statement in this thread and return its rows."""
    compiled = bound.prepared.compiled(dialect)
    sql, parameters = compiled.bind(bound.values)
    return compiled.rows(connection.execute(sql, parameters).fetchall())


def change(connection: sqlite3.Connection, dialect: Dialect, bound: Bound) -> int:
    """Run a statement in this thread and return how many rows it changed."""
    sql, parameters = bound.prepared.changing(dialect).bind(bound.values)
    return connection.execute(sql, parameters).rowcount


class InThread:
    """Runs a transaction's statements, from inside the connection's own thread. Its methods never suspend."""

    __slots__ = ("_connection", "_dialect", "ended")

    def __init__(self, connection: sqlite3.Connection, dialect: Dialect) -> None:
        self._connection = connection
        self._dialect = dialect
        self.ended = False

    async def fetch_all(self, query: Bound) -> list[Row]:
        return self._run(fetch, query)

    async def execute(self, query: Bound) -> int:
        return self._run(change, query)

    def _run(self, function: Callable[[sqlite3.Connection, Dialect, Bound], T], query: Bound) -> T:
        if self.ended:
            raise RuntimeError("the transaction is over")
        if not self._connection.in_transaction:
            # SQLite gave the whole transaction up after an error; what follows would be committed alone.
            raise unavailable(FAILING)
        with sqlite_in_our_words:
            return function(self._connection, self._dialect, query)


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
        held = self._held
        if held is None:
            raise RuntimeError("the connection is not acquired")
        try:
            with sqlite_in_our_words:
                return await held.run(function, self._backend.dialect, query)
        except asyncio.CancelledError:
            # Nobody waits for the rows. The thread serialises: the next statement starts after this one has ended.
            held.cut()
            raise

    def transaction(self) -> TransactionBackend:
        raise RuntimeError("readers don't write; use Database.write")

    @property
    def raw_connection(self) -> Any:
        return self._held


class SQLiteBackend(DatabaseBackend):
    """A pool of query-only connections to one file. Options: `path`, and the number of `readers`."""

    def __init__(self, database_url: DatabaseURL | str, *, path: Path, readers: int = READERS) -> None:
        self.path = path
        self._readers = readers
        self._all: list[Held] = []
        # The one used last is used next: its pages and its thread are warm.
        self._free: list[Held] = []
        self._waiting: deque[asyncio.Future[Held]] = deque()
        self.dialect: Dialect = pysqlite.dialect(paramstyle="qmark")

    async def connect(self) -> None:
        try:
            while len(self._all) < self._readers:
                self._all.append(await connect_held(self.path, writing=False))
        except BaseException:
            await self.disconnect()
            raise
        self._free = list(self._all)

    async def disconnect(self) -> None:
        """Close every reader; statements under way are cut, and who waits for a connection gets Unavailable."""
        everyone, self._all, self._free = self._all, [], []
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(unavailable(CLOSING))
        for held in everyone:
            held.closing = True
            held.cut()
        await asyncio.gather(*(held.close() for held in everyone))

    def connection(self) -> SQLiteConnection:
        return SQLiteConnection(self)

    async def take(self) -> Held:
        """Wait for a free reader, whoever came first first; raises Unavailable when none is free in time."""
        if self._free:
            return self._free.pop()
        if not self._all:
            raise unavailable(CLOSING)
        offer: asyncio.Future[Held] = asyncio.get_running_loop().create_future()
        self._waiting.append(offer)
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                return await offer
        except BaseException as error:
            if offer.done() and not offer.cancelled() and offer.exception() is None:
                self.give_back(offer.result())  # it came at the very moment we stopped waiting
            if isinstance(error, TimeoutError):
                raise unavailable(BUSY) from error
            raise
        finally:
            if offer in self._waiting:
                self._waiting.remove(offer)

    def give_back(self, held: Held) -> None:
        """Return a reader to the pool, or hand it to whoever waits."""
        if held not in self._all:
            return  # the pool was closed in the meantime
        while self._waiting:
            offer = self._waiting.popleft()
            if not offer.done():
                offer.set_result(held)
                return
        self._free.append(held)
