"""The worker: claims due jobs, hands each to its handler, and settles the result.

It runs inside `serve` by default and as `aftershow worker` at scale. A handler may run twice (a crash between doing
and marking), so handlers are idempotent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import structlog

from forum.core.clock import Clock
from forum.db import Database, Tx
from forum.errors import Unavailable
from forum.outbox import queries
from forum.outbox.model import MAX_ATTEMPTS, Job, JobRefused, retry_delay

Handler = Callable[[Job], Awaitable[None]]
BATCH = 8
# How long to sleep when nothing is known to be due, in seconds; new jobs of this process wake the worker at once.
IDLE_SECONDS = 5.0
SHORTEST_SLEEP = 0.2

log = structlog.get_logger(__name__)


class Worker:
    """Runs the jobs of one database until it is cancelled."""

    def __init__(self, db: Database, clock: Clock, handlers: Mapping[str, Handler]) -> None:
        self._db = db
        self._clock = clock
        self._handlers = handlers
        self._wake = asyncio.Event()
        db.on_change(self._hear)

    def _hear(self, tags: set[str]) -> None:
        if queries.TAG in tags or "*" in tags:
            self._wake.set()

    async def run_forever(self) -> None:
        """Work until cancelled; a storage that fails for a while is waited for."""
        while True:
            self._wake.clear()
            try:
                if await self.run_due():
                    continue
                seconds = await self._seconds_to_next()
            except Unavailable as error:
                seconds = float(error.retry_after or 1)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)

    async def run_due(self) -> int:
        """Run what is due now, side by side; returns how many jobs were tried."""
        now = self._clock.now()

        async def claim(tx: Tx) -> list[Job]:
            return await queries.claim_jobs(tx, now=now, most=BATCH)

        jobs = await self._db.write(claim)
        await asyncio.gather(*(self._run(job) for job in jobs))
        return len(jobs)

    async def _seconds_to_next(self) -> float:
        async with self._db.read(fresh=True) as tx:
            due = await queries.find_next_run(tx)
        if due is None:
            return IDLE_SECONDS
        return min(max((due - self._clock.now()).total_seconds(), SHORTEST_SLEEP), IDLE_SECONDS)

    async def _run(self, job: Job) -> None:
        handler = self._handlers.get(job.kind)
        try:
            if handler is None:
                raise JobRefused(f"nothing handles {job.kind}")
            await handler(job)
        except JobRefused as error:
            await self._settle(job, error, final=True)
        except Exception as error:
            await self._settle(job, error, final=job.attempts >= MAX_ATTEMPTS)
        else:
            await self._settle(job, None, final=True)

    async def _settle(self, job: Job, error: Exception | None, *, final: bool) -> None:
        now = self._clock.now()

        async def work(tx: Tx) -> bool:
            if error is None:
                return await queries.finish_job(tx, job)
            if final:
                return await queries.bury_job(tx, job, now=now, error=describe(error))
            return await queries.postpone_job(tx, job, until=now + retry_delay(job.attempts), error=describe(error))

        if error is not None:
            log.warning("job failed", kind=job.kind, job=str(job.id), attempts=job.attempts, error=describe(error))
        with suppress(Unavailable):  # the lease runs out and somebody tries again
            await self._db.write(work)


def describe(error: Exception) -> str:
    """What to keep of an error: its kind and its code or short message."""
    code = getattr(error, "code", None)
    return f"{type(error).__name__}: {code or error}"[:500]
