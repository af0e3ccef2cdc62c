"""Is the database ready for this version? Asked before anything is served from it."""

from __future__ import annotations

from collections.abc import Callable

from forum.db import migrate
from forum.db.migrate import SchemaState
from forum.serving.errors import CannotStart
from forum.settings import Settings

MISFITS = {
    SchemaState.EMPTY: "The database has no tables yet: run `aftershow migrate`.",
    SchemaState.OLDER: "The database was made by an older version: run `aftershow migrate`.",
    SchemaState.NEWER: "The database was made by a newer version of Aftershow: install that version.",
}


def require_schema(settings: Settings, say: Callable[[str], None]) -> None:
    """Return when the tables are those of this version; raises CannotStart, or Unavailable for no database.

    A new embedded database gets its tables here: nobody else can be using it. Everything else is the operator's
    decision, because other processes and backups depend on it.
    """
    state = migrate.state(settings.database_url)
    if state is SchemaState.EMPTY and settings.is_sqlite:
        migrate.upgrade(settings.database_url)
        say(f"{settings.sqlite_path} is new: its tables have been made.")
        return
    if state is not SchemaState.CURRENT:
        raise CannotStart(MISFITS[state])
