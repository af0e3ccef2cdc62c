"""Statements that read pages of a discussion. Each costs the same, however long the discussion is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select

from forum.comments.model import DRAWN, FEW_REPLIES, Comment, Outline, Sort, Status
from forum.comments.queries import COLUMNS, comment_of
from forum.comments.tables import comment
from forum.db import Prepared, Row, Tx

_DRAWN = comment.c.status.in_(DRAWN) | comment.c.marked
_OUTLINE = tuple(comment.c[name] for name in Outline._fields)
_STATUS_AT = Outline._fields.index("status")
_STATUSES = {status.value: status for status in Status}
_ROOTS: Select[Any] = (
    select(*_OUTLINE)
    .where(
        comment.c.site_id == bindparam("site"),
        comment.c.discussion_id == bindparam("discussion"),
        comment.c.parent_id.is_(None),
        _DRAWN,
    )
    .limit(bindparam("most"))
)
_NEWEST = Prepared(_ROOTS.where(comment.c.id < bindparam("edge")).order_by(comment.c.id.desc()))
_OLDEST = Prepared(_ROOTS.where(comment.c.id > bindparam("edge")).order_by(comment.c.id))
_SUBTREES = Prepared(
    select(*_OUTLINE).where(
        comment.c.site_id == bindparam("site"),
        comment.c.root_id.in_(bindparam("roots", expanding=True)),
        comment.c.root_seq.between(1, bindparam("last_seq")),
        comment.c.depth <= bindparam("deepest"),
        _DRAWN,
    )
)
_first = (
    select(comment.c.id, comment.c.reply_count)
    .where(
        comment.c.site_id == bindparam("site"),
        comment.c.parent_id == bindparam("parent"),
        comment.c.root_seq > bindparam("edge"),
        _DRAWN,
    )
    .order_by(comment.c.root_seq)
    .limit(bindparam("most"))
    .subquery("first")
)
_below = select(_first.c.id, _first.c.reply_count).cte("below", recursive=True)
_below = _below.union_all(
    select(comment.c.id, comment.c.reply_count)
    .select_from(comment.join(_below, comment.c.parent_id == _below.c.id))
    .where(comment.c.site_id == bindparam("site"), comment.c.depth <= bindparam("deepest"), _DRAWN)
    .where(_below.c.reply_count <= bindparam("few"))
)
_some = select(_below.c.id).limit(bindparam("in_all")).subquery("some")
_REPLIES = Prepared(
    select(*_OUTLINE).join(_some, comment.c.id == _some.c.id).where(comment.c.site_id == bindparam("site"))
)
_BODIES = Prepared(
    select(*COLUMNS).where(
        comment.c.site_id == bindparam("site"), comment.c.id.in_(bindparam("comments", expanding=True))
    )
)
_PUBLIC = Prepared(
    select(*COLUMNS).where(
        comment.c.id.in_(bindparam("comments", expanding=True)), comment.c.status == Status.PUBLISHED.value
    )
)
_OWN = Prepared(
    select(*COLUMNS)
    .where(
        comment.c.site_id == bindparam("site"),
        comment.c.author_id.in_(bindparam("authors", expanding=True)),
        comment.c.discussion_id == bindparam("discussion"),
        comment.c.status != "deleted",
    )
    .order_by(comment.c.id.desc())
    .limit(bindparam("most"))
)
_FIRST_EDGE = 0
_LAST_EDGE = 2**63 - 1


def _outline(row: Row) -> Outline:
    return Outline._make((*row[:_STATUS_AT], _STATUSES[row[_STATUS_AT]], *row[_STATUS_AT + 1 :]))


def _arrival(comment: Outline) -> tuple[int, int]:
    return comment.root_id, comment.root_seq


async def list_roots(
    tx: Tx, *, site_id: int, discussion_id: int, sort: Sort, edge: int | None, most: int
) -> list[Outline]:
    """Conversations of a discussion in this order, after the one with id `edge` (None: from the start)."""
    start = {Sort.NEWEST: _LAST_EDGE, Sort.OLDEST: _FIRST_EDGE}[sort]
    values = {"site": site_id, "discussion": discussion_id, "edge": start if edge is None else edge, "most": most}
    rows = await tx.fetch_all(_NEWEST if sort is Sort.NEWEST else _OLDEST, values)
    return [_outline(row) for row in rows]


async def list_subtrees(tx: Tx, *, site_id: int, roots: Sequence[int], last_seq: int, deepest: int) -> list[Outline]:
    """Drawn descendants of these roots: of each the first `last_seq` in order of arrival, no deeper than `deepest`.

    A parent always arrives before its replies, so what comes back is complete towards the root.
    """
    values = {"site": site_id, "roots": list(roots), "last_seq": last_seq, "deepest": deepest}
    return sorted((_outline(r) for r in await tx.fetch_all(_SUBTREES, values)), key=_arrival)


async def list_replies(tx: Tx, parent: Comment, *, edge: int, most: int, in_all: int, deepest: int) -> list[Outline]:
    """Direct replies that arrived after `edge`, and what hangs below them, level by level.

    `edge` is a `root_seq` (0: from the first). At most `most` direct replies and `in_all` comments. Which comments are
    left out at that limit is up to the engine, so a comment may come with only some of its replies.
    """
    values = {"site": parent.site_id, "parent": parent.id, "edge": edge}
    values |= {"most": most, "in_all": in_all, "deepest": deepest, "few": FEW_REPLIES}
    return sorted((_outline(r) for r in await tx.fetch_all(_REPLIES, values)), key=_arrival)


async def list_own(tx: Tx, *, site_id: int, discussion_id: int, authors: Sequence[int], most: int) -> list[Comment]:
    """What these authors have written in a discussion and not deleted, the latest first."""
    values = {"site": site_id, "discussion": discussion_id, "authors": list(authors), "most": most}
    return [comment_of(row) for row in await tx.fetch_all(_OWN, values)]


async def list_bodies(tx: Tx, *, site_id: int, ids: Sequence[int]) -> list[Comment]:
    """These comments as a whole, in no order."""
    rows = await tx.fetch_all(_BODIES, {"site": site_id, "comments": list(ids)})
    return [comment_of(row) for row in rows]


async def list_public(tx: Tx, *, ids: Iterable[int]) -> list[Comment]:
    """Those of these comments that everybody can read, as a whole, in no order."""
    rows = await tx.fetch_all(_PUBLIC, {"comments": sorted(ids)})
    return [comment_of(row) for row in rows]
