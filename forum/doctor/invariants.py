"""The promises about what is stored (I2 to I5, I11, I12, covers), each compared with the whole database."""

from __future__ import annotations

from collections.abc import Sequence

from forum.db import Database
from forum.doctor.model import Finding, good, wrong
from forum.doctor.queries import counters, covers, decisions, people
from forum.doctor.queries import threads as queries
from forum.doctor.queries.threads import Fault
from forum.doctor.repair import repair_counters

RESTORE = "Stop the servers, keep a copy of the database, and restore from the last good backup."


def _judge(name: str, faults: Sequence[Fault], fine: str) -> Finding:
    if not faults:
        return good(name, fine)
    return wrong(name, "; ".join(f"{f.count} {f.rule} (id {f.example})" for f in faults), RESTORE)


async def check_keys(db: Database) -> Finding:
    """I2: one comment for each idempotency key."""
    async with db.read(fresh=True) as tx:
        faults = await queries.list_broken_keys(tx)
    return _judge("I2 one comment per key", faults, "each key stands for one comment of its holder")


async def check_leftovers(db: Database) -> Finding:
    """I3: nothing was half done."""
    async with db.read(fresh=True) as tx:
        faults = await queries.list_orphans(tx)
    return _judge("I3 nothing half done", faults, "no orphaned discussions, comments or revisions")


async def check_threads(db: Database) -> Finding:
    """I5: threads are trees."""
    async with db.read(fresh=True) as tx:
        faults = await queries.list_broken_threads(tx)
    return _judge("I5 threads are trees", faults, "parents, depths and order fit together")


async def check_covers(db: Database) -> Finding:
    """What is covered is out of sight, and what is not is in its place."""
    async with db.read(fresh=True) as tx:
        faults = await covers.list_broken_covers(tx)
    return _judge("Covers hide what they should", faults, "hidden text is apart, every cover leads to it")


async def check_decisions(db: Database) -> Finding:
    """I7: a comment stands as was last decided, and waits where it should."""
    async with db.read(fresh=True) as tx:
        faults = await decisions.list_broken_decisions(tx)
    return _judge("I7 comments stand as decided", faults, "statuses, queues and quotes are as the log says")


async def check_people(db: Database) -> Finding:
    """I11: what was revoked stays revoked, and what names an account leads to one."""
    async with db.read(fresh=True) as tx:
        faults = await people.list_broken_people(tx)
    return _judge("I11 people and their sessions", faults, "everything that names an account leads to one")


async def check_counters(db: Database) -> Finding:
    """I4: counters equal a recount."""
    name = "I4 counters are right"
    async with db.read(fresh=True) as tx:
        discussions, _ = await counters.list_wrong_discussions(tx, most=1)
        comments, conversations, _ = await counters.list_wrong_comments(tx, most=1)
    counts = {"discussions": discussions, "replies of comments": comments, "conversations": conversations}
    bad = ", ".join(f"{n} {what}" for what, n in counts.items() if n)
    if not bad:
        return good(name, "counters equal a recount")
    return wrong(name, f"wrong counts: {bad}", "aftershow doctor --verify recounts and stores them.")


async def verify_counters(db: Database) -> Finding:
    """I4, after setting right what was wrong."""
    comments, discussions = await repair_counters(db)
    found = await check_counters(db)
    if comments + discussions == 0 or found.advice:
        return found
    return good(found.name, f"repaired the counts of {comments} comments and {discussions} discussions")


async def check_integrity(db: Database) -> Finding:
    """I12: the database's own checks."""
    name = "I12 the database is whole"
    async with db.read(fresh=True) as tx:
        if db.is_sqlite:
            damage = await queries.list_sqlite_damage(tx)
            return wrong(name, "; ".join(damage), RESTORE) if damage else good(name, "SQLite's checks find nothing")
        indexes, constraints = await queries.count_postgres_damage(tx)
    if indexes or constraints:
        seen = f"{indexes} invalid indexes, {constraints} constraints never validated"
        return wrong(name, seen, "REINDEX the invalid ones, VALIDATE CONSTRAINT the others.")
    return good(name, "indexes are valid, constraints validated (pages: see pg_amcheck)")
