"""A database serves another test only where the one before it has left nothing behind."""

import asyncpg
import pytest
from sqlalchemy import func, select

from forum.core.clock import SystemClock
from forum.core.ids import IdMaker
from forum.db import Prepared, open_database
from forum.sites.service import add_site
from forum.sites.tables import site
from tests.support.app import a_site
from tests.support.emptied import empty, state_of

pytestmark = pytest.mark.anyio
LEFT = {
    "a table": "CREATE TABLE surplus (id integer)",
    "a column": "ALTER TABLE site ADD COLUMN surplus integer",
    "a column less": "ALTER TABLE site DROP COLUMN name",
    "a name and back": "ALTER TABLE site RENAME TO elsewhere; ALTER TABLE elsewhere RENAME TO site",
    "an index less": "DROP INDEX ix_outbox_due",
    "a constraint": "ALTER TABLE site ADD CONSTRAINT never CHECK (false) NOT VALID",
    "statistics": "ANALYZE site",
    "another version": "UPDATE alembic_version SET version_num = 'x'",
    "a setting": "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 1024', current_database()); END $$",
}


async def test_rows_go_but_those_of_migrations(postgresql_url: str) -> None:
    new = await state_of(postgresql_url)
    for _ in range(2):
        async with open_database(postgresql_url) as db:
            await add_site(db, IdMaker(SystemClock()), a_site())
        assert await empty(postgresql_url, new)
        async with open_database(postgresql_url) as db, db.read() as tx:
            assert await tx.fetch_val(Prepared(select(func.count()).select_from(site))) == 0
        assert await state_of(postgresql_url) == new
    assert list(new.rows) == ["catalogue"]


async def test_whoever_is_still_connected_is_not(postgresql_url: str) -> None:
    new = await state_of(postgresql_url)
    forgotten = await asyncpg.connect(postgresql_url)
    assert await empty(postgresql_url, new)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await forgotten.execute("SELECT 1")
    forgotten.terminate()


@pytest.mark.parametrize("statement", LEFT.values(), ids=LEFT)
async def test_what_is_more_than_rows_ends_it(postgresql_url: str, statement: str) -> None:
    new = await state_of(postgresql_url)
    connection = await asyncpg.connect(postgresql_url)
    await connection.execute(statement)
    await connection.close()
    assert not await empty(postgresql_url, new)
