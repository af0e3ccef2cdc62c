"""One examination from beginning to end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from forum.core.clock import Clock
from forum.db import Database, migrate, open_database
from forum.db.migrate import SchemaState
from forum.doctor import invariants, storage
from forum.doctor.machine import look_around
from forum.doctor.model import Finding, Report, good, wrong
from forum.errors import Unavailable
from forum.serving.errors import reason_of
from forum.serving.lock import find_server
from forum.settings import Settings

REACHABLE, SCHEMA = "Database", "Tables"
Check = Callable[[Database], Awaitable[Finding]]
MIGRATE = "aftershow migrate"
SCHEMA_ADVICE = {
    SchemaState.EMPTY: ("there are none yet", MIGRATE),
    SchemaState.OLDER: ("they are from an older version", MIGRATE),
    SchemaState.NEWER: ("they are from a newer version", "Install that version of Aftershow."),
}


def examine(settings: Settings, clock: Clock, *, repair: bool) -> Report:
    """Look at everything; with `repair`, set counters right. Writes nothing otherwise, and makes no database."""
    found = look_around(settings)
    reached, schema = _connect(settings)
    found += [finding for finding in (reached, schema) if finding is not None]
    if schema is None or schema.advice:
        return Report(tuple(found), usable=False)
    found += asyncio.run(_look_inside(settings, clock, repair=repair))
    return Report(tuple(found), usable=True)


def _connect(settings: Settings) -> tuple[Finding, Finding | None]:
    if settings.is_sqlite and not settings.sqlite_path.exists():
        return wrong(REACHABLE, f"{settings.sqlite_path.resolve()} does not exist", MIGRATE), None
    try:
        state = migrate.state(settings.database_url)
    except Unavailable as error:
        return wrong(REACHABLE, f"it cannot be reached: {reason_of(error)}", "Is AFTERSHOW_DATABASE_URL right?"), None
    if state is SchemaState.CURRENT:
        return good(REACHABLE, _server(settings)), good(SCHEMA, "those of this version")
    return good(REACHABLE, _server(settings)), wrong(SCHEMA, *SCHEMA_ADVICE[state])


def _server(settings: Settings) -> str:
    if not settings.is_sqlite:
        return "PostgreSQL answers"
    process = find_server(settings.sqlite_path)
    return "SQLite, not being served now" if process is None else f"SQLite, served by process {process}"


async def _look_inside(settings: Settings, clock: Clock, *, repair: bool) -> list[Finding]:
    now = clock.now()
    checks: list[Check] = [
        storage.check_sites,
        lambda db: storage.check_outbox(db, now),
        lambda db: storage.check_clock(db, now),
        storage.check_durability,
        invariants.check_keys,
        invariants.check_leftovers,
        invariants.verify_counters if repair else invariants.check_counters,
        invariants.check_threads,
        invariants.check_covers,
        invariants.check_decisions,
        invariants.check_people,
        invariants.check_integrity,
    ]
    async with open_database(settings.database_url) as db:
        return [await _run(check, db) for check in checks]


async def _run(check: Check, db: Database) -> Finding:
    try:
        return await check(db)
    except Unavailable as error:
        return wrong(
            "Reading", f"a check could not be made: {reason_of(error)}", "See the line about integrity below, if any."
        )
