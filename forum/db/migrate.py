"""Alembic, run from wherever the migrations are installed: upgrade, and say whether a database is up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from forum import paths
from forum.db.database import sqlite_path
from forum.db.errors import InOurWords, translate_postgres, translate_sqlite

T = TypeVar("T")
Action = Callable[[Connection, Config], T]
# Names the lock that keeps two processes from migrating one PostgreSQL database at once; any number does.
MIGRATION_LOCK = 4_172_026_001


class SchemaState(StrEnum):
    """How a database's schema relates to this version of the product."""

    CURRENT = "current"
    EMPTY = "empty"
    OLDER = "older"
    NEWER = "newer"


class SchemaTooNew(Exception):
    """The database was migrated by a newer version than this one."""


def upgrade(url: str) -> None:
    """Bring the database to this version's schema, all of it or nothing.

    Raises SchemaTooNew and leaves a newer one alone; raises Unavailable when the database can't be used.
    """
    _run(url, _upgrade, writing=True)


def downgrade(url: str, revision: str) -> None:
    """Go back to an earlier schema. For tests of the migrations."""
    _run(url, lambda connection, config: command.downgrade(_bound(connection, config), revision), writing=True)


def state(url: str) -> SchemaState:
    """Compare the database's schema revision with the newest one known here. Changes nothing."""
    if url.startswith("sqlite:") and not sqlite_path(url).exists():
        return SchemaState.EMPTY  # connecting would make the file
    return _run(url, _state)


def differences(url: str, metadata: MetaData) -> list[Any]:
    """What autogenerate would still change: empty when tables and migrations agree."""

    def compare(connection: Connection, _: Config) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    return _run(url, compare)


def _config() -> Config:
    config = Config()
    # Read from the module on each run, so that tests can point it at migrations of their own.
    config.set_main_option("script_location", str(paths.MIGRATIONS_DIR).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _bound(connection: Connection, config: Config) -> Config:
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection, config: Config) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
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


def _run(url: str, action: Action[T], *, writing: bool = False) -> T:
    if url.startswith("sqlite:"):
        with InOurWords(lambda error: _translate(error, translate_sqlite)):
            return _run_sqlite(url, action, writing=writing)
    with InOurWords(lambda error: _translate(error, translate_postgres)):
        return asyncio.run(_run_postgres(url, action))


def _translate(error: BaseException, translate: Callable[[BaseException], BaseException]) -> BaseException:
    """SQLAlchemy wraps the engine's own error; it is that one we know about."""
    known = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = translate(known)
    return error if said is known else said


def _run_sqlite(url: str, action: Action[T], *, writing: bool) -> T:
    engine = create_engine(URL.create("sqlite", database=str(sqlite_path(url))))
    # The driver's own transactions leave schema changes outside; ours hold a whole migration.
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    try:
        with engine.begin() as connection:
            return action(connection, _config())
    finally:
        engine.dispose()


async def _run_postgres(url: str, action: Action[T]) -> T:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(action, _config())
    finally:
        await engine.dispose()
