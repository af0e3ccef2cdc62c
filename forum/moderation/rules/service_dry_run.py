"""A dry run: rules, tried on the last comments of a site before anybody has to live with them. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Final

from anyio import to_thread

from forum.comments.model import Status
from forum.comments.review.model import Verdict
from forum.comments.screening.rules import Rules
from forum.comments.screening.service import made_ready
from forum.comments.screening.service_spam import SpamFilter, read_filter
from forum.core.ids import time_of
from forum.db import Tx
from forum.moderation.rules.dry_run import DryRun, Found, Judged, Past, Trial
from forum.moderation.rules.queries_rules import (
    Stored,
    count_public,
    find_first,
    list_judged,
    list_slice,
    list_staff,
)
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.spoilers.passages import Passage
from forum.spoilers.queries_passage import list_passages

MOST_COMMENTS: Final = 10_000
# Read and screened together; in between, others have their turn.
SLICE: Final = 250
_JUDGED: Final = {
    Verdict.APPROVE.value: Judged.APPROVED,
    Verdict.DISMISS.value: Judged.APPROVED,
    Verdict.REMOVE.value: Judged.REMOVED,
    Verdict.SPAM.value: Judged.REMOVED,
}


async def try_rules(rt: Runtime, site: Site, rules: Rules) -> Found:
    """What rules would have done with the last MOST_COMMENTS comments of a site. A comment that was deleted has no text
    any more, and is left out."""
    async with rt.db.read() as tx:
        first = await find_first(tx, site_id=site.id, most=MOST_COMMENTS)
        staff = await list_staff(tx, site_id=site.id)
    in_force = await to_thread.run_sync(made_ready, 0, rules)
    run = DryRun(Trial(in_force, await _filter(rt, site, rules), staff, site.hold))
    after = max(first - 1, 0)
    while True:
        async with rt.db.read() as tx:
            slice_ = await _slice(tx, site.id, after)
            unknown = sorted(run.unknown(past.author_id for past in slice_))
            if unknown:
                run.tell(await count_public(tx, site_id=site.id, authors=unknown, before=first))
        if not slice_:
            return run.found()
        # In a thread: a slice takes a while, and people are waiting for pages.
        await to_thread.run_sync(partial(run.look_at, slice_))
        after = slice_[-1].id


async def _filter(rt: Runtime, site: Site, rules: Rules) -> SpamFilter | None:
    """The site's filter, where these rules ask it and it may speak."""
    if not rules.spam:
        return None
    found = await read_filter(rt, site.id)
    return found if found.figures(rules.spam_threshold).has_earned_trust else None


async def _slice(tx: Tx, site_id: int, after: int) -> list[Past]:
    stored = await list_slice(tx, site_id=site_id, after=after, most=SLICE)
    if not stored:
        return []
    judged = await list_judged(tx, site_id=site_id, comments=[one.id for one in stored])
    covered = [one.id for one in stored if one.covers or one.eff_scope_id is not None]
    passages: dict[int, list[Passage]] = defaultdict(list)
    for passage in await list_passages(tx, site_id=site_id, comments=covered) if covered else ():
        passages[passage.comment_id].append(passage)
    return [_past(one, passages[one.id], _JUDGED.get(judged.get(one.id, ""), Judged.NOTHING)) for one in stored]


def _past(stored: Stored, passages: list[Passage], judged: Judged) -> Past:
    return Past(
        id=stored.id,
        author_kind=stored.author_kind,
        author_id=stored.author_id,
        at=time_of(stored.id),
        source=stored.source,
        html=stored.html,
        text=stored.text,
        hidden_html="\n".join(passage.html for passage in passages),
        hidden_text="\n".join(passage.text for passage in passages),
        sketch=(stored.sketch_a, stored.sketch_b),
        is_public=stored.status == Status.PUBLISHED,
        judged=judged,
    )
