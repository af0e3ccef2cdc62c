"""SQLite's writer: many pieces, one commit, and every piece answered once whatever happens to the others."""

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


async def commits(db: Database) -> list[str]:
    """Collect every statement that SQLite runs on the writing connection from now on."""
    seen: list[str] = []
    await writer_of(db).run(lambda connection: connection.set_trace_callback(seen.append))
    return seen


async def test_what_waits_goes_into_one_commit(db: Database) -> None:
    seen = await commits(db)
    async with writer_held(db):
        tasks = await queued(db, *(adding(number) for number in range(20)))
    assert await answers(tasks) == list(range(20))
    assert seen.count("BEGIN IMMEDIATE") == seen.count("COMMIT") == 2  # the piece that held the writer, and the rest
    assert seen.count("SAVEPOINT piece") == seen.count("RELEASE piece") == 21
    assert await stored(db) == list(range(20))


async def test_a_batch_has_a_bound(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module.SQLiteWriter._take, "__defaults__", (4,))
    seen = await commits(db)
    async with writer_held(db):
        tasks = await queued(db, *(adding(number) for number in range(10)))
    assert await answers(tasks) == list(range(10))
    assert seen.count("COMMIT") == 4  # one held the writer; then 4 + 4 + 2


async def test_a_piece_that_fails_is_undone_alone(db: Database) -> None:
    async with writer_held(db):
        tasks = await queued(db, adding(1), adding(2, LookupError("no")), adding(1), adding(3))
    first, second, third, fourth = await answers(tasks)
    assert (first, fourth) == (1, 3)
    assert isinstance(second, LookupError)
    assert isinstance(third, ConstraintViolated)
    assert await stored(db) == [1, 3]


async def test_only_what_was_committed_is_told(db: Database) -> None:
    heard: list[set[str]] = []
    db.on_change(lambda tags: heard.append(set(tags)))
    async with writer_held(db):
        tasks = await queued(db, adding(1), adding(2, LookupError("no")), adding(3))
    await answers(tasks)
    assert heard == [{"d:1", "d:3"}]


async def test_a_piece_that_waits_is_refused_and_undone(db: Database) -> None:
    left: list[str] = []

    async def waits(tx: Tx) -> None:
        await add(tx, 1)
        try:
            await asyncio.sleep(0)
        finally:
            await add(tx, 2)
            left.append("finally")

    async def gathers(tx: Tx) -> None:
        await asyncio.gather(add(tx, 3), add(tx, 4))

    async def ignores(tx: Tx) -> None:
        await add(tx, 5)
        try:
            await asyncio.sleep(0)
        except GeneratorExit:
            await asyncio.sleep(0)

    async with writer_held(db):
        tasks = await queued(db, waits, adding(7), ignores, adding(8))
    refused, fine, also_refused, also_fine = await answers(tasks)
    assert isinstance(refused, RuntimeError)
    assert "not the database" in str(refused)
    assert isinstance(also_refused, RuntimeError)
    assert (fine, also_fine) == (7, 8)
    assert left == ["finally"]
    assert await stored(db) == [7, 8]


async def test_a_child_task_inside_is_refused(db: Database) -> None:
    async def work(tx: Tx) -> None:
        child = add(tx, 1)
        try:
            asyncio.get_running_loop().create_task(child)
        finally:
            child.close()

    with pytest.raises(RuntimeError):
        await db.write(work)
    assert await stored(db) == []


async def test_work_is_an_async_function(db: Database) -> None:
    def work(_: Tx) -> Any:
        return 7

    with pytest.raises(TypeError, match="async def"):
        await db.write(work)
    assert await write_note(db, 1) == 1


@pytest.mark.parametrize("error", [asyncio.CancelledError(), GeneratorExit(), StopAsyncIteration()])
async def test_an_error_that_would_end_the_callers_task_is_wrapped(db: Database, error: BaseException) -> None:
    async with writer_held(db):
        tasks = await queued(db, adding(1, error), adding(2))
    first, second = await answers(tasks)
    assert isinstance(first, RuntimeError)
    assert second == 2
    assert await write_note(db, 3) == 3
    assert await stored(db) == [2, 3]


class Base(BaseException):
    """Neither an Exception nor anything asyncio knows."""


async def test_a_base_exception_belongs_to_its_own_caller(db: Database) -> None:
    async with writer_held(db):
        tasks = await queued(db, adding(1, Base()), adding(2))
    first, second = await answers(tasks)
    assert isinstance(first, Base)
    assert second == 2
    assert await stored(db) == [2]


async def test_who_gives_up_before_the_turn_writes_nothing(db: Database) -> None:
    async with writer_held(db):
        leaving, staying = await queued(db, adding(1), adding(2))
        leaving.cancel()
    first, second = await answers([leaving, staying])
    assert isinstance(first, asyncio.CancelledError)
    assert second == 2
    assert await stored(db) == [2]


async def test_who_gives_up_during_the_turn_may_have_written(db: Database) -> None:
    heard: list[set[str]] = []
    db.on_change(lambda tags: heard.append(set(tags)))
    loop = asyncio.get_running_loop()
    callers: list[asyncio.Task[Any]] = []

    async def work(tx: Tx) -> None:
        await add(tx, 1)
        tx.touch("d:1")
        asyncio.run_coroutine_threadsafe(leave(), loop).result(DEADLINE)

    async def leave() -> None:
        callers[0].cancel()

    callers.append(asyncio.create_task(db.write(work)))
    [answer] = await answers(callers)
    assert isinstance(answer, asyncio.CancelledError)
    assert await write_note(db, 2) == 2  # after the batch of the first
    assert await stored(db) == [1, 2]
    assert heard == [{"d:1"}]  # stored is stored: nobody may go on showing the old state


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
