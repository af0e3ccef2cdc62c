"""Alembic, run from wherever the migrations are installed: upgrade, and say whether a database is up to date."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, event
from sqlalchemy.engine import make_url

from forum.db.errors import translate_postgres, translate_sqlite
from forum.errors import Unavailable
from forum.paths import MIGRATIONS_DIR


class SchemaState(StrEnum):
    """How a database's schema relates to this version of the product."""

    CURRENT = "current"
    EMPTY = "empty"
    OLDER = "older"
    NEWER = "newer"


class SchemaTooNew(Exception):
    """The database was migrated by a newer version than this one."""


def upgrade(url: str) -> None:
    """Bring the database to this version's schema; raises SchemaTooNew and leaves a newer one alone."""
    _run(url, _upgrade)


def downgrade(url: str, revision: str) -> None:
    """Go back to an earlier schema. For tests of the migrations."""
    _run(url, lambda connection, config: command.downgrade(_bound(connection, config), revision))


def state(url: str) -> SchemaState:
    """Compare the database's schema revision with the newest one known here."""
    found: SchemaState = _run(url, _state)
    return found


def differences(url: str, metadata: MetaData) -> list[Any]:
    """What autogenerate would still change: empty when tables and migrations agree."""

    def compare(connection: Connection, _: Config) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    result: list[Any] = _run(url, compare)
    return result


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    config.set_main_option("path_separator", "os")
    return config


def _bound(connection: Connection, config: Config) -> Config:
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, config: Config) -> None:
    if _state(connection, config) is SchemaState.NEWER:
        raise SchemaTooNew("the database was made by a newer version of Aftershow; install that version")
    command.upgrade(_bound(connection, config), "head")


def _state(connection: Connection, config: Config) -> SchemaState:
    script = ScriptDirectory.from_config(config)
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        return SchemaState.EMPTY
    if found == script.get_current_head():
        return SchemaState.CURRENT
    known = {revision.revision for revision in script.walk_revisions()}
    return SchemaState.OLDER if found in known else SchemaState.NEWER


def _run(url: str, action: Any) -> Any:
    """Run `action(connection, config)` in a transaction; raises Unavailable for a database that can't be used."""
    is_sqlite = url.startswith("sqlite:")
    try:
        return _run_sqlite(url, action) if is_sqlite else asyncio.run(_run_postgres(url, action))
    except Exception as error:
        cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps what the engine said
        translated = translate_sqlite(cause) if is_sqlite else translate_postgres(cause.__cause__ or cause)
        if isinstance(translated, Unavailable):
            raise translated from cause
        raise


def _run_sqlite(url: str, action: Any) -> Any:
    engine = create_engine(url)
    # The driver's own transactions leave schema changes outside; ours hold a whole migration.
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            return action(connection, _config())
    finally:
        engine.dispose()


async def _run_postgres(url: str, action: Any) -> Any:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(action, _config())
    finally:
        await engine.dispose()
