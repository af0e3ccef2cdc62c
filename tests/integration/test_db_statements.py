"""Statements mean the same on both engines: values in, rows out, lists, conflicts, counts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, func, insert, literal, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from forum.db import ConstraintViolated, Database, Prepared, Tx, UtcDateTime
from forum.db import statements as statements_module
from tests.support.data import ALL, BLANK, BY_ID, INSERT, aware, get_note, note, open_scratch, stored, write_note

pytestmark = pytest.mark.anyio

IN_LIST = Prepared(select(note.c.id).where(note.c.id.in_(bindparam("ids", expanding=True))).order_by(note.c.id))
EARLIER = Prepared(
    select(note.c.id).where(note.c.moment < bindparam("than", type_=UtcDateTime)).order_by(note.c.moment)
)


@pytest.fixture
async def db(empty_engine_url: str) -> AsyncIterator[Database]:
    async with open_scratch(empty_engine_url) as opened:
        yield opened


async def run(db: Database, prepared: Prepared, **values: Any) -> list[Any]:
    """Fetch in a transaction that writes."""

    async def work(tx: Tx) -> list[Any]:
        return await tx.fetch_all(prepared, values)

    return await db.write(work)


async def execute(db: Database, prepared: Prepared, **values: Any) -> int:
    async def work(tx: Tx) -> int:
        return await tx.execute(prepared, values)

    return await db.write(work)


async def test_values_come_back_with_their_types(db: Database) -> None:
    moment = aware(2026, 3, 1, 12, 30, 15, 123_456)
    await write_note(db, 2**62, word="ünï — 🎭\u2028", flag=True, moment=moment, n=-5)
    row = await get_note(db, 2**62)
    assert row._fields == ("id", "word", "flag", "moment", "n", "parent")
    assert tuple(row) == (2**62, "ünï — 🎭\u2028", True, moment, -5, None)
    assert row.flag is True
    assert row.moment.tzinfo is UTC


async def test_null_stays_null_in_every_type(db: Database) -> None:
    await write_note(db, 1)
    assert tuple(await get_note(db, 1)) == (1, None, None, None, None, None)


async def test_reading_nothing(db: Database) -> None:
    async with db.read() as tx:
        assert await tx.fetch_all(BY_ID, {"wanted": 1}) == []
        assert await tx.fetch_one(BY_ID, {"wanted": 1}) is None
        assert await tx.fetch_val(BY_ID, {"wanted": 1}) is None


async def test_a_moment_needs_a_time_zone(db: Database) -> None:
    with pytest.raises(ValueError, match="time zone"):
        await write_note(db, 1, moment=datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="time zone"):
        async with db.read() as tx:
            await tx.fetch_all(EARLIER, {"than": datetime(2026, 3, 1)})
    assert await stored(db) == []


async def test_a_moment_of_another_zone_is_the_same_moment(db: Database) -> None:
    there = datetime(2026, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    await write_note(db, 1, moment=there)
    row = await get_note(db, 1)
    assert row.moment == there
    assert row.moment.isoformat() == "2026-02-28T20:00:00+00:00"


async def test_moments_are_compared_and_sorted_as_moments(db: Database) -> None:
    # As text, "…00" sorts after "…00.000001" unless both carry all their digits.
    base = aware(2025, 1, 1)
    moments = [base + timedelta(microseconds=step) for step in (-1, 0, 1, 999_999, 1_000_000, 10_000_000)]
    moments += [aware(999, 12, 31), aware(9999, 12, 31, 23, 59, 59, 999_999)]
    for number, moment in enumerate(reversed(moments)):
        await write_note(db, number, moment=moment)
    for limit in moments:
        async with db.read() as tx:
            found = await tx.fetch_all(EARLIER, {"than": limit})
        assert len(found) == sum(moment < limit for moment in moments)
    by_moment = [row.moment for row in await run(db, Prepared(select(note.c.moment).order_by(note.c.moment)))]
    assert by_moment == sorted(moments)
    assert (await run(db, Prepared(select(func.max(note.c.moment).label("last")))))[0].last == max(moments)


@pytest.mark.parametrize("ids", [[], [2], [1, 3], [3, 1, 3, 99], list(range(200))])
async def test_in_lists_of_any_length(db: Database, ids: list[int]) -> None:
    for number in (1, 2, 3):
        await write_note(db, number)
    async with db.read() as tx:
        found = [row.id for row in await tx.fetch_all(IN_LIST, {"ids": ids})]
        again = [row.id for row in await tx.fetch_all(IN_LIST, {"ids": tuple(ids)})]
    assert found == again == [number for number in (1, 2, 3) if number in ids]


async def test_lists_beside_other_values_and_defaults_in_any_order(db: Database) -> None:
    moment = aware(2026, 1, 1)
    for number in (1, 2, 3, 4):
        await write_note(db, number, n=number % 2, word="w", moment=moment + timedelta(days=number))
    statement = Prepared(
        select(note.c.id, literal("mark").label("mark"))
        .where(
            note.c.n == bindparam("parity"),
            note.c.moment.in_(bindparam("moments", expanding=True)),
            note.c.word == "w",
            note.c.id.in_([1, 2, 3]),
            note.c.moment < bindparam("before", type_=UtcDateTime),
            note.c.moment > aware(2025, 1, 1),
        )
        .order_by(note.c.id)
    )
    days = [moment + timedelta(days=number) for number in (1, 3, 4)]
    values = {"parity": 1, "moments": days, "before": moment + timedelta(days=30)}
    for _ in range(2):  # the second time from the kept text
        async with db.read() as tx:
            assert [tuple(row) for row in await tx.fetch_all(statement, values)] == [(1, "mark"), (3, "mark")]
    async with db.read() as tx:
        assert await tx.fetch_all(statement, {**values, "moments": []}) == []


async def test_kept_list_texts_are_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements_module, "MAX_LIST_TEXTS", 4)
    statement = Prepared(IN_LIST.statement)
    async with db.read() as tx:
        for length in range(1, 20):
            await tx.fetch_all(statement, {"ids": list(range(length))})
    assert len(statement.compiled(db.dialect)._list_texts) <= 4


async def test_a_parameter_used_twice(db: Database) -> None:
    await write_note(db, 5, n=5)
    same = Prepared(select(note.c.id).where(note.c.id == bindparam("x"), note.c.n == bindparam("x")))
    async with db.read() as tx:
        assert await tx.fetch_val(same, {"x": 5}) == 5


async def test_a_missing_value_is_named(db: Database) -> None:
    async with db.read() as tx:
        with pytest.raises(KeyError, match="wanted"):
            await tx.fetch_all(BY_ID)
        with pytest.raises(KeyError, match="ids"):
            await tx.fetch_all(IN_LIST, {})


async def test_cast_literals_and_columns_of_one_name(db: Database) -> None:
    statement = Prepared(select(literal(1).label("one"), literal("x").label("x"), note.c.id, note.c.n.label("id_1")))
    await write_note(db, 7, n=8)
    rows = await run(db, statement)
    assert tuple(rows[0]) == (1, "x", 7, 8)


async def test_a_value_that_looks_like_sql_is_a_value(db: Database) -> None:
    hostile = "'; DROP TABLE scratch_note; -- :wanted $1 ? %(x)s"
    await write_note(db, 1, word=hostile)
    assert (await get_note(db, 1)).word == hostile


async def test_execute_counts_changed_rows(db: Database) -> None:
    for number in (1, 2, 3):
        await write_note(db, number)
    change = Prepared(update(note).where(note.c.id > bindparam("above")).values(n=1))
    assert await execute(db, change, above=1) == 2
    assert await execute(db, change, above=9) == 0
    assert await execute(db, Prepared(delete(note)), **{}) == 3
    assert await execute(db, INSERT, **BLANK | {"id": 4}) == 1


async def test_execute_refuses_statements_that_return_rows(db: Database) -> None:
    with pytest.raises(TypeError, match="fetched"):
        await execute(db, Prepared(insert(note).returning(note.c.id)), **BLANK | {"id": 1})
    with pytest.raises(TypeError, match="fetched"):
        await execute(db, ALL)
    assert await stored(db) == []


async def test_returning(db: Database) -> None:
    [row] = await run(db, Prepared(insert(note).returning(note.c.id, note.c.moment)), **BLANK | {"id": 1})
    assert tuple(row) == (1, None)
    await write_note(db, 2, moment=aware(2026, 1, 1))
    taken = await run(db, Prepared(delete(note).returning(note.c.id, note.c.moment)))
    assert sorted(taken) == [(1, None), (2, aware(2026, 1, 1))]


async def test_one_upsert_serves_both_engines(db: Database) -> None:
    base = upsert(note)
    statement = Prepared(
        base.on_conflict_do_update(index_elements=["id"], set_={"word": base.excluded.word}).returning(note.c.word)
    )
    ignore = Prepared(upsert(note).on_conflict_do_nothing().returning(note.c.id))
    for word in ("first", "second"):
        assert [row.word for row in await run(db, statement, **BLANK | {"id": 1, "word": word})] == [word]
    assert await run(db, ignore, **BLANK | {"id": 1}) == []
    assert len(await run(db, ignore, **BLANK | {"id": 2})) == 1


async def test_skip_locked_is_dropped_where_it_means_nothing(db: Database) -> None:
    statement = Prepared(select(note.c.id).limit(1).with_for_update(skip_locked=True))
    sql, _ = statement.compiled(db.dialect).bind({})
    assert ("SKIP LOCKED" in sql) is not db.is_sqlite
    await write_note(db, 1)
    assert len(await run(db, statement)) == 1


async def test_row_values_compare_as_rows(db: Database) -> None:
    for number in (1, 2, 3):
        await write_note(db, number, n=number)
    due = select(note.c.id, note.c.n).order_by(note.c.n.desc()).limit(bindparam("most")).cte("due")
    claim = Prepared(
        update(note)
        .where(tuple_(note.c.id, note.c.n).in_(select(due.c.id, due.c.n)))
        .values(word="taken")
        .returning(note.c.id)
    )
    assert sorted(row.id for row in await run(db, claim, most=2)) == [2, 3]


async def test_constraints(db: Database) -> None:
    await write_note(db, 1)
    with pytest.raises(ConstraintViolated) as caught:
        await write_note(db, 1)
    assert caught.value.__cause__ is not None
    with pytest.raises(ConstraintViolated):
        await write_note(db, 2, parent=99)
    await write_note(db, 3, parent=1)
    with pytest.raises(ConstraintViolated):
        await execute(db, Prepared(delete(note).where(note.c.id == 1)))
    assert await stored(db) == [1, 3]


async def test_a_mistake_of_ours_is_not_called_unavailable(db: Database) -> None:
    for wrong in ("SELECT x FROM nowhere", "SELEC"):
        with pytest.raises(Exception, match=r"nowhere|SELEC") as caught:
            await execute(db, Prepared(text(wrong)))
        assert not hasattr(caught.value, "retry_after")
    with pytest.raises(Exception) as caught:  # noqa: PT011 — each engine's own complaint about a number it can't hold
        await write_note(db, 2**63)
    assert not hasattr(caught.value, "retry_after")
