"""Claim a comment for five minutes, so that two moderators do not read and decide the same thing at once."""

from __future__ import annotations

from datetime import datetime

from forum.accounts.model import Role
from forum.comments.model import Comment
from forum.comments.review.model import CLAIM, Item, Queue
from forum.comments.review.queries import put_item
from forum.db import Tx
from forum.errors import NotFound
from forum.moderation import policy
from forum.moderation.deciding import queries_verdict as queries
from forum.moderation.deciding.scene import is_others, require_role
from forum.moderation.guard import NOTHING, Moderator, require_on
from forum.moderation.verdicts import Claim
from forum.runtime import Runtime


async def claim(rt: Runtime, mod: Moderator, comment_id: int, *, release: bool = False) -> Claim:
    """Claim a comment, or give it free again; who is on it now ("" for nobody), and until when. Claiming again goes on;
    what another moderator has claimed stays theirs. Raises NotFound."""
    now = rt.clock.now()
    until, who = now + CLAIM, mod.actor.id

    async def work(tx: Tx) -> Claim:
        place = await queries.hold_place(tx, comment_id)
        if place is None:
            raise NotFound(detail=NOTHING)
        await _require_sight(tx, mod, place.comment, now)
        if release:
            await queries.release_items(tx, place.comment, who=who)
        elif not await queries.claim_items(tx, place.comment, who=who, now=now, until=until):
            await _claim_unseen(tx, place, (who, until), now)
        return _who(await queries.list_claims(tx, place.comment), who, now)

    return await rt.db.write(work)


async def _require_sight(tx: Tx, mod: Moderator, comment: Comment, now: datetime) -> None:
    """Raise NotFound for a comment that they may not look at; whom a site trusts looks at what waits among spoilers."""
    role = policy.role_about(Role.TRUSTED, comment.status)
    require_on(mod, comment.site_id, role)
    await require_role(tx, mod, comment.site_id, role, now)
    if mod.may(comment.site_id, Role.MODERATOR):
        return
    if all(item.queue != Queue.SPOILERS for item in await queries.list_items(tx, comment)):
        raise NotFound(detail=NOTHING)


async def _claim_unseen(tx: Tx, place: queries.Place, claim: tuple[int, datetime], now: datetime) -> None:
    """What nobody has seen yet waits in no queue: its entry holds the claim, and nothing else."""
    if place.reviewed or not place.comment.is_public or await queries.list_items(tx, place.comment):
        return
    await put_item(tx, _entry(place.comment, now)._replace(claimed_by=claim[0], claimed_until=claim[1]))


def _entry(comment: Comment, now: datetime) -> Item:
    return Item(
        site_id=comment.site_id,
        comment_id=comment.id,
        queue=Queue.UNMODERATED.value,
        discussion_id=comment.discussion_id,
        author_kind=comment.author_kind,
        author_id=comment.author_id,
        rule="",
        evidence="[]",
        priority=0.0,
        since=now,
    )


def _who(claims: list[tuple[Item, str]], who: int, now: datetime) -> Claim:
    for item, name in claims:
        if is_others(item, who, now) and item.claimed_until is not None:
            return Claim(name, mine=False, until=item.claimed_until)
    for item, name in claims:
        if item.claimed_by == who and item.claimed_until is not None and item.claimed_until > now:
            return Claim(name, mine=True, until=item.claimed_until)
    return Claim("", mine=False, until=now)
