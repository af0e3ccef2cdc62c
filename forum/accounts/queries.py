"""Every statement about guests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from forum.accounts.model import Guest
from forum.accounts.tables import guest
from forum.core.capability import hash_token
from forum.db import Prepared, Tx

_BY_TOKEN = Prepared(
    select(guest.c.site_id, guest.c.id).where(
        guest.c.site_id == bindparam("site"), guest.c.token_hash == bindparam("token_hash")
    )
)
_INSERT = Prepared(insert(guest).on_conflict_do_nothing().returning(guest.c.id))


async def find_guest(tx: Tx, *, site_id: int, token: str) -> Guest | None:
    """The guest of a site who holds this capability."""
    row = await tx.fetch_one(_BY_TOKEN, {"site": site_id, "token_hash": hash_token(token)})
    return None if row is None else Guest(row.site_id, row.id)


async def insert_guest(tx: Tx, new: Guest, *, token: str, now: datetime) -> bool:
    """Remember a new guest; False when this capability belongs to one already."""
    values = {"site_id": new.site_id, "id": new.id, "token_hash": hash_token(token), "created_at": now}
    return await tx.fetch_one(_INSERT, values) is not None
