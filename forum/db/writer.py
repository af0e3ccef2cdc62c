"""SQLite's one writer: everything that is waiting goes into one durable commit.

Pieces of work queue up while the previous batch is being committed. The batch is driven inside the connection's
thread in one hop: each piece in its own savepoint, one commit for all, then all are answered. A piece that fails is
undone alone; a batch that can't be committed answers `Unavailable` to everyone in it, and nothing of it is stored.
Every piece that was accepted is answered once, whatever happens.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy.engine import Dialect

from forum.db.errors import BUSY, CLOSING, FAILING, sqlite_in_our_words, translate_sqlite, unavailable
from forum.db.sqlite import Held, InThread, connect_held
from forum.db.tx import Tx
from forum.errors import Unavailable

T = TypeVar("T")
Work = Callable[[Tx], Awaitable[T]]
Announce = Callable[[set[str]], None]
MAX_BATCH = 128
MAX_WAITING = 5_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a piece: a value and the transaction it was made in, or an error."""

    value: Any = None
    error: BaseException | None = None
    tx: Tx | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    """One caller's work and where its outcome goes."""

    work: Work[Any]
    answer: asyncio.Future[_Outcome]


class SQLiteWriter:
    """Owns the only connection that writes. It checkpoints too, unless another process does (`checkpoints` False)."""

    def __init__(self, path: Path, dialect: Dialect, announce: Announce, *, checkpoints: bool = True) -> None:
        self._path = path
        self._checkpoints = checkpoints
        self._dialect = dialect
        self._announce = announce
        self._waiting: deque[_Piece] = deque()
        self._wake = asyncio.Event()
        self._held: Held | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.recorder: Callable[[Tx], None] | None = None

    async def start(self) -> None:
        """Open the connection and begin taking work; raises Unavailable when the file can't be used."""
        self._held = await connect_held(self._path, writing=True)
        if not self._checkpoints:
            await self._held.run(_leave_checkpoints)
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run(self._held), name="sqlite-writer")

    async def finish(self) -> None:
        """Take no more work and finish what was accepted."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await asyncio.wait({self._task})  # unlike `await`, passes no cancellation of ours on
            self._task = None

    async def close(self) -> None:
        """Close the connection. The last one to be closed checkpoints, so the readers go first."""
        held, self._held = self._held, None
        if held is not None:
            await held.close()

    async def write(self, work: Work[T]) -> T:
        """Run a piece of work durably: when this returns, it survives a crash."""
        if self._closing or self._task is None or self._task.done():
            raise unavailable(CLOSING)
        if len(self._waiting) >= MAX_WAITING:
            raise unavailable(BUSY)
        piece = _Piece(work, asyncio.get_running_loop().create_future())
        self._waiting.append(piece)
        self._wake.set()
        outcome = await piece.answer
        if self.recorder is not None and outcome.tx is not None:
            self.recorder(outcome.tx)
        value: T = outcome.value
        return value

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Run `function(connection, *args)` on the writing connection, between two batches."""
        if self._held is None:
            raise unavailable(CLOSING)
        with sqlite_in_our_words:
            return await self._held.run(function, *args)

    async def data_version(self) -> int:
        """A number that changes when another connection or process has written to the file."""
        return await self.run(_data_version)

    async def _run(self, held: Held) -> None:
        try:
            while True:
                await self._wake.wait()
                batch = self._take()
                if batch:
                    await self._commit(held, batch)
                elif self._closing:
                    return
                else:
                    self._wake.clear()
        finally:
            for piece in self._take(len(self._waiting)):
                piece.answer.set_exception(unavailable(CLOSING))

    def _take(self, most: int = MAX_BATCH) -> list[_Piece]:
        batch: list[_Piece] = []
        while self._waiting and len(batch) < most:
            piece = self._waiting.popleft()
            if not piece.answer.done():  # nobody waits for a cancelled piece, and none of it has run
                batch.append(piece)
        return batch

    async def _commit(self, held: Held, batch: list[_Piece]) -> None:
        try:
            outcomes = await held.run(_drive, self._dialect, [piece.work for piece in batch])
        except asyncio.CancelledError:  # of the writer's own task; the batch may or may not be stored
            for piece in batch:
                _answer(piece.answer, _Outcome(error=unavailable(CLOSING)))
            raise
        except BaseException as error:
            log.warning("nothing of a batch was written", pieces=len(batch), error=repr(error.__cause__ or error))
            outcomes = [_Outcome(error=_lost(error)) for _ in batch]
        touched: set[str] = set().union(*(o.tx.touched for o in outcomes if o.tx is not None))
        if touched:
            self._announce(touched)
        for piece, outcome in zip(batch, outcomes, strict=True):
            _answer(piece.answer, outcome)


def _answer(answer: asyncio.Future[_Outcome], outcome: _Outcome) -> None:
    if answer.done():
        return
    if outcome.error is not None:
        answer.set_exception(outcome.error)
    else:
        answer.set_result(outcome)


def _lost(error: BaseException) -> Unavailable:
    """What one caller of a lost batch is told: an error object of its own."""
    said = translate_sqlite(error)
    own = unavailable(said.code if isinstance(said, Unavailable) else FAILING)
    own.__cause__ = error
    return own


def _leave_checkpoints(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()


def _data_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _drive(connection: sqlite3.Connection, dialect: Dialect, works: list[Work[Any]]) -> list[_Outcome]:
    """Run a batch in the connection's thread: all of it is durable when this returns, none of it when it raises."""
    _roll_back(connection)  # what an earlier batch could not
    # IMMEDIATE: a plain BEGIN that reads first and writes later fails under contention.
    connection.execute("BEGIN IMMEDIATE")
    try:
        outcomes = [_run_piece(connection, dialect, work) for work in works]
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise
    return outcomes


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _run_piece(connection: sqlite3.Connection, dialect: Dialect, work: Work[Any]) -> _Outcome:
    runner = InThread(connection, dialect)
    tx = Tx(runner)
    connection.execute("SAVEPOINT piece")
    try:
        outcome = _Outcome(value=run_to_end(work(tx)), tx=tx)
        tx.require_sound()
    except BaseException as error:
        outcome = _Outcome(error=_own(error))
    runner.ended = True
    if not connection.in_transaction:
        # SQLite gave the whole transaction up (disk full, I/O error): so must the batch.
        raise unavailable(FAILING) if outcome.error is None else outcome.error
    if outcome.error is not None:
        connection.execute("ROLLBACK TO piece")
    connection.execute("RELEASE piece")
    return outcome


def _own(error: BaseException) -> BaseException:
    """A piece's error as its caller gets it: one that would look like the end of the caller's own task is wrapped."""
    if isinstance(error, asyncio.CancelledError | GeneratorExit | StopIteration | StopAsyncIteration):
        refused = RuntimeError(f"a transaction ended with {type(error).__name__}")
        refused.__cause__ = error
        return refused
    return error


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
