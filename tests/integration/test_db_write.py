"""`write` on both engines: all or nothing, one answer each, and what is told afterwards."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from forum.db import ConstraintViolated, Database, Tx
from forum.errors import Unavailable
from tests.support.data import ALL, add, get_note, open_scratch, stored, until, write_note

pytestmark = pytest.mark.anyio


@pytest.fixture
async def db(empty_engine_url: str) -> AsyncIterator[Database]:
    async with open_scratch(empty_engine_url) as opened:
        yield opened


async def test_a_write_answers_what_the_work_returns(db: Database) -> None:
    assert await write_note(db, 1) == 1
    assert await stored(db) == [1]


async def test_the_work_sees_its_own_changes(db: Database) -> None:
    async def work(tx: Tx) -> list[int]:
        await add(tx, 1)
        return [row.id for row in await tx.fetch_all(ALL)]

    assert await db.write(work) == [1]


async def test_a_refusal_leaves_nothing(db: Database) -> None:
    refusal = LookupError("no")

    async def work(tx: Tx) -> None:
        await add(tx, 1)
        tx.touch("d:1")
        raise refusal

    heard: list[set[str]] = []
    db.on_change(heard.append)
    with pytest.raises(LookupError) as caught:
        await db.write(work)
    assert caught.value is refusal
    assert await stored(db) == []
    assert heard == [] or not db.is_sqlite  # PostgreSQL may warn its own process once too often


async def test_a_failed_statement_undoes_the_piece_even_when_it_is_caught(db: Database) -> None:
    await write_note(db, 1)

    async def work(tx: Tx) -> str:
        await add(tx, 2)
        try:
            await add(tx, 1)
        except ConstraintViolated:
            return "never mind"
        raise AssertionError("the second one was stored")

    with pytest.raises(ConstraintViolated):
        await db.write(work)
    assert await stored(db) == [1]


async def test_an_error_has_no_loop_of_causes(db: Database) -> None:
    async def work(tx: Tx) -> None:
        await add(tx, 1)
        await add(tx, 1)

    with pytest.raises(ConstraintViolated) as caught:
        await db.write(work)
    seen: list[BaseException] = []
    error: BaseException | None = caught.value
    while error is not None:
        assert all(error is not other for other in seen)
        seen.append(error)
        error = error.__cause__ or error.__context__
    assert len(seen) == 2


async def test_an_error_that_is_its_own_cause_is_answered(db: Database) -> None:
    async def work(_: Tx) -> None:
        error = LookupError("no")
        raise error from error

    with pytest.raises(LookupError):
        await db.write(work)
    assert await write_note(db, 1) == 1


async def test_many_writers_lose_nothing(db: Database) -> None:
    async def work(tx: Tx) -> int:
        rows = await tx.fetch_all(ALL)
        return len(rows)

    await asyncio.gather(*(write_note(db, number) for number in range(100)))
    assert await db.write(work) == 100


async def test_writers_that_fail_do_not_take_others_along(db: Database) -> None:
    await write_note(db, 0)
    tries = [write_note(db, 0 if number % 3 == 0 else number) for number in range(1, 31)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    for number, answer in enumerate(answers, start=1):
        if number % 3 == 0:
            assert isinstance(answer, ConstraintViolated)
        else:
            assert answer == number
    failures = [id(answer) for answer in answers if isinstance(answer, Exception)]
    assert len(set(failures)) == len(failures) == 10
    assert await stored(db) == [0, *(number for number in range(1, 31) if number % 3)]


async def test_tags_are_told_once_committed_and_before_the_answer(db: Database) -> None:
    heard: list[set[str]] = []
    db.on_change(lambda tags: heard.append(set(tags)))

    async def work(tx: Tx) -> None:
        await add(tx, 1)
        tx.touch("d:1", "home")
        assert heard == []

    await db.write(work)
    assert heard == [{"d:1", "home"}]
    await write_note(db, 2)
    assert len(heard) == 1


async def test_a_listener_that_fails_spoils_no_answer(db: Database) -> None:
    heard: list[set[str]] = []

    def fail(_: set[str]) -> None:
        raise LookupError("a listener's own mistake")

    db.on_change(fail)
    db.on_change(lambda tags: heard.append(set(tags)))

    async def work(tx: Tx) -> int:
        tx.touch("d:1")
        return 7

    assert await db.write(work) == 7
    assert heard == [{"d:1"}]
    assert await write_note(db, 1) == 1


async def test_a_transaction_can_not_be_used_after_its_end(db: Database) -> None:
    kept: list[Tx] = []

    async def work(tx: Tx) -> None:
        kept.append(tx)

    await db.write(work)
    async with db.read() as tx:
        kept.append(tx)
    for tx in kept:
        with pytest.raises(RuntimeError):
            await tx.fetch_all(ALL)


async def test_the_recorder_sees_each_finished_block(db: Database) -> None:
    seen: list[int] = []
    db.recorder = lambda tx: seen.append(len(tx.statements))
    await write_note(db, 1)
    with pytest.raises(ConstraintViolated):
        await write_note(db, 1)
    async with db.read() as tx:
        await tx.fetch_all(ALL)
        await tx.fetch_all(ALL)
    assert seen == [1, 2]


async def test_a_cancelled_caller_leaves_a_working_database(db: Database) -> None:
    await asyncio.gather(*(write_note(db, number) for number in range(1_000, 1_060)))  # every connection is open
    callers = [asyncio.create_task(write_note(db, number)) for number in range(60)]
    for number, caller in enumerate(callers):
        if number % 2:
            await asyncio.sleep(0)
        caller.cancel()
    answers = await asyncio.gather(*callers, return_exceptions=True)
    acknowledged = {answer for answer in answers if isinstance(answer, int)}
    assert acknowledged <= set(await stored(db))
    await asyncio.gather(*(write_note(db, number) for number in range(100, 140)))
    assert set(range(100, 140)) <= set(await stored(db))


async def test_after_close_there_is_only_unavailable(empty_engine_url: str) -> None:
    async with open_scratch(empty_engine_url) as db:
        await write_note(db, 1)
    with pytest.raises(Unavailable):
        await write_note(db, 2)
    with pytest.raises(Unavailable):
        await stored(db)
    await db.close()  # once more does no harm
    await db.connect()
    assert await stored(db) == [1]
    assert await write_note(db, 2) == 2
    await db.close()


async def test_close_finishes_what_was_accepted(empty_engine_url: str) -> None:
    async with open_scratch(empty_engine_url) as db:
        writes = [asyncio.create_task(write_note(db, number)) for number in range(5)]
        if db.is_sqlite:
            await asyncio.sleep(0)  # all five are accepted now
        else:
            await asyncio.gather(*writes)  # accepted means: in a transaction of its own
    assert await asyncio.gather(*writes) == [0, 1, 2, 3, 4]


async def test_a_change_elsewhere_is_heard_within_a_second(empty_engine_url: str) -> None:
    async with open_scratch(empty_engine_url) as db:
        other = Database(empty_engine_url)
        await other.connect()
        await db.watch()
        heard: list[set[str]] = []
        changed = asyncio.Event()

        def hear(tags: set[str]) -> None:
            heard.append(set(tags))
            changed.set()

        db.on_change(hear)

        async def work(tx: Tx) -> None:
            await add(tx, 1)
            tx.touch("d:1")

        await other.write(work)
        async with asyncio.timeout(1):
            await changed.wait()
        assert heard in ([{"d:1"}], [{"*"}])
        assert await stored(db) == [1]
        await other.close()


async def test_reads_follow_writes_at_once(db: Database) -> None:
    for number in range(20):
        await write_note(db, number, n=number)
        assert (await get_note(db, number)).n == number


async def test_a_replica_is_read_unless_the_primary_is_asked_for(
    empty_postgresql_url: str, postgresql_server: str
) -> None:
    replica = f"{postgresql_server}/postgres"  # stands for one that has not caught up: it knows no such table
    async with open_scratch(empty_postgresql_url):
        db = Database(empty_postgresql_url, read_url=replica)
        await db.connect()
        async with db.read(fresh=True) as tx:
            assert await tx.fetch_all(ALL) == []
        with pytest.raises(Exception, match="scratch_note"):
            await stored(db)
        await db.close()


async def test_waiting_for_a_condition_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.data.DEADLINE", 0.01)
    with pytest.raises(TimeoutError):
        await until(lambda: False)
