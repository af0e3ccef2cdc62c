"""PostgreSQL: lost races are run again, notifications, the pool's bounds, a server that goes away and comes back."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text, update

from forum.db import Database, Prepared, Tx
from forum.db import postgres as postgres_module
from forum.db.errors import translate_postgres
from forum.db.postgres import POOL_MAX, PostgresBackend
from forum.errors import Unavailable
from tests.support.data import ALL, DEADLINE, add, note, open_scratch, stored, until, write_note
from tests.support.postgres_operator import Operator

pytestmark = pytest.mark.anyio
SET = Prepared(update(note).where(note.c.id == text("CAST(:wanted AS bigint)")).values(n=note.c.n + 1))


@pytest.fixture
async def db(empty_postgresql_url: str) -> AsyncIterator[Database]:
    async with open_scratch(empty_postgresql_url) as opened:
        yield opened


def backend_of(db: Database) -> PostgresBackend:
    backend = db._primary._backend
    assert isinstance(backend, PostgresBackend)
    return backend


@pytest.fixture
async def operator(empty_postgresql_url: str, postgresql_server: str) -> AsyncIterator[Operator]:
    connection = await asyncpg.connect(f"{postgresql_server}/postgres")
    yield Operator(connection, empty_postgresql_url.rpartition("/")[2])
    await connection.close()


async def test_a_lost_race_is_run_again(db: Database) -> None:
    for number in (1, 2):
        await write_note(db, number, n=0)
    both = asyncio.Barrier(2)
    attempts: list[int] = []

    async def both_in(order: tuple[int, int]) -> None:
        first_time = True

        async def work(tx: Tx) -> None:
            nonlocal first_time
            attempts.append(order[0])
            await tx.execute(SET, {"wanted": order[0]})
            if first_time:  # each holds one row and wants the other's: a deadlock
                first_time = False
                await both.wait()
            await tx.execute(SET, {"wanted": order[1]})

        await db.write(work)

    async with asyncio.timeout(DEADLINE):
        await asyncio.gather(both_in((1, 2)), both_in((2, 1)))
    assert len(attempts) > 2
    async with db.read() as tx:
        assert [row.n for row in await tx.fetch_all(ALL)] == [2, 2]


async def test_a_table_changed_below_a_cached_statement(db: Database) -> None:
    connection = await asyncpg.connect(backend_of(db).dsn)
    for _ in range(POOL_MAX):
        await stored(db)

    async def work(tx: Tx) -> int:
        return len(await tx.fetch_all(EVERYTHING))

    assert await db.write(work) == 0
    await connection.execute("ALTER TABLE scratch_note ADD COLUMN later integer")
    assert await db.write(work) == 0  # on the same connection, whose plan no longer fits
    await connection.close()


EVERYTHING = Prepared(text("SELECT * FROM scratch_note"))


SLEEP = Prepared(text("SELECT pg_sleep(60)"))


async def test_the_pool_has_a_bound_and_says_so(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_module, "ACQUIRE_TIMEOUT", 0.05)
    release, entered = asyncio.Event(), 0

    async def hold() -> None:
        nonlocal entered
        async with db.read() as tx:
            await tx.fetch_all(ALL)
            entered += 1
            await release.wait()

    monkeypatch.setattr(postgres_module, "ACQUIRE_TIMEOUT", DEADLINE)
    holders = [asyncio.create_task(hold()) for _ in range(POOL_MAX)]
    await until(lambda: entered == POOL_MAX)
    monkeypatch.setattr(postgres_module, "ACQUIRE_TIMEOUT", 0.05)
    for refused in (stored(db), write_note(db, 1)):
        with pytest.raises(Unavailable) as caught:
            await refused
        assert caught.value.code == "storage_busy"
        assert caught.value.retry_after
    release.set()
    await asyncio.gather(*holders)
    monkeypatch.setattr(postgres_module, "ACQUIRE_TIMEOUT", DEADLINE)
    assert await stored(db) == []


async def test_a_slow_statement_is_cut(empty_postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_module, "COMMAND_TIMEOUT", 0.3)
    async with open_scratch(empty_postgresql_url) as db:

        async def work(tx: Tx) -> None:
            await add(tx, 1)
            await tx.fetch_all(SLEEP)

        with pytest.raises(Unavailable) as caught:
            await db.write(work)
        assert caught.value.code == "storage_busy"
        assert await stored(db) == []


async def test_a_restarted_server_is_found_again(db: Database, operator: Operator) -> None:
    await db.watch()
    await asyncio.gather(*(write_note(db, number) for number in range(POOL_MAX)))
    await operator.allow(connections=False)
    await operator.end_sessions()
    for _ in range(2 * POOL_MAX):
        with pytest.raises(Unavailable):
            await stored(db)
        with pytest.raises(Unavailable):
            await write_note(db, 99)
    await operator.allow(connections=True)
    assert await write_note(db, 100) == 100
    assert await stored(db) == [*range(POOL_MAX), 100]


async def test_a_session_that_ends_in_a_transaction_writes_nothing(db: Database, operator: Operator) -> None:
    async def work(tx: Tx) -> None:
        await add(tx, 1)
        await operator.end_sessions()
        await add(tx, 2)

    with pytest.raises(Unavailable):
        await db.write(work)
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                assert await stored(db) == []
                break
            except Unavailable:  # each dead connection is noticed when it is used
                continue


async def test_a_server_that_is_not_there(unused_port: int) -> None:
    for url in (f"postgresql://nobody:x@127.0.0.1:{unused_port}/none",):
        with pytest.raises(Unavailable) as caught:
            await Database(url).connect()
        assert caught.value.code == "storage_failing"
        assert caught.value.__cause__ is not None


async def test_a_database_that_is_not_there_and_a_wrong_password(postgresql_server: str) -> None:
    wrong = postgresql_server.replace(":", ":x", 2).replace("postgresql:x", "postgresql:", 1)
    for url in (f"{postgresql_server}/nowhere", f"{wrong}/postgres"):
        with pytest.raises(Unavailable):
            await Database(url).connect()


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (asyncpg.DiskFullError("full"), "storage_full"),
        (asyncpg.OutOfMemoryError("memory"), "storage_busy"),
        (asyncpg.TooManyConnectionsError("many"), "storage_busy"),
        (asyncpg.AdminShutdownError("bye"), "storage_busy"),
        (asyncpg.CannotConnectNowError("starting"), "storage_busy"),
        (asyncpg.ReadOnlySQLTransactionError("standby"), "storage_failing"),
        (asyncpg.DeadlockDetectedError("dead"), "storage_busy"),
        (asyncpg.ConnectionDoesNotExistError("gone"), "storage_failing"),
        (asyncpg.InterfaceError("the underlying connection is closed"), "storage_failing"),
        (ConnectionResetError(), "storage_failing"),
        (TimeoutError(), "storage_busy"),
    ],
)
async def test_what_is_the_servers_trouble(error: Exception, code: str) -> None:
    said = translate_postgres(error)
    assert isinstance(said, Unavailable)
    assert said.code == code


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UndefinedTableError("no table"),
        asyncpg.InFailedSQLTransactionError("went on"),
        asyncpg.exceptions.DataError("a number that is too large"),
        asyncpg.InterfaceError("another operation is in progress"),
        ValueError("closed to reason"),
    ],
)
async def test_what_is_our_own_mistake(error: Exception) -> None:
    assert translate_postgres(error) is error
