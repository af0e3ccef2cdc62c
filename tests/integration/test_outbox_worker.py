"""The worker: woken by new jobs, held up by none, and still there after every failure."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from forum.core.clock import Clock, FixedClock, SystemClock
from forum.db import Database, Tx, open_database
from forum.errors import Unavailable
from forum.outbox import queries
from forum.outbox import worker as worker_module
from forum.outbox.model import LEASE, Job
from forum.outbox.worker import Handler, Worker
from tests.support.data import DEADLINE, aware, until

pytestmark = pytest.mark.anyio
START = aware(2026, 3, 1, 12)


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


async def counts(db: Database) -> tuple[int, int]:
    async with db.read(fresh=True) as tx:
        return await queries.count_jobs(tx)


async def claim(db: Database, clock: Clock, most: int = 8) -> list[Job]:
    async def work(tx: Tx) -> list[Job]:
        return await queries.claim_jobs(tx, now=clock.now(), most=most)

    return await db.write(work)


def worker_of(db: Database, clock: Clock, handler: Handler, kind: str = "told") -> Worker:
    return Worker(db, clock, {kind: handler})


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    """The worker at work for the length of a block."""
    task = asyncio.create_task(worker.run_forever())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_jobs_under_way_are_given_back_at_the_end(db: Database, clock: FixedClock) -> None:
    begun = asyncio.Event()

    async def handler(_: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    await enqueue(db, clock, 1)
    async with running(worker_of(db, clock, handler)) as task:
        await begun.wait()
    assert task.cancelled()
    [job] = await claim(db, clock)  # at once, not after the lease
    assert (job.id, job.attempts) == (1, 1)


async def test_new_jobs_wake_the_worker(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 3_600.0)
    done: asyncio.Queue[int] = asyncio.Queue()

    async def handler(job: Job) -> None:
        done.put_nowait(job.id)

    async with running(worker_of(db, SystemClock(), handler)), asyncio.timeout(DEADLINE):
        for number in range(1, 4):
            await enqueue(db, SystemClock(), number)
            assert await done.get() == number


async def test_new_jobs_of_another_process_wake_it_too(engine_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 3_600.0)
    done = asyncio.Event()

    async def handler(_: Job) -> None:
        done.set()

    async with open_database(engine_url) as db, open_database(engine_url) as other:
        await db.watch()
        async with running(worker_of(db, SystemClock(), handler)):
            await enqueue(other, SystemClock(), 1)
            async with asyncio.timeout(DEADLINE):
                await done.wait()


async def test_a_slow_job_holds_up_no_other(db: Database) -> None:
    release, done = asyncio.Event(), set[int]()

    async def handler(job: Job) -> None:
        if job.id == 1:
            await release.wait()
        done.add(job.id)

    async with running(worker_of(db, SystemClock(), handler)):
        await enqueue(db, SystemClock(), *range(1, 31))
        await until(lambda: done == set(range(2, 31)))
        release.set()
        await until(lambda: 1 in done)


async def test_no_more_than_a_few_run_side_by_side(db: Database) -> None:
    at_work, most, done = 0, 0, 0

    async def handler(_: Job) -> None:
        nonlocal at_work, most, done
        at_work += 1
        most = max(most, at_work)
        for _turn in range(5):
            await asyncio.sleep(0)
        at_work -= 1
        done += 1

    await enqueue(db, SystemClock(), *range(1, 41))
    async with running(worker_of(db, SystemClock(), handler)):
        await until(lambda: done == 40)
    assert most <= worker_module.BATCH


async def fail_some(db: Database, monkeypatch: pytest.MonkeyPatch, errors: list[Exception]) -> Callable[[], bool]:
    """Let the next writes fail; returns whether all of these failures have happened."""
    real = db.write

    async def write(work: Any) -> Any:
        if errors:
            raise errors.pop()
        return await real(work)

    monkeypatch.setattr(db, "write", write)
    return lambda: not errors


async def test_the_worker_survives_what_the_storage_does(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(Unavailable, "retry_after", 0.01)
    done: list[int] = []

    async def handler(job: Job) -> None:
        done.append(job.id)

    await enqueue(db, SystemClock(), 1)
    failed = await fail_some(db, monkeypatch, [LookupError("a bug"), Unavailable("storage_full")])
    async with running(worker_of(db, SystemClock(), handler)) as task:
        await until(lambda: done == [1])
        assert failed()
        assert not task.done()


async def test_a_job_that_could_not_be_settled_is_done_again(
    db: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    errors: list[Exception] = []

    async def handler(job: Job) -> None:
        done.append(job.attempts)
        if job.attempts < 3:
            errors.append(Unavailable() if job.attempts == 1 else LookupError("a bug"))

    await fail_some(db, monkeypatch, errors)
    await enqueue(db, clock, 1)
    worker = worker_of(db, clock, handler)
    for _ in range(3):
        assert await worker.run_due() == 1
        clock.advance(LEASE)
    assert done == [1, 2, 3]
    assert await counts(db) == (0, 0)


async def test_a_kind_that_hangs_leaves_room_for_the_others(db: Database) -> None:
    release, done, at_work = asyncio.Event(), set[int](), 0

    async def hang(job: Job) -> None:
        nonlocal at_work
        at_work += 1
        assert at_work <= 2
        await release.wait()
        at_work -= 1
        done.add(job.id)

    async def handler(job: Job) -> None:
        done.add(job.id)

    await enqueue(db, SystemClock(), *range(1, 41), kind="asked")
    await enqueue(db, SystemClock(), *range(101, 131))
    worker = Worker(db, SystemClock(), {"asked": hang, "told": handler}, most_of={"asked": 2})
    async with running(worker):
        await until(lambda: done == set(range(101, 131)))
        release.set()
        await until(lambda: len(done) == 70)


async def test_a_kind_keeps_its_room_among_many_others(db: Database, clock: FixedClock) -> None:
    done: list[str] = []

    async def handler(job: Job) -> None:
        done.append(job.kind)

    await enqueue(db, clock, *range(1, 41))
    await enqueue(db, clock, *range(101, 111), kind="asked")
    worker = Worker(db, clock, {"asked": handler, "told": handler}, most_of={"asked": 2})
    assert await worker.run_due() == worker_module.BATCH
    assert sorted(done) == ["asked"] * 2 + ["told"] * 6
