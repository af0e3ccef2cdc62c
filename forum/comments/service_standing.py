"""What moderators have said to somebody: the sanctions in force on a site, and warnings that are to be read."""

from __future__ import annotations

from forum.comments.review import queries_people as sanctions
from forum.comments.review.model import SanctionRow
from forum.comments.service import authors_of
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import NotFound
from forum.runtime import Runtime

NO_WARNING = N_("There is no such warning for you.")


async def list_standing(rt: Runtime, visitor: Visitor, site_id: int) -> list[SanctionRow]:
    """What counts for a visitor on a site now, as an account and as the guest this browser was; the latest first."""
    now = rt.clock.now()
    async with rt.db.read(fresh=True) as tx:
        authors = await authors_of(tx, site_id, visitor, now)
        return await sanctions.list_in_force(tx, site_id=site_id, authors=authors, now=now)


async def acknowledge(rt: Runtime, visitor: Visitor, site_id: int, sanction_id: int) -> None:
    """Somebody says that they have read a warning. It can be repeated. Raises NotFound for one that is not theirs."""
    now = rt.clock.now()

    async def work(tx: Tx) -> None:
        authors = await authors_of(tx, site_id, visitor, now)
        row = await sanctions.find_sanction_locked(tx, site_id=site_id, sanction_id=sanction_id)
        if row is None or row.author_id not in authors:
            raise NotFound(detail=NO_WARNING)
        await sanctions.mark_seen(tx, site_id=site_id, sanction_id=row.id, authors=authors, now=now)

    await rt.db.write(work)
