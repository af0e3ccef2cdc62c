"""What is done about comments later: idempotency keys nobody will repeat are forgotten."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

from forum.accounts.mail.jobs import sweep_mail
from forum.accounts.service_sweep import sweep as sweep_accounts
from forum.comments import queries
from forum.comments.model import KEY_LIFETIME
from forum.db import Tx
from forum.errors import Unavailable
from forum.runtime import Runtime

SWEEP_EVERY = timedelta(hours=1)


async def sweep(rt: Runtime) -> int:
    """Drop keys that are older than a repeated request can be; returns how many."""
    before = rt.clock.now() - KEY_LIFETIME

    async def work(tx: Tx) -> int:
        return await queries.forget_keys(tx, before=before)

    return await rt.db.write(work)


async def sweep_forever(rt: Runtime) -> None:
    """Sweep now and then, until cancelled."""
    while True:
        with suppress(Unavailable):
            await sweep(rt)
            await sweep_accounts(rt)
            await sweep_mail(rt)
        await asyncio.sleep(SWEEP_EVERY.total_seconds())
