"""The statements of an examination that look at people: whether everything that names an account leads to one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from forum.accounts.model import ACCOUNT, GONE, Kind, State
from forum.accounts.tables import account, account_role, identity, passkey, session
from forum.comments.tables import comment
from forum.db import Tx
from forum.doctor.queries.threads import Fault, broken, list_faults

_PARENT = session.alias("parent")
_WRITTEN: dict[str, ColumnElement[bool]] = {
    "comments are by an account that is not there": and_(comment.c.author_kind == ACCOUNT, account.c.id.is_(None)),
    "comments of nobody bear a name": and_(
        comment.c.author_kind == GONE, or_(comment.c.author_id != 0, comment.c.author_name != "")
    ),
}
_COMMENTS = broken(
    comment.outerjoin(account, and_(comment.c.author_kind == ACCOUNT, account.c.id == comment.c.author_id)),
    comment.c.id,
    _WRITTEN,
)
_SESSION_RULES: dict[str, ColumnElement[bool]] = {
    "sessions of frames have outlived the one they came from": and_(
        session.c.kind == Kind.EMBED.value, session.c.parent_id.is_not(None), _PARENT.c.id.is_(None)
    ),
    "sessions of frames belong to somebody else than the one they came from": session.c.account_id
    != _PARENT.c.account_id,
}
_SESSIONS = broken(session.outerjoin(_PARENT, _PARENT.c.id == session.c.parent_id), session.c.id, _SESSION_RULES)


def _owned(table: Any, what: str) -> tuple[Any, dict[str, ColumnElement[bool]]]:
    """Rows that lead to no account, or to one that is on its way out and can't be signed in to."""
    rules: dict[str, ColumnElement[bool]] = {
        f"{what} belong to nobody": account.c.id.is_(None),
        f"{what} belong to an account that is being erased": account.c.state == State.ERASING.value,
    }
    rows = table.outerjoin(account, account.c.id == table.c.account_id)
    return broken(rows, table.c.account_id, rules), rules


_OWNED = (
    _owned(session, "sessions"),
    _owned(identity, "sign-ins elsewhere"),
    _owned(passkey, "passkeys"),
    _owned(account_role, "roles"),
)


async def list_broken_people(tx: Tx) -> list[Fault]:
    """Whatever names an account that is not there, and sessions that should have ended with another."""
    found = [*await list_faults(tx, _COMMENTS, _WRITTEN), *await list_faults(tx, _SESSIONS, _SESSION_RULES)]
    for statement, rules in _OWNED:
        found += await list_faults(tx, statement, rules)
    return found
