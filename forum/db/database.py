"""The database as the rest of the product sees it: read, write, and hear what changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import databases
import structlog
from databases.core import Connection
from sqlalchemy.engine import Dialect

from forum.db.sqlite import SQLiteBackend
from forum.db.tx import Tx
from forum.db.writer import SQLiteWriter
from forum.errors import Unavailable

if TYPE_CHECKING:
    from forum.db.postgres import PostgresListener, PostgresWriter

T = TypeVar("T")
Listener = Callable[[set[str]], None]
EVERYTHING = "*"
# How often a serving process looks whether another program has written to the SQLite file, in seconds.
WATCH_SECONDS = 0.4

log = structlog.get_logger(__name__)

databases.Database.SUPPORTED_BACKENDS["aftershow-sqlite"] = "forum.db.sqlite:SQLiteBackend"
databases.Database.SUPPORTED_BACKENDS["aftershow-postgresql"] = "forum.db.postgres:PostgresBackend"


def sqlite_path(url: str) -> Path:
    """The file that a sqlite:///… address names (three slashes: relative, four: absolute)."""
    return Path(url.removeprefix("sqlite:///"))


class Database:
    """One of the two engines. Made by `open_database`; open between `connect` and `close`."""

    def __init__(self, url: str, *, read_url: str | None = None, checkpoints: bool = True) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite:")
        self._primary = _behind_databases(url)
        self._replica = _behind_databases(read_url) if read_url else self._primary
        self._listeners: list[Listener] = []
        self._writer: SQLiteWriter | PostgresWriter = self._make_writer(checkpoints)
        self._watch: asyncio.Task[None] | None = None
        self._hear: PostgresListener | None = None
        self.recorder: Callable[[Tx], None] | None = None

    def _make_writer(self, checkpoints: bool) -> SQLiteWriter | PostgresWriter:
        backend = self._primary._backend
        if isinstance(backend, SQLiteBackend):
            return SQLiteWriter(backend.path, backend.dialect, self._announce, checkpoints=checkpoints)
        from forum.db.postgres import PostgresBackend, PostgresWriter

        if not isinstance(backend, PostgresBackend):
            raise TypeError("unknown database backend")
        return PostgresWriter(backend, self._announce)

    @property
    def has_replica(self) -> bool:
        """Whether reads that need not be fresh go to another server, which may lag behind."""
        return self._replica is not self._primary

    @property
    def dialect(self) -> Dialect:
        """The SQLAlchemy dialect statements are compiled for."""
        dialect: Dialect = self._primary._backend.dialect
        return dialect

    async def connect(self) -> None:
        """Open connections; raises Unavailable when the database can't be reached, and leaves nothing open then."""
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.close)
            await self._writer.start()
            await self._primary.connect()
            if self._replica is not self._primary:
                await self._replica.connect()
            undo.pop_all()

    async def close(self) -> None:
        """Finish accepted writes and close every connection, the writing one last."""
        async with AsyncExitStack() as steps:  # runs each, from the last to the first, even when another fails
            steps.push_async_callback(self._writer.close)
            if self._replica is not self._primary:
                steps.push_async_callback(self._replica.disconnect)
            steps.push_async_callback(self._primary.disconnect)
            steps.push_async_callback(self._writer.finish)
            steps.push_async_callback(self._stop_watching)

    @asynccontextmanager
    async def read(self, *, fresh: bool = False) -> AsyncIterator[Tx]:
        """A pooled connection for reading: of the replica when there is one, unless `fresh` asks for the primary.

        Each statement sees what is committed when it begins; raises Unavailable when no connection is free in time.
        """
        database = self._primary if fresh else self._replica
        # Not `database.connection()`: that one belongs to the task, and tasks come and go below us.
        async with Connection(database, database._backend) as connection:
            tx = Tx(connection)
            yield tx
        if self.recorder is not None:
            self.recorder(tx)

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run `await work(tx)` in a transaction: all of it is durable when this returns, none of it when it raises.

        `work` awaits nothing but `tx`, and may run again on PostgreSQL when it lost a race.
        """
        self._writer.recorder = self.recorder
        return await self._writer.write(work)

    def on_change(self, listener: Listener) -> None:
        """Call `listener(tags)` after each commit that touched tags, here or in another process ("*": anything)."""
        self._listeners.append(listener)

    def _announce(self, tags: set[str]) -> None:
        for listener in self._listeners:
            try:
                listener(tags)
            except Exception:  # the commit stands, and its caller waits for the answer
                log.exception("a listener failed")

    async def watch(self) -> None:
        """Begin to notice what other processes change. For serving processes; `close` ends it."""
        if isinstance(self._writer, SQLiteWriter):
            version = await self._writer.data_version()
            self._watch = asyncio.create_task(self._watch_file(self._writer, version), name="sqlite-watch")
            return
        from forum.db.postgres import PostgresBackend, PostgresListener

        backend = self._primary._backend
        if not isinstance(backend, PostgresBackend):
            raise TypeError("unknown database backend")
        self._hear = PostgresListener(backend, self._writer.name, self._announce)
        await self._hear.start()

    async def _watch_file(self, writer: SQLiteWriter, version: int) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                now = await writer.data_version()
            except Unavailable as error:
                log.warning("can't see whether the database file has changed", code=error.code)
                continue
            if now != version:
                version = now
                self._announce({EVERYTHING})

    async def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        if self._hear is not None:
            await self._hear.stop()
            self._hear = None


def _behind_databases(url: str) -> databases.Database:
    """The engine behind `databases`. A path goes beside the address, whose parser would read "#" or "%" in it."""
    if url.startswith("sqlite:"):
        return databases.Database("aftershow-sqlite:///", path=sqlite_path(url))
    return databases.Database(f"aftershow-{url}")


@asynccontextmanager
async def open_database(url: str, *, read_url: str | None = None, checkpoints: bool = False) -> AsyncIterator[Database]:
    """A connected database for the length of a block. For tools: a process that serves beside them checkpoints."""
    db = Database(url, read_url=read_url, checkpoints=checkpoints)
    await db.connect()
    try:
        yield db
    finally:
        await db.close()
