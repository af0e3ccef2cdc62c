"""SQLite's readers: a few connections that live long, come back whatever happens, and are never waited for in vain."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator

import databases
import pytest
from sqlalchemy import Integer, text

from forum.db import Database, Prepared
from forum.db import sqlite as sqlite_module
from forum.db.sqlite import READERS, SQLiteBackend
from forum.errors import Unavailable
from tests.support.data import ALL, DEADLINE, open_scratch, stored, until, write_note, writer_held

pytestmark = pytest.mark.anyio
ENDLESS = Prepared(
    text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS i FROM n").columns(i=Integer)
)


@pytest.fixture
async def db(empty_sqlite_url: str) -> AsyncIterator[Database]:
    async with open_scratch(empty_sqlite_url) as opened:
        yield opened


def pool_of(db: Database) -> SQLiteBackend:
    backend = db._primary._backend
    assert isinstance(backend, SQLiteBackend)
    return backend


async def test_readers_can_not_write(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly") as caught:
        await pool_of(db)._all[0].run(lambda connection: connection.execute("DELETE FROM scratch_note"))
    assert caught.value.sqlite_errorname == "SQLITE_READONLY"
    with pytest.raises(Unavailable):
        async with db.read() as tx:
            await tx.execute(Prepared(text("DELETE FROM scratch_note")))


async def test_connections_are_kept_and_not_opened_per_query(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    before = list(pool_of(db)._all)
    monkeypatch.setattr(sqlite_module, "connect_held", refuse)
    await asyncio.gather(*(stored(db) for _ in range(50)))
    assert pool_of(db)._all == before
    assert len(before) == READERS


async def test_the_stock_backend_is_not_used(db: Database) -> None:
    assert isinstance(db._primary, databases.Database)
    assert databases.Database.SUPPORTED_BACKENDS["aftershow-sqlite"].startswith("forum.db.")
    with pytest.raises(RuntimeError, match=r"Database\.write"):
        db._primary._backend.connection().transaction()


async def test_a_child_task_reads_on_a_connection_of_its_own(db: Database) -> None:
    async with db.read() as tx:
        await tx.fetch_all(ALL)
        child = asyncio.create_task(stored(db))
        assert await child == []
        assert len(pool_of(db)._free) == READERS - 1
    assert len(pool_of(db)._free) == READERS


async def test_readers_come_back_whatever_happens(db: Database) -> None:
    async def fails() -> None:
        async with db.read() as tx:
            await tx.fetch_all(ALL)
            raise LookupError("no")

    async def fails_in_sql() -> None:
        async with db.read() as tx:
            await tx.fetch_all(Prepared(text("SELECT x FROM nowhere")))

    for _ in range(3 * READERS):
        with pytest.raises(LookupError):
            await fails()
        with pytest.raises(sqlite3.OperationalError):
            await fails_in_sql()
    assert len(pool_of(db)._free) == READERS


async def test_readers_wait_their_turn(db: Database) -> None:
    release = asyncio.Event()
    order: list[int] = []

    async def read(number: int) -> None:
        async with db.read() as tx:
            order.append(number)
            await release.wait()
            await tx.fetch_all(ALL)

    tasks = [asyncio.create_task(read(number)) for number in range(3 * READERS)]
    await until(lambda: len(pool_of(db)._waiting) == 2 * READERS)
    release.set()
    await asyncio.gather(*tasks)
    assert order == list(range(3 * READERS))
    assert len(pool_of(db)._free) == READERS


async def test_who_stops_waiting_takes_no_reader_along(db: Database) -> None:
    held = [await pool_of(db).take() for _ in range(READERS)]
    for _ in range(20):
        waiting = asyncio.create_task(pool_of(db).take())
        await until(lambda: bool(pool_of(db)._waiting))
        pool_of(db).give_back(held.pop())  # the offer is made …
        waiting.cancel()  # … and its taker goes away before seeing it
        await asyncio.gather(waiting, return_exceptions=True)
        assert waiting.cancelled()
        assert not pool_of(db)._waiting
        held.append(await pool_of(db).take())
    for reader in held:
        pool_of(db).give_back(reader)
    assert len(pool_of(db)._free) == READERS


async def test_no_reader_in_time_is_unavailable(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "ACQUIRE_SECONDS", 0.02)
    held = [await pool_of(db).take() for _ in range(READERS)]
    with pytest.raises(Unavailable) as caught:
        await stored(db)
    assert caught.value.code == "storage_busy"
    for reader in held:
        pool_of(db).give_back(reader)
    assert await stored(db) == []


async def test_a_slow_read_is_cut_and_the_reader_is_free_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "RUN_SECONDS", 0.05)
    for _ in range(READERS):
        with pytest.raises(Unavailable) as caught:
            async with db.read() as tx:
                await tx.fetch_all(ENDLESS)
        assert caught.value.code == "storage_busy"
    assert await stored(db) == []


async def test_a_cancelled_read_ends_in_the_engine_too(db: Database) -> None:
    async def endless(started: asyncio.Event) -> None:
        async with db.read() as tx:
            started.set()
            await tx.fetch_all(ENDLESS)

    for _ in range(2 * READERS):
        started = asyncio.Event()
        reading = asyncio.create_task(endless(started))
        await started.wait()
        await until(lambda: all(held._tx.qsize() == 0 for held in pool_of(db)._all))  # its thread has taken it up
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        async with asyncio.timeout(DEADLINE):
            assert await stored(db) == []  # on the very reader that was cut: the last one used comes first


async def test_closing_cuts_reads_that_are_under_way(empty_sqlite_url: str) -> None:
    async with open_scratch(empty_sqlite_url) as db:
        started = asyncio.Event()

        async def endless() -> None:
            async with db.read() as tx:
                started.set()
                await tx.fetch_all(ENDLESS)

        reading = asyncio.create_task(endless())
        await started.wait()
        await until(lambda: all(held._tx.qsize() == 0 for held in pool_of(db)._all))
        taken = [await pool_of(db).take() for _ in range(READERS - 1)]
        waiting = asyncio.create_task(stored(db))
        await until(lambda: bool(pool_of(db)._waiting))
        async with asyncio.timeout(DEADLINE):
            await db.close()
        answers = await asyncio.gather(reading, waiting, return_exceptions=True)
        assert [type(answer) for answer in answers] == [Unavailable] * 2
        for reader in taken:
            pool_of(db).give_back(reader)
        await db.connect()
        assert len(pool_of(db)._free) == READERS
        assert await stored(db) == []  # none of the closed ones came back


async def test_readers_do_not_wait_for_the_writer(db: Database) -> None:
    await write_note(db, 1)
    async with writer_held(db):
        assert await stored(db) == [1]
