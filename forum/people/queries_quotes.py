"""Statements about quotes: whom they say they quote, wherever that is written down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import bindparam, select, update

from forum.comments.covers import decode, encode
from forum.comments.model import Comment
from forum.comments.queries_scope import list_locked
from forum.comments.tables import comment, comment_revision
from forum.db import Prepared, Tx
from forum.spoilers.queries_passage import list_quoting
from forum.spoilers.tables import passage

_THIS = (comment.c.site_id == bindparam("site")) & (comment.c.id == bindparam("comment"))
_NAME_PASSAGES = Prepared(
    update(passage)
    .where(
        passage.c.site_id == bindparam("site"),
        passage.c.src_comment_id.in_(bindparam("comments", expanding=True)),
    )
    .values(src_name=bindparam("new_name"))
)
# What is drawn of a quoting comment changes, so that it is at another revision.
_NAME_COVERS = Prepared(
    update(comment).where(_THIS).values(covers=bindparam("new_covers"), revision=comment.c.revision + 1)
)
_SOURCES = Prepared(
    select(comment.c.id, comment.c.source).where(
        comment.c.site_id == bindparam("site"), comment.c.id.in_(bindparam("comments", expanding=True))
    )
)
_EARLIER = Prepared(
    select(comment_revision.c.comment_id, comment_revision.c.revision, comment_revision.c.source).where(
        comment_revision.c.site_id == bindparam("site"),
        comment_revision.c.comment_id.in_(bindparam("comments", expanding=True)),
    )
)
_SET_SOURCE = Prepared(update(comment).where(_THIS).values(source=bindparam("new_source")))
_SET_EARLIER = Prepared(
    update(comment_revision)
    .where(
        comment_revision.c.site_id == bindparam("site"),
        comment_revision.c.comment_id == bindparam("comment"),
        comment_revision.c.revision == bindparam("of_revision"),
    )
    .values(source=bindparam("new_source"))
)
# The place of a text: a comment, and which earlier text of it (None: the one it has now).
Place = tuple[int, int | None]


async def list_quoting_locked(tx: Tx, *, site_id: int, comments: Sequence[int]) -> list[Comment]:
    """The comments that quote any of these, held against other writers. These themselves must be held already: then
    nobody can begin to quote them."""
    quoting = await list_quoting(tx, site_id=site_id, comments=comments)
    return await list_locked(tx, site_id=site_id, comments=quoting) if quoting else []


async def name_quotes(
    tx: Tx, quoting: Iterable[Comment], *, site_id: int, comments: Collection[int], name: str
) -> None:
    """Say that quotes of these comments quote somebody of this name ("": nobody who is known)."""
    await tx.execute(_NAME_PASSAGES, {"site": site_id, "comments": sorted(comments), "new_name": name})
    for one in quoting:
        before = decode(one.covers)
        now = [cover._replace(src_name=name) if cover.src_comment_id in comments else cover for cover in before]
        values = {"site": site_id, "comment": one.id, "new_covers": encode(now)}
        await tx.execute(_NAME_COVERS, values)


async def list_sources(tx: Tx, *, site_id: int, comments: Sequence[int]) -> dict[Place, str]:
    """What was typed of these comments, all earlier texts included."""
    values = {"site": site_id, "comments": list(comments)}
    found: dict[Place, str] = {(row.id, None): row.source for row in await tx.fetch_all(_SOURCES, values)}
    rows = await tx.fetch_all(_EARLIER, values)
    return found | {(row.comment_id, row.revision): row.source for row in rows}


async def set_sources(tx: Tx, *, site_id: int, sources: Mapping[Place, str]) -> None:
    """Store texts anew; nothing is drawn from them again."""
    for (comment_id, revision), source in sources.items():
        values = {"site": site_id, "comment": comment_id, "new_source": source}
        if revision is None:
            await tx.execute(_SET_SOURCE, values)
        else:
            await tx.execute(_SET_EARLIER, {**values, "of_revision": revision})
