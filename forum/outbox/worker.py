"""The worker: claims due jobs, hands each to its handler, and settles the result.

It runs inside `serve` by default and as `aftershow worker` at scale. A handler may run twice (a crash between doing
and marking), so handlers are idempotent.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import structlog

from forum.core.clock import Clock
from forum.db import Database, Tx
from forum.errors import AftershowError, Unavailable
from forum.outbox import queries
from forum.outbox.model import HANDLER_TIME, MAX_ATTEMPTS, Job, JobRefused, retry_delay

Handler = Callable[[Job], Awaitable[None]]
# How many jobs run side by side.
BATCH = 8
# How long to sleep when nothing is known to be due, in seconds; new jobs of this process wake the worker at once.
IDLE_SECONDS = 5.0
SHORTEST_SLEEP = 0.2
NO_LIMITS: Final[Mapping[str, int]] = {}

log = structlog.get_logger(__name__)


class Worker:
    """Runs the jobs of one database until it is cancelled."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        *,
        most_of: Mapping[str, int] = NO_LIMITS,
    ) -> None:
        """`most_of` says how many jobs of a kind run side by side where that is fewer than all: jobs that wait for
        somebody else's server leave room for the others."""
        self._db = db
        self._most_of = most_of
        self._at_work: Counter[str] = Counter()
        self._clock = clock
        self._handlers = handlers
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        db.on_change(self._hear)

    def _hear(self, tags: set[str]) -> None:
        if queries.TAG in tags or "*" in tags:
            self._wake.set()

    async def run_forever(self) -> None:
        """Work until cancelled; jobs under way are then given back. A storage that fails is waited for."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                seconds = await self._start_due(group)
                with suppress(TimeoutError):
                    # Not `wait_for`: before Python 3.12 it forgets a cancellation that comes with the event.
                    async with asyncio.timeout(seconds):
                        await self._wake.wait()

    async def _start_due(self, group: asyncio.TaskGroup) -> float:
        """Start as many due jobs as there is room for; returns for how long to sleep unless woken."""
        room = BATCH - len(self._running)
        if room <= 0:
            return IDLE_SECONDS  # a job that ends wakes us
        try:
            jobs = await self._claim(room)
            for job in jobs:
                task = group.create_task(self._run(job), name=f"job {job.kind}")
                self._running.add(task)
                self._at_work[job.kind] += 1
                task.add_done_callback(partial(self._ended, job.kind))
            return 0.0 if jobs else await self._seconds_to_next()
        except Unavailable as error:
            return float(error.retry_after or 1)
        except Exception:
            log.exception("the worker could not look for jobs")
            return IDLE_SECONDS

    def _ended(self, kind: str, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._at_work[kind] -= 1
        self._wake.set()

    async def run_due(self) -> int:
        """Run what is due now, side by side, and wait for all of it; returns how many jobs were tried."""
        jobs = await self._claim(BATCH)
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(self._run(job), name=f"job {job.kind}")
        return len(jobs)

    async def _claim(self, most: int) -> list[Job]:
        now = self._clock.now()

        async def claim(tx: Tx) -> list[Job]:
            jobs: list[Job] = []
            for kind, limit in self._most_of.items():
                if (room := min(limit - self._at_work[kind], most - len(jobs))) > 0:
                    jobs += await queries.claim_jobs(tx, now=now, most=room, kind=kind)
            if len(jobs) < most:
                jobs += await queries.claim_jobs(tx, now=now, most=most - len(jobs), besides=self._most_of)
            return jobs

        return await self._db.write(claim)

    async def _seconds_to_next(self) -> float:
        full = [kind for kind, limit in self._most_of.items() if self._at_work[kind] >= limit]
        async with self._db.read(fresh=True) as tx:
            due = await queries.find_next_run(tx, besides=full)
        if due is None:
            return IDLE_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), SHORTEST_SLEEP), IDLE_SECONDS)

    async def _run(self, job: Job) -> None:
        """Handle a job and settle it, whatever the handler does; only cancelling the worker ends this early."""
        try:
            error = await self._handle(job)
        except asyncio.CancelledError:
            await self._give_back(job)
            raise
        try:
            await self._settle(job, error)
        except Unavailable:
            pass  # the lease runs out and somebody tries again
        except Exception:
            log.exception("a job could not be settled", kind=job.kind, job=str(job.id))

    async def _handle(self, job: Job) -> Exception | None:
        """Hand a job to its handler; returns what went wrong."""
        handler = self._handlers.get(job.kind)
        if handler is None:
            return JobRefused(f"nothing handles {job.kind}")
        if job.attempts > MAX_ATTEMPTS:
            return JobRefused("every attempt ended before it could be settled")
        try:
            async with asyncio.timeout(HANDLER_TIME.total_seconds()):
                await handler(job)
        except asyncio.CancelledError as error:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            # The handler waited for something that was cancelled elsewhere; nobody cancelled this job.
            return RuntimeError(f"the handler was cancelled: {error}")
        except Exception as error:
            return error
        return None

    async def _settle(self, job: Job, error: Exception | None) -> None:
        now = self._clock.now()
        final = isinstance(error, JobRefused) or job.attempts >= MAX_ATTEMPTS

        async def work(tx: Tx) -> bool:
            if error is None:
                return await queries.finish_job(tx, job)
            if final:
                return await queries.bury_job(tx, job, now=now, error=describe(error))
            return await queries.postpone_job(tx, job, until=now + retry_delay(job.attempts), error=describe(error))

        if error is not None:
            log.warning(
                "job given up" if final else "job failed",
                kind=job.kind,
                job=str(job.id),
                attempts=job.attempts,
                error=describe(error),
            )
        await self._db.write(work)

    async def _give_back(self, job: Job) -> None:
        """Undo a claim: the next worker need not wait for the lease to run out."""
        now = self._clock.now()

        async def work(tx: Tx) -> bool:
            return await queries.release_job(tx, job, now=now)

        with suppress(Unavailable):
            await self._db.write(work)


def describe(error: Exception) -> str:
    """What to keep of an error: its kind, and its code or message where the words are ours and name nobody."""
    kind = type(error).__name__
    if isinstance(error, AftershowError):
        return f"{kind}: {error.code}"
    return f"{kind}: {error}"[:500] if type(error).__module__.startswith("forum.") else kind
