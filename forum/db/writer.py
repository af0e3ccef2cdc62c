"""SQLite's one writer: everything that is waiting goes into one durable commit.

Pieces of work queue up while the previous batch is being committed. The batch is driven inside the connection's
thread in one hop: each piece in its own savepoint, one commit for all, then all are answered. A piece that fails is
undone alone; a batch that can't be committed answers `Unavailable` to everyone in it, and nothing of it is stored.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import Dialect

from forum.db.errors import translate_sqlite, unavailable
from forum.db.sqlite import Held, InThread, connect_held
from forum.db.tx import Tx

T = TypeVar("T")
Work = Callable[[Tx], Awaitable[T]]
Announce = Callable[[set[str]], None]
MAX_BATCH = 128
MAX_WAITING = 5_000


@dataclass(frozen=True, slots=True)
class _Piece:
    """One caller's work and where its answer goes."""

    work: Work[Any]
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a piece: a value or an error, and the tags it changed."""

    value: Any = None
    error: BaseException | None = None
    touched: frozenset[str] = frozenset()


class SQLiteWriter:
    """Owns the only connection that writes and checkpoints."""

    def __init__(self, path: Path, dialect: Dialect, announce: Announce) -> None:
        self._path = path
        self._dialect = dialect
        self._announce = announce
        self._waiting: deque[_Piece] = deque()
        self._wake = asyncio.Event()
        self._held: Held | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.recorder: Callable[[Tx], None] | None = None

    async def start(self) -> None:
        """Open the connection and begin taking work."""
        try:
            self._held = await connect_held(self._path, writing=True)
        except sqlite3.Error as error:
            raise translate_sqlite(error) from error
        self._task = asyncio.create_task(self._run(), name="sqlite-writer")

    async def stop(self) -> None:
        """Finish what was accepted, then close."""
        if self._task is not None:
            self._closing = True
            self._wake.set()
            await self._task
            self._task = None
        if self._held is not None:
            await self._held.close()
            self._held = None

    async def write(self, work: Work[T]) -> T:
        """Run a piece of work durably: when this returns, it survives a crash."""
        if self._closing or self._task is None:
            raise unavailable("shutting_down")
        if len(self._waiting) >= MAX_WAITING:
            raise unavailable("storage_busy")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Piece(work, answer))
        self._wake.set()
        return await answer

    async def data_version(self) -> int:
        """A number that changes when another connection or process has written to the file."""
        if self._held is None:
            raise unavailable("shutting_down")
        return await self._held.run(_data_version)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch = self._take()
            if not batch:
                if self._closing:
                    return
                self._wake.clear()
                continue
            await self._commit(batch)

    def _take(self) -> list[_Piece]:
        batch: list[_Piece] = []
        while self._waiting and len(batch) < MAX_BATCH:
            piece = self._waiting.popleft()
            if not piece.answer.done():  # nobody waits for a cancelled piece, and none of it has run
                batch.append(piece)
        return batch

    async def _commit(self, batch: list[_Piece]) -> None:
        if self._held is None:
            raise RuntimeError("the writer has no connection")
        works = [piece.work for piece in batch]
        try:
            outcomes = await self._held.run(_drive, self._dialect, works, self.recorder)
        except Exception as error:
            outcomes = [_Outcome(error=translate_sqlite(error)) for _ in batch]
        touched: set[str] = set().union(*(o.touched for o in outcomes))
        if touched:
            self._announce(touched)
        for piece, outcome in zip(batch, outcomes, strict=True):
            _answer(piece.answer, outcome)


def _answer(answer: asyncio.Future[Any], outcome: _Outcome) -> None:
    if answer.done():
        return
    if outcome.error is not None:
        answer.set_exception(outcome.error)
    else:
        answer.set_result(outcome.value)


def _data_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _drive(
    connection: sqlite3.Connection,
    dialect: Dialect,
    works: list[Work[Any]],
    recorder: Callable[[Tx], None] | None,
) -> list[_Outcome]:
    """Run a batch in the connection's thread: all of it is durable when this returns, none of it when it raises."""
    # IMMEDIATE: a plain BEGIN that reads first and writes later fails under contention.
    connection.execute("BEGIN IMMEDIATE")
    try:
        outcomes = [_run_piece(connection, dialect, work, recorder) for work in works]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return outcomes


def _run_piece(
    connection: sqlite3.Connection,
    dialect: Dialect,
    work: Work[Any],
    recorder: Callable[[Tx], None] | None,
) -> _Outcome:
    tx = Tx(InThread(connection, dialect))
    connection.execute("SAVEPOINT piece")
    try:
        value = run_to_end(work(tx))
    except Exception as error:
        if not connection.in_transaction:
            raise  # SQLite gave up the whole transaction (disk full, I/O error): so must the batch
        connection.execute("ROLLBACK TO piece")
        connection.execute("RELEASE piece")
        return _Outcome(error=translate_sqlite(error))
    connection.execute("RELEASE piece")
    if recorder is not None:
        recorder(tx)
    return _Outcome(value=value, touched=frozenset(tx.touched))


def run_to_end(work: Awaitable[T]) -> T:
    """Run a coroutine that never suspends and return what it returns; one that suspends is refused."""
    if not isinstance(work, Coroutine):
        raise TypeError("a piece of work is an `async def` function")
    try:
        work.send(None)
    except StopIteration as finished:
        value: T = finished.value
        return value
    work.close()
    raise RuntimeError("a transaction waited for something that is not the database")
