"""What moderation does later: what readers' flags have covered or hidden ends after a day, and where they came from is
forgotten; checks from outside are asked; spam filters learn; discussions that are over are closed.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Final

from forum.comments.screening.check import EXTERNAL_CHECK
from forum.errors import Unavailable
from forum.moderation.discussions.service_close import close_discussions
from forum.moderation.flags.service_flag import forget_networks
from forum.moderation.flags.service_provisional import COVER_LAPSES, HIDING_LAPSES, lapse_cover, lapse_hiding
from forum.moderation.rules.service_check import check_comment
from forum.moderation.rules.service_learn import learn_everywhere
from forum.outbox.model import Job
from forum.outbox.worker import Handler
from forum.runtime import Runtime

SWEEP_EVERY = timedelta(hours=1)
# How many jobs of a kind run side by side: a server of somebody else's that hangs must not take the place of mail.
MOST_AT_WORK: Final = {EXTERNAL_CHECK: 2}


def handlers(rt: Runtime) -> dict[str, Handler]:
    """The jobs of this feature."""

    async def cover_lapses(job: Job) -> None:
        await lapse_cover(rt, job.site_id, int(str(job.payload["comment"])), int(str(job.payload["event"])))

    async def hiding_lapses(job: Job) -> None:
        await lapse_hiding(rt, job.site_id, int(str(job.payload["comment"])), int(str(job.payload["decision"])))

    async def external_check(job: Job) -> None:
        await check_comment(rt, job.site_id, int(str(job.payload["comment"])), attempt=job.attempts)

    return {COVER_LAPSES: cover_lapses, HIDING_LAPSES: hiding_lapses, EXTERNAL_CHECK: external_check}


async def sweep(rt: Runtime) -> None:
    """Everything that is done now and then."""
    await forget_networks(rt)
    await learn_everywhere(rt)
    await close_discussions(rt)


async def sweep_forever(rt: Runtime) -> None:
    """Sweep now and then, until cancelled."""
    while True:
        with suppress(Unavailable):
            await sweep(rt)
        await asyncio.sleep(SWEEP_EVERY.total_seconds())
