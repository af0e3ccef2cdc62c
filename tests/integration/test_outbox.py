"""The outbox: at least once, never twice at once, later when it failed, visible when it is given up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from forum.core.clock import Clock, FixedClock, SystemClock
from forum.db import Database, Prepared, Tx, open_database
from forum.errors import Conflict
from forum.outbox import queries
from forum.outbox import worker as worker_module
from forum.outbox.model import HANDLER_TIME, LEASE, LONGEST_RETRY, MAX_ATTEMPTS, Job, JobRefused, retry_delay
from forum.outbox.tables import outbox
from forum.outbox.worker import Handler, Worker, describe
from tests.support.data import aware

pytestmark = pytest.mark.anyio
START = aware(2026, 3, 1, 12)
ROWS = Prepared(select(outbox).order_by(outbox.c.id))


@pytest.fixture
async def db(engine_url: str) -> AsyncIterator[Database]:
    async with open_database(engine_url) as opened:
        yield opened


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


async def enqueue(db: Database, clock: Clock, *ids: int, kind: str = "told", site: int = 1) -> None:
    async def work(tx: Tx) -> None:
        for job_id in ids:
            await queries.insert_job(tx, site_id=site, job_id=job_id, kind=kind, payload={"n": job_id}, now=clock.now())

    await db.write(work)


async def rows(db: Database) -> list[Any]:
    async with db.read(fresh=True) as tx:
        return await tx.fetch_all(ROWS)


async def counts(db: Database) -> tuple[int, int]:
    async with db.read(fresh=True) as tx:
        return await queries.count_jobs(tx)


async def claim(db: Database, clock: Clock, most: int = 8) -> list[Job]:
    async def work(tx: Tx) -> list[Job]:
        return await queries.claim_jobs(tx, now=clock.now(), most=most)

    return await db.write(work)


def worker_of(db: Database, clock: Clock, handler: Handler, kind: str = "told") -> Worker:
    return Worker(db, clock, {kind: handler})


async def test_a_job_is_done_and_gone(db: Database, clock: FixedClock) -> None:
    done: list[Job] = []

    async def handler(job: Job) -> None:
        done.append(job)

    await enqueue(db, clock, 7)
    worker = worker_of(db, clock, handler)
    assert await worker.run_due() == 1
    assert done == [Job(1, 7, "told", {"n": 7}, 1)]
    assert await counts(db) == (0, 0)
    assert await worker.run_due() == 0


async def test_a_job_exists_only_with_what_it_follows_from(db: Database, clock: FixedClock) -> None:
    async def work(tx: Tx) -> None:
        await queries.insert_job(tx, site_id=1, job_id=1, kind="told", payload={}, now=clock.now())
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(work)
    assert await counts(db) == (0, 0)


async def test_older_jobs_come_first(db: Database, clock: FixedClock) -> None:
    for number in (3, 1, 2):
        await enqueue(db, clock, number)
        clock.advance(timedelta(seconds=1))
    assert [job.id for job in await claim(db, clock, most=1)] == [3]
    assert [job.id for job in await claim(db, clock, most=1)] == [1]
    assert [job.id for job in await claim(db, clock)] == [2]


async def test_the_same_id_of_two_sites_is_two_jobs(db: Database, clock: FixedClock) -> None:
    await enqueue(db, clock, 5, site=1)
    await enqueue(db, clock, 5, site=2)
    first, second = await claim(db, clock)

    async def finish(tx: Tx) -> bool:
        return await queries.finish_job(tx, first)

    assert await db.write(finish)
    [left] = await rows(db)
    assert left.site_id == second.site_id != first.site_id


@pytest.mark.parametrize("workers", [2, 5])
async def test_no_job_runs_twice_at_once(engine_url: str, workers: int) -> None:
    jobs = 60
    at_work: set[int] = set()
    done: list[int] = []
    clock = SystemClock()

    async def handler(job: Job) -> None:
        assert job.id not in at_work
        at_work.add(job.id)
        await asyncio.sleep(0)
        at_work.discard(job.id)
        done.append(job.id)

    async def process() -> None:
        async with open_database(engine_url) as own:
            worker = worker_of(own, clock, handler)
            while await worker.run_due():
                pass

    async with open_database(engine_url) as db:
        await enqueue(db, clock, *range(1, jobs + 1))
        await asyncio.gather(*(process() for _ in range(workers)))
        assert sorted(done) == list(range(1, jobs + 1))
        assert await counts(db) == (0, 0)


async def test_nobody_begins_a_job_that_somebody_counts_on(postgresql_url: str, clock: FixedClock) -> None:
    async with open_database(postgresql_url) as db, open_database(postgresql_url) as other:
        await enqueue(db, clock, 1, 2)

        async def work(tx: Tx) -> list[Job]:
            assert await queries.has_waiting_job(tx, kind="told", payload={"n": 1})
            return await claim(other, clock)

        assert [job.id for job in await db.write(work)] == [2]
        assert [job.id for job in await claim(other, clock)] == [1]


async def test_a_claim_takes_no_more_than_asked(db: Database, clock: FixedClock) -> None:
    await enqueue(db, clock, *range(1, 21))
    taken = [await claim(db, clock, most=6) for _ in range(4)]
    assert [len(jobs) for jobs in taken] == [6, 6, 6, 2]
    assert len({job.id for jobs in taken for job in jobs}) == 20


async def test_a_lost_worker_loses_its_jobs_after_the_lease(db: Database, clock: FixedClock) -> None:
    await enqueue(db, clock, 1)
    [lost] = await claim(db, clock)
    clock.advance(LEASE - timedelta(seconds=1))
    assert await claim(db, clock) == []
    clock.advance(timedelta(seconds=1))
    [found] = await claim(db, clock)
    assert (found.id, found.attempts) == (1, 2)

    async def late(tx: Tx) -> list[bool]:
        return [
            await queries.finish_job(tx, lost),
            await queries.postpone_job(tx, lost, until=START, error="late"),
            await queries.bury_job(tx, lost, now=START, error="late"),
            await queries.release_job(tx, lost, now=START),
        ]

    assert await db.write(late) == [False] * 4  # the claim has passed on

    async def finish(tx: Tx) -> bool:
        return await queries.finish_job(tx, found)

    assert await db.write(finish)
    assert await counts(db) == (0, 0)


async def test_failures_are_tried_again_later_and_then_given_up(db: Database, clock: FixedClock) -> None:
    tried: list[float] = []

    async def handler(_: Job) -> None:
        tried.append((clock.now() - START).total_seconds())
        raise OSError("the text of somebody's comment")

    await enqueue(db, clock, 1)
    worker = worker_of(db, clock, handler)
    for attempt in range(1, MAX_ATTEMPTS):
        assert await worker.run_due() == 1
        [row] = await rows(db)
        assert row.run_at == clock.now() + retry_delay(attempt)
        assert row.last_error == "OSError"
        clock.advance(retry_delay(attempt) - timedelta(seconds=1))
        assert await worker.run_due() == 0
        clock.advance(timedelta(seconds=1))
    assert await worker.run_due() == 1
    assert len(tried) == MAX_ATTEMPTS
    [row] = await rows(db)
    assert row.dead_at == clock.now()
    assert await counts(db) == (1, 1)
    clock.advance(timedelta(days=365))
    assert await worker.run_due() == 0


def test_the_delay_doubles_up_to_a_bound() -> None:
    assert [retry_delay(n).total_seconds() for n in (1, 2, 3, 4)] == [30, 60, 120, 240]
    assert retry_delay(40) == LONGEST_RETRY


def test_a_job_is_tried_for_about_a_day() -> None:
    waits = [retry_delay(attempt) for attempt in range(1, MAX_ATTEMPTS)]
    assert timedelta(hours=20) < sum(waits, timedelta()) < timedelta(hours=28)
    assert waits[-1] == LONGEST_RETRY


async def test_a_job_that_can_never_succeed_is_given_up_at_once(db: Database, clock: FixedClock) -> None:
    async def handler(_: Job) -> None:
        raise JobRefused("the article is gone")

    await enqueue(db, clock, 1)
    await worker_of(db, clock, handler).run_due()
    [row] = await rows(db)
    assert (row.dead_at, row.last_error) == (clock.now(), "JobRefused: the article is gone")


async def test_a_job_that_nothing_handles_is_given_up(db: Database, clock: FixedClock) -> None:
    async def handler(_: Job) -> None:
        raise AssertionError

    await enqueue(db, clock, 1, kind="forgotten")
    await worker_of(db, clock, handler).run_due()
    [row] = await rows(db)
    assert row.dead_at is not None
    assert row.last_error == "JobRefused: nothing handles forgotten"


async def test_a_job_that_kills_its_workers_is_given_up(db: Database, clock: FixedClock) -> None:
    async def handler(_: Job) -> None:
        raise AssertionError("tried once too often")

    await enqueue(db, clock, 1)
    for _ in range(MAX_ATTEMPTS):
        assert len(await claim(db, clock)) == 1  # and never heard of again
        clock.advance(LEASE)
    await worker_of(db, clock, handler).run_due()
    assert await counts(db) == (1, 1)


async def test_one_that_fails_disturbs_no_other(db: Database, clock: FixedClock) -> None:
    async def handler(job: Job) -> None:
        if job.id == 2:
            raise OSError

    await enqueue(db, clock, 1, 2, 3)
    assert await worker_of(db, clock, handler).run_due() == 3
    assert [row.id for row in await rows(db)] == [2]


async def test_a_handler_that_hangs_is_stopped_before_its_lease_ends(
    db: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert HANDLER_TIME < LEASE
    monkeypatch.setattr(worker_module, "HANDLER_TIME", timedelta(milliseconds=20))

    async def handler(_: Job) -> None:
        await asyncio.Event().wait()

    await enqueue(db, clock, 1)
    assert await worker_of(db, clock, handler).run_due() == 1
    [row] = await rows(db)
    assert row.last_error == "TimeoutError"
    assert row.run_at == START + retry_delay(1)


async def test_a_handler_whose_own_task_was_cancelled_has_failed(db: Database, clock: FixedClock) -> None:
    async def handler(_: Job) -> None:
        inner = asyncio.create_task(asyncio.sleep(60))
        inner.cancel()
        await inner

    await enqueue(db, clock, 1)
    assert await worker_of(db, clock, handler).run_due() == 1
    [row] = await rows(db)
    assert row.last_error == "RuntimeError"


def test_what_is_kept_of_an_error_names_nobody() -> None:
    assert describe(LookupError("ada@example.org")) == "LookupError"
    assert describe(Conflict("key_reused", "…")) == "Conflict: key_reused"
    assert describe(asyncpg.UniqueViolationError("Key (name)=(Ada) exists")) == "UniqueViolationError"
    assert len(describe(JobRefused("x" * 900))) == 500
