"""Close discussions that have gone on for as long as their site lets them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import orjson

from forum.articles.model import DiscussionState
from forum.comments.review.model import By, Decision, Verdict
from forum.comments.review.queries import log_decision
from forum.comments.screening.model import Rule
from forum.comments.screening.service import read_rules
from forum.core.ids import first_id
from forum.db import Tx
from forum.moderation.discussions import queries_discussion as queries
from forum.runtime import Runtime
from forum.sites.service import directory

# In one transaction: whoever writes waits no longer than for a few comments.
BATCH: Final = 50
# Ids are as exact as this.
_MOMENT: Final = timedelta(milliseconds=1)
_CHANGE: Final = orjson.dumps(
    {"was": [DiscussionState.OPEN.value, False], "now": [DiscussionState.CLOSED.value, False]}
).decode()


async def close_discussions(rt: Runtime) -> int:
    """Close what is over on every site, with a line in the log for each; how many."""
    closed = 0
    for site in (await directory(rt)).values():
        days = (await read_rules(rt, site.id)).rules.close_after_days
        while days is not None:
            some = await _close_some(rt, site.id, rt.clock.now() - timedelta(days=days))
            closed += some
            if some < BATCH:
                break
    return closed


async def _close_some(rt: Runtime, site_id: int, before: datetime) -> int:
    now = rt.clock.now()

    async def work(tx: Tx) -> int:
        found = await queries.close_old(tx, site_id=site_id, edge=first_id(before + _MOMENT), most=BATCH)
        for discussion_id, revision in found:
            await log_decision(tx, _line(site_id, discussion_id, revision, rt.ids.next(), now))
        return len(found)

    return await rt.db.write(work)


def _line(site_id: int, discussion_id: int, revision: int, decision_id: int, now: datetime) -> Decision:
    return Decision(
        site_id=site_id,
        id=decision_id,
        comment_id=None,
        discussion_id=discussion_id,
        author_kind="",
        author_id=0,
        verdict=Verdict.CLOSE.value,
        status="",
        revision=revision,
        by_kind=By.TIME.value,
        by_id=0,
        reason="",
        rule=Rule.CLOSED.value,
        words="",
        about_rule="",
        evidence="[]",
        before=_CHANGE,
        undoes=None,
        batch_id=None,
        created_at=now,
    )
