"""Works put straight into the catalogue, for tests of what is built on it rather than of how it is filled."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, insert, update

from forum.db import Prepared, Tx
from forum.runtime import Runtime
from forum.spoilers.model import CATALOGUE_TAG, Group, Kind, Unit, Work
from forum.spoilers.names import normalise
from forum.spoilers.tables import catalogue, unit, unit_group, work, work_alias

PREMIERE: Final = datetime(2015, 11, 20, 8, tzinfo=UTC)

_WORK: Final = Prepared(insert(work))
_ALIAS: Final = Prepared(insert(work_alias))
_UNIT: Final = Prepared(insert(unit))
_GROUP: Final = Prepared(insert(unit_group))
_RENAME: Final = Prepared(update(unit).where(unit.c.id == bindparam("wanted")).values(code=bindparam("new_code")))
_BUMP: Final = Prepared(update(catalogue).values(revision=catalogue.c.revision + 1))


def a_series(rt: Runtime, work_id: str, *, seasons: tuple[int, ...] = (13,), first: datetime = PREMIERE) -> Work:
    """A series of complete seasons, each a year after the one before; its title is its id in words."""
    units = [
        Unit(rt.ids.next(), work_id, f"S{s}E{e}", 1_000 * s + e, f"S{s}", released={"*": _year(first, s)})
        for s, length in enumerate(seasons, 1)
        for e in range(1, length + 1)
    ]
    groups = [Group(f"S{s}", expected=length, complete=True) for s, length in enumerate(seasons, 1)]
    title = work_id.replace("-", " ").title()
    return Work(work_id, Kind.TV, title, units=tuple(units), groups=tuple(groups))


def _year(first: datetime, season: int) -> datetime:
    return first + timedelta(days=365 * (season - 1))


async def shelve(rt: Runtime, *works: Work) -> None:
    """Put works into the catalogue."""

    async def write(tx: Tx) -> None:
        for new in works:
            await _shelve(tx, new)
        await _changed(tx)

    await rt.db.write(write)


async def _shelve(tx: Tx, new: Work) -> None:
    values: dict[str, Any] = {"id": new.id, "franchise_id": new.franchise, "kind": new.kind.value, "title": new.title}
    await tx.execute(_WORK, {**values, "norm": normalise(new.title), "origin": json.dumps(dict(new.origin))})
    for alias in new.aliases:
        await tx.execute(_ALIAS, {"work_id": new.id, "norm": normalise(alias), "display": alias})
    for part in new.units:
        values = {"id": part.id, "work_id": new.id, "code": part.code, "ord": part.ord, "group_code": part.group}
        released = json.dumps({region: moment.isoformat() for region, moment in part.released.items()})
        await tx.execute(_UNIT, {**values, "title": part.title, "released": released, "ext": "{}"})
    for seq, group in enumerate(new.groups):
        values = {"work_id": new.id, "code": group.code, "seq": seq, "title": group.title}
        await tx.execute(_GROUP, {**values, "expected": group.expected, "complete": group.complete})


async def rename_unit(rt: Runtime, unit_id: int, code: str) -> None:
    """Give a unit another number, as a catalogue that is corrected does."""

    async def write(tx: Tx) -> None:
        await tx.execute(_RENAME, {"wanted": unit_id, "new_code": code})
        await _changed(tx)

    await rt.db.write(write)


async def _changed(tx: Tx) -> None:
    await tx.execute(_BUMP)
    tx.touch(CATALOGUE_TAG)
