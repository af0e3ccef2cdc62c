"""Take back what was decided, as long as nothing else that stands was decided since: everything is as it was before.

What happened in between by others stays: flags that came later still wait, and what an author has said about a cover
since is theirs.
"""

from __future__ import annotations

from typing import Final

from forum.accounts.model import ACCOUNT, Role
from forum.comments.covering import MODERATOR, Ready, apply
from forum.comments.desk import Desk
from forum.comments.model import Comment, Status
from forum.comments.queries import find_comment
from forum.comments.review.model import By, Decision, Queue, Verdict
from forum.comments.review.queries import drop_items, log_decision
from forum.comments.service_scope import again, nothing, prepare_stretches
from forum.comments.status import lower_above
from forum.comments.stretches import folded
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import Conflict, NotFound
from forum.moderation import policy
from forum.moderation.deciding import queries_verdict as queries
from forum.moderation.deciding.scene import (
    Judge,
    Scene,
    before_of,
    judge_of,
    line_of,
    move,
    require_others,
    require_standing,
    write_line,
)
from forum.moderation.deciding.service_cover import hold_ready
from forum.moderation.discussions.service_discussion import undo_discussion
from forum.moderation.discussions.steering import DISCUSSION_VERDICTS
from forum.moderation.flags import queries_flag as flags
from forum.moderation.flags.service_provisional import ends_again
from forum.moderation.guard import NOTHING, Moderator
from forum.moderation.people.service_sanction import SANCTIONS
from forum.moderation.people.service_undo import SINCE, take_back
from forum.moderation.verdicts import Before, CoverSaid, Outcome, Undone, cover_said, read_before
from forum.runtime import Runtime
from forum.spoilers.service import book

PERSONAL: Final = frozenset(SANCTIONS) | {Verdict.LIFT}
NOT_UNDOABLE: Final = N_("This was not a moderator's verdict. Decide about the comment instead.")


async def undo(rt: Runtime, mod: Moderator, site_id: int, decision_id: int, *, batch_id: int | None = None) -> Undone:
    """Take back whatever a moderator has decided: about a comment, a person or a discussion. Raises as
    `undo_verdict`."""
    given = await get_decision(rt, mod, site_id, decision_id)
    if given.verdict in DISCUSSION_VERDICTS:
        return Undone(given, await undo_discussion(rt, mod, given))
    if given.verdict in PERSONAL:
        return Undone(given, await undo_sanction(rt, mod, given, batch_id=batch_id))
    outcome = await undo_verdict(rt, mod, given, batch_id=batch_id)
    return Undone(given, outcome.decision, outcome.comment)


async def undo_sanction(rt: Runtime, mod: Moderator, given: Decision, *, batch_id: int | None = None) -> Decision:
    """Take back a sanction, or that one was lifted. Nobody does that where they are sanctioned themselves. Raises
    NotFound, SignInNeeded, Conflict "decided_since" where it was taken back before or something else was decided about
    the same kind of sanction since, and Forbidden as `sanction` where a sanction counts again by it."""
    judge, now, known = judge_of(mod, given.site_id, Role.MODERATOR), rt.clock.now(), await book(rt)
    if (given.author_kind, given.author_id) == (ACCOUNT, mod.actor.id):
        raise NotFound(detail=NOTHING)

    async def work(tx: Tx) -> Decision:
        await require_standing(Desk(tx, rt, known), judge, given.site_id, Role.MODERATOR, now)
        taken = given
        if given.before:
            taken = await take_back(tx, rt, mod, given)
        elif await queries.is_undone(tx, given):  # its person is gone, and their sanctions are, too
            raise Conflict("decided_since", SINCE)
        line = taken._replace(
            id=rt.ids.next(),
            verdict=Verdict.UNDO.value,
            by_kind=judge.by_kind.value,
            by_id=judge.by_id,
            reason="",
            rule="",
            words="",
            before="{}",
            undoes=given.id,
            batch_id=batch_id,
            created_at=now,
        )
        return await log_decision(tx, line)

    return await rt.db.write(work)


async def undo_verdict(rt: Runtime, mod: Moderator, given: Decision, *, batch_id: int | None = None) -> Outcome:
    """Take back a verdict about a comment: its status, marks and counters, its queues, what became of flags, and its
    cover are as before. Raises NotFound, SignInNeeded, and Conflict: "decided_since", "deleted" (by its author),
    "not_undoable", "revision_conflict" (it was just being changed: ask again)."""
    # Nothing is known of the time before a decision whose author is gone.
    is_moderators = given.by_kind in (By.MODERATOR, By.PUBLISHER)
    if given.verdict not in policy.VERDICTS or not is_moderators or not given.before:
        raise Conflict("not_undoable", NOT_UNDOABLE)
    role = policy.role_for(Verdict(given.verdict))
    judge, before, known = judge_of(mod, given.site_id, role), read_before(given), await book(rt)
    seen = await _find(rt, given)
    kept = _stretches_back(seen, before, given)
    ready = Ready(seen, rt.clock.now()) if kept is None else await prepare_stretches(rt, seen, kept)

    async def work(tx: Tx) -> Outcome:
        scene = await _hold(Desk(tx, rt, known), judge, ready, given)
        comment = await _cover_back(scene, ready, before, given)
        await _queues_back(scene, before, given)
        comment, raised = await _status_back(scene, comment, before, given)
        line = line_of(scene, comment, Verdict.UNDO, before_of(scene, comment, raised))
        line = await write_line(scene, line._replace(undoes=given.id, batch_id=batch_id, about_rule=""))
        await ends_again(scene.desk, comment, scene.now)
        return Outcome(line, comment)

    return await rt.db.write(work)


async def _find(rt: Runtime, given: Decision) -> Comment:
    async with rt.db.read(fresh=True) as tx:
        seen = await find_comment(tx, given.comment_id or 0)
    if seen is None or seen.site_id != given.site_id:
        raise nothing()
    return seen


def _is_newer(comment: Comment, given: Decision) -> bool:
    """Whether its author has changed the text since: nobody knows where stretches of the earlier one would be."""
    return comment.edited_at is not None and comment.edited_at > given.created_at


def _stretches_back(comment: Comment, before: Before, given: Decision) -> str | None:
    """The stretches that the comment gets back, as a row keeps them; None where nothing changes about them."""
    if before.cover is None:
        return None
    was, is_ = before.cover
    if was.stretches == is_.stretches or comment.stretches != is_.stretches or _is_newer(comment, given):
        return None
    return was.stretches


async def _hold(desk: Desk, judge: Judge, ready: Ready, given: Decision) -> Scene:
    scene = await hold_ready(desk, judge, ready, None, policy.role_for(Verdict(given.verdict)))
    last = await queries.find_last_about(desk.tx, scene.comment)
    if last is None or last.id != given.id:
        raise Conflict("decided_since", SINCE)
    await require_others(desk.tx, judge, scene.comment, Verdict.UNDO)
    return scene


async def _cover_back(scene: Scene, ready: Ready, before: Before, given: Decision) -> Comment:
    """What was said about covering before; the comment as it is then."""
    comment = scene.comment
    if before.cover is None:
        return comment
    told = comment._replace(**(await _said_before(scene, before.cover, given))._asdict())
    if ready.composed is not None:
        told = told._replace(stretches=before.cover[0].stretches)
    if cover_said(told) == cover_said(comment):
        return comment
    await apply(scene.desk, comment, told, ready, (MODERATOR, ""))
    return await again(scene.desk, comment)


async def _said_before(scene: Scene, cover: tuple[CoverSaid, CoverSaid], given: Decision) -> CoverSaid:
    """What was said before; together with what the author has said since."""
    (was, is_), comment, desk = cover, scene.comment, scene.desk
    now = cover_said(comment)
    if now == is_:
        return was
    author = await desk.scope(was.scope_id)
    if now.scope_id != is_.scope_id:
        author = author | await desk.scope(now.scope_id)
    moderators, stretches = await desk.scope(was.set_scope_id), now.stretches
    if _is_newer(comment, given):
        moderators = moderators | await folded(desk, was.stretches)
    elif now.stretches == is_.stretches:
        stretches = was.stretches
    return CoverSaid(
        scope_id=await desk.id_of(author),
        inherits=was.inherits if now.inherits == is_.inherits else now.inherits,
        set_scope_id=await desk.id_of(moderators),
        stretches=stretches,
        cover_state=was.cover_state,
    )


async def _queues_back(scene: Scene, before: Before, given: Decision) -> None:
    """Entries that the verdict made go, and those that it took away come back; so do the flags that it decided."""
    tx, comment = scene.desk.tx, scene.comment
    entered = policy.queue_entered(Verdict(given.verdict), Status(given.status or comment.status))
    gone: set[Queue] = {Queue.UNMODERATED} | (set() if entered is None else {entered})
    scene.items += await drop_items(tx, comment, gone)
    for item in before.items:
        await flags.raise_item(tx, item)
    await flags.reopen_flags(tx, site_id=comment.site_id, comment_id=comment.id, authors=before.flags)


async def _status_back(
    scene: Scene, comment: Comment, before: Before, given: Decision
) -> tuple[Comment, tuple[int, ...]]:
    tx = scene.desk.tx
    if given.verdict in policy.COVERING:
        if scene.place.reviewed != before.reviewed:
            await queries.set_reviewed(tx, comment, reviewed=before.reviewed)
        return comment, ()
    moved, raised = await move(scene, comment, Status(before.status), back=(before.marked, before.reviewed))
    if before.raised and not moved.is_drawn:
        await lower_above(tx, comment.site_id, before.raised)
    return moved, raised


async def get_decision(rt: Runtime, mod: Moderator, site_id: int, decision_id: int) -> Decision:
    """A line of the log of a site where somebody has a say; raises NotFound."""
    if mod.role_on(site_id) is None:
        raise NotFound(detail=NOTHING)
    async with rt.db.read(fresh=True) as tx:
        found = await queries.find_decision(tx, site_id=site_id, decision_id=decision_id)
    if found is None:
        raise NotFound(detail=NOTHING)
    return found
