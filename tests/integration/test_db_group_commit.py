"""SQLite's writer: many pieces, one commit, and every piece answered once whatever happens to the others."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from forum.db import ConstraintViolated, Database, Tx
from forum.db import writer as writer_module
from tests.support.data import (
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
            await asyncio.get_running_loop().create_task(child)
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
