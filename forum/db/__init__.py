"""The data layer: the only package that knows `databases`, the two engines and their differences.

stmt = Prepared(select(site.c.name).where(site.c.id == bindparam("id")))

async with db.read() as tx:
    row = await tx.fetch_one(stmt, {"id": 7})

async def work(tx: Tx) -> int: ...
result = await db.write(work)
"""

from __future__ import annotations

from forum.db.database import Database, open_database
from forum.db.errors import ConstraintViolated
from forum.db.metadata import metadata
from forum.db.statements import Prepared, Row
from forum.db.tx import Tx
from forum.db.types import UtcDateTime

__all__ = ["ConstraintViolated", "Database", "Prepared", "Row", "Tx", "UtcDateTime", "metadata", "open_database"]
