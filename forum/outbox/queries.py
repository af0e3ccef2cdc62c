"""Every statement of the outbox."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, tuple_, update

from forum.db import Prepared, Tx
from forum.outbox.model import LEASE, Job
from forum.outbox.tables import outbox

TAG = "outbox"

_INSERT = Prepared(insert(outbox))


def _claiming(wanted: Any) -> Prepared:
    """The statement that takes due jobs of some kinds."""
    due = (
        select(outbox.c.site_id, outbox.c.id)
        .where(outbox.c.dead_at.is_(None), outbox.c.run_at <= bindparam("now", type_=outbox.c.run_at.type), wanted)
        .order_by(outbox.c.run_at)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("due")  # evaluated once: as a plain subquery PostgreSQL may run it again for each row and pass the limit
    )
    return Prepared(
        update(outbox)
        .where(tuple_(outbox.c.site_id, outbox.c.id).in_(select(due.c.site_id, due.c.id)))
        .values(run_at=bindparam("until", type_=outbox.c.run_at.type), attempts=outbox.c.attempts + 1)
        .returning(outbox.c.site_id, outbox.c.id, outbox.c.kind, outbox.c.payload, outbox.c.attempts)
    )


_KINDS = bindparam("kinds", expanding=True, type_=outbox.c.kind.type)
_CLAIM = _claiming(outbox.c.kind.not_in(_KINDS))
_CLAIM_KIND = _claiming(outbox.c.kind == bindparam("kind"))
_MINE = (
    (outbox.c.site_id == bindparam("job_site"))
    & (outbox.c.id == bindparam("job"))
    & (outbox.c.attempts == bindparam("claim"))
)
_FINISH = Prepared(delete(outbox).where(_MINE))
_POSTPONE = Prepared(
    update(outbox)
    .where(_MINE)
    .values(
        run_at=bindparam("again", type_=outbox.c.run_at.type),
        last_error=bindparam("error", type_=outbox.c.last_error.type),
    )
)
_RELEASE = Prepared(
    update(outbox)
    .where(_MINE)
    .values(run_at=bindparam("now", type_=outbox.c.run_at.type), attempts=outbox.c.attempts - 1)
)
_BURY = Prepared(
    update(outbox)
    .where(_MINE)
    .values(
        dead_at=bindparam("now", type_=outbox.c.dead_at.type),
        last_error=bindparam("error", type_=outbox.c.last_error.type),
    )
)
_REVIVE = Prepared(
    update(outbox)
    .where(
        outbox.c.site_id == bindparam("job_site"),
        outbox.c.id == bindparam("job"),
        outbox.c.dead_at <= bindparam("dead_since", type_=outbox.c.dead_at.type),
    )
    .values(run_at=bindparam("now", type_=outbox.c.run_at.type), attempts=0, dead_at=None, last_error=None)
)
# The job is held: whoever begins it later sees all that this transaction has changed.
_WAITING = Prepared(
    select(outbox.c.id)
    .where(
        outbox.c.kind == bindparam("kind"),
        outbox.c.payload == bindparam("payload"),
        outbox.c.attempts == 0,
        outbox.c.dead_at.is_(None),
    )
    .limit(1)
    .with_for_update()
)
_COUNTS = Prepared(select(func.count().label("jobs"), func.count(outbox.c.dead_at).label("dead")).select_from(outbox))
_NEXT = Prepared(
    select(func.min(outbox.c.run_at).label("run_at")).where(outbox.c.dead_at.is_(None), outbox.c.kind.not_in(_KINDS))
)


async def insert_job(tx: Tx, *, site_id: int, job_id: int, kind: str, payload: dict[str, Any], now: datetime) -> None:
    """Add a job that may run at once. It exists only if the transaction around it is committed."""
    values = {
        "site_id": site_id,
        "id": job_id,
        "kind": kind,
        "payload": json.dumps(payload),
        "run_at": now,
        "attempts": 0,
        "created_at": now,
        "dead_at": None,
        "last_error": None,
    }
    await tx.execute(_INSERT, values)
    tx.touch(TAG)


async def has_waiting_job(tx: Tx, *, kind: str, payload: dict[str, Any]) -> bool:
    """Whether there is such a job already that nobody has begun, nor begins before this transaction is done."""
    return await tx.fetch_one(_WAITING, {"kind": kind, "payload": json.dumps(payload)}) is not None


async def claim_jobs(
    tx: Tx, *, now: datetime, most: int, kind: str | None = None, besides: Collection[str] = ()
) -> list[Job]:
    """Take up to `most` due jobs, of this kind or of all `besides` some; nobody else gets them before their lease
    ends."""
    values = {"now": now, "until": now + LEASE, "most": most}
    if kind is None:
        rows = await tx.fetch_all(_CLAIM, {**values, "kinds": list(besides)})
    else:
        rows = await tx.fetch_all(_CLAIM_KIND, {**values, "kind": kind})
    return [Job(r.site_id, r.id, r.kind, json.loads(r.payload), r.attempts) for r in rows]


def _claim_of(job: Job) -> dict[str, Any]:
    return {"job_site": job.site_id, "job": job.id, "claim": job.attempts}


async def finish_job(tx: Tx, job: Job) -> bool:
    """Remove a job that is done; False when the claim had passed to somebody else."""
    return await tx.execute(_FINISH, _claim_of(job)) == 1


async def postpone_job(tx: Tx, job: Job, *, until: datetime, error: str) -> bool:
    """Try again later."""
    return await tx.execute(_POSTPONE, {**_claim_of(job), "again": until, "error": error[:500]}) == 1


async def release_job(tx: Tx, job: Job, *, now: datetime) -> bool:
    """Undo a claim whose work was broken off: due again at once, as if it had not been claimed."""
    return await tx.execute(_RELEASE, {**_claim_of(job), "now": now}) == 1


async def bury_job(tx: Tx, job: Job, *, now: datetime, error: str) -> bool:
    """Give a job up; it stays where an operator can see it."""
    return await tx.execute(_BURY, {**_claim_of(job), "now": now, "error": error[:500]}) == 1


async def revive_job(tx: Tx, *, site_id: int, job_id: int, dead_since: datetime, now: datetime) -> bool:
    """Begin anew with a job that was given up at `dead_since` or before; False when there is no such job."""
    values = {"job_site": site_id, "job": job_id, "dead_since": dead_since, "now": now}
    if await tx.execute(_REVIVE, values) != 1:
        return False
    tx.touch(TAG)
    return True


async def count_jobs(tx: Tx) -> tuple[int, int]:
    """How many jobs there are in all, and how many of them are dead."""
    rows = await tx.fetch_all(_COUNTS)
    return rows[0].jobs, rows[0].dead


async def find_next_run(tx: Tx, *, besides: Collection[str] = ()) -> datetime | None:
    """When the next job (of all kinds `besides` some) is due, or None when nothing waits."""
    moment: datetime | None = await tx.fetch_val(_NEXT, {"kinds": list(besides)})
    return moment
