"""What flags do at once and not for good: cover a comment, or hide it. Each ends by itself after a day, unless a
moderator has looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from forum.comments import queries, requoting
from forum.comments import queries_scope as scopes
from forum.comments.covering import READERS, TIME, Ready, apply
from forum.comments.desk import Desk
from forum.comments.model import Comment, Status
from forum.comments.review.model import IN_SIGHT, By, Decision, Item, Queue, Reason, Verdict
from forum.comments.review.queries import drop_items, find_last, find_standing, log_decision
from forum.comments.service_scope import again
from forum.comments.status import draw_above, hold_place, move
from forum.db import Tx
from forum.moderation.flags import flag_policy as policy
from forum.moderation.flags import queries_flag as flags
from forum.moderation.flags.flag_policy import Flag
from forum.moderation.verdicts import Before, read_before
from forum.outbox.queries import insert_job
from forum.runtime import Runtime
from forum.spoilers.model import NO_SCOPE, CoverState
from forum.spoilers.service import book

COVER_LAPSES = "cover_lapses"
HIDING_LAPSES = "hiding_lapses"


async def cover(desk: Desk, comment: Comment, raised: Sequence[Flag], now: datetime, *, recognised: bool) -> None:
    """Cover a held comment when these flags say enough that it gives something away; else note that some do."""
    spoilers = [flag for flag in raised if flag.scope_id is not None]
    enough = policy.covers(spoilers, recognised=recognised)
    state = policy.state_after_flag(comment.cover_state, enough=enough)
    if state.value == comment.cover_state:
        return
    said = comment._replace(cover_state=state.value)
    if state is not CoverState.PENDING:
        await scopes.set_scoped(desk.tx, said)
        return
    voted = NO_SCOPE
    for scope_id in policy.voted_scopes(spoilers):
        voted = voted | await desk.scope(scope_id)
    said = said._replace(set_scope_id=await desk.id_of(voted | await desk.scope(comment.set_scope_id)))
    event_id = await apply(desk, comment, said, Ready(comment, now), (READERS, ""))
    line = _line(desk.rt, await again(desk, comment), Verdict.COVER_FOR_NOW, By.READERS, now)
    # It says nothing about the comment's status, nor stands in the way of who takes an earlier verdict back.
    await log_decision(desk.tx, line._replace(status="", reason=Reason.SPOILER.value))
    await _ends(desk, comment, COVER_LAPSES, {"event": str(event_id)}, now)


async def hide(desk: Desk, comment: Comment, raised: Sequence[Flag], now: datetime) -> None:
    """Hide a held comment, with its place, when these flags say enough that it does harm.

    Once it was shown again, by a moderator or by itself, it takes as many again.
    """
    if not policy.hides(raised):
        return
    last = await find_last(desk.tx, site_id=comment.site_id, comment_id=comment.id)
    if last is not None:
        raised = policy.counting(raised, now, since=last.created_at)
        if not policy.hides(raised):
            return
    # Nobody who decides anything has seen it.
    hidden = await move(desk.tx, comment, Status.HELD, now, back=(False, False))
    await requoting.follow(desk, hidden)
    # Who approved it once has not seen what readers say now.
    left = await drop_items(desk.tx, comment, IN_SIGHT)
    approved = next((item for item in left if item.queue == Queue.APPROVED), None)
    reason = policy.voted_reason(raised)
    line = _line(desk.rt, hidden, Verdict.HIDE, By.READERS, now)._replace(
        reason=reason, before=_before(comment, approved)
    )
    line = await log_decision(desk.tx, line)
    await _ends(desk, comment, HIDING_LAPSES, {"decision": str(line.id)}, now)


def _before(comment: Comment, approved: Item | None) -> str:
    """What showing it again needs."""
    items = () if approved is None else (approved,)
    seen = approved is not None
    return Before(comment.status.value, marked=comment.marked, reviewed=seen, items=items).dump()


async def _ends(desk: Desk, comment: Comment, kind: str, what: dict[str, str], now: datetime) -> None:
    await insert_job(
        desk.tx,
        site_id=comment.site_id,
        job_id=desk.rt.ids.next(),
        kind=kind,
        payload={"comment": str(comment.id), **what},
        now=now + policy.LAPSE,
    )


async def ends_again(desk: Desk, comment: Comment, now: datetime) -> None:
    """What readers have hidden or covered still ends by itself once a moderator's word about it was taken back: the job
    that should have done it may have come and gone meanwhile. The comment is held, as it is then."""
    if comment.status is Status.HELD:
        last = await find_standing(desk.tx, site_id=comment.site_id, comment_id=comment.id)
        if last is not None and last.verdict == Verdict.HIDE:
            await _ends(desk, comment, HIDING_LAPSES, {"decision": str(last.id)}, now)
    if comment.cover_state == CoverState.PENDING:
        event_id = await _find_pending(desk.tx, comment)
        if event_id is not None:
            await _ends(desk, comment, COVER_LAPSES, {"event": str(event_id)}, now)


async def _find_pending(tx: Tx, comment: Comment) -> int | None:
    """By which line of the log readers have covered a comment last."""
    events = await scopes.list_events(tx, site_id=comment.site_id, comment_id=comment.id)
    pending = [event.id for event in events if event.actor == READERS and event.state == CoverState.PENDING]
    return pending[-1] if pending else None


def _line(rt: Runtime, comment: Comment, verdict: Verdict, by: By, now: datetime) -> Decision:
    return Decision(
        site_id=comment.site_id,
        id=rt.ids.next(),
        comment_id=comment.id,
        discussion_id=comment.discussion_id,
        author_kind=comment.author_kind,
        author_id=comment.author_id,
        verdict=verdict.value,
        status=comment.status.value,
        revision=comment.revision,
        by_kind=by.value,
        by_id=0,
        reason="",
        rule="",
        words="",
        about_rule="",
        evidence="[]",
        before="",
        undoes=None,
        batch_id=None,
        created_at=now,
    )


async def lapse_cover(rt: Runtime, site_id: int, comment_id: int, event_id: int) -> bool:
    """End a provisional cover that no moderator has looked at; whether there was one."""
    known, now = await book(rt), rt.clock.now()

    async def work(tx: Tx) -> bool:
        desk = Desk(tx, rt, known)
        comment = await queries.find_comment_locked(tx, site_id=site_id, comment_id=comment_id)
        if comment is None or comment.cover_state != CoverState.PENDING:
            return False
        if await _find_pending(tx, comment) != event_id:
            return False
        # Until a moderator speaks, what is set is what readers have set.
        said = comment._replace(set_scope_id=None, cover_state=CoverState.FLAGGED.value)
        await apply(desk, comment, said, Ready(comment, now), (TIME, ""))
        covered = await flags.find_covered(tx, site_id=site_id, comment_id=comment_id)
        line = _line(rt, await again(desk, comment), Verdict.UNDO, By.TIME, now)
        await log_decision(tx, line._replace(status="", undoes=covered))
        return True

    return await rt.db.write(work)


async def lapse_hiding(rt: Runtime, site_id: int, comment_id: int, decision_id: int) -> bool:
    """Show a comment again that readers have hidden and no moderator has looked at; whether it was hidden still. It
    goes on waiting for one."""
    known, now = await book(rt), rt.clock.now()

    async def work(tx: Tx) -> bool:
        desk = Desk(tx, rt, known)
        comment = await hold_place(tx, site_id=site_id, comment_id=comment_id)
        if comment is None or comment.status is not Status.HELD:
            return False
        last = await find_standing(tx, site_id=site_id, comment_id=comment_id)
        if last is None or last.id != decision_id:
            return False
        before = read_before(last)
        # It was there before: its discussion is no more recent by it.
        shown = await move(tx, comment, Status.PUBLISHED, None, back=(before.marked, before.reviewed))
        await draw_above(tx, shown)
        await requoting.follow(desk, shown)
        line = _line(rt, shown, Verdict.UNDO, By.TIME, now)
        await log_decision(tx, line._replace(reason=last.reason, undoes=last.id))
        for item in before.items:
            await flags.raise_item(tx, item)
        return True

    return await rt.db.write(work)
