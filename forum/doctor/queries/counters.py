"""Counters (I4): find those that differ from a recount, and set them right while people go on writing."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, case, func, or_, select, update

from forum.articles.model import HOME_TAG, tag_of
from forum.articles.tables import discussion
from forum.comments.model import DRAWN, Status
from forum.comments.tables import comment
from forum.db import Prepared, Tx

_BELOW = comment.alias("below")
_ROOT = comment.alias("root")


def _drawn(rows: Any) -> Any:
    return or_(rows.c.marked, *(rows.c.status == status for status in DRAWN))


def _compare(rows: Any, counted: Any, key: Any, *, wrong: Any) -> Prepared:
    """Rows that are `wrong` against a recount, the first of them and how many there are."""
    joined = rows.outerjoin(counted, and_(rows.c.site_id == counted.c.site_id, rows.c.id == key))
    columns = [rows.c.site_id, rows.c.id, func.count().over().label("total")]
    if rows is comment:
        columns.append(comment.c.discussion_id)
    return Prepared(select(*columns).select_from(joined).where(wrong).limit(bindparam("most")))


_PUBLISHED = (
    select(comment.c.site_id, comment.c.discussion_id, func.count().label("n"))
    .where(comment.c.status == Status.PUBLISHED.value)
    .group_by(comment.c.site_id, comment.c.discussion_id)
    .subquery("published")
)
_REPLIES = (
    select(comment.c.site_id, comment.c.parent_id, func.count().label("n"))
    .where(comment.c.parent_id.is_not(None), _drawn(comment))
    .group_by(comment.c.site_id, comment.c.parent_id)
    .subquery("replies")
)
_CONVERSATIONS = (
    select(
        comment.c.site_id,
        comment.c.root_id,
        func.count(case((and_(comment.c.parent_id.is_not(None), _drawn(comment)), comment.c.id))).label("n"),
        func.max(comment.c.root_seq).label("highest"),
    )
    .group_by(comment.c.site_id, comment.c.root_id)
    .subquery("conversations")
)
_WRONG_DISCUSSIONS = _compare(
    discussion,
    _PUBLISHED,
    _PUBLISHED.c.discussion_id,
    wrong=discussion.c.comment_count != func.coalesce(_PUBLISHED.c.n, 0),
)
_WRONG_REPLIES = _compare(
    comment, _REPLIES, _REPLIES.c.parent_id, wrong=comment.c.reply_count != func.coalesce(_REPLIES.c.n, 0)
)
_WRONG_CONVERSATIONS = _compare(
    comment,
    _CONVERSATIONS,
    _CONVERSATIONS.c.root_id,
    wrong=or_(
        comment.c.subtree_count != func.coalesce(_CONVERSATIONS.c.n, 0),
        comment.c.next_seq <= func.coalesce(_CONVERSATIONS.c.highest, 0),
    ),
)

_THIS_DISCUSSION = (discussion.c.site_id == bindparam("site")) & (discussion.c.id == bindparam("row"))
_THIS_COMMENT = (comment.c.site_id == bindparam("site")) & (comment.c.id == bindparam("row"))
_LOCK_DISCUSSION = Prepared(select(discussion.c.id).where(_THIS_DISCUSSION).with_for_update())
_LOCK_COMMENT = Prepared(select(comment.c.id).where(_THIS_COMMENT).with_for_update())


def _count_below(*conditions: Any, what: Any = None) -> Any:
    counted = func.count() if what is None else what
    query = select(counted).select_from(_BELOW).where(_BELOW.c.site_id == bindparam("site"), *conditions)
    return query.scalar_subquery()


_HIGHEST = func.coalesce(_count_below(_BELOW.c.root_id == bindparam("row"), what=func.max(_BELOW.c.root_seq)), 0)
# By way of the conversations, which an index finds: comments of a discussion have none of their own.
_READABLE = (
    select(func.count())
    .select_from(_ROOT.join(_BELOW, and_(_BELOW.c.site_id == _ROOT.c.site_id, _BELOW.c.root_id == _ROOT.c.id)))
    .where(
        _ROOT.c.site_id == bindparam("site"),
        _ROOT.c.discussion_id == bindparam("row"),
        _ROOT.c.parent_id.is_(None),
        _BELOW.c.status == Status.PUBLISHED.value,
    )
    .scalar_subquery()
)
_RECOUNT_DISCUSSION = Prepared(
    update(discussion).where(_THIS_DISCUSSION).values(comment_count=_READABLE, revision=discussion.c.revision + 1)
)
_RECOUNT_COMMENT = Prepared(
    update(comment)
    .where(_THIS_COMMENT)
    .values(
        reply_count=_count_below(_BELOW.c.parent_id == bindparam("row"), _drawn(_BELOW)),
        subtree_count=_count_below(
            _BELOW.c.root_id == bindparam("row"), _BELOW.c.parent_id.is_not(None), _drawn(_BELOW)
        ),
        next_seq=case((comment.c.next_seq > _HIGHEST, comment.c.next_seq), else_=_HIGHEST + 1),
    )
)
_CHANGED = Prepared(update(discussion).where(_THIS_DISCUSSION).values(revision=discussion.c.revision + 1))


class Miscount(NamedTuple):
    """A row whose counters differ from a recount; `discussion_id` is what has to be drawn again."""

    site_id: int
    id: int
    discussion_id: int


async def list_wrong_discussions(tx: Tx, *, most: int) -> tuple[int, list[Miscount]]:
    """How many discussions have a wrong count, and up to `most` of them."""
    rows = await tx.fetch_all(_WRONG_DISCUSSIONS, {"most": most})
    return (rows[0].total if rows else 0), [Miscount(row.site_id, row.id, row.id) for row in rows]


async def list_wrong_comments(tx: Tx, *, most: int) -> tuple[int, int, list[Miscount]]:
    """How many comments have a wrong count of replies, how many conversations one of theirs, and some of both."""
    replies = await tx.fetch_all(_WRONG_REPLIES, {"most": most})
    conversations = await tx.fetch_all(_WRONG_CONVERSATIONS, {"most": most})
    found = {Miscount(row.site_id, row.id, row.discussion_id) for row in (*replies, *conversations)}
    totals = [rows[0].total if rows else 0 for rows in (replies, conversations)]
    return totals[0], totals[1], sorted(found)


async def recount_discussion(tx: Tx, row: Miscount) -> None:
    """Set a discussion's count right.

    The row is locked by a statement of its own: who changes it adds a comment first and waits for the row after, so
    the recount, which begins once the lock is had, sees exactly the comments that are counted already.
    """
    this = {"site": row.site_id, "row": row.id}
    await tx.fetch_all(_LOCK_DISCUSSION, this)
    await tx.execute(_RECOUNT_DISCUSSION, this)
    tx.touch(tag_of(row.discussion_id), HOME_TAG)


async def recount_comment(tx: Tx, row: Miscount) -> None:
    """Set a comment's counts of replies and descendants right, and the next place below it."""
    this = {"site": row.site_id, "row": row.id}
    await tx.fetch_all(_LOCK_COMMENT, this)
    await tx.execute(_RECOUNT_COMMENT, this)


async def renew_discussion(tx: Tx, *, site_id: int, discussion_id: int) -> None:
    """Say that a discussion looks different now."""
    await tx.execute(_CHANGED, {"site": site_id, "row": discussion_id})
    tx.touch(tag_of(discussion_id), HOME_TAG)
