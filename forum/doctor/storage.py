"""What the database says of itself: how it writes, its sites, its waiting jobs, its clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from forum.articles.urls import UrlProblem, normalise_origin
from forum.core.ids import EPOCH, SEQUENCE_BITS
from forum.db import Database
from forum.doctor.model import Finding, good, note, wrong
from forum.doctor.queries import threads as queries
from forum.outbox import queries as outbox
from forum.settings.rules import is_loopback_host
from forum.sites.model import Site
from forum.sites.queries import list_sites

SYNCHRONOUS_FULL = 2
CLOCK_AHEAD = timedelta(minutes=1)
# A job that was due this long ago has nobody who would do it.
OVERDUE = timedelta(minutes=10)


async def check_durability(db: Database) -> Finding:
    """I1: what is acknowledged survives a crash, because a commit waits for the disk."""
    name = "I1 writes are durable"
    if not db.is_sqlite:
        async with db.read(fresh=True) as tx:
            server = await queries.get_postgres_settings(tx)
        settings = {key: getattr(server, key) for key in ("synchronous_commit", "fsync", "full_page_writes")}
        off = sorted(key for key, value in settings.items() if value == "off")
        if off:
            return wrong(name, f"{', '.join(off)} is off", "Switch it on in postgresql.conf: a crash loses comments.")
        return good(name, f"PostgreSQL {server.server_version}: fsync and synchronous_commit are on")
    journal, synchronous, foreign_keys = await db.write(queries.get_pragmas)
    if journal != "wal" or synchronous < SYNCHRONOUS_FULL or not foreign_keys:
        seen = f"journal_mode={journal} synchronous={synchronous} foreign_keys={foreign_keys}"
        return wrong(name, seen, "The file system may not support WAL: keep the file on a local disk.")
    return good(name, "WAL, synchronous=FULL, foreign keys on")


async def check_sites(db: Database) -> Finding:
    """Every site has origins, written as browsers write them."""
    name = "Sites"
    async with db.read(fresh=True) as tx:
        sites = await list_sites(tx)
    if not sites:
        return note(name, "none yet", "aftershow site add KEY --name NAME --origin https://news.example")
    bad = [f"{site.key} ({problem})" for site in sites if (problem := _origin_problem(site))]
    if bad:
        return wrong(name, ", ".join(bad), "aftershow site edit KEY --origin https://news.example")
    plain = sorted({site.key for site in sites for origin in site.origins if _is_plain(origin)})
    if plain:
        return note(
            name, f"{len(sites)}; {', '.join(plain)} uses plain http", "Readers of an http page can be spied on."
        )
    return good(name, f"{len(sites)}: {', '.join(site.key for site in sites)}")


def _origin_problem(site: Site) -> str:
    if not site.origins:
        return "no origin"
    for origin in site.origins:
        try:
            if normalise_origin(origin) != origin:
                return f"{origin} is not written as browsers write it"
        except UrlProblem:
            return f"{origin} is no origin"
    return ""


def _is_plain(origin: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme == "http" and not is_loopback_host(parts.hostname or "")


async def check_outbox(db: Database, now: datetime) -> Finding:
    """Jobs are done: none given up, none forgotten."""
    name = "Outbox"
    async with db.read(fresh=True) as tx:
        jobs, dead = await outbox.count_jobs(tx)
        due = await outbox.find_next_run(tx)
    if due is not None and due < now - OVERDUE:
        return note(name, f"{jobs - dead} waiting, since {due:%Y-%m-%d %H:%M} UTC", "Is `serve` or `worker` running?")
    if dead:
        advice = "Their last_error says why; articles that are gone or lack the embed are harmless."
        return note(name, f"{dead} given up, {jobs - dead} waiting", advice)
    return good(name, f"{jobs} waiting, none given up")


async def check_clock(db: Database, now: datetime) -> Finding:
    """Nothing was written in the future."""
    name = "Clock"
    async with db.read(fresh=True) as tx:
        newest = await queries.find_newest_id(tx)
    if newest is None:
        return good(name, f"{now:%Y-%m-%d %H:%M} UTC; no comments yet")
    written = EPOCH + timedelta(milliseconds=newest >> SEQUENCE_BITS)
    if written > now + CLOCK_AHEAD:
        seen = f"it is {now:%Y-%m-%d %H:%M:%S}, but a comment is from {written:%Y-%m-%d %H:%M:%S} UTC"
        return wrong(name, seen, "Set the clock (NTP). New comments sort below those until then.")
    return good(name, f"the newest comment is from {written:%Y-%m-%d %H:%M} UTC")
