"""PostgreSQL databases that are used again: emptied after a test, and only where nothing but rows had changed.

To make a database and drop it takes four times as long as to empty one. What a test leaves behind that is more than
rows (another schema, statistics, settings, a file that has grown) ends the database: the next test gets a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

# What the version table says is part of the schema.
VERSION: Final = "alembic_version"
# Bytes of tables and indexes; beyond it rows that are gone slow down whoever comes next.
MOST_BYTES: Final = 16 * 1024 * 1024

_OURS: Final = f"relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '{VERSION}'"
_OTHERS: Final = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY: Final = f"""
    DO $$
    DECLARE full_one regclass;
    BEGIN
        FOR full_one IN
            SELECT oid FROM pg_class WHERE {_OURS}
        LOOP
            EXECUTE format('DELETE FROM %s', full_one);
        END LOOP;
    END $$
"""
# Whoever changes a catalogue's row gives it a younger xmin; statistics are counted in place.
_CATALOGUES: Final = ("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc")
_SCHEMA: Final = f"""
    SELECT {", ".join(f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {name})" for name in _CATALOGUES)},
        (SELECT count(*) FROM pg_statistic), (SELECT sum(reltuples)::text FROM pg_class WHERE relkind = 'r'),
        (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
            WHERE d.datname = current_database()),
        (SELECT string_agg(version_num, ' ') FROM {VERSION}),
        (SELECT sum(pg_total_relation_size(oid)) < {MOST_BYTES} FROM pg_class WHERE {_OURS})
"""
_TABLES: Final = f"SELECT relname FROM pg_class WHERE {_OURS}"


@dataclass(frozen=True, slots=True)
class State:
    """What a new database is like: its schema, and the rows that migrations have put in, as JSON by table."""

    schema: tuple[Any, ...]
    rows: Mapping[str, str]


async def state_of(url: str) -> State:
    """What a database is like that nobody has written to yet."""
    connection = await asyncpg.connect(url)
    try:
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        found = {table: await connection.fetchval(f"SELECT json_agg(t) FROM {table} t") for table in tables}
        return State(await _schema(connection), {table: rows for table, rows in found.items() if rows})
    finally:
        await connection.close()


async def empty(url: str, wanted: State) -> bool:
    """Put the rows back that a new database has, and say whether this one is now like it."""
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError):  # a test may have shut it
        return False
    try:
        await connection.execute(_OTHERS)
        if await _schema(connection) != wanted.schema:
            return False
        await _refill(connection, wanted.rows)
        return True
    finally:
        await connection.close()


async def _refill(connection: asyncpg.Connection, rows: Mapping[str, str]) -> None:
    """Other rows for those that are there, whatever refers to what."""
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(_EMPTY)
        for table, kept in rows.items():
            again = f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1)"
            await connection.execute(again, kept)


async def _schema(connection: asyncpg.Connection) -> tuple[Any, ...]:
    return tuple(await connection.fetchrow(_SCHEMA))
