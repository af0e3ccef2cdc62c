"""What time has ended is dropped: sessions, things that were begun and not finished, tokens that were used."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from forum.accounts import queries_flow as flows
from forum.accounts.frames import queries_sso as tokens
from forum.accounts.service_session import sweep_sessions
from forum.db import Tx
from forum.runtime import Runtime

# Tokens are remembered longer than they are good, for clocks that step back.
TOKENS_KEPT: Final = timedelta(hours=1)


async def sweep(rt: Runtime) -> int:
    """Drop it; how much there was."""
    now = rt.clock.now()

    async def work(tx: Tx) -> int:
        ended = await flows.forget_flows(tx, now=now)
        return ended + await tokens.forget_tokens(tx, before=now - TOKENS_KEPT)

    return await sweep_sessions(rt) + await rt.db.write(work)
