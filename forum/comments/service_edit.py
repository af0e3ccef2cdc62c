"""Edit a comment within its time: every earlier text is kept, and covered by all that the comment ever needed."""

from __future__ import annotations

from datetime import datetime, timedelta

from forum.articles.model import Discussion
from forum.articles.service import get_discussion
from forum.comments import policy, queries
from forum.comments.compose import Composed, compose
from forum.comments.cover_policy import is_locked
from forum.comments.desk import Desk, Where, lay_out, masked
from forum.comments.model import Comment, Revision
from forum.comments.repeats import remember
from forum.comments.service import about_discussion, get_visible, read_scope, require
from forum.comments.spread import cover_earlier, spread, whole_of
from forum.comments.stretches import folded
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Conflict
from forum.markup import may_carve
from forum.runtime import Runtime
from forum.spoilers.model import Scope
from forum.spoilers.queries_passage import forget_passages, insert_passages
from forum.spoilers.service import book


async def edit_comment(
    rt: Runtime,
    visitor: Visitor,
    comment_id: int,
    *,
    body: str,
    revision: int,
    scope: tuple[str, ...] | None = None,
) -> Comment:
    """Replace a comment's text within the edit window; `scope` None leaves what the whole of it gives away.

    Raises Conflict when the comment is no longer at the revision the author saw.
    """
    now = rt.clock.now()
    composed = await _compose(rt, comment_id, body, now)
    own = None if scope is None else await read_scope(rt, scope, at=now)
    window = timedelta(minutes=rt.settings.edit_window_minutes)
    known = await book(rt)

    async def work(tx: Tx) -> Comment:
        comment, author_id = await get_visible(tx, comment_id, visitor, now)
        require(policy.may_edit(comment, author_id=author_id, now=now, window=window))
        found = await queries.find_source(tx, site_id=comment.site_id, comment_id=comment.id)
        unchanged = found is not None and found[0] == composed.source and scope is None
        if unchanged and comment.revision in (revision, revision + 1):
            return comment  # nothing to change, or a repeated request whose first answer was lost
        if comment.revision != revision or found is None:
            raise conflict()
        desk = Desk(tx, rt, known)
        said = comment if own is None else await said_by_author(desk, comment, own)
        changed = await rewrite(desk, comment, said, composed, (found[0], now))
        if changed is None:
            raise conflict()
        return changed

    return await rt.db.write(work)


def conflict() -> Conflict:
    """Somebody (perhaps the same person elsewhere) changed the comment first."""
    detail = N_("This comment was changed in another window. Look at the newer text before you save.")
    return Conflict("revision_conflict", detail)


async def _compose(rt: Runtime, comment_id: int, body: str, now: datetime) -> Composed:
    discussion: Discussion | None = None
    if may_carve(body):
        async with rt.db.read(fresh=True) as tx:
            comment = await queries.find_comment(tx, comment_id)
            discussion = None if comment is None else await get_discussion(tx, comment.discussion_id)
    return await compose(rt, body, await about_discussion(rt, discussion, now))


async def said_by_author(desk: Desk, comment: Comment, scope: Scope) -> Comment:
    """A comment with its author's word about the whole of it."""
    if not is_locked(comment.cover_state):
        return comment._replace(scope_id=await desk.id_of(scope), inherits=False)
    return comment._replace(scope_id=await desk.id_of(await desk.scope(comment.scope_id) | scope))


async def rewrite(
    desk: Desk, old: Comment, said: Comment, composed: Composed, before: tuple[str, datetime]
) -> Comment | None:
    """Store another text of a comment and what it needs now; `said` is the comment with what its author says about it,
    `before` the earlier source, and now. None when the comment is no longer at `old.revision`."""
    earlier, now = before
    laid = await lay_out(desk, Where(old.site_id, old.discussion_id, old.id), composed)
    said = await _folded(desk, said)
    bare = said._replace(
        html=laid.html,
        text=laid.text,
        covers=laid.covers,
        edited_at=now,
        inner_scope_id=await desk.id_of(laid.inner),
    )
    whole = await whole_of(desk, bare, await parent_of(desk, bare))
    bare = bare._replace(eff_scope_id=await desk.id_of(whole))
    new, hidden = masked(bare, whole)
    needed = await desk.scope(old.eff_scope_id) | await desk.scope(old.inner_scope_id)
    kept = Revision(old.site_id, old.id, old.revision, earlier, now, await desk.id_of(needed))
    if not await queries.update_body(desk.tx, old, new, source=composed.source, kept=kept):
        return None
    if old.covers or needed:
        await forget_passages(desk.tx, site_id=old.site_id, comments=[old.id])
    await insert_passages(desk.tx, laid.passages if hidden is None else (*laid.passages, hidden))
    if whole or laid.inner or needed or old.edited_at is not None:
        await cover_earlier(desk, [bare])
    if whole or laid.inner or needed:  # also when it needs the same as before: other words may be covered now
        await spread(desk, old.site_id, [old.id])
        await remember(desk, await get_discussion(desk.tx, old.discussion_id), bare, laid.passages)
    await queries.count_comment(desk.tx, old, by=0)
    return new._replace(revision=old.revision + 1)


async def _folded(desk: Desk, comment: Comment) -> Comment:
    """What was covered of the earlier text, the whole of the new one needs: nobody knows where it would be now. Said by
    a moderator, once one has spoken."""
    covered = await folded(desk, comment.stretches)
    if is_locked(comment.cover_state):
        both = await desk.scope(comment.set_scope_id) | covered
        return comment._replace(stretches="", set_scope_id=await desk.id_of(both))
    both = await desk.scope(comment.scope_id) | covered
    return comment._replace(stretches="", scope_id=await desk.id_of(both))


async def parent_of(desk: Desk, comment: Comment) -> Comment | None:
    """The comment that this one replies to."""
    if comment.parent_id is None:
        return None
    return await queries.find_comment(desk.tx, comment.parent_id)
