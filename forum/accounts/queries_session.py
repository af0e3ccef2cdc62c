"""Statements about sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, cast, delete, exists, insert, not_, or_, select, update

from forum.accounts.model import Account, Kind, Role, Session
from forum.accounts.queries import COLUMNS as ACCOUNT_COLUMNS
from forum.accounts.queries import account_of
from forum.accounts.queries_identity import SSO
from forum.accounts.tables import account, account_role, identity, passkey, session
from forum.core.capability import hash_token
from forum.db import Prepared, Row, Tx

_COLUMNS = tuple(session.c[name] for name in Session._fields)
_KIND_AT = Session._fields.index("kind")
# A frame's session ends with its parent, whatever ended that, and also when it began at that very moment.
_parent = session.alias("parent")
_who, _role, _way = account.alias("who"), account_role.alias("elsewhere"), identity.alias("way")


def _vouched_alone(of: Any) -> ColumnElement[bool]:
    """Whether the session was not begun by a publisher's word; or else still nothing but that says who its person is,
    and there is nothing that they may do elsewhere. So a publisher never stands in for somebody with ways of their own.
    """
    own = (
        exists().where(_who.c.id == of.c.account_id, or_(_who.c.is_owner, _who.c.email_verified_at.is_not(None))),
        exists().where(passkey.c.account_id == of.c.account_id),
        exists().where(
            _way.c.account_id == of.c.account_id,
            or_(_way.c.kind != SSO, _way.c.issuer != cast(of.c.site_id, _way.c.issuer.type)),
        ),
        exists().where(
            _role.c.account_id == of.c.account_id,
            _role.c.site_id != of.c.site_id,
            _role.c.role != Role.READER.value,
        ),
    )
    return or_(of.c.kind == Kind.EMBED.value, of.c.site_id.is_(None), not_(or_(*own)))


_COUNTS = and_(
    _vouched_alone(session),
    or_(
        session.c.parent_id.is_(None),
        exists().where(_parent.c.id == session.c.parent_id, _vouched_alone(_parent)),
    ),
)

# What a look at a session reads first, and which sessions count.
WHOSE = (*ACCOUNT_COLUMNS, *_COLUMNS)
COUNTS = _COUNTS
# One statement says whose session it is and what they are on the site that was asked about.
_LOOK = (
    select(*ACCOUNT_COLUMNS, *_COLUMNS, account_role.c.role)
    .select_from(
        session.join(account, account.c.id == session.c.account_id).outerjoin(
            account_role,
            and_(account_role.c.account_id == account.c.id, account_role.c.site_id == bindparam("site")),
        )
    )
    .where(session.c.token_hash == bindparam("token_hash"), _COUNTS)
)
_FIND = Prepared(_LOOK)
# Whoever ends it waits until what is done in its name is done: nothing is written after the end of an account. What
# else this person does waits too, whatever session it comes by: of what they send at the same moment, each piece counts
# for the next.
_HOLD = Prepared(_LOOK.with_for_update(key_share=True, of=(session, account)))
# The same for who uses a role: nobody takes that away in between either.
_held_role = (
    select(account_role.c.account_id, account_role.c.role)
    .where(
        account_role.c.site_id == bindparam("site"),
        account_role.c.account_id
        == select(session.c.account_id).where(session.c.token_hash == bindparam("token_hash")).scalar_subquery(),
    )
    .with_for_update(read=True)
    .cte("held_role")
)
_HOLD_ROLE = Prepared(
    select(*ACCOUNT_COLUMNS, *_COLUMNS, _held_role.c.role)
    .select_from(
        session.join(account, account.c.id == session.c.account_id).outerjoin(
            _held_role, _held_role.c.account_id == account.c.id
        )
    )
    .where(session.c.token_hash == bindparam("token_hash"), _COUNTS)
    .with_for_update(read=True, key_share=True, of=session)
)
_INSERT = Prepared(insert(session))
_SEEN = Prepared(
    update(session)
    .where(session.c.id == bindparam("session"))
    .values(seen_at=bindparam("moment", type_=session.c.seen_at.type))
)
_OF_ACCOUNT = Prepared(
    select(*_COLUMNS)
    .where(
        session.c.account_id == bindparam("account"),
        session.c.expires_at > bindparam("now", type_=session.c.expires_at.type),
        _COUNTS,
    )
    .order_by(session.c.seen_at.desc(), session.c.id.desc())
)
_ROTATE = Prepared(
    update(session)
    .where(session.c.id == bindparam("session"))
    .values(
        token_hash=bindparam("new_hash"),
        fresh_at=bindparam("moment", type_=session.c.fresh_at.type),
        seen_at=bindparam("moment", type_=session.c.seen_at.type),
    )
)
_THIS = or_(session.c.id == bindparam("session"), session.c.parent_id == bindparam("session"))
_DELETE = Prepared(delete(session).where(session.c.account_id == bindparam("account"), _THIS))
_DELETE_ALL = Prepared(delete(session).where(session.c.account_id == bindparam("account")))
_DELETE_OTHERS = Prepared(
    delete(session).where(session.c.account_id == bindparam("account"), session.c.id != bindparam("session"))
)
_DELETE_VOUCHED = Prepared(
    delete(session).where(
        session.c.account_id == bindparam("account"),
        session.c.site_id == bindparam("site"),
        session.c.parent_id.is_(None),
    )
)
_DELETE_FRAMES = Prepared(
    delete(session).where(
        session.c.account_id == bindparam("account"),
        session.c.site_id == bindparam("site"),
        session.c.kind == Kind.EMBED.value,
    )
)
_TRIM = Prepared(
    delete(session).where(
        session.c.id.in_(
            select((_own := session.alias("own")).c.id)
            .where(_own.c.account_id == bindparam("account"), _own.c.kind == Kind.EMBED.value)
            .order_by(_own.c.seen_at.desc(), _own.c.id.desc())
            .offset(bindparam("most", type_=Integer))
        )
    )
)
_DELETE_OLD = Prepared(
    delete(session).where(
        or_(
            not_(_COUNTS),
            session.c.expires_at < bindparam("now", type_=session.c.expires_at.type),
            and_(
                session.c.kind == Kind.MAIN.value,
                session.c.seen_at < bindparam("main", type_=session.c.seen_at.type),
            ),
            and_(
                session.c.kind == Kind.EMBED.value,
                session.c.seen_at < bindparam("embed", type_=session.c.seen_at.type),
            ),
        )
    )
)


def _session_of(row: Row, start: int = 0) -> Session:
    values = row[start : start + len(_COLUMNS)]
    return Session._make((*values[:_KIND_AT], Kind(values[_KIND_AT]), *values[_KIND_AT + 1 :]))


async def find_session(tx: Tx, *, token: str, site_id: int, hold: bool = False) -> tuple[Account, Session, Role] | None:
    """Whose session this is, and their role on a site (0: on none); it may have ended by time. With `hold` nobody ends
    it before this transaction has ended."""
    return await _found(tx, _HOLD if hold else _FIND, token, site_id)


async def hold_session(tx: Tx, *, token: str, site_id: int) -> tuple[Account, Session, Role] | None:
    """The same, with the session and the role both held."""
    return await _found(tx, _HOLD_ROLE, token, site_id)


async def _found(tx: Tx, statement: Prepared, token: str, site_id: int) -> tuple[Account, Session, Role] | None:
    row = await tx.fetch_one(statement, {"token_hash": hash_token(token), "site": site_id})
    if row is None:
        return None
    role = row[-1]
    return *whose(row), Role.READER if role is None else Role(role)


def whose(row: Row) -> tuple[Account, Session]:
    """A row that begins with `WHOSE`."""
    return account_of(row), _session_of(row, len(ACCOUNT_COLUMNS))


async def insert_session(tx: Tx, new: Session) -> None:
    """Begin a session."""
    await tx.execute(_INSERT, {**new._asdict(), "kind": new.kind.value})


async def list_sessions(tx: Tx, *, account_id: int, now: datetime) -> list[Session]:
    """An account's sessions that have not reached their end, used last first."""
    return [_session_of(row) for row in await tx.fetch_all(_OF_ACCOUNT, {"account": account_id, "now": now})]


async def mark_seen(tx: Tx, session_id: int, now: datetime) -> None:
    """A session was used."""
    await tx.execute(_SEEN, {"session": session_id, "moment": now})


async def rotate_session(tx: Tx, session_id: int, *, token: str, now: datetime) -> None:
    """Its person has just proved who they are: the session goes on under another token."""
    await tx.execute(_ROTATE, {"session": session_id, "new_hash": hash_token(token), "moment": now})


async def delete_session(tx: Tx, *, account_id: int, session_id: int) -> int:
    """End one of an account's sessions, with those that came from it; how many there were."""
    return await tx.execute(_DELETE, {"account": account_id, "session": session_id})


async def delete_sessions(tx: Tx, *, account_id: int, keep: int | None = None) -> int:
    """End all of an account's sessions, but for `keep`."""
    if keep is None:
        return await tx.execute(_DELETE_ALL, {"account": account_id})
    return await tx.execute(_DELETE_OTHERS, {"account": account_id, "session": keep})


async def delete_vouched(tx: Tx, *, account_id: int, site_id: int) -> int:
    """End what a publisher's word began for an account; how many there were."""
    return await tx.execute(_DELETE_VOUCHED, {"account": account_id, "site": site_id})


async def delete_frames(tx: Tx, *, account_id: int, site_id: int) -> int:
    """Sign an account out of the frames of a site; how many there were."""
    return await tx.execute(_DELETE_FRAMES, {"account": account_id, "site": site_id})


async def trim_frames(tx: Tx, *, account_id: int, most: int) -> int:
    """End an account's frames but for the `most` that were used last; how many."""
    return await tx.execute(_TRIM, {"account": account_id, "most": most})


async def forget_sessions(tx: Tx, *, now: datetime, main_before: datetime, embed_before: datetime) -> int:
    """Drop sessions that time has ended."""
    return await tx.execute(_DELETE_OLD, {"now": now, "main": main_before, "embed": embed_before})
