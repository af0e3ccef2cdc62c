"""Statements about publishers' tokens that were used."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from forum.accounts.tables import sso_token
from forum.db import Prepared, Tx

_USE = Prepared(insert(sso_token).on_conflict_do_nothing().returning(sso_token.c.site_id))
_DELETE_OLD = Prepared(
    delete(sso_token).where(sso_token.c.expires_at < bindparam("before", type_=sso_token.c.expires_at.type))
)


async def use_token(tx: Tx, *, site_id: int, jti: str, expires_at: datetime) -> bool:
    """Note that a token was used; False when it had been before. Of two at once, one waits for the other."""
    values = {"site_id": site_id, "jti_hash": hashlib.sha256(jti.encode()).hexdigest(), "expires_at": expires_at}
    return await tx.fetch_one(_USE, values) is not None


async def forget_tokens(tx: Tx, *, before: datetime) -> int:
    """Drop what could not be used again anyhow; how many there were."""
    return await tx.execute(_DELETE_OLD, {"before": before})
