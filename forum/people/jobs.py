"""What is done about people later: the comments of an account that is erased, renamed, or part of another by now."""

from __future__ import annotations

from forum.db import Tx
from forum.outbox.model import Job
from forum.outbox.worker import Handler
from forum.people.service_authors import ACCOUNT_RENAMED, restamp
from forum.people.service_erase import BATCHES_PER_JOB, ERASE, enqueue, erase_some
from forum.people.service_merge import MERGE, merge_on
from forum.runtime import Runtime


def handlers(rt: Runtime) -> dict[str, Handler]:
    """The jobs of this feature. Each goes on where the last one stopped, and may run twice."""

    async def erase(job: Job) -> None:
        account_id = int(str(job.payload["account"]))
        if await erase_some(rt, account_id, batches=BATCHES_PER_JOB):
            return

        # A new job instead of a long one: no handler may run for more than its time.
        async def go_on(tx: Tx) -> None:
            await enqueue(tx, rt, account_id, rt.clock.now())

        await rt.db.write(go_on)

    async def merge(job: Job) -> None:
        await merge_on(rt, int(str(job.payload["account"])))

    async def renamed(job: Job) -> None:
        await restamp(rt, int(str(job.payload["account"])))

    return {ERASE: erase, MERGE: merge, ACCOUNT_RENAMED: renamed}
