"""Changing the catalogue in the database: idempotent, all or nothing, and scopes keep meaning what they meant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select

from forum.core.clock import FixedClock
from forum.core.ids import IdMaker
from forum.db import Prepared, Tx, open_database
from forum.errors import Conflict, NotFound
from forum.outbox.queries import TAG as OUTBOX_TAG
from forum.spoilers import queries
from forum.spoilers.catalogue.differences import Collision
from forum.spoilers.catalogue.drafts import Catalogue, CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.catalogue.service_catalogue import Tools, import_works, save_work
from forum.spoilers.model import CATALOGUE_TAG, OPEN_CODE, SCOPES_TAG, Group, Kind, Relation, Work
from forum.spoilers.tables import scope, scope_point, unit, work_alias

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_SCOPE = Prepared(insert(scope))
_POINT = Prepared(insert(scope_point))
_ALIASES = Prepared(select(work_alias).order_by(work_alias.c.work_id, work_alias.c.norm))
_UNITS = Prepared(select(unit.c.id, unit.c.code, unit.c.ord, unit.c.released).order_by(unit.c.ord))
_POINTS = Prepared(
    select(scope_point.c.seq, unit.c.code, scope_point.c.group_code)
    .select_from(scope_point.outerjoin(unit, unit.c.id == scope_point.c.unit_id))
    .where(scope_point.c.scope_id == bindparam("key"))
    .order_by(scope_point.c.seq)
)


class Shop:
    """A catalogue with those who change it."""

    def __init__(self, tools: Tools, clock: FixedClock) -> None:
        self.tools = tools
        self.clock = clock
        self.touched: set[str] = set()
        tools.db.on_change(self.touched.update)

    async def work(self, key: str) -> Work:
        async with self.tools.db.read(fresh=True) as tx:
            (found,) = await queries.find_works(tx, [key])
        return found

    async def revision(self) -> int:
        async with self.tools.db.read(fresh=True) as tx:
            revision, _ = await queries.list_names(tx)
            return revision

    async def rows(self, statement: Prepared, **values: Any) -> list[tuple[Any, ...]]:
        async with self.tools.db.read(fresh=True) as tx:
            return [tuple(row) for row in await tx.fetch_all(statement, values)]

    async def point_at(self, work_id: str, *codes: str) -> int:
        """A scope with a point for each code; "*S1" is the open end of a group, "*" of the work."""
        work, scope_id = await self.work(work_id), self.tools.ids.next()

        async def write(tx: Tx) -> None:
            await tx.execute(_SCOPE, {"id": scope_id, "canon": f"{work_id}:{codes} {scope_id}"})
            for seq, code in enumerate(codes):
                found = None if code.startswith(OPEN_CODE) else work.unit(code)
                values = {"scope_id": scope_id, "seq": seq, "work_id": work_id, "unit_id": found.id if found else None}
                group = code.removeprefix(OPEN_CODE) or None
                await tx.execute(_POINT, {**values, "group_code": None if found else group})

        await self.tools.db.write(write)
        return scope_id

    async def points(self, scope_id: int) -> list[tuple[Any, ...]]:
        """What a scope points at: (code, open group)."""
        return [(code, group) for _, code, group in await self.rows(_POINTS, key=scope_id)]


@pytest.fixture
async def shop(engine_url: str) -> AsyncIterator[Shop]:
    clock = FixedClock(NOW)
    async with open_database(engine_url) as db:
        yield Shop(Tools(db, IdMaker(clock)), clock)


def season(length: int, *, number: int = 1, first: datetime | None = None, **fields: Any) -> DraftWork:
    released = {"*": first} if first else {}
    units = tuple(
        DraftUnit(f"S{number}E{n}", f"S{number}", released=released, ext={"tvmaze": f"{number}{n:02}"})
        for n in range(1, length + 1)
    )
    return DraftWork(**{"id": "jj", "kind": Kind.TV, "title": "Jessica Jones", "units": units, **fields})


async def test_everything_is_stored(shop: Shop) -> None:
    special = DraftUnit("S1SP1", "S1", branch=True, title="Backstage", released={"GB": NOW, "US": NOW})
    draft = season(
        2,
        first=NOW,
        franchise="mcu",
        aliases=("JJ", "Marvel's Jessica Jones"),
        groups=(Group("S1", "One", 2), Group("S2")),
        relations=((Relation.BASED_ON, "alias-comic"),),
        origin={"tvmaze": "1369"},
    )
    draft = replace(draft, units=(*draft.units, special))
    diff = await import_works(shop.tools, Catalogue((draft,), {"mcu": "Marvel"}))
    assert diff
    work = await shop.work("jj")
    assert (work.title, work.kind, work.franchise, work.aliases) == ("Jessica Jones", Kind.TV, "mcu", ("JJ",))
    assert [(u.code, u.ord, u.branch) for u in work.units] == [
        ("S1E1", 1000, False),
        ("S1E2", 2000, False),
        ("S1SP1", None, True),
    ]
    assert work.units[0].released == {"*": NOW}
    assert (work.units[2].title, set(work.units[2].released)) == ("Backstage", {"GB", "US"})
    assert work.groups == (Group("S1", "One", 2, True), Group("S2"))
    assert work.relations == draft.relations
    assert work.origin == {"tvmaze": "1369"}
    assert await shop.rows(_ALIASES) == [("jj", "jj", "JJ")]
    assert shop.touched == {CATALOGUE_TAG, SCOPES_TAG, OUTBOX_TAG}
    stored = [row[3] for row in await shop.rows(_UNITS)]
    assert '{"*":"2026-03-01T12:00:00Z"}' in stored


async def test_doing_it_again_writes_nothing(shop: Shop) -> None:
    catalogue = Catalogue((season(3, first=NOW, franchise="mcu", aliases=("JJ",)),), {"mcu": "Marvel"})
    await import_works(shop.tools, catalogue)
    revision = await shop.revision()
    shop.touched.clear()
    assert not await import_works(shop.tools, catalogue)
    assert not await import_works(shop.tools, catalogue, merge=True)
    assert (await shop.revision(), shop.touched) == (revision, set())


async def test_a_dry_run_says_it_and_does_nothing(shop: Shop) -> None:
    said = await import_works(shop.tools, Catalogue((season(3),)), dry_run=True)
    assert await shop.revision() == 1
    assert (await import_works(shop.tools, Catalogue((season(3),)))).changes == said.changes
    assert await shop.revision() == 2


async def test_one_bad_work_stops_all(shop: Shop) -> None:
    bad = DraftWork("lc", Kind.TV, "Luke Cage", franchise="unknown")
    with pytest.raises(CatalogueProblem, match="franchise_unknown"):
        await import_works(shop.tools, Catalogue((season(3), bad)))
    assert await shop.rows(_UNITS) == []


async def test_renumbering_keeps_what_scopes_point_at(shop: Shop) -> None:
    await import_works(shop.tools, Catalogue((season(3),)))
    scope_id = await shop.point_at("jj", "S1E2")
    wanted = ["101", "199", "102", "103"]
    units = tuple(DraftUnit(f"S1E{n}", "S1", ext={"tvmaze": key}) for n, key in enumerate(wanted, 1))
    await import_works(shop.tools, Catalogue((season(0, units=units),)))
    assert await shop.points(scope_id) == [("S1E3", None)]
    assert [unit.ord for unit in (await shop.work("jj")).chain] == [1000, 1500, 2000, 3000]


async def test_all_numbers_may_change_places_at_once(shop: Shop) -> None:
    await import_works(shop.tools, Catalogue((season(4),)))
    before = {unit.ext["tvmaze"]: unit.id for unit in (await shop.work("jj")).units}
    wanted = ["104", "103", "102", "101"]
    units = tuple(DraftUnit(f"S1E{n}", "S1", ext={"tvmaze": key}) for n, key in enumerate(wanted, 1))
    await import_works(shop.tools, Catalogue((season(0, units=units),)))
    rows = await shop.rows(_UNITS)
    assert [row[0] for row in rows] == [before[key] for key in wanted]
    assert [row[1] for row in rows] == ["S1E1", "S1E2", "S1E3", "S1E4"]


async def test_without_a_merge_nothing_is_taken_from_under_a_scope(shop: Shop) -> None:
    await import_works(shop.tools, Catalogue((season(3),)))
    await shop.point_at("jj", "S1E2")
    diff = await import_works(shop.tools, Catalogue((season(1),)))
    assert diff.kept == {"jj": ("S1E2", "S1E3")}
    assert len((await shop.work("jj")).units) == 3
    swapped = tuple(DraftUnit(f"S1E{n}", "S1", ext={"tvmaze": key}) for n, key in enumerate(("102", "101", "103"), 1))
    with pytest.raises(CatalogueProblem, match="reordered"):
        await import_works(shop.tools, Catalogue((season(0, units=swapped),)))


async def test_a_merge_repoints_scopes(shop: Shop) -> None:
    await import_works(shop.tools, Catalogue((season(3),)))
    scope_id = await shop.point_at("jj", "S1E3", "S1E1")
    diff = await import_works(shop.tools, Catalogue((season(2),)), merge=True)
    assert await shop.points(scope_id) == [("S1E2", None), ("S1E1", None)]
    assert [(merge.code, merge.into_code) for merge in diff.merges] == [("S1E3", "S1E2")]
    await import_works(shop.tools, Catalogue((season(0),)), merge=True)
    assert await shop.points(scope_id) == [(None, "S1"), (None, "S1")]


async def test_open_ends_are_pinned(shop: Shop) -> None:
    premiere = NOW + timedelta(days=10)
    await import_works(shop.tools, Catalogue((season(2, first=premiere, groups=(Group("S1", expected=3),)),)))
    scope_id = await shop.point_at("jj", "*", "*S1")
    shop.clock.advance(timedelta(days=20))
    later = await shop.point_at("jj", "*")
    diff = await import_works(shop.tools, Catalogue((season(3, first=premiere),)))
    assert sorted((pin.seq, pin.code) for pin in diff.pins) == [(0, "S1E3"), (1, "S1E3")]
    assert await shop.points(scope_id) == [("S1E3", None), ("S1E3", None)]
    assert await shop.points(later) == [(None, None)]
    assert not await import_works(shop.tools, Catalogue((season(3, first=premiere),)))


async def test_a_new_meaning_of_a_name_leaves_scopes_alone(shop: Shop) -> None:
    film = DraftWork("film", Kind.FILM, "Captain America", aliases=("Civil War",), units=(DraftUnit(""),))
    await import_works(shop.tools, Catalogue((film,)))
    scope_id = await shop.point_at("film", "")
    comic = DraftWork("comic", Kind.COMIC, "Civil War", units=(DraftUnit("#1"),))
    diff = await import_works(shop.tools, Catalogue((comic,)))
    assert diff.collisions == (Collision("Civil War", ("comic", "film")),)
    assert await shop.points(scope_id) == [("", None)]


async def test_an_editor_saves_a_work(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await save_work(shop.tools, season(2), seen=lambda _: True)
    work, diff = await save_work(shop.tools, season(2, aliases=("JJ",)), seen=None)
    assert diff
    assert [unit.id for unit in work.units] == [unit.id for unit in (await shop.work("jj")).units]
    with pytest.raises(CatalogueProblem, match="id_taken"):
        await save_work(shop.tools, season(2), seen=None)
    with pytest.raises(Conflict, match="work_changed"):
        await save_work(shop.tools, season(2), seen=lambda _: False)
    renamed = replace(season(0), units=(DraftUnit("Pilot", id=work.units[0].id),))
    _, said = await save_work(shop.tools, renamed, seen=lambda _: True, dry_run=True)
    assert len((await shop.work("jj")).units) == 2
    after, done = await save_work(shop.tools, renamed, seen=lambda seen: seen == work)
    assert done.changes == said.changes
    assert after.aliases == ()
    stored = await shop.work("jj")
    assert [(unit.id, unit.code) for unit in stored.units] == [(work.units[0].id, "Pilot")]


async def test_two_imports_at_once(shop: Shop) -> None:
    drafts = [season(5, aliases=(f"Name {n}",)) for n in range(6)]
    await asyncio.gather(*(import_works(shop.tools, Catalogue((draft,))) for draft in drafts))
    work = await shop.work("jj")
    assert len(work.units) == 5
    assert len(work.aliases) == 6
