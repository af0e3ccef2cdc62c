"""`aftershow migrate`."""

from __future__ import annotations

from forum.cli.output import explaining, read_settings, say
from forum.db import migrate as migrations
from forum.db.migrate import SchemaState


def migrate() -> None:
    """Make the database's tables, or bring them to this version.

    Safe to repeat. A database that was made by a newer version is left alone (exit code 3). Serving processes may go
    on meanwhile: migrations are compatible with the version before.
    """
    with explaining():
        settings = read_settings()
        before = migrations.state(settings.database_url)
        migrations.upgrade(settings.database_url)
    if before is SchemaState.CURRENT:
        say("The database is at this version already.")
    elif before is SchemaState.EMPTY:
        say("The database has its tables now.")
    else:
        say("The database is at this version now.")
