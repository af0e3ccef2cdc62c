"""Change a comment's status after its birth: its place in the thread and every counter follow in the same transaction.

The comment is held, and with it its parent and the root of its conversation (`hold_place`), in the one order in which
all writers hold comments.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from forum.comments import queries
from forum.comments import queries_scope as scoped
from forum.comments.model import Comment, Status
from forum.db import Tx


async def hold_place(tx: Tx, *, site_id: int, comment_id: int) -> Comment | None:
    """The comment, held together with its parent and its conversation's root: one statement."""
    found = await scoped.list_locked_place(tx, site_id=site_id, comment_id=comment_id)
    return next((comment for comment in found if comment.id == comment_id), None)


async def move(
    tx: Tx, comment: Comment, to: Status, now: datetime | None, *, back: tuple[bool, bool] | None = None
) -> Comment:
    """Give a held comment another status; what was public and has replies stays as a mark. Returns what it is now, at a
    new revision.

    Two statements: the comment with its place in the thread, and the discussion. Quotes of it are for the caller
    (`forum.comments.requoting`), and so is what it hangs below (`draw_above`). Without `now` the discussion is no more
    recent. `back`: it gets back what it had before: whether it was marked, and whether a moderator had seen it.
    """
    is_public = to is Status.PUBLISHED
    was_marked, reviewed = back or (False, True)
    keeps_place = comment.is_drawn and comment.reply_count > 0
    marked = not is_public and to is not Status.DELETED and (keeps_place or was_marked)
    new = comment._replace(status=to, marked=marked, revision=comment.revision + 1)
    await queries.set_status(tx, new, by=int(new.is_drawn) - int(comment.is_drawn), reviewed=reviewed)
    by = int(is_public) - int(comment.is_public)
    # What nobody could read until now is the latest in its discussion.
    await queries.count_comment(tx, comment, by=by, moment=now if by > 0 else None)
    return new


async def draw_above(tx: Tx, comment: Comment) -> tuple[int, ...]:
    """Mark whatever a drawn comment hangs below and was taken away while it had no drawn replies: it has one now.
    Returns the ids; nothing in a thread in which all is in its place."""
    raised: list[int] = []
    while comment.parent_id is not None:
        parent = await queries.find_comment_locked(tx, site_id=comment.site_id, comment_id=comment.parent_id)
        if parent is None or parent.is_drawn:
            break
        comment = parent._replace(marked=True)
        await queries.set_status(tx, comment, by=1)
        raised.append(comment.id)
    return tuple(raised)


async def lower_above(tx: Tx, site_id: int, raised: Collection[int]) -> None:
    """Take marks away that nothing needs any more, the lowest first."""
    for comment_id in sorted(raised, reverse=True):
        comment = await queries.find_comment_locked(tx, site_id=site_id, comment_id=comment_id)
        if comment is not None and comment.marked and not comment.reply_count:
            await queries.set_status(tx, comment._replace(marked=False), by=-1)
