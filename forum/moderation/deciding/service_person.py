"""Sanction whoever has written a comment, and decide about the comment beside: both, or nothing."""

from __future__ import annotations

from dataclasses import replace

from forum.comments.desk import Desk
from forum.comments.model import Comment
from forum.comments.queries import find_comment
from forum.comments.review.model import Decision
from forum.db import Tx
from forum.errors import NotFound
from forum.moderation.deciding.service_verdict import decide_in, whole
from forum.moderation.guard import NOTHING, Moderator, require_on
from forum.moderation.people.service_sanction import Penalty, Target, prepare, sanction_in
from forum.moderation.verdicts import Ask
from forum.runtime import Runtime
from forum.sites.service import get_site_by_id
from forum.spoilers.service import book


async def sanction_author(
    rt: Runtime, mod: Moderator, comment_id: int, penalty: Penalty, also: Ask | None = None
) -> Decision:
    """Sanction who wrote a comment, and (`also`: to remove it, or spam) decide about it, in one batch. Raises
    as `sanction` and `decide` do; then neither was done. A guest who is becoming an account in this moment is
    sanctioned as that account."""
    comment = await _find(rt, mod, comment_id)
    while True:
        try:
            return await _sanction(rt, mod, comment, replace(penalty, comment_id=comment_id), also)
        except NotFound:
            found = await _find(rt, mod, comment_id)
            if found.author_id == comment.author_id:
                raise
            comment = found


async def _find(rt: Runtime, mod: Moderator, comment_id: int) -> Comment:
    async with rt.db.read(fresh=True) as tx:
        found = await find_comment(tx, comment_id)
    if found is None:
        raise NotFound(detail=NOTHING)
    require_on(mod, found.site_id)
    return found


async def _sanction(rt: Runtime, mod: Moderator, comment: Comment, penalty: Penalty, also: Ask | None) -> Decision:
    site, known, now = await get_site_by_id(rt, comment.site_id), await book(rt), rt.clock.now()
    batch_id = None if also is None else rt.ids.next()
    ready = prepare(rt, mod, site, replace(penalty, batch_id=batch_id))
    beside = None if also is None else whole(also)
    target = Target(comment.author_kind, comment.author_id)

    async def work(tx: Tx) -> Decision:
        # The person before the comment: in this order they are held by everybody who writes as them or claims.
        line = await sanction_in(tx, rt, (mod, site), target, ready)
        if beside is not None:
            await decide_in(Desk(tx, rt, known), mod, beside, now, batch_id=batch_id)
        return line

    return await rt.db.write(work)
