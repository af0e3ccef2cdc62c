"""Statements about passages and their words: the only ones that touch hidden text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from forum.db import Prepared, Tx
from forum.spoilers.passages import Passage
from forum.spoilers.tables import passage, passage_words

COLUMNS = tuple(passage.c[name] for name in Passage._fields)
_OF_COMMENTS = passage.c.comment_id.in_(bindparam("comments", expanding=True))
_ON_SITE = passage.c.site_id == bindparam("site")

_INSERT = Prepared(insert(passage))
_LIST = Prepared(select(*COLUMNS).where(_ON_SITE, _OF_COMMENTS))
_wanted = (
    select(passage.c.site_id, passage.c.comment_id)
    .where(passage.c.id.in_(bindparam("ids", expanding=True)))
    .distinct()
    .subquery("wanted")
)
_their_comment = and_(passage.c.site_id == _wanted.c.site_id, passage.c.comment_id == _wanted.c.comment_id)
# Everything of the comments that these ids belong to: what is revealed may hold passages that are cleared too. Two
# searches, because no engine finds its way along two indexes at once.
_AROUND = Prepared(
    union_all(select(*COLUMNS).select_from(passage.join(_wanted, _their_comment)), select(*COLUMNS).where(_OF_COMMENTS))
)
_QUOTING = Prepared(
    select(passage.c.comment_id)
    .where(_ON_SITE, passage.c.src_comment_id.in_(bindparam("comments", expanding=True)))
    .distinct()
)
_FORGET = Prepared(delete(passage).where(_ON_SITE, _OF_COMMENTS))
_RESCOPE = Prepared(
    update(passage)
    .where(_ON_SITE, passage.c.id == bindparam("passage"))
    .values(
        scope_id=bindparam("new_scope"),
        src_passage_id=bindparam("new_src"),
        withheld=bindparam("new_withheld", type_=passage.c.withheld.type),
    )
)
# So many hashes are stored at once; the last of a batch is repeated where there are fewer.
BATCH = 32
_KEEP_WORDS = Prepared(
    insert(passage_words)
    .values(
        [
            {
                "site_id": bindparam("site"),
                "discussion_id": bindparam("discussion"),
                "hash": bindparam(f"hash_{number}"),
                "comment_id": bindparam("comment"),
            }
            for number in range(BATCH)
        ]
    )
    .on_conflict_do_nothing()
)
_FORGET_WORDS = Prepared(
    delete(passage_words).where(
        passage_words.c.site_id == bindparam("site"),
        passage_words.c.comment_id.in_(bindparam("comments", expanding=True)),
    )
)
# SQLite takes 32,766 values in one statement.
MOST_VALUES = 10_000


async def insert_passages(tx: Tx, passages: Iterable[Passage]) -> None:
    """Add passages."""
    for new in passages:
        await tx.execute(_INSERT, new._asdict())


async def list_passages(tx: Tx, *, site_id: int, comments: Sequence[int]) -> list[Passage]:
    """The passages of these comments, hidden text included."""
    found: list[Passage] = []
    for start in range(0, len(comments), MOST_VALUES):
        rows = await tx.fetch_all(_LIST, {"site": site_id, "comments": list(comments[start : start + MOST_VALUES])})
        found += [Passage._make(row) for row in rows]
    return found


async def list_around(tx: Tx, *, ids: Sequence[str], comments: Sequence[int]) -> list[Passage]:
    """All passages of the comments that hold passages with these ids, and of these comments; some may come twice."""
    rows = await tx.fetch_all(_AROUND, {"ids": list(ids), "comments": list(comments)})
    return [Passage._make(row) for row in rows]


async def list_quoting(tx: Tx, *, site_id: int, comments: Sequence[int]) -> set[int]:
    """The comments that quote any of these."""
    found: set[int] = set()
    for start in range(0, len(comments), MOST_VALUES):
        values = {"site": site_id, "comments": list(comments[start : start + MOST_VALUES])}
        found |= {row.comment_id for row in await tx.fetch_all(_QUOTING, values)}
    return found


async def forget_passages(tx: Tx, *, site_id: int, comments: Sequence[int]) -> None:
    """Take the passages of these comments away, and what is known of their words."""
    await tx.execute(_FORGET, {"site": site_id, "comments": list(comments)})
    await forget_words(tx, site_id=site_id, comments=comments)


async def forget_words(tx: Tx, *, site_id: int, comments: Sequence[int]) -> None:
    """Forget which words these comments cover."""
    await tx.execute(_FORGET_WORDS, {"site": site_id, "comments": list(comments)})


async def rescope_passage(tx: Tx, changed: Passage) -> None:
    """Store what a quote needs now, which passage it was taken from, and whether it says anything."""
    values: dict[str, Any] = {"site": changed.site_id, "passage": changed.id}
    values |= {"new_scope": changed.scope_id, "new_src": changed.src_passage_id, "new_withheld": changed.withheld}
    await tx.execute(_RESCOPE, values)


async def keep_words(tx: Tx, *, site_id: int, discussion_id: int, comment_id: int, hashes: Iterable[int]) -> None:
    """Remember hashes of covered words, so that repeating them uncovered is noticed."""
    place = {"site": site_id, "discussion": discussion_id, "comment": comment_id}
    listed = sorted(set(hashes))
    for start in range(0, len(listed), BATCH):
        batch = listed[start : start + BATCH]
        batch += [batch[-1]] * (BATCH - len(batch))
        await tx.execute(_KEEP_WORDS, {**place, **{f"hash_{number}": value for number, value in enumerate(batch)}})
