"""The statement that looks for covered words which somebody repeats."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from forum.comments.model import Status
from forum.comments.tables import comment
from forum.db import Prepared, Tx
from forum.spoilers.queries_passage import MOST_VALUES
from forum.spoilers.tables import passage_words

# Words count while the comment that covers them is public: one that was taken away, or never came to light, keeps
# nobody from saying the same. Looked up for each that is found, which no planner can turn into a join that begins with
# comments.
_status = (
    select(comment.c.status)
    .where(comment.c.site_id == passage_words.c.site_id, comment.c.id == passage_words.c.comment_id)
    .scalar_subquery()
)
_REPEATED = Prepared(
    select(passage_words.c.comment_id)
    .where(
        passage_words.c.site_id == bindparam("site"),
        passage_words.c.discussion_id == bindparam("discussion"),
        passage_words.c.comment_id != bindparam("besides"),
        passage_words.c.hash.in_(bindparam("hashes", expanding=True)),
        _status == Status.PUBLISHED.value,
    )
    .limit(1)
)


async def is_repeated(tx: Tx, *, site_id: int, discussion_id: int, hashes: Sequence[int], besides: int = 0) -> bool:
    """Whether any of these hashes is of words that a public comment of this discussion covers, besides this one."""
    for start in range(0, len(hashes), MOST_VALUES):
        values = {"site": site_id, "discussion": discussion_id, "hashes": list(hashes[start : start + MOST_VALUES])}
        if await tx.fetch_one(_REPEATED, {**values, "besides": besides}) is not None:
            return True
    return False
