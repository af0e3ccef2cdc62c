"""Scopes on both engines: one id for one meaning, whoever is first, and a book of them that is never out of date."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, insert, select, update

from forum.db import Prepared, Tx
from forum.spoilers.model import CATALOGUE_TAG, NO_SCOPE, SCOPES_TAG, UNSPEC_SCOPE, Point, Scope, Work
from forum.spoilers.service import book, gazetteer, intern
from forum.spoilers.tables import scope, scope_point
from tests.support.app import House
from tests.support.cast import ODYSSEY
from tests.support.shelf import a_series, rename_unit, shelve

pytestmark = pytest.mark.anyio

AT_ONCE = 16


@pytest.fixture
async def jones(house: House) -> Work:
    """A series in the house's catalogue."""
    shelved = a_series(house.rt, "jessica-jones", seasons=(13, 13))
    await shelve(house.rt, shelved)
    return shelved


def at(work: Work, *codes: str) -> Scope:
    return Scope.of([Point(work.id, work.unit(code)) for code in codes])


async def keep(house: House, kept: Scope) -> int | None:
    async def write(tx: Tx) -> int | None:
        return await intern(tx, house.rt, kept)

    return await house.rt.db.write(write)


async def test_nothing_needs_no_id(house: House) -> None:
    assert await keep(house, NO_SCOPE) is None
    assert (await book(house.rt)).scope(None) == NO_SCOPE


async def test_equal_scopes_share_an_id(house: House, jones: Work) -> None:
    first = await keep(house, at(jones, "S1E4", "S1E13"))
    assert await keep(house, at(jones, "S1E13")) == first
    assert await keep(house, at(jones, "S1E12")) != first
    assert await keep(house, UNSPEC_SCOPE) == await keep(house, UNSPEC_SCOPE)


async def test_every_kind_of_point_comes_back(house: House, jones: Work) -> None:
    for kept in (
        at(jones, "S1E13"),
        UNSPEC_SCOPE,
        Scope.of([Point(jones.id)]),
        Scope.of([Point(jones.id, None, "S2")]),
        at(jones, "S2E1") | UNSPEC_SCOPE | Scope.of([Point(jones.id, None, "S2"), Point(jones.id)]),
    ):
        scope_id = await keep(house, kept)
        found = (await book(house.rt)).scope(scope_id)
        assert found == kept
        assert found.canon == kept.canon
        assert {p.unit.code for p in found.points if p.unit} == {p.unit.code for p in kept.points if p.unit}


async def test_an_id_that_nobody_knows_stays_covered(house: House) -> None:
    assert (await book(house.rt)).scope(12345) == UNSPEC_SCOPE


async def test_a_scope_without_points_is_one_that_nobody_can_name(house: House) -> None:
    async def write(tx: Tx) -> None:
        await tx.execute(Prepared(insert(scope)), {"id": 7, "canon": "broken"})

    await house.rt.db.write(write)
    assert (await book(house.rt)).scope(7) == UNSPEC_SCOPE


async def test_many_at_once_make_one(house: House, jones: Work) -> None:
    wanted = [at(jones, f"S1E{n}") for n in (1, 2, 3)] * AT_ONCE
    ids = await asyncio.gather(*(keep(house, each) for each in wanted))
    assert len(set(ids)) == 3
    assert {each.canon: found for each, found in zip(wanted, ids, strict=True)} == {
        row.canon: row.id for row in await house.rows(select(scope.c.id, scope.c.canon))
    }
    assert (await house.rows(select(func.count()).select_from(scope_point)))[0][0] == 3


async def test_a_piece_of_work_that_fails_leaves_no_scope(house: House, jones: Work) -> None:
    async def write(tx: Tx) -> None:
        await intern(tx, house.rt, at(jones, "S1E1"))
        raise LookupError

    with pytest.raises(LookupError):
        await house.rt.db.write(write)
    assert await house.rows(select(scope)) == []


async def test_what_was_pinned_since_is_not_taken_for_what_it_was(house: House, jones: Work) -> None:
    unknown = Scope.of([Point(jones.id)])
    old = await keep(house, unknown)
    pinned = jones.unit("S1E13")
    assert pinned is not None

    async def pin(tx: Tx) -> None:
        await tx.execute(Prepared(update(scope_point).where(scope_point.c.scope_id == old).values(unit_id=pinned.id)))
        tx.touch(CATALOGUE_TAG, SCOPES_TAG)

    await house.rt.db.write(pin)
    new = await keep(house, unknown)
    assert new != old
    assert await keep(house, unknown) == new
    found = await book(house.rt)
    assert (found.scope(old), found.scope(new)) == (at(jones, "S1E13"), unknown)


# --- The book


async def test_the_book_is_one_statement_and_then_none(house: House, jones: Work) -> None:
    kept = await keep(house, at(jones, "S1E13"))
    with house.recorded() as statements:
        first = await book(house.rt)
    assert len(statements) <= 2
    with house.recorded() as statements:
        assert await book(house.rt) is first
    assert statements == []
    await keep(house, at(jones, "S1E13"))
    assert await book(house.rt) is first, "nothing new, nothing to read again"
    other = await keep(house, at(jones, "S1E1"))
    with house.recorded() as statements:
        again = await book(house.rt)
    assert len(statements) == 1
    assert again.scope(kept) == first.scope(kept)
    assert again.scope(other) == at(jones, "S1E1")


async def test_the_book_follows_the_catalogue(house: House, jones: Work) -> None:
    kept = await keep(house, at(jones, "S1E13"))
    before = await book(house.rt)
    unit = jones.unit("S1E13")
    assert unit is not None
    await rename_unit(house.rt, unit.id, "S1E14")
    after = await book(house.rt)
    assert before.label(before.scope(kept)) == "Jessica Jones S1E13"
    assert after.label(after.scope(kept)) == "Jessica Jones S1E14"
    assert after.revision == before.revision + 1


async def test_labels_name_titles_and_codes_and_no_more(house: House, jones: Work) -> None:
    await shelve(house.rt, ODYSSEY)
    found = await book(house.rt)
    assert found.label(NO_SCOPE) == found.label(UNSPEC_SCOPE) == ""
    both = at(jones, "S1E13") | Scope.of([Point(ODYSSEY.id, ODYSSEY.units[0])])
    assert found.label(both) == "2001: A Space Odyssey + Jessica Jones S1E13"
    assert found.label(both | UNSPEC_SCOPE) == found.label(both)
    open_ends = Scope.of([Point(jones.id), Point(jones.id, None, "S2"), Point(jones.id, None, "S3")])
    assert found.label(open_ends) == "Jessica Jones"
    assert found.label(Scope.of([Point("gone")])) == "gone"
    assert (await gazetteer(house.rt)).label(both) == found.label(both)
