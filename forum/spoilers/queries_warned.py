"""Statements about what whole discussions give away."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, select

from forum.articles.tables import discussion
from forum.db import Prepared, Tx
from forum.spoilers.tables import scope_point

_UNSETTLED = Prepared(
    select(discussion.c.id)
    .where(
        discussion.c.id > bindparam("after"),
        discussion.c.assumes != "",
        exists().where(
            scope_point.c.scope_id == discussion.c.scope_id,
            scope_point.c.work_id.is_(None) | scope_point.c.unit_id.is_(None),
        ),
    )
    .order_by(discussion.c.id)
    .limit(bindparam("most"))
)


async def list_unsettled(tx: Tx, *, after: int, most: int) -> list[int]:
    """Ids of discussions, above `after`, that say what they assume in words that were not fully understood yet."""
    return [row.id for row in await tx.fetch_all(_UNSETTLED, {"after": after, "most": most})]
