"""PostgreSQL behind `databases`: asyncpg's pool, with our prepared statements and one retry rule."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import asyncpg
import structlog
from databases import DatabaseURL
from databases.interfaces import ConnectionBackend, DatabaseBackend, TransactionBackend
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.engine import Dialect

from forum.db.errors import BUSY, CLOSING, RETRY_STATES, postgres_in_our_words, unavailable
from forum.db.statements import Bound, Row
from forum.db.tx import Tx

T = TypeVar("T")
POOL_MIN, POOL_MAX = 2, 10
# Seconds to wait for a connection of the pool, and for one statement, before the answer is 503.
ACQUIRE_TIMEOUT = 5.0
COMMAND_TIMEOUT = 30.0
CLOSE_TIMEOUT = 5.0
WRITE_ATTEMPTS = 5
REPEAT_SECONDS = 0.05
CHANNEL = "aftershow_changes"
# How often the listener asks whether its connection still lives, in seconds: a network may drop one without a word.
HEARTBEAT_SECONDS = 5.0
RECONNECT_SECONDS = 0.5
# NOTIFY carries at most 8,000 bytes; more tags than fit mean "anything may have changed".
MAX_PAYLOAD = 7_000
EVERYTHING = "*"

log = structlog.get_logger(__name__)


class PostgresConnection(ConnectionBackend):
    """One pooled connection, for as long as it is acquired."""

    def __init__(self, backend: PostgresBackend) -> None:
        self._backend = backend
        self._raw: Any = None

    async def acquire(self) -> None:
        with postgres_in_our_words:
            self._raw = await self._backend.pool.acquire(timeout=ACQUIRE_TIMEOUT)

    async def release(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            with postgres_in_our_words:
                await self._backend.pool.release(raw)

    async def fetch_all(self, query: Bound) -> list[Row]:  # type: ignore[override]
        compiled = query.prepared.compiled(self._backend.dialect)
        sql, parameters = compiled.bind(query.values)
        with postgres_in_our_words:
            return compiled.rows(await self.raw_connection.fetch(sql, *parameters))

    async def execute(self, query: Bound) -> int:  # type: ignore[override]
        sql, parameters = query.prepared.changing(self._backend.dialect).bind(query.values)
        with postgres_in_our_words:
            status: str = await self.raw_connection.execute(sql, *parameters)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def transaction(self) -> TransactionBackend:
        raise RuntimeError("transactions belong to Database.write")

    @property
    def raw_connection(self) -> Any:
        if self._raw is None:
            raise RuntimeError("the connection is not acquired")
        return self._raw


class PostgresBackend(DatabaseBackend):
    """asyncpg's pool behind the interface of `databases`."""

    def __init__(self, database_url: DatabaseURL | str, **options: Any) -> None:
        self.dsn = str(database_url).replace("aftershow-postgresql", "postgresql", 1)
        self._pool: Any = None
        self.dialect: Dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]

    @property
    def pool(self) -> Any:
        if self._pool is None:
            raise unavailable(CLOSING)
        return self._pool

    async def connect(self) -> None:
        with postgres_in_our_words:
            self._pool = await asyncpg.create_pool(
                self.dsn,
                min_size=POOL_MIN,
                max_size=POOL_MAX,
                timeout=ACQUIRE_TIMEOUT,
                command_timeout=COMMAND_TIMEOUT,
                server_settings={"timezone": "UTC", "application_name": "aftershow", "jit": "off"},
            )

    async def disconnect(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await pool.close()  # waits for what is under way
        except TimeoutError:
            pool.terminate()

    def connection(self) -> PostgresConnection:
        return PostgresConnection(self)


class PostgresWriter:
    """Runs each piece of work in a pooled transaction, again when it lost a race."""

    def __init__(self, backend: PostgresBackend, announce: Callable[[set[str]], None]) -> None:
        self._backend = backend
        self._announce = announce
        self.name = secrets.token_hex(8)
        self.recorder: Callable[[Tx], None] | None = None

    async def start(self) -> None:
        """Nothing to open: the pool's connections write."""

    async def finish(self) -> None:
        """Nothing waits here."""

    async def close(self) -> None:
        """Nothing to close."""

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run a piece of work durably: when this returns, it survives a crash."""
        for attempt in range(1, WRITE_ATTEMPTS + 1):
            try:
                tx, value = await self._once(work)
            except Exception as error:
                if attempt == WRITE_ATTEMPTS or not may_repeat(error):
                    raise
                # At once, two that deadlocked would meet again.
                await asyncio.sleep(attempt * REPEAT_SECONDS * random.random())  # noqa: S311
                continue
            if self.recorder is not None:
                self.recorder(tx)
            return value
        raise unavailable(BUSY)

    async def _once(self, work: Callable[[Tx], Awaitable[T]]) -> tuple[Tx, T]:
        connection = PostgresConnection(self._backend)
        await connection.acquire()
        tx = Tx(connection)
        try:
            with postgres_in_our_words:
                async with connection.raw_connection.transaction():
                    value = await work(tx)
                    tx.require_sound()  # a COMMIT after a failed statement is a silent ROLLBACK
                    await self._notify(connection, tx.touched)
        finally:
            try:
                await connection.release()
            finally:
                # Also when the caller is gone or the connection broke: the COMMIT may have been under way.
                if tx.touched:
                    self._announce(tx.touched)
        return tx, value

    async def _notify(self, connection: PostgresConnection, touched: set[str]) -> None:
        if touched:
            payload = encode_changes(self.name, touched)
            await connection.raw_connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)


def may_repeat(error: BaseException) -> bool:
    """Whether a piece of work failed only because it lost a race, or because a migration changed a table below it."""
    known = (error, error.__cause__)
    return any(
        getattr(e, "sqlstate", None) in RETRY_STATES or isinstance(e, asyncpg.InvalidCachedStatementError)
        for e in known
    )


def encode_changes(sender: str, tags: set[str]) -> str:
    """A notification: who changed what."""
    payload = " ".join([sender, *sorted(tags)])
    return payload if len(payload.encode()) <= MAX_PAYLOAD else f"{sender} {EVERYTHING}"


class PostgresListener:
    """Hears what other processes changed. While the connection is lost, everything counts as changed."""

    def __init__(self, backend: PostgresBackend, sender: str, announce: Callable[[set[str]], None]) -> None:
        self._backend = backend
        self._sender = sender
        self._announce = announce
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; returns once the first subscription stands, or raises Unavailable."""
        self._task = asyncio.create_task(self._run(), name="postgres-listener")
        with postgres_in_our_words:
            async with asyncio.timeout(ACQUIRE_TIMEOUT):
                await self.listening.wait()

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:  # whatever it was: without a listener, nothing cached could be trusted
                log.warning("not hearing what other processes change", error=type(error).__name__)
            self.listening.clear()
            self._announce({EVERYTHING})
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._backend.dsn, timeout=ACQUIRE_TIMEOUT, command_timeout=ACQUIRE_TIMEOUT)
        try:
            self._lost.clear()
            connection.add_termination_listener(lambda _: self._lost.set())
            await connection.add_listener(CHANNEL, self._hear)
            self._announce({EVERYTHING})  # what was missed while nobody listened
            self.listening.set()
            while not self._lost.is_set():
                with suppress(TimeoutError):
                    # Not `wait_for`: before Python 3.12 it forgets a cancellation that comes with the event.
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        await self._lost.wait()
                    return
                await connection.execute("SELECT 1")
        finally:
            await connection.close(timeout=1)

    def _hear(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        sender, _, tags = payload.partition(" ")
        if sender != self._sender:
            self._announce(set(tags.split()))
