"""Statements about what is begun and finished once: mail links, codes, hand-offs, challenges."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from forum.accounts.model import Flow, FlowKind
from forum.accounts.tables import auth_flow
from forum.db import Prepared, Row, Tx

_COLUMNS = tuple(auth_flow.c[name] for name in Flow._fields)
_KIND_AT = Flow._fields.index("kind")
_given = insert(auth_flow)
_PUT = Prepared(
    _given.on_conflict_do_update(
        index_elements=["handle"],
        set_={name: _given.excluded[name] for name in Flow._fields if name != "handle"},
    )
)
_NAMED = and_(auth_flow.c.handle == bindparam("wanted"), auth_flow.c.kind == bindparam("kind"))
_ALIVE = auth_flow.c.expires_at > bindparam("now", type_=auth_flow.c.expires_at.type)
_FIND = Prepared(select(*_COLUMNS).where(_NAMED, _ALIVE))
_TAKE = Prepared(delete(auth_flow).where(_NAMED, _ALIVE).returning(*_COLUMNS))
_MISSED = Prepared(
    update(auth_flow).where(_NAMED).values(attempts=auth_flow.c.attempts + 1).returning(auth_flow.c.attempts)
)
_DROP = Prepared(delete(auth_flow).where(auth_flow.c.handle == bindparam("wanted")))
_DROP_OF_ACCOUNT = Prepared(delete(auth_flow).where(auth_flow.c.account_id == bindparam("account")))
_DROP_OLD = Prepared(
    delete(auth_flow).where(auth_flow.c.expires_at <= bindparam("now", type_=auth_flow.c.expires_at.type))
)


def _flow_of(row: Row) -> Flow:
    return Flow._make((*row[:_KIND_AT], FlowKind(row[_KIND_AT]), *row[_KIND_AT + 1 :]))


async def put_flow(tx: Tx, new: Flow) -> None:
    """Begin something; one with the same handle is replaced."""
    await tx.execute(_PUT, {**new._asdict(), "kind": new.kind.value})


async def find_flow(tx: Tx, handle: str, *, kind: FlowKind, now: datetime) -> Flow | None:
    """What was begun, while it can be finished."""
    if not handle.isprintable():  # it comes from an address; PostgreSQL refuses some characters
        return None
    row = await tx.fetch_one(_FIND, {"wanted": handle, "kind": kind.value, "now": now})
    return None if row is None else _flow_of(row)


async def take_flow(tx: Tx, handle: str, *, kind: FlowKind, now: datetime) -> Flow | None:
    """Finish what was begun: of two who try at once, one gets it."""
    if not handle.isprintable():
        return None
    row = await tx.fetch_one(_TAKE, {"wanted": handle, "kind": kind.value, "now": now})
    return None if row is None else _flow_of(row)


async def miss(tx: Tx, handle: str, *, kind: FlowKind) -> int:
    """Count a wrong code; how many there were with this one (0: it is gone)."""
    if not handle.isprintable():
        return 0
    row = await tx.fetch_one(_MISSED, {"wanted": handle, "kind": kind.value})
    return 0 if row is None else int(row.attempts)


async def drop_flow(tx: Tx, handle: str) -> None:
    """Forget what was begun."""
    await tx.execute(_DROP, {"wanted": handle})


async def drop_flows_of(tx: Tx, account_id: int) -> None:
    """Forget everything that was begun for an account."""
    await tx.execute(_DROP_OF_ACCOUNT, {"account": account_id})


async def forget_flows(tx: Tx, *, now: datetime) -> int:
    """Drop what can't be finished any more."""
    return await tx.execute(_DROP_OLD, {"now": now})
