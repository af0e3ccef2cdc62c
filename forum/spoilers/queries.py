"""Statements that read the catalogue, and those about scopes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Integer, String, and_, bindparam, case, func, select, true, union_all
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from forum.core.text import neutralise
from forum.db import Prepared, Row, Tx
from forum.spoilers.gazetteer import Named
from forum.spoilers.model import SCOPES_TAG, UNSPEC, Group, Kind, Point, Relation, Scope, Unit, Work
from forum.spoilers.names import normalise
from forum.spoilers.tables import (
    catalogue,
    scope,
    scope_point,
    unit,
    unit_group,
    work,
    work_alias,
    work_relation,
)

# How many ids one list of a statement takes.
BATCH: Final = 500
_IDS: Any = bindparam("ids", expanding=True)
_UNIT_COLUMNS = (unit.c.id, unit.c.work_id, unit.c.code, unit.c.ord, unit.c.group_code, unit.c.title, unit.c.released)
# A branch unit stands behind the chain; the engines do not agree on where NULL sorts.
_IN_CHAIN = (unit.c.work_id, case((unit.c.ord.is_(None), 1), else_=0), unit.c.ord, unit.c.code)

_WORKS = Prepared(
    select(work.c.id, work.c.franchise_id, work.c.kind, work.c.title, work.c.origin).where(work.c.id.in_(_IDS))
)
_ALIASES = Prepared(
    select(work_alias.c.work_id, work_alias.c.display)
    .where(work_alias.c.work_id.in_(_IDS))
    .order_by(work_alias.c.work_id, work_alias.c.norm)
)
_UNITS = Prepared(select(*_UNIT_COLUMNS, unit.c.ext).where(unit.c.work_id.in_(_IDS)).order_by(*_IN_CHAIN))
_GROUPS = Prepared(
    select(unit_group).where(unit_group.c.work_id.in_(_IDS)).order_by(unit_group.c.work_id, unit_group.c.seq)
)
_RELATIONS = Prepared(
    select(work_relation)
    .where(work_relation.c.work_id.in_(_IDS))
    .order_by(work_relation.c.work_id, work_relation.c.rel, work_relation.c.other_id)
)
# With the revision in every row, and a row even where there is no work: one statement, one state of things.
_NAMES = Prepared(
    select(catalogue.c.revision, work.c.id, work.c.kind, work.c.title, work.c.franchise_id, work_alias.c.display)
    .select_from(catalogue.outerjoin(work, true()).outerjoin(work_alias, work_alias.c.work_id == work.c.id))
    .order_by(work.c.id, work_alias.c.norm)
)
_NAME = union_all(
    select(work.c.id.label("work_id"), work.c.norm), select(work_alias.c.work_id, work_alias.c.norm)
).subquery("name")
_WHOLE = bindparam("whole", type_=String())
_BEGINS = _NAME.c.norm.like(bindparam("begins", type_=String()), escape="\\")
_INSIDE = _NAME.c.norm.like(bindparam("inside", type_=String()), escape="\\")
_RANK = func.min(case((_NAME.c.norm == _WHOLE, 0), (_BEGINS, 1), else_=2))
_SEARCH = Prepared(
    select(work.c.id)
    .select_from(_NAME.join(work, work.c.id == _NAME.c.work_id))
    .where(_INSIDE)
    .group_by(work.c.id, work.c.norm)
    .order_by(_RANK, work.c.norm, work.c.id)
    .limit(bindparam("most", type_=Integer()))
)
_POINTS = (
    select(
        scope.c.id.label("scope_id"),
        scope_point.c.seq,
        scope_point.c.work_id.label("point_work_id"),
        scope_point.c.group_code.label("open_group"),
        *_UNIT_COLUMNS,
    )
    .select_from(
        scope.outerjoin(scope_point, scope_point.c.scope_id == scope.c.id).outerjoin(
            unit, and_(unit.c.id == scope_point.c.unit_id, unit.c.work_id == scope_point.c.work_id)
        )
    )
    .order_by(scope.c.id, scope_point.c.seq)
)
_SCOPES = Prepared(_POINTS)
_BY_CANON = Prepared(_POINTS.where(scope.c.canon == bindparam("canon")))
_INSERT_SCOPE = Prepared(insert(scope).on_conflict_do_nothing().returning(scope.c.id))
_INSERT_POINT = Prepared(plain_insert(scope_point))


def unit_of(row: Row) -> Unit:
    """A row with the columns of a unit as one; `ext` only where it was asked for."""
    ext = orjson.loads(row.ext) if hasattr(row, "ext") else {}
    return Unit(row.id, row.work_id, row.code, row.ord, row.group_code, row.title, releases_of(row.released), ext)


def releases_of(stored: str) -> Mapping[str, datetime]:
    """When a unit came out, by region, as it is stored. A date without a time is its first moment in UTC."""
    return {region: _moment(text) for region, text in orjson.loads(stored).items()}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


async def list_names(tx: Tx) -> tuple[int, list[Named]]:
    """The catalogue's revision, and all works with their names, in the order of their ids."""
    rows = await tx.fetch_all(_NAMES)
    aliases: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.display is not None:
            aliases[row.id].append(row.display)
    named = {
        row.id: Named(row.id, Kind(row.kind), row.title, row.franchise_id, tuple(aliases.get(row.id, ())))
        for row in rows
        if row.id is not None
    }
    return (rows[0].revision if rows else 0), list(named.values())


async def find_works(tx: Tx, ids: Iterable[str]) -> list[Work]:
    """The works with these ids that there are, whole, in the order of their ids: five statements for any number."""
    wanted = sorted(set(ids))
    found: list[Work] = []
    for first in range(0, len(wanted), BATCH):
        found += await _find_batch(tx, wanted[first : first + BATCH])
    return found


async def _find_batch(tx: Tx, ids: Sequence[str]) -> list[Work]:
    rows = {row.id: row for row in await tx.fetch_all(_WORKS, {"ids": ids})}
    if not rows:
        return []
    these = {"ids": sorted(rows)}
    aliases, units, groups, relations = [
        _by_work(await tx.fetch_all(statement, these)) for statement in (_ALIASES, _UNITS, _GROUPS, _RELATIONS)
    ]
    return [
        Work(
            id=key,
            kind=Kind(rows[key].kind),
            title=rows[key].title,
            franchise=rows[key].franchise_id,
            aliases=tuple(row.display for row in aliases[key]),
            units=tuple(unit_of(row) for row in units[key]),
            groups=tuple(Group(row.code, row.title, row.expected, row.complete) for row in groups[key]),
            relations=tuple((Relation(row.rel), row.other_id) for row in relations[key]),
            origin=orjson.loads(rows[key].origin),
        )
        for key in these["ids"]
    ]


def _by_work(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.work_id].append(row)
    return found


async def search_works(tx: Tx, text: str, *, most: int) -> list[Work]:
    """Works with a name that contains `text`: those called so first, then those that begin with it, then by title."""
    norm = normalise(neutralise(text))
    if not norm:
        return []
    escaped = norm.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {"whole": norm, "begins": f"{escaped}%", "inside": f"%{escaped}%", "most": most}
    ids = [row.id for row in await tx.fetch_all(_SEARCH, values)]
    works = {found.id: found for found in await find_works(tx, ids)}
    return [works[key] for key in ids if key in works]


async def list_scopes(tx: Tx) -> dict[int, Scope]:
    """Every scope by its id."""
    return _scopes(await tx.fetch_all(_SCOPES))


async def find_scope(tx: Tx, canon: str) -> tuple[int, Scope] | None:
    """The scope that was interned under `canon`, and what it means by now: its points may have been pinned since."""
    found = _scopes(await tx.fetch_all(_BY_CANON, {"canon": canon}))
    return next(iter(found.items()), None)


async def insert_scope(tx: Tx, scope_id: int, canon: str, new: Scope) -> bool:
    """Add a scope under `canon`; False when somebody else was first, who is then the one to go by."""
    if await tx.fetch_one(_INSERT_SCOPE, {"id": scope_id, "canon": canon}) is None:
        return False
    for seq, point in enumerate(new.in_order):
        values: dict[str, Any] = {"scope_id": scope_id, "seq": seq, "work_id": point.work}
        values |= {"unit_id": point.unit.id if point.unit else None, "group_code": point.group}
        await tx.execute(_INSERT_POINT, values)
    tx.touch(SCOPES_TAG)
    return True


def _scopes(rows: Iterable[Row]) -> dict[int, Scope]:
    points: dict[int, list[Point]] = defaultdict(list)
    units: dict[int, Unit] = {}
    for row in rows:
        points[row.scope_id].append(_point(row, units))
    return {scope_id: Scope.of(found) for scope_id, found in points.items()}


def _point(row: Row, units: dict[int, Unit]) -> Point:
    """A row as a point. A scope without points, which nobody writes, is one that nobody can name."""
    if row.point_work_id is None:
        return UNSPEC
    if row.id is None:
        return Point(row.point_work_id, None, row.open_group)
    if row.id not in units:
        units[row.id] = unit_of(row)
    return Point(row.point_work_id, units[row.id])
