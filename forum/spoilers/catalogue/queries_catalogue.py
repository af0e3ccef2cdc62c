"""Statements that change the catalogue, and those that have to be asked before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import bindparam, delete, insert, select, union_all, update

from forum.db import Prepared, Tx
from forum.spoilers.catalogue.differences import Merge, Pin, named
from forum.spoilers.catalogue.matching import Entry
from forum.spoilers.catalogue.pinning import OpenPoint
from forum.spoilers.model import CATALOGUE_TAG, SCOPES_TAG, Unit, Work
from forum.spoilers.names import normalise
from forum.spoilers.tables import (
    catalogue,
    franchise,
    scope_point,
    unit,
    unit_group,
    work,
    work_alias,
    work_relation,
)

# How many ids or names one list of a statement takes.
BATCH: Final = 500
_IDS: Any = bindparam("ids", expanding=True)
_LOCK = Prepared(select(catalogue.c.revision).with_for_update())
_BUMP = Prepared(update(catalogue).values(revision=catalogue.c.revision + 1))
_ENTRIES = Prepared(select(work.c.id, work.c.origin).order_by(work.c.id))
_NORMS: Any = bindparam("norms", expanding=True)
_MEANT = Prepared(
    union_all(
        select(work.c.id, work.c.norm).where(work.c.norm.in_(_NORMS)),
        select(work_alias.c.work_id, work_alias.c.norm).where(work_alias.c.norm.in_(_NORMS)),
    )
)
_REFERENCED = Prepared(
    select(scope_point.c.unit_id).distinct().where(scope_point.c.work_id.in_(_IDS), scope_point.c.unit_id.is_not(None))
)
_OPEN = Prepared(
    select(scope_point.c.scope_id, scope_point.c.seq, scope_point.c.work_id, scope_point.c.group_code)
    .where(scope_point.c.work_id.in_(_IDS), scope_point.c.unit_id.is_(None))
    .order_by(scope_point.c.scope_id, scope_point.c.seq)
)
_INSERT_FRANCHISE = Prepared(insert(franchise))
_RENAME_FRANCHISE = Prepared(
    update(franchise)
    .where(franchise.c.id == bindparam("key"))
    .values(title=bindparam("new_title", type_=franchise.c.title.type))
)


def _new(table: Any, *names: str) -> dict[Any, Any]:
    """The values of an update, whose parameters must not be called like columns."""
    return {table.c[name]: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}


_WORK_COLUMNS: Final = ("franchise_id", "kind", "title", "norm", "origin")
_UNIT_COLUMNS: Final = ("code", "ord", "group_code", "title", "released", "ext")
_INSERT_WORK = Prepared(insert(work))
_UPDATE_WORK = Prepared(update(work).where(work.c.id == bindparam("key")).values(_new(work, *_WORK_COLUMNS)))
_INSERT_ALIAS = Prepared(insert(work_alias))
_INSERT_GROUP = Prepared(insert(unit_group))
_INSERT_RELATION = Prepared(insert(work_relation))
_CLEAR_ALIASES = Prepared(delete(work_alias).where(work_alias.c.work_id == bindparam("key")))
_CLEAR_GROUPS = Prepared(delete(unit_group).where(unit_group.c.work_id == bindparam("key")))
_CLEAR_RELATIONS = Prepared(delete(work_relation).where(work_relation.c.work_id == bindparam("key")))
_INSERT_UNIT = Prepared(insert(unit))
_UPDATE_UNIT = Prepared(update(unit).where(unit.c.id == bindparam("key")).values(_new(unit, *_UNIT_COLUMNS)))
_PARK_UNIT = Prepared(
    update(unit).where(unit.c.id == bindparam("key")).values({**_new(unit, "code"), unit.c.ord: None})
)
_DELETE_UNIT = Prepared(delete(unit).where(unit.c.id == bindparam("key")))
_PIN = Prepared(
    update(scope_point)
    .where(scope_point.c.scope_id == bindparam("key"), scope_point.c.seq == bindparam("place"))
    .values({**_new(scope_point, "unit_id"), scope_point.c.group_code: None})
)
_REPOINT = Prepared(
    update(scope_point)
    .where(scope_point.c.unit_id == bindparam("key"))
    .values(_new(scope_point, "unit_id", "group_code"))
)


async def lock_catalogue(tx: Tx) -> None:
    """Wait until nobody else is changing the catalogue; it is ours until the end of the transaction."""
    await tx.fetch_all(_LOCK)


async def bump_revision(tx: Tx) -> None:
    """Say that the catalogue has changed, and with it what scopes are called and mean."""
    await tx.execute(_BUMP)
    tx.touch(CATALOGUE_TAG, SCOPES_TAG)


async def list_origins(tx: Tx) -> list[Entry]:
    """Every work and what it is called elsewhere."""
    return [Entry(row.id, orjson.loads(row.origin)) for row in await tx.fetch_all(_ENTRIES)]


async def works_called(tx: Tx, norms: Iterable[str]) -> dict[str, frozenset[str]]:
    """The ids of the works that each of these compared names means, by title or alias."""
    found: dict[str, set[str]] = {}
    for batch in _batches(norms):
        for row in await tx.fetch_all(_MEANT, {"norms": batch}):
            found.setdefault(row.norm, set()).add(row.id)
    return {norm: frozenset(ids) for norm, ids in found.items()}


async def list_referenced(tx: Tx, work_ids: Iterable[str]) -> frozenset[int]:
    """The ids of these works' units that a scope points at."""
    rows = [row for batch in _batches(work_ids) for row in await tx.fetch_all(_REFERENCED, {"ids": batch})]
    return frozenset(row.unit_id for row in rows)


async def list_open_points(tx: Tx, work_ids: Iterable[str]) -> tuple[OpenPoint, ...]:
    """The points of scopes that name one of these works and no unit."""
    rows = [row for batch in _batches(work_ids) for row in await tx.fetch_all(_OPEN, {"ids": batch})]
    return tuple(OpenPoint(row.scope_id, row.seq, row.work_id, row.group_code) for row in rows)


async def store_franchises(tx: Tx, known: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Add these franchises, or give them these titles."""
    for key, title in wanted.items():
        if key not in known:
            await tx.execute(_INSERT_FRANCHISE, {"id": key, "title": title})
        elif known[key] != title:
            await tx.execute(_RENAME_FRANCHISE, {"key": key, "new_title": title})


async def repoint(tx: Tx, merges: Iterable[Merge]) -> None:
    """Let scopes point at what takes a unit's place; without one, at the open end of its group."""
    for merge in merges:
        group = merge.group if merge.into is None else None
        await tx.execute(_REPOINT, {"key": merge.unit_id, "new_unit_id": merge.into, "new_group_code": group})


async def pin(tx: Tx, pins: Iterable[Pin]) -> None:
    """Give open points their ends."""
    for one in pins:
        await tx.execute(_PIN, {"key": one.scope_id, "place": one.seq, "new_unit_id": one.unit_id})


async def store_work(tx: Tx, before: Work | None, after: Work) -> None:
    """Make the one work of the other. No scope may point at a unit that goes: see `repoint`."""
    values = {
        "franchise_id": after.franchise,
        "kind": after.kind.value,
        "title": after.title,
        "norm": normalise(after.title),
        "origin": _json(after.origin),
    }
    if before is None:
        await tx.execute(_INSERT_WORK, {"id": after.id, **values})
    else:
        await tx.execute(_UPDATE_WORK, {"key": after.id, **_prefixed(values)})
        for statement in (_CLEAR_ALIASES, _CLEAR_GROUPS, _CLEAR_RELATIONS):
            await tx.execute(statement, {"key": after.id})
    for norm, display in named(after).items():
        await tx.execute(_INSERT_ALIAS, {"work_id": after.id, "norm": norm, "display": display})
    for seq, group in enumerate(after.groups):
        place = {"work_id": after.id, "code": group.code, "seq": seq, "title": group.title}
        await tx.execute(_INSERT_GROUP, {**place, "expected": group.expected, "complete": group.complete})
    for rel, other in after.relations:
        await tx.execute(_INSERT_RELATION, {"work_id": after.id, "rel": rel.value, "other_id": other})
    await _store_units(tx, before.units if before else (), after.units)


async def _store_units(tx: Tx, before: Sequence[Unit], after: Sequence[Unit]) -> None:
    old = {one.id: _unit_values(one) for one in before}
    new = {one.id: _unit_values(one) for one in after}
    changed = [key for key in new if key in old and new[key] != old[key]]
    for key in old.keys() - new.keys():
        await tx.execute(_DELETE_UNIT, {"key": key})
    # Codes and places are unique at every moment: who changes one leaves it first. No code holds a colon.
    for key in changed:
        if (new[key]["code"], new[key]["ord"]) != (old[key]["code"], old[key]["ord"]):
            await tx.execute(_PARK_UNIT, {"key": key, "new_code": f":{key}"})
    for key in changed:
        await tx.execute(_UPDATE_UNIT, {"key": key, **_prefixed(new[key])})
    for one in after:
        if one.id not in old:
            await tx.execute(_INSERT_UNIT, {"id": one.id, "work_id": one.work_id, **new[one.id]})


def _unit_values(one: Unit) -> dict[str, Any]:
    return {
        "code": one.code,
        "ord": one.ord,
        "group_code": one.group,
        "title": one.title,
        "released": _json(one.released, _written),
        "ext": _json(one.ext),
    }


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _json(values: Mapping[str, Any], written: Callable[[Any], str] = str) -> str:
    return orjson.dumps({key: written(value) for key, value in values.items()}, option=orjson.OPT_SORT_KEYS).decode()


def _prefixed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in values.items()}


def _batches(items: Iterable[str]) -> Iterator[list[str]]:
    everything = sorted(set(items))
    return (everything[first : first + BATCH] for first in range(0, len(everything), BATCH))
