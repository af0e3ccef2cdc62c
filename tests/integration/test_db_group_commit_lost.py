"""SQLite's writer when a batch is lost, cut, refused or closed upon: all are answered, nothing is half there."""

import asyncio
import gc
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Integer, text

from forum.db import ConstraintViolated, Database, Prepared, Tx
from forum.db import sqlite as sqlite_module
from forum.db import writer as writer_module
from forum.errors import Unavailable
from tests.support.data import (
    ALL,
    DEADLINE,
    add,
    open_scratch,
    queued,
    stored,
    write_note,
    writer_held,
    writer_of,
)

pytestmark = pytest.mark.anyio
# What SQLite does by itself when the disk is full or fails: it abandons the transaction and says so.
GIVE_UP = Prepared(text("INSERT OR ROLLBACK INTO scratch_note (id) VALUES (0)"))
ENDLESS = Prepared(
    text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS i FROM n").columns(i=Integer)
)


@pytest.fixture
async def db(empty_sqlite_url: str) -> AsyncIterator[Database]:
    async with open_scratch(empty_sqlite_url) as opened:
        yield opened


def adding(note_id: int, error: BaseException | None = None) -> Any:
    """A piece that adds a note, and then fails when an error is given."""

    async def work(tx: Tx) -> int:
        await add(tx, note_id)
        tx.touch(f"d:{note_id}")
        if error is not None:
            raise error
        return note_id

    return work


async def answers(tasks: list[asyncio.Task[Any]]) -> list[Any]:
    async with asyncio.timeout(DEADLINE):
        return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_batch_that_can_not_be_committed_fails_for_each_alone(db: Database) -> None:
    # An authorizer that forbids COMMIT stands for a disk that fails at that moment.
    def forbid(action: int, first: str | None, *_: object) -> int:
        committing = action == sqlite3.SQLITE_TRANSACTION and first == "COMMIT"
        return sqlite3.SQLITE_DENY if committing else sqlite3.SQLITE_OK

    await writer_of(db).run(lambda connection: connection.set_authorizer(forbid))
    heard: list[set[str]] = []
    db.on_change(heard.append)
    tasks = [asyncio.create_task(db.write(adding(number))) for number in range(5)]
    said = await answers(tasks)
    assert [type(answer) for answer in said] == [Unavailable] * 5
    assert [answer.code for answer in said] == ["storage_failing"] * 5
    assert len({id(answer) for answer in said}) == 5
    assert heard == []
    await writer_of(db).run(lambda connection: connection.set_authorizer(None))
    assert await stored(db) == []
    assert await write_note(db, 9) == 9


async def test_when_sqlite_gives_the_transaction_up_nobody_is_told_otherwise(db: Database) -> None:
    await write_note(db, 0)

    async def loses(tx: Tx) -> str:
        await add(tx, 1)
        try:
            await tx.execute(GIVE_UP)
        except ConstraintViolated:
            pass
        try:
            await add(tx, 2)  # outside any transaction this would be stored at once
        except Unavailable:
            pass
        return "all is well"

    async with writer_held(db):
        tasks = await queued(db, adding(3), loses, adding(4))
    said = await answers(tasks)
    assert [type(answer) for answer in said] == [Unavailable] * 3
    assert len({id(answer) for answer in said}) == 3
    assert await stored(db) == [0]
    assert await write_note(db, 5) == 5


async def test_a_transaction_left_open_does_not_stop_the_next(db: Database) -> None:
    await writer_of(db).run(lambda connection: connection.execute("BEGIN"))
    assert await write_note(db, 1) == 1
    assert await stored(db) == [1]


async def test_a_full_queue_refuses_at_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING", 3)
    async with writer_held(db):
        tasks = await queued(db, *(adding(number) for number in range(3)))
        with pytest.raises(Unavailable) as caught:
            await db.write(adding(4))
        assert caught.value.code == "storage_busy"
        assert caught.value.retry_after
        async with db.read() as tx:
            assert await tx.fetch_all(ALL) == []  # reads go on
    assert await answers(tasks) == [0, 1, 2]
    assert await write_note(db, 5) == 5


async def test_a_statement_that_takes_too_long_is_cut(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_module, "RUN_SECONDS", 0.05)

    async def work(tx: Tx) -> None:
        await add(tx, 1)
        await tx.fetch_all(ENDLESS)

    with pytest.raises(Unavailable) as caught:
        await db.write(work)
    assert caught.value.code == "storage_busy"
    assert await write_note(db, 2) == 2
    assert await stored(db) == [2]


async def test_closing_answers_everybody(empty_sqlite_url: str) -> None:
    async with open_scratch(empty_sqlite_url) as db:
        async with writer_held(db):
            tasks = await queued(db, *(adding(number) for number in range(300)))
            closing = asyncio.create_task(db.close())
            await asyncio.sleep(0)
            with pytest.raises(Unavailable):
                await write_note(db, 999)
        await closing
        assert await answers(tasks) == list(range(300))
    with sqlite3.connect(empty_sqlite_url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("SELECT count(*) FROM scratch_note").fetchone() == (300,)
    connection.close()


async def test_close_may_itself_be_cancelled(empty_sqlite_url: str) -> None:
    async with open_scratch(empty_sqlite_url) as db:
        async with writer_held(db):
            [task] = await queued(db, adding(1))
            closing = asyncio.create_task(db.close())
            await asyncio.sleep(0)
            closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        [answer] = await answers([task])
        assert answer == 1 or isinstance(answer, Unavailable)


async def test_when_the_writers_task_is_ended_nobody_is_left_waiting(db: Database) -> None:
    writing = writer_of(db)._task
    assert writing is not None
    with pytest.raises(Unavailable):  # noqa: PT012 — raised at the end, for the one whose piece was running
        async with writer_held(db):
            tasks = await queued(db, *(adding(number) for number in range(3)))
            writing.cancel()
            assert [type(answer) for answer in await answers(tasks)] == [Unavailable] * 3
            with pytest.raises(Unavailable):
                await write_note(db, 9)


async def test_no_failure_goes_unretrieved(db: Database) -> None:
    unretrieved: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unretrieved.append(context))
    async with writer_held(db):
        tasks = await queued(db, *(adding(number, LookupError("no")) for number in range(3)))
        tasks[0].cancel()
    await answers(tasks)
    del tasks
    gc.collect()
    assert unretrieved == []
