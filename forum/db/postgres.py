"""PostgreSQL behind `databases`: asyncpg's pool, with our prepared statements and one retry rule."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg
from databases import DatabaseURL
from databases.interfaces import ConnectionBackend, DatabaseBackend, TransactionBackend
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.engine import Dialect

from forum.db.errors import RETRY_STATES, translate_postgres, unavailable
from forum.db.statements import Bound, Row
from forum.db.tx import Tx

T = TypeVar("T")
POOL_MIN, POOL_MAX = 2, 10
# Seconds to wait for a connection of the pool, and for one statement, before the answer is 503.
ACQUIRE_TIMEOUT = 5.0
COMMAND_TIMEOUT = 30.0
WRITE_ATTEMPTS = 5
CHANNEL = "aftershow_changes"
# NOTIFY carries at most 8,000 bytes; more tags than fit mean "anything may have changed".
MAX_PAYLOAD = 7_000
EVERYTHING = "*"


class PostgresConnection(ConnectionBackend):
    """One pooled connection, for as long as it is acquired."""

    def __init__(self, backend: PostgresBackend) -> None:
        self._backend = backend
        self._raw: Any = None

    async def acquire(self) -> None:
        try:
            self._raw = await self._backend.pool.acquire(timeout=ACQUIRE_TIMEOUT)
        except Exception as error:
            raise translate_postgres(error) from error

    async def release(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            await self._backend.pool.release(raw)

    async def fetch_all(self, query: Bound) -> list[Row]:  # type: ignore[override]
        compiled = query.prepared.compiled(self._backend.dialect)
        sql, parameters = compiled.bind(query.values)
        return compiled.rows(await self._raw.fetch(sql, *parameters))

    async def execute(self, query: Bound) -> int:  # type: ignore[override]
        sql, parameters = query.prepared.compiled(self._backend.dialect).bind(query.values)
        status: str = await self._raw.execute(sql, *parameters)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    def transaction(self) -> TransactionBackend:
        raise RuntimeError("transactions belong to Database.write")

    @property
    def raw_connection(self) -> Any:
        return self._raw


class PostgresBackend(DatabaseBackend):
    """asyncpg's pool behind the interface of `databases`."""

    def __init__(self, database_url: DatabaseURL | str, **options: Any) -> None:
        self.dsn = str(database_url).replace("aftershow-postgresql", "postgresql", 1)
        self._options = options
        self._pool: Any = None
        self.dialect: Dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]

    @property
    def pool(self) -> Any:
        if self._pool is None:
            raise unavailable("shutting_down")
        return self._pool

    async def connect(self) -> None:
        try:
            self._pool = await asyncpg.create_pool(
                self.dsn,
                min_size=POOL_MIN,
                max_size=POOL_MAX,
                command_timeout=COMMAND_TIMEOUT,
                server_settings={"timezone": "UTC", "application_name": "aftershow", "jit": "off"},
            )
        except Exception as error:
            raise translate_postgres(error) from error

    async def disconnect(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    def connection(self) -> PostgresConnection:
        return PostgresConnection(self)


class PostgresWriter:
    """Runs each piece of work in a pooled transaction, again when it lost a race."""

    def __init__(self, backend: PostgresBackend, announce: Callable[[set[str]], None]) -> None:
        self._backend = backend
        self._announce = announce
        self.name = secrets.token_hex(8)
        self.recorder: Callable[[Tx], None] | None = None

    async def write(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run a piece of work durably: when this returns, it survives a crash."""
        for attempt in range(1, WRITE_ATTEMPTS + 1):
            try:
                return await self._once(work)
            except Exception as error:
                if getattr(error, "sqlstate", None) in RETRY_STATES and attempt < WRITE_ATTEMPTS:
                    continue
                raise translate_postgres(error) from error
        raise unavailable("storage_busy")

    async def _once(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        connection = PostgresConnection(self._backend)
        await connection.acquire()
        try:
            tx = Tx(connection)
            async with connection.raw_connection.transaction():
                value = await work(tx)
                if tx.touched:
                    await connection.raw_connection.execute(
                        "SELECT pg_notify($1, $2)", CHANNEL, encode_changes(self.name, tx.touched)
                    )
        finally:
            await connection.release()
        if tx.touched:
            self._announce(tx.touched)
        if self.recorder is not None:
            self.recorder(tx)
        return value


def encode_changes(sender: str, tags: set[str]) -> str:
    """A notification: who changed what."""
    payload = " ".join([sender, *sorted(tags)])
    return payload if len(payload) <= MAX_PAYLOAD else f"{sender} {EVERYTHING}"


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
        """Begin to listen; returns once the first subscription stands."""
        self._task = asyncio.create_task(self._run(), name="postgres-listener")
        await asyncio.wait_for(self.listening.wait(), ACQUIRE_TIMEOUT)

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
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                pass
            self.listening.clear()
            self._announce({EVERYTHING})
            await asyncio.sleep(0.5)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._backend.dsn, timeout=ACQUIRE_TIMEOUT)
        try:
            self._lost.clear()
            connection.add_termination_listener(lambda _: self._lost.set())
            await connection.add_listener(CHANNEL, self._hear)
            self._announce({EVERYTHING})  # what was missed while nobody listened
            self.listening.set()
            await self._lost.wait()
        finally:
            await connection.close(timeout=1)

    def _hear(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        sender, _, tags = payload.partition(" ")
        if sender != self._sender:
            self._announce(set(tags.split()))
