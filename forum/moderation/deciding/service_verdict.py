"""Decide about a comment: publish, remove, call it spam, cover or uncover it, dismiss what readers said about it.

One transaction holds the comment with what is above it (the oldest first), then its entries in queues, then its
discussion. Every verdict gives the comment a new revision, so that of two about the same revision one wins.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from forum.comments.covering import MODERATOR, Ready, apply
from forum.comments.desk import Desk
from forum.comments.model import Comment, Status
from forum.comments.queries_scope import set_scoped
from forum.comments.review.model import Decision, Reason, Verdict
from forum.comments.review.queries import put_item, take_items
from forum.comments.service_scope import again
from forum.db import Tx
from forum.errors import FieldError
from forum.moderation import policy
from forum.moderation.deciding.scene import (
    Scene,
    before_of,
    hold,
    line_of,
    move,
    require_free,
    settle_flags,
    shelve,
    write_line,
)
from forum.moderation.deciding.service_cover import cover
from forum.moderation.guard import Moderator
from forum.moderation.verdicts import Ask, Before, Claim, Outcome, clean_said, unfit
from forum.runtime import Runtime
from forum.spoilers.model import CoverState
from forum.spoilers.service import book

__all__ = ["Ask", "Before", "Claim", "Outcome", "decide"]


async def decide(rt: Runtime, mod: Moderator, ask: Ask, *, batch_id: int | None = None) -> Outcome:
    """Give a verdict about a comment at the revision that was seen, and log it.

    Raises Invalid (a field is missing), NotFound (no such comment where they have the role that this needs),
    SignInNeeded, and Conflict: "revision_conflict" (it has changed, or somebody else was first), "claimed" (another
    moderator is on it), "deleted" (by its author).
    """
    ask = whole(ask)
    if ask.verdict in policy.COVERING:
        return await cover(rt, mod, ask, batch_id=batch_id)
    now, known = rt.clock.now(), await book(rt)

    async def work(tx: Tx) -> Outcome:
        return await decide_in(Desk(tx, rt, known), mod, ask, now, batch_id=batch_id)

    return await rt.db.write(work)


async def decide_in(desk: Desk, mod: Moderator, ask: Ask, now: datetime, *, batch_id: int | None) -> Outcome:
    """The same as a part of something bigger, with a verdict that is `whole` and covers nothing."""
    scene = await hold(desk, mod, ask, now)
    to = await _leave_queues(scene, ask)
    await settle_flags(scene, ask.verdict, ask.reason)
    comment = await _end_provisional_cover(scene, ask) if to is Status.PUBLISHED else scene.comment
    comment, raised = await move(scene, comment, to)
    await shelve(scene, comment, policy.queue_entered(ask.verdict, to))
    line = said(line_of(scene, comment, ask.verdict, before_of(scene, comment, raised)), ask, batch_id)
    return Outcome(await write_line(scene, line), comment)


def whole(ask: Ask) -> Ask:
    """A verdict with what it says fit to be stored. Raises Invalid for one that lacks what it needs, or is none about a
    comment."""
    errors = []
    if ask.verdict not in policy.VERDICTS:
        errors.append(FieldError("verdict", "wrong_value"))
    if ask.verdict is Verdict.REMOVE and ask.reason is None:
        errors.append(FieldError("reason", "missing"))
    if ask.verdict is Verdict.COVER and not ask.scope:
        errors.append(FieldError("scope", "missing"))
    words, wrong_words = clean_said(ask.words, "words")
    rule, wrong_rule = clean_said(ask.rule, "rule")
    errors += (*wrong_words, *wrong_rule)
    if errors:
        raise unfit(tuple(errors))
    return replace(ask, words=words, rule=rule)


def said(line: Decision, ask: Ask, batch_id: int | None) -> Decision:
    """A line of the log with what the moderator says."""
    reason = ask.reason or (Reason.SPAM if ask.verdict is Verdict.SPAM else None)
    given = "" if reason is None else reason.value
    return line._replace(reason=given, rule=ask.rule, words=ask.words, batch_id=batch_id)


async def _leave_queues(scene: Scene, ask: Ask) -> Status:
    """Take the comment out of the queues that the verdict answers; what status it gets."""
    tx, comment = scene.desk.tx, scene.comment
    found = await take_items(tx, site_id=comment.site_id, comment_id=comment.id)
    require_free(scene, found, anyway=ask.anyway)
    to = policy.status_after(ask.verdict, comment.status, {item.queue for item in found})
    left = policy.queues_left(ask.verdict, to)
    for item in found:
        if item.queue in left:
            scene.items.append(item)
        else:  # what a rule has put there waits on
            await put_item(tx, item)
    return to


async def _end_provisional_cover(scene: Scene, ask: Ask) -> Comment:
    """Flags that are rejected do not cover anything any more; the comment as it is then."""
    comment = scene.comment
    bare = comment._replace(cover_state=CoverState.OPEN.value)
    if comment.cover_state == CoverState.FLAGGED:
        await set_scoped(scene.desk.tx, bare)
        return bare
    if comment.cover_state != CoverState.PENDING:
        return comment
    # Until a moderator speaks, what is set is what readers have set.
    told = bare._replace(set_scope_id=None)
    await apply(scene.desk, comment, told, Ready(comment, scene.now), (MODERATOR, ask.words))
    return await again(scene.desk, comment)
