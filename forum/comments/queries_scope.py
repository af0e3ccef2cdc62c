"""Statements that cover and uncover comments, many at a time: what one comment needs, the replies that inherit need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, String, bindparam, cast, delete, insert, literal, null, or_, select, update

from forum.articles.tables import discussion
from forum.comments.covers import WHOLE
from forum.comments.model import Comment
from forum.comments.queries import COLUMNS, SCOPED, comment_of
from forum.comments.tables import comment, comment_revision
from forum.db import Prepared, Tx
from forum.spoilers.queries_passage import MOST_VALUES
from forum.spoilers.tables import passage, scope_event

_SITE = comment.c.site_id == bindparam("site")
_THESE = comment.c.id.in_(bindparam("comments", expanding=True))
_WHOLE_ID = literal("c", String) + cast(comment.c.id, String(20))
_MASK = bindparam("slot", type_=comment.c.html.type)

_SEEDS = (
    select(comment.c.id).where(
        _SITE, comment.c.parent_id.in_(bindparam("comments", expanding=True)), comment.c.inherits
    )
).cte("heirs", recursive=True)
_HEIRS = _SEEDS.union_all(
    select(comment.c.id)
    .select_from(comment.join(_SEEDS, comment.c.parent_id == _SEEDS.c.id))
    .where(_SITE, comment.c.inherits)
)
_LIST_HEIRS = Prepared(select(_HEIRS.c.id).distinct())
# As strict as `queries.find_comment_locked`.
_LOCK = Prepared(select(*COLUMNS).where(_SITE, _THESE).order_by(comment.c.id).with_for_update(key_share=True))
_READ = Prepared(select(*COLUMNS).where(_SITE, _THESE))
_ROOT = select(comment.c.root_id).where(_SITE, comment.c.id == bindparam("below")).correlate(None).scalar_subquery()
_LOCK_BELOW = Prepared(
    select(*COLUMNS)
    .where(_SITE, or_(_THESE, comment.c.id == _ROOT))
    .order_by(comment.c.id)
    .with_for_update(key_share=True)
)
_THIS_ONE = comment.alias("this_one")


def _of_this(column: Any) -> Any:
    return (
        select(column)
        .where(_THIS_ONE.c.site_id == bindparam("site"), _THIS_ONE.c.id == bindparam("comment"))
        .scalar_subquery()
    )


_LOCK_PLACE = Prepared(
    select(*COLUMNS)
    .where(
        _SITE,
        or_(
            comment.c.id == bindparam("comment"),
            comment.c.id == _of_this(_THIS_ONE.c.parent_id),
            comment.c.id == _of_this(_THIS_ONE.c.root_id),
        ),
    )
    .order_by(comment.c.id)
    .with_for_update(key_share=True)
)
# The text of each of these comments moves behind one cover …
_HIDE_TEXT = Prepared(
    insert(passage).from_select(
        [column.name for column in passage.c],
        select(
            *(comment.c.site_id, _WHOLE_ID, comment.c.id, cast(null(), String), literal(WHOLE)),
            *(literal(False), literal(False), cast(null(), BigInteger), cast(null(), BigInteger)),
            *(comment.c.html, comment.c.text, cast(null(), String), cast(null(), BigInteger), cast(null(), String)),
            literal(False),
        ).where(_SITE, _THESE),
    )
)
_MASK_TEXT = Prepared(update(comment).where(_SITE, _THESE).values(html=_MASK, text=_MASK))


def _hidden(column: Any) -> Any:
    return (
        select(column)
        .where(passage.c.site_id == comment.c.site_id, passage.c.id == _WHOLE_ID)
        .correlate(comment)
        .scalar_subquery()
    )


# … and back.
_SHOW_TEXT = Prepared(
    update(comment).where(_SITE, _THESE).values(html=_hidden(passage.c.html), text=_hidden(passage.c.text))
)
_FORGET_HIDDEN = Prepared(
    delete(passage).where(
        passage.c.site_id == bindparam("site"),
        passage.c.comment_id.in_(bindparam("comments", expanding=True)),
        passage.c.seq == WHOLE,
    )
)
_SET_NEEDS = Prepared(
    update(comment)
    .where(_SITE, _THESE)
    .values(eff_scope_id=bindparam("eff"), inner_scope_id=bindparam("inner"), revision=comment.c.revision + 1)
)
_SET_SCOPED = Prepared(
    update(comment)
    .where(_SITE, comment.c.id == bindparam("comment"))
    .values({name: bindparam(f"new_{name}", type_=comment.c[name].type) for name in SCOPED})
)
_SET_SKELETON = Prepared(
    update(comment)
    .where(_SITE, comment.c.id == bindparam("comment"))
    .values({name: bindparam(f"new_{name}", type_=comment.c[name].type) for name in ("html", "text", "covers")})
)
_SET_HIDDEN = Prepared(
    update(passage)
    .where(passage.c.site_id == bindparam("site"), passage.c.id == bindparam("passage"))
    .values(html=bindparam("new_html"), text=bindparam("new_text"))
)
_HAS_PASSAGES = Prepared(
    update(discussion)
    .where(discussion.c.site_id == bindparam("site"), discussion.c.id == bindparam("discussion"))
    .values(has_passages=True)
)
_OF_THESE = comment_revision.c.comment_id.in_(bindparam("comments", expanding=True))
_REVISION_SCOPES = Prepared(
    select(comment_revision.c.comment_id, comment_revision.c.scope_id)
    .where(comment_revision.c.site_id == bindparam("site"), _OF_THESE)
    .distinct()
)
_COVER_REVISIONS = Prepared(
    update(comment_revision)
    .where(comment_revision.c.site_id == bindparam("site"), _OF_THESE)
    .values(scope_id=bindparam("new_scope"))
)
_LOG = Prepared(insert(scope_event))
_EVENTS = Prepared(
    select(scope_event)
    .where(scope_event.c.site_id == bindparam("site"), scope_event.c.comment_id == bindparam("comment"))
    .order_by(scope_event.c.id)
)


# So much of a reason is kept.
MAX_REASON = 500


class ScopeEvent(NamedTuple):
    """One line of the log, with its fields in the order of the columns. Never holds text of the comment."""

    site_id: int
    id: int
    comment_id: int
    actor: str
    state: str
    old_scope_id: int | None
    new_scope_id: int | None
    reason: str
    created_at: datetime


def _in_batches(comments: Iterable[int]) -> Iterator[list[int]]:
    """The ids in ascending order, in which every writer takes its locks; as many at once as a statement takes."""
    listed = sorted(comments)
    return (listed[start : start + MOST_VALUES] for start in range(0, len(listed), MOST_VALUES))


async def list_heirs(tx: Tx, *, site_id: int, comments: Collection[int]) -> set[int]:
    """Everything below these comments that inherits from them."""
    heirs: set[int] = set()
    for batch in _in_batches(comments):
        heirs |= {row.id for row in await tx.fetch_all(_LIST_HEIRS, {"site": site_id, "comments": batch})}
    return heirs


async def list_locked(tx: Tx, *, site_id: int, comments: Collection[int]) -> list[Comment]:
    """These comments, held against other writers, the oldest first."""
    found: list[Comment] = []
    for batch in _in_batches(comments):
        found += [comment_of(row) for row in await tx.fetch_all(_LOCK, {"site": site_id, "comments": batch})]
    return found


async def list_locked_below(tx: Tx, *, site_id: int, comments: Collection[int], below: int) -> list[Comment]:
    """The same, with the root of the conversation that `below` is in."""
    values = {"site": site_id, "comments": sorted(comments), "below": below}
    return [comment_of(row) for row in await tx.fetch_all(_LOCK_BELOW, values)]


async def list_locked_place(tx: Tx, *, site_id: int, comment_id: int) -> list[Comment]:
    """A comment with its parent and the root of its conversation, held in the same order."""
    rows = await tx.fetch_all(_LOCK_PLACE, {"site": site_id, "comment": comment_id})
    return [comment_of(row) for row in rows]


async def list_unlocked(tx: Tx, *, site_id: int, comments: Collection[int]) -> list[Comment]:
    """These comments as they are now, for those who will change others alone."""
    found: list[Comment] = []
    for batch in _in_batches(comments):
        found += [comment_of(row) for row in await tx.fetch_all(_READ, {"site": site_id, "comments": batch})]
    return found


async def hide_texts(tx: Tx, *, site_id: int, comments: Collection[int], slot: str) -> None:
    """Move the texts of these comments out of their rows: what is left is one cover each."""
    for batch in _in_batches(comments):
        await tx.execute(_HIDE_TEXT, {"site": site_id, "comments": batch})
        await tx.execute(_MASK_TEXT, {"site": site_id, "comments": batch, "slot": slot})


async def show_texts(tx: Tx, *, site_id: int, comments: Collection[int]) -> None:
    """Put the texts of these comments back into their rows."""
    for batch in _in_batches(comments):
        await tx.execute(_SHOW_TEXT, {"site": site_id, "comments": batch})
        await tx.execute(_FORGET_HIDDEN, {"site": site_id, "comments": batch})


async def set_needs(tx: Tx, *, site_id: int, comments: Collection[int], eff: int | None, inner: int | None) -> None:
    """What these comments need now, each at a new revision."""
    for batch in _in_batches(comments):
        await tx.execute(_SET_NEEDS, {"site": site_id, "comments": batch, "eff": eff, "inner": inner})


async def set_scoped(tx: Tx, changed: Comment) -> None:
    """Store what a comment's row says about covering; its skeleton stays."""
    values = {"site": changed.site_id, "comment": changed.id}
    await tx.execute(_SET_SCOPED, values | {f"new_{name}": getattr(changed, name) for name in SCOPED})


async def set_skeleton(tx: Tx, changed: Comment) -> None:
    """Store a comment's skeleton and its covers."""
    values = {"site": changed.site_id, "comment": changed.id, "new_html": changed.html}
    await tx.execute(_SET_SKELETON, values | {"new_text": changed.text, "new_covers": changed.covers})


async def set_hidden(tx: Tx, *, site_id: int, passage_id: str, html: str, text: str) -> None:
    """Store another text of a passage."""
    await tx.execute(_SET_HIDDEN, {"site": site_id, "passage": passage_id, "new_html": html, "new_text": text})


async def note_passages(tx: Tx, *, site_id: int, discussion_id: int) -> None:
    """From now on there is text in this discussion that must not be repeated uncovered."""
    await tx.execute(_HAS_PASSAGES, {"site": site_id, "discussion": discussion_id})


async def list_revision_scopes(tx: Tx, *, site_id: int, comments: Collection[int]) -> list[tuple[int, int | None]]:
    """What earlier texts of these comments are covered by: (comment, scope)."""
    found: list[tuple[int, int | None]] = []
    for batch in _in_batches(comments):
        rows = await tx.fetch_all(_REVISION_SCOPES, {"site": site_id, "comments": batch})
        found += [(row.comment_id, row.scope_id) for row in rows]
    return found


async def cover_revisions(tx: Tx, *, site_id: int, comments: Collection[int], scope_id: int | None) -> None:
    """Cover every earlier text of these comments as a whole."""
    for batch in _in_batches(comments):
        await tx.execute(_COVER_REVISIONS, {"site": site_id, "comments": batch, "new_scope": scope_id})


async def log_event(tx: Tx, event: ScopeEvent) -> None:
    """Append to the log."""
    await tx.execute(_LOG, event._asdict())


async def list_events(tx: Tx, *, site_id: int, comment_id: int) -> list[ScopeEvent]:
    """A comment's log, the oldest line first."""
    rows = await tx.fetch_all(_EVENTS, {"site": site_id, "comment": comment_id})
    return [ScopeEvent._make(row) for row in rows]
