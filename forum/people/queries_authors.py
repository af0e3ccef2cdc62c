"""Statements that give comments to somebody, or write their author's name anew."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, delete, func, select, update

from forum.accounts.model import ACCOUNT, GUEST, Account, Guest
from forum.accounts.tables import guest
from forum.comments.model import Comment, Status
from forum.comments.queries import COLUMNS, comment_of
from forum.comments.review.tables import flag
from forum.comments.tables import comment, idempotency_key
from forum.db import Prepared, Tx
from forum.people.tables import mute

_SHOWN = comment.c.status != Status.DELETED.value
_BY = and_(comment.c.author_id == bindparam("author"), comment.c.author_kind == bindparam("kind"))
_COUNT = Prepared(select(func.count().label("n")).select_from(comment).where(_BY, _SHOWN))
_OF_SOMEBODY = Prepared(select(comment.c.id).where(_BY).order_by(comment.c.id).limit(bindparam("most")))
_NAMED_OTHERWISE = Prepared(
    select(comment.c.id)
    .where(_BY, _SHOWN, comment.c.author_name != bindparam("name"))
    .order_by(comment.c.id)
    .limit(bindparam("most"))
)
# What is drawn of a comment changes with its author, so that it is at another revision. What is gone has no name.
_GIVE = Prepared(
    update(comment)
    .where(comment.c.id.in_(bindparam("comments", expanding=True)), _BY)
    .values(
        author_id=bindparam("new_author"),
        author_kind=bindparam("new_kind"),
        author_name=case((_SHOWN, bindparam("new_name")), else_=""),
        revision=comment.c.revision + 1,
    )
    .returning(*COLUMNS)
)
_FLAGS_TWICE = Prepared(
    delete(flag).where(
        flag.c.site_id == bindparam("site"),
        flag.c.author_id == bindparam("author"),
        flag.c.comment_id.in_(
            select((other := flag.alias("other")).c.comment_id).where(
                other.c.site_id == bindparam("site"), other.c.author_id == bindparam("new_author")
            )
        ),
    )
)
_GIVE_FLAGS = Prepared(
    update(flag)
    .where(flag.c.site_id == bindparam("site"), flag.c.author_id == bindparam("author"))
    .values(author_id=bindparam("new_author"))
)
_MUTED = and_(mute.c.muted_kind == bindparam("kind"), mute.c.muted_id == bindparam("author"))
_MUTES_TWICE = Prepared(
    delete(mute).where(
        _MUTED,
        (mute.c.account_id == bindparam("new_author"))
        | mute.c.account_id.in_(
            select((same := mute.alias("same")).c.account_id).where(
                same.c.muted_kind == ACCOUNT, same.c.muted_id == bindparam("new_author")
            )
        ),
    )
)
_GIVE_MUTES = Prepared(update(mute).where(_MUTED).values(muted_kind=ACCOUNT, muted_id=bindparam("new_author"), name=""))
_KEYS = and_(idempotency_key.c.site_id == bindparam("site"), idempotency_key.c.author_id == bindparam("author"))
_KEYS_TWICE = Prepared(
    delete(idempotency_key).where(
        _KEYS,
        idempotency_key.c.key.in_(
            select((used := idempotency_key.alias("used")).c.key).where(
                used.c.site_id == bindparam("site"), used.c.author_id == bindparam("new_author")
            )
        ),
    )
)
_GIVE_KEYS = Prepared(update(idempotency_key).where(_KEYS).values(author_id=bindparam("new_author")))
_FORGET_GUEST = Prepared(delete(guest).where(guest.c.site_id == bindparam("site"), guest.c.id == bindparam("author")))


async def count_comments(tx: Tx, *, kind: str, author_id: int) -> int:
    """How many comments somebody has that are still there."""
    return int(await tx.fetch_val(_COUNT, {"kind": kind, "author": author_id}) or 0)


async def give_comments(tx: Tx, *, kind: str, author_id: int, to: Account, most: int) -> list[Comment]:
    """Make up to `most` comments of somebody an account's: those that were changed, none when all are."""
    who = {"kind": kind, "author": author_id}
    found = await tx.fetch_all(_OF_SOMEBODY, {**who, "most": most})
    return await _give(tx, who, [row.id for row in found], to)


async def name_comments(tx: Tx, to: Account, *, most: int) -> list[Comment]:
    """Write an account's name on up to `most` comments that bear an earlier one."""
    who = {"kind": ACCOUNT, "author": to.id}
    found = await tx.fetch_all(_NAMED_OTHERWISE, {**who, "name": to.name, "most": most})
    return await _give(tx, who, [row.id for row in found], to)


async def _give(tx: Tx, who: dict[str, object], comments: list[int], to: Account) -> list[Comment]:
    if not comments:
        return []
    values = {**who, "comments": comments, "new_author": to.id, "new_kind": ACCOUNT, "new_name": to.name}
    return [comment_of(row) for row in await tx.fetch_all(_GIVE, values)]


async def give_rest(tx: Tx, former: Guest, to: Account) -> None:
    """A guest's flags and keys, and those who mute them, become the account's; the guest is nobody any more."""
    values = {"site": former.site_id, "author": former.id, "new_author": to.id}
    for statement in (_FLAGS_TWICE, _GIVE_FLAGS, _KEYS_TWICE, _GIVE_KEYS):
        await tx.execute(statement, values)
    await give_mutes(tx, kind=GUEST, author_id=former.id, to=to)
    await tx.execute(_FORGET_GUEST, {"site": former.site_id, "author": former.id})


async def give_mutes(tx: Tx, *, kind: str, author_id: int, to: Account) -> None:
    """Who muted somebody now mutes the account; nobody mutes anybody twice, or themselves."""
    values = {"kind": kind, "author": author_id, "new_author": to.id}
    await tx.execute(_MUTES_TWICE, values)
    await tx.execute(_GIVE_MUTES, values)
