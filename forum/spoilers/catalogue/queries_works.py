"""Statements for lists of works: one row for each, without their parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Integer, bindparam, func, select, tuple_

from forum.db import Prepared, Row, Tx
from forum.spoilers.model import Kind
from forum.spoilers.tables import franchise, unit, work


@dataclass(frozen=True, slots=True)
class Entry:
    """A work in a list: `franchise` by its title, `units` how many parts it has, branch units included."""

    id: str
    title: str
    kind: Kind
    franchise: str | None
    units: int


_UNITS = select(func.count()).where(unit.c.work_id == work.c.id).correlate(work).scalar_subquery()
_ENTRIES = select(work.c.id, work.c.title, work.c.kind, franchise.c.title.label("franchise"), _UNITS.label("units"))
_SOURCE = work.outerjoin(franchise, franchise.c.id == work.c.franchise_id)
_MARK = work.alias("mark")
_MOST = bindparam("most", type_=Integer())
_FIRST = Prepared(_ENTRIES.select_from(_SOURCE).order_by(work.c.norm, work.c.id).limit(_MOST))
_AFTER = Prepared(
    _ENTRIES.select_from(
        _SOURCE.join(_MARK, tuple_(work.c.norm, work.c.id) > tuple_(_MARK.c.norm, _MARK.c.id)),
    )
    .where(_MARK.c.id == bindparam("after"))
    .order_by(work.c.norm, work.c.id)
    .limit(_MOST)
)
_THESE = Prepared(_ENTRIES.select_from(_SOURCE).where(work.c.id.in_(bindparam("ids", expanding=True))))
_FRANCHISES = Prepared(select(franchise.c.id, franchise.c.title).order_by(franchise.c.title, franchise.c.id))


async def list_entries(tx: Tx, *, after: str | None, most: int) -> list[Entry]:
    """Works by title, those behind the work `after` (an id; unknown: none)."""
    values = {"most": most}
    rows = (
        await tx.fetch_all(_FIRST, values) if after is None else await tx.fetch_all(_AFTER, {**values, "after": after})
    )
    return [_entry(row) for row in rows]


async def find_entries(tx: Tx, ids: Iterable[str]) -> dict[str, Entry]:
    """Those of these works that there are, by id."""
    return {row.id: _entry(row) for row in await tx.fetch_all(_THESE, {"ids": sorted(set(ids))})}


async def list_franchises(tx: Tx) -> list[tuple[str, str]]:
    """Every franchise by title: (id, title)."""
    return [(row.id, row.title) for row in await tx.fetch_all(_FRANCHISES)]


def _entry(row: Row) -> Entry:
    return Entry(row.id, row.title, Kind(row.kind), row.franchise, row.units)
