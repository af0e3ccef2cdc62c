"""Statements about what a site's spam filter has learned."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from forum.comments.screening.tables import spam_model
from forum.db import Prepared, Tx

_FIND = Prepared(
    select(spam_model.c.weights, spam_model.c.record, spam_model.c.learned_to).where(
        spam_model.c.site_id == bindparam("site")
    )
)
_insert = insert(spam_model)
# Of two that learn the same at once one comes too late, and leaves it.
_PUT = Prepared(
    _insert.on_conflict_do_update(
        index_elements=("site_id",),
        set_={name: _insert.excluded[name] for name in ("weights", "record", "learned_to", "updated_at")},
        where=spam_model.c.learned_to == bindparam("seen"),
    )
)


class Learned(NamedTuple):
    """What is stored of a filter: its weights and its record (see `spam` and `spam_record`), and the last decision
    that it has learned from."""

    weights: bytes
    record: str
    learned_to: int


def spam_tag(site_id: int) -> str:
    """Touched when a site's filter has learned."""
    return f"spam:{site_id}"


async def find_learned(tx: Tx, *, site_id: int) -> Learned | None:
    """What a site's filter knows, None when it was never taught."""
    row = await tx.fetch_one(_FIND, {"site": site_id})
    return None if row is None else Learned(bytes(row.weights), row.record, row.learned_to)


async def put_learned(tx: Tx, *, site_id: int, new: Learned, seen: int, now: datetime) -> bool:
    """Store what a filter knows now; False when somebody else has taught it since it had learned up to `seen`."""
    values = {"site_id": site_id, **new._asdict(), "updated_at": now, "seen": seen}
    if await tx.execute(_PUT, values) != 1:
        return False
    tx.touch(spam_tag(site_id))
    return True
