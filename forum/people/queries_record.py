"""Statements about what sites have decided about a person, and what that person has decided as a moderator: it goes
along to another account, or is made nobody's."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Text, and_, bindparam, delete, exists, func, select, update

from forum.accounts.model import ACCOUNT, GONE
from forum.comments.review.tables import decision, flag, note, queue_item, sanction
from forum.comments.screening.tables import screening_rules
from forum.db import Prepared, Tx
from forum.sites.tables import site

_AUTHOR: Any = bindparam("author")
# By site, as the indexes go.
_SITES = select(site.c.id)
_ABOUT = (decision, sanction, note, queue_item)
_BY = (decision, sanction, note, screening_rules)
_NEW: dict[str, Any] = {"author_kind": bindparam("new_kind"), "author_id": bindparam("new_author")}
_GIVE = tuple(
    Prepared(update(table).where(table.c.site_id.in_(_SITES), table.c.author_id == _AUTHOR).values(_NEW))
    for table in _ABOUT
)
# Whose flags a decision was about is a part of what its undo needs. An id is so long that it stands for nothing else.
_GIVE_BEFORE = Prepared(
    update(decision)
    .where(
        decision.c.site_id.in_(_SITES),
        exists().where(
            flag.c.site_id == decision.c.site_id,
            flag.c.comment_id == decision.c.comment_id,
            flag.c.author_id == _AUTHOR,
        ),
    )
    .values(
        before=func.replace(decision.c.before, bindparam("old_text", type_=Text), bindparam("new_text", type_=Text))
    )
)
_GIVE_BY = tuple(
    Prepared(update(table).where(table.c.by_id == bindparam("by")).values(by_id=bindparam("new_by"))) for table in _BY
)
_DROP_CLAIMS = Prepared(
    update(queue_item).where(queue_item.c.claimed_by == bindparam("by")).values(claimed_by=None, claimed_until=None)
)
_FORGET = (
    Prepared(delete(sanction).where(sanction.c.site_id.in_(_SITES), sanction.c.author_id == _AUTHOR)),
    Prepared(delete(note).where(note.c.site_id.in_(_SITES), note.c.author_id == _AUTHOR)),
    # That something was decided stays, and how: not about whom, nor what was said to them.
    Prepared(
        update(decision)
        .where(decision.c.site_id.in_(_SITES), decision.c.author_id == _AUTHOR)
        .values(author_kind=GONE, author_id=0, words="", evidence="[]", before="")
    ),
    Prepared(
        update(queue_item)
        .where(queue_item.c.site_id.in_(_SITES), queue_item.c.author_id == _AUTHOR)
        .values(author_kind=GONE, author_id=0)
    ),
)
_DROP_ITEMS = Prepared(
    delete(queue_item).where(
        and_(
            queue_item.c.site_id == bindparam("site"),
            queue_item.c.comment_id.in_(bindparam("comments", expanding=True)),
        )
    )
)


async def give_record(tx: Tx, *, author_id: int, to: int) -> None:
    """What sites have decided about somebody (a guest or an account) is about an account from now on: sanctions count
    for it, too."""
    for statement in _GIVE:
        await tx.execute(statement, {"author": author_id, "new_kind": ACCOUNT, "new_author": to})
    await _rename_before(tx, author_id, str(to))


async def give_moderation(tx: Tx, *, account_id: int, to: int) -> None:
    """What one account has decided as a moderator was decided by another (0: by nobody); it is on nothing any more."""
    for statement in _GIVE_BY:
        await tx.execute(statement, {"by": account_id, "new_by": to})
    await tx.execute(_DROP_CLAIMS, {"by": account_id})


async def forget_record(tx: Tx, account_id: int) -> None:
    """Nothing says any more that anything was decided about an account. To be done before its flags go."""
    await _rename_before(tx, account_id, "0")
    for statement in _FORGET:
        await tx.execute(statement, {"author": account_id})


async def drop_items(tx: Tx, *, site_id: int, comments: Collection[int]) -> None:
    """Comments that are gone wait for nobody."""
    if comments:
        await tx.execute(_DROP_ITEMS, {"site": site_id, "comments": sorted(comments)})


async def _rename_before(tx: Tx, author_id: int, name: str) -> None:
    await tx.execute(_GIVE_BEFORE, {"author": author_id, "old_text": str(author_id), "new_text": name})
