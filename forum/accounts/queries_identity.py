"""Statements about sign-ins elsewhere: with identity providers, and with publishers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy import insert as plain_insert

from forum.accounts.model import Identity
from forum.accounts.tables import identity
from forum.db import Prepared, Row, Tx

# Kinds: of a provider (`issuer` is its key), and of a publisher's token (`issuer` is the site's id).
PROVIDER, SSO = "provider", "sso"

_COLUMNS = tuple(identity.c[name] for name in Identity._fields)
_THIS = (
    identity.c.kind == bindparam("which_kind"),
    identity.c.issuer == bindparam("which_issuer"),
    identity.c.subject == bindparam("which_subject"),
)
_OWN = identity.c.account_id == bindparam("account")
_FIND = Prepared(select(*_COLUMNS).where(*_THIS))
_OF_ACCOUNT = Prepared(
    select(*_COLUMNS).where(_OWN).order_by(identity.c.created_at, identity.c.kind, identity.c.issuer)
)
_INSERT = Prepared(plain_insert(identity))
_USED = Prepared(
    update(identity)
    .where(*_THIS)
    .values(used_at=bindparam("moment", type_=identity.c.used_at.type), label=bindparam("new_label"))
)
_MOVE = Prepared(update(identity).where(_OWN).values(account_id=bindparam("new_account")))
_DELETE = Prepared(delete(identity).where(*_THIS, _OWN))


def _identity_of(row: Row) -> Identity:
    return Identity._make(row)


def _this(kind: str, issuer: str, subject: str) -> dict[str, object]:
    return {"which_kind": kind, "which_issuer": issuer, "which_subject": subject}


async def find_identity(tx: Tx, kind: str, issuer: str, subject: str) -> Identity | None:
    """Who signs in with this."""
    if not (kind + issuer + subject).isprintable():  # they come from a form; PostgreSQL refuses some characters
        return None
    row = await tx.fetch_one(_FIND, _this(kind, issuer, subject))
    return None if row is None else _identity_of(row)


async def list_identities(tx: Tx, account_id: int) -> list[Identity]:
    """Everything elsewhere that an account signs in with, connected first first."""
    return [_identity_of(row) for row in await tx.fetch_all(_OF_ACCOUNT, {"account": account_id})]


async def insert_identity(tx: Tx, new: Identity) -> None:
    """Let an account sign in with this; raises ConstraintViolated when somebody does already."""
    await tx.execute(_INSERT, new._asdict())


async def mark_identity_used(tx: Tx, used: Identity, *, label: str, now: datetime) -> None:
    """Somebody has signed in with this, and is called so there now."""
    values = {**_this(used.kind, used.issuer, used.subject), "moment": now, "new_label": label}
    await tx.execute(_USED, values)


async def move_identities(tx: Tx, *, account_id: int, to: int) -> int:
    """Give everything that one account signs in with to another; how many."""
    return await tx.execute(_MOVE, {"account": account_id, "new_account": to})


async def delete_identity(tx: Tx, gone: Identity) -> bool:
    """Sign in with this no more; whether it was still there and its account's."""
    values = {**_this(gone.kind, gone.issuer, gone.subject), "account": gone.account_id}
    return await tx.execute(_DELETE, values) > 0
