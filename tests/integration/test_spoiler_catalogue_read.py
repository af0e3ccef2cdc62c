"""Reading the catalogue on both engines: whole works, names, search, and what is kept in memory until it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from forum.db import Prepared, Tx
from forum.spoilers import queries
from forum.spoilers.model import CATALOGUE_TAG, Kind, Relation, Work
from forum.spoilers.service import gazetteer, works_of
from forum.spoilers.tables import catalogue, franchise, unit, work, work_relation
from tests.support.app import House
from tests.support.cast import ALIAS, CAP_3, CIVIL_WAR, CLOAK, JONES, ODYSSEY, TITANS, WORKS
from tests.support.shelf import rename_unit, shelve

pytestmark = pytest.mark.anyio

SHELVED = (JONES, ALIAS, CIVIL_WAR, CAP_3, CLOAK, ODYSSEY, TITANS)


@pytest.fixture
async def library(house: House) -> House:
    """A house with a few works in its catalogue."""

    async def frame(tx: Tx) -> None:
        await tx.execute(Prepared(insert(franchise)), {"id": "mcu", "title": "Marvel"})

    async def relate(tx: Tx) -> None:
        await tx.execute(
            Prepared(insert(work_relation)),
            {"work_id": JONES.id, "rel": Relation.BASED_ON.value, "other_id": ALIAS.id},
        )

    await house.rt.db.write(frame)
    await shelve(house.rt, *SHELVED)
    await house.rt.db.write(relate)
    return house


async def find(house: House, *ids: str) -> list[Work]:
    async with house.rt.db.read(fresh=True) as tx:
        return await queries.find_works(tx, ids)


async def search(house: House, text: str, most: int = 10) -> list[str]:
    async with house.rt.db.read(fresh=True) as tx:
        return [found.id for found in await queries.search_works(tx, text, most=most)]


async def test_works_come_back_whole(library: House) -> None:
    found = await find(library, *(each.id for each in SHELVED), "gone")
    assert [each.id for each in found] == sorted(each.id for each in SHELVED)
    for each in found:
        stored = WORKS[each.id]
        assert (each.kind, each.title, each.franchise) == (stored.kind, stored.title, stored.franchise)
        assert set(each.aliases) <= set(stored.aliases)
        assert [(u.id, u.code, u.ord, u.group, u.released) for u in each.units] == [
            (u.id, u.code, u.ord, u.group, u.released) for u in stored.units
        ]
        assert each.groups == stored.groups
        assert each.relations == stored.relations
    assert await find(library) == []


async def test_any_number_of_works_is_five_statements(library: House) -> None:
    with library.recorded() as statements:
        await find(library, *(each.id for each in SHELVED))
    assert len(statements) == 5
    with library.recorded() as statements:
        await find(library, "gone")
    assert len(statements) == 1


async def test_a_date_without_a_time_is_its_first_moment(library: House) -> None:
    async def write(tx: Tx) -> None:
        released = '{"GB": "2016-04-29", "US": "2016-05-06T01:00:00-04:00", "DE": "2016-04-28T08:01:00Z"}'
        await tx.execute(Prepared(update(unit).where(unit.c.work_id == CAP_3.id).values(released=released)))

    await library.rt.db.write(write)
    (found,) = await find(library, CAP_3.id)
    assert found.units[0].released == {
        "GB": datetime(2016, 4, 29, tzinfo=UTC),
        "US": datetime(2016, 5, 6, 5, tzinfo=UTC),
        "DE": datetime(2016, 4, 28, 8, 1, tzinfo=UTC),
    }


async def test_names_of_everything_are_one_statement(library: House) -> None:
    with library.recorded() as statements:
        names = await gazetteer(library.rt)
        assert await gazetteer(library.rt) is names
    assert len(statements) == 1
    assert set(names.titles) == {each.id for each in SHELVED}
    assert names.works[CIVIL_WAR.id].kind is Kind.COMIC
    assert set(names.called("civil war")) == {CIVIL_WAR.id, CAP_3.id}
    assert names.franchises([JONES.id, ODYSSEY.id, "gone"]) == {"mcu"}
    assert names.revision > 1


async def test_an_empty_catalogue_knows_nothing(house: House) -> None:
    names = await gazetteer(house.rt)
    assert (names.revision, dict(names.works), names.knows("JJ S1E1")) == (1, {}, False)
    assert await works_of(house.rt, ["jessica-jones"]) == {}
    assert await search(house, "jones") == []


# --- Search


async def test_search_finds_names_and_parts_of_them(library: House) -> None:
    assert await search(library, "jess") == [JONES.id]
    assert await search(library, "JONES") == [JONES.id]
    assert await search(library, "jj") == [JONES.id]
    assert await search(library, "The Marvel's Jessica") == [JONES.id]
    assert await search(library, "dagger") == [CLOAK.id]
    assert await search(library, "cloak &") == [CLOAK.id]
    assert await search(library, "巨人") == [TITANS.id]
    assert await search(library, "nothing of the kind") == []


async def test_search_puts_the_nearest_first(library: House) -> None:
    found = await search(library, "civil war")
    assert set(found[:2]) == {CIVIL_WAR.id, CAP_3.id}
    assert (await search(library, "alias"))[0] == ALIAS.id
    # Begins with "captain", against holding an "a" somewhere.
    assert (await search(library, "captain"))[0] == CAP_3.id
    assert len(await search(library, "a", most=2)) == 2


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "%%%", "z%q", "' or 1=1 --", "", "   ", "\x00", "\ud800", "x" * 5_000]
)
async def test_search_takes_signs_for_signs(library: House, text: str) -> None:
    assert await search(library, text) == []


async def test_search_escapes_what_patterns_are_made_of(library: House) -> None:
    odd = replace(ODYSSEY, id="odd", title="%_\\%", aliases=(), units=())
    await shelve(library.rt, odd)
    for text in ("%", "_", "\\", "%_\\%"):
        assert await search(library, text) == ["odd"]
    assert await search(library, "%%") == []


# --- Kept until it changes


async def test_a_work_is_read_once(library: House) -> None:
    await gazetteer(library.rt)
    with library.recorded() as statements:
        first = await works_of(library.rt, [JONES.id, CAP_3.id, "gone", JONES.id])
    assert len(statements) == 5
    with library.recorded() as statements:
        second = await works_of(library.rt, [CAP_3.id, JONES.id])
    assert statements == []
    assert first == second
    assert first[JONES.id] is second[JONES.id]


async def test_a_catalogue_that_changes_is_read_again(library: House) -> None:
    before = await works_of(library.rt, [JONES.id])
    names = await gazetteer(library.rt)
    last = before[JONES.id].chain[-1]
    await rename_unit(library.rt, last.id, "S3E99")
    after = await works_of(library.rt, [JONES.id])
    assert after[JONES.id].chain[-1].code == "S3E99"
    assert (await gazetteer(library.rt)).revision == names.revision + 1


async def test_a_change_while_a_work_is_read_is_not_missed(library: House) -> None:
    rt = library.rt
    names = await gazetteer(rt)

    async def change(tx: Tx) -> None:
        await tx.execute(Prepared(update(work).where(work.c.id == ALIAS.id).values(title="Alias Investigations")))
        await tx.execute(Prepared(update(catalogue).values(revision=catalogue.c.revision + 1)))
        tx.touch(CATALOGUE_TAG)

    async with rt.db.read(fresh=True) as tx:
        stale = await queries.find_works(tx, [ALIAS.id])
    await rt.db.write(change)
    # Kept under the revision it was read at, which nobody asks for any more.
    assert rt.cache.peek(("work", names.revision, ALIAS.id)) is None
    fresh = await works_of(rt, [ALIAS.id])
    assert (stale[0].title, fresh[ALIAS.id].title) == ("Alias", "Alias Investigations")
    assert (await gazetteer(rt)).titles[ALIAS.id] == "Alias Investigations"
