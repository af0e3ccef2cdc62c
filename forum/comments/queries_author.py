"""Statements about everything that one person has written."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from forum.accounts.model import ACCOUNT
from forum.comments.model import Comment, Status
from forum.comments.queries import COLUMNS, comment_of
from forum.comments.tables import comment
from forum.core.ids import MAX_ID
from forum.db import Prepared, Tx

_PUBLIC = Prepared(
    select(*COLUMNS)
    .where(
        comment.c.author_id == bindparam("author"),
        comment.c.author_kind == ACCOUNT,
        comment.c.status == Status.PUBLISHED.value,
        comment.c.id < bindparam("edge"),
    )
    .order_by(comment.c.id.desc())
    .limit(bindparam("most"))
)


async def list_public_of(tx: Tx, account_id: int, *, edge: int | None, most: int) -> list[Comment]:
    """What everybody can read of an account, the latest first, after the comment `edge` (None: from the start)."""
    values = {"author": account_id, "edge": MAX_ID if edge is None else edge, "most": most}
    return [comment_of(row) for row in await tx.fetch_all(_PUBLIC, values)]
