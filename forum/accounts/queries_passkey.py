"""Statements about passkeys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from forum.accounts.model import Passkey
from forum.accounts.tables import passkey
from forum.db import Prepared, Tx

_MOST_ID = 1400  # the column
_COLUMNS = tuple(passkey.c[name] for name in Passkey._fields)
_OWN = (passkey.c.id == bindparam("wanted"), passkey.c.account_id == bindparam("account"))
_FIND = Prepared(select(*_COLUMNS).where(passkey.c.id == bindparam("wanted")))
_OF_ACCOUNT = Prepared(
    select(*_COLUMNS).where(passkey.c.account_id == bindparam("account")).order_by(passkey.c.created_at, passkey.c.id)
)
_INSERT = Prepared(insert(passkey))
_USED = Prepared(
    update(passkey)
    .where(passkey.c.id == bindparam("wanted"), passkey.c.sign_count == bindparam("seen_count"))
    .values(
        sign_count=bindparam("new_count"),
        backed_up=bindparam("new_backed_up"),
        used_at=bindparam("moment", type_=passkey.c.used_at.type),
    )
)
_RENAME = Prepared(update(passkey).where(*_OWN).values(name=bindparam("new_name")))
_DELETE = Prepared(delete(passkey).where(*_OWN))


def _can_be(passkey_id: str) -> bool:
    # Ids come from addresses and from browsers; PostgreSQL refuses some characters.
    return len(passkey_id) <= _MOST_ID and passkey_id.isprintable()


async def find_passkey(tx: Tx, passkey_id: str) -> Passkey | None:
    """The passkey with this id, whoever signs in with it."""
    row = await tx.fetch_one(_FIND, {"wanted": passkey_id}) if _can_be(passkey_id) else None
    return None if row is None else Passkey._make(row)


async def list_passkeys(tx: Tx, account_id: int) -> list[Passkey]:
    """An account's passkeys, oldest first."""
    return [Passkey._make(row) for row in await tx.fetch_all(_OF_ACCOUNT, {"account": account_id})]


async def insert_passkey(tx: Tx, new: Passkey) -> None:
    """Let an account sign in with this; raises ConstraintViolated when the passkey is there already."""
    await tx.execute(_INSERT, new._asdict())


async def mark_passkey_used(tx: Tx, used: Passkey, *, sign_count: int, backed_up: bool, now: datetime) -> bool:
    """Somebody signs in with a passkey, whose counter says `sign_count` by now. False when it has changed since
    `used` was read: of two who try at once, one gets through."""
    values = {"wanted": used.id, "seen_count": used.sign_count, "new_count": sign_count}
    return await tx.execute(_USED, {**values, "new_backed_up": backed_up, "moment": now}) > 0


async def rename_passkey(tx: Tx, *, account_id: int, passkey_id: str, name: str) -> bool:
    """Call one of an account's passkeys something else; whether it is there."""
    values = {"wanted": passkey_id, "account": account_id, "new_name": name}
    return _can_be(passkey_id) and await tx.execute(_RENAME, values) > 0


async def delete_passkey(tx: Tx, *, account_id: int, passkey_id: str) -> bool:
    """Sign in with one of an account's passkeys no more; whether it was there."""
    return _can_be(passkey_id) and await tx.execute(_DELETE, {"wanted": passkey_id, "account": account_id}) > 0
