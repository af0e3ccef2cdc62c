"""Statements that make one account part of another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, bindparam, delete, select, update

from forum.accounts.tables import account, account_role, passkey
from forum.comments.review.tables import flag
from forum.db import Prepared, Tx
from forum.people.tables import follow, mute
from forum.sites.tables import site
from forum.spoilers.tables import unit

_FROM: Any = bindparam("account")
_TO: Any = bindparam("into")
_SITES = select(site.c.id)


def _moved(table: Any, owner: Any, *same: str, where: Any = True) -> tuple[Prepared, Prepared]:
    """Rows of the one account become the other's; those that the other has already (alike in `same`) go."""
    other = table.alias("other")
    has = select(other).where(other.c[owner.name] == _TO, *(other.c[name] == table.c[name] for name in same)).exists()
    mine = and_(owner == _FROM, where)
    return (
        Prepared(delete(table).where(mine, has)),
        Prepared(update(table).where(mine).values({owner.name: bindparam("new_owner")})),
    )


_MOVES = (
    *_moved(follow, follow.c.account_id, "site_id", "discussion_id"),
    *_moved(mute, mute.c.account_id, "muted_kind", "muted_id"),
    *_moved(
        flag,
        flag.c.author_id,
        "site_id",
        "comment_id",
        where=flag.c.site_id.in_(_SITES),
    ),
    Prepared(update(passkey).where(passkey.c.account_id == _FROM).values(account_id=bindparam("new_owner"))),
    Prepared(delete(account_role).where(account_role.c.account_id == _FROM)),
)
# Nobody mutes themselves.
_UNMUTE_SELF = Prepared(delete(mute).where(mute.c.account_id == _TO, mute.c.muted_id.in_([_FROM, _TO])))
_REDIRECT = Prepared(
    update(account)
    .where(account.c.joining_id == _FROM)
    .values(joining_id=bindparam("new_joining"))
    .returning(account.c.id)
)
_PLACES = Prepared(
    select(unit.c.work_id, unit.c.code, unit.c.ord).where(
        unit.c.work_id.in_(bindparam("works", expanding=True)),
        unit.c.code.in_(bindparam("codes", expanding=True)),
        unit.c.ord.is_not(None),
    )
)


async def move_rest(tx: Tx, *, account_id: int, into: int) -> None:
    """Follows, mutes, flags and passkeys of one account become another's; its roles go."""
    values = {"account": account_id, "into": into, "new_owner": into}
    for statement in _MOVES:
        await tx.execute(statement, values)


async def unmute_self(tx: Tx, *, account_id: int, into: int) -> None:
    """One account does not mute itself, nor what became part of it."""
    await tx.execute(_UNMUTE_SELF, {"account": account_id, "into": into})


async def redirect_joining(tx: Tx, *, account_id: int, into: int) -> list[int]:
    """What was becoming part of one account becomes part of another: those accounts."""
    return sorted(row.id for row in await tx.fetch_all(_REDIRECT, {"account": account_id, "new_joining": into}))


async def list_places(tx: Tx, at: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Where units, by work and code, stand in their work's order."""
    wanted = set(at)
    if not wanted:
        return {}
    values = {"works": sorted({work for work, _ in wanted}), "codes": sorted({code for _, code in wanted})}
    return {(row.work_id, row.code): row.ord for row in await tx.fetch_all(_PLACES, values)}
