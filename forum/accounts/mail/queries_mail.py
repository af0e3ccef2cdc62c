"""Statements about mail that waits to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from forum.accounts.tables import mail
from forum.db import Prepared, Tx


class Mail(NamedTuple):
    """Mail that waits, with fields in the order of the columns. `data` is JSON of its kind."""

    id: int
    kind: str
    address: str
    account_id: int | None
    locale: str
    data: str
    created_at: datetime


_INSERT = Prepared(insert(mail))
_FIND = Prepared(select(*(mail.c[name] for name in Mail._fields)).where(mail.c.id == bindparam("mail")))
_DELETE = Prepared(delete(mail).where(mail.c.id == bindparam("mail")))
_DELETE_OLD = Prepared(delete(mail).where(mail.c.created_at < bindparam("before", type_=mail.c.created_at.type)))


async def insert_mail(tx: Tx, new: Mail) -> None:
    """Keep a mail until it is sent."""
    await tx.execute(_INSERT, new._asdict())


async def find_mail(tx: Tx, mail_id: int) -> Mail | None:
    """A mail that waits; None once it was sent or given up."""
    row = await tx.fetch_one(_FIND, {"mail": mail_id})
    return None if row is None else Mail._make(row)


async def delete_mail(tx: Tx, mail_id: int) -> None:
    """Forget a mail."""
    await tx.execute(_DELETE, {"mail": mail_id})


async def forget_mail(tx: Tx, *, before: datetime) -> int:
    """Drop what nobody tries to send any more; how many there were."""
    return await tx.execute(_DELETE_OLD, {"before": before})
