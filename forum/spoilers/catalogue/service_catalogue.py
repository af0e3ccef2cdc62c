"""Change the catalogue: import works, or save one that an editor has written. One transaction each, all or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from forum.core.i18n import N_
from forum.core.ids import IdMaker, time_of
from forum.db import ConstraintViolated, Database, Tx
from forum.errors import Conflict, NotFound
from forum.outbox.queries import insert_job
from forum.spoilers import queries
from forum.spoilers.catalogue import queries_catalogue, queries_works
from forum.spoilers.catalogue.checking import check
from forum.spoilers.catalogue.differences import Diff
from forum.spoilers.catalogue.drafts import Catalogue, CatalogueProblem, DraftWork
from forum.spoilers.catalogue.matching import match_work
from forum.spoilers.catalogue.merging import Known, Mode, Plan, plan_import
from forum.spoilers.model import NOTHING, Work
from forum.spoilers.names import normalise

CATALOGUE_CHANGED = "catalogue_changed"
# Raises where a change may not be made, inside its transaction.
Requirement = Callable[[Tx], Awaitable[None]]


class Parts(Protocol):
    """What changing the catalogue needs: a runtime, or what a command has."""

    @property
    def db(self) -> Database: ...

    @property
    def ids(self) -> IdMaker: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """The parts by themselves."""

    db: Database
    ids: IdMaker


async def import_works(rt: Parts, catalogue: Catalogue, *, merge: bool = False, dry_run: bool = False) -> Diff:
    """Bring works into the catalogue, or say what that would change; bringing them again changes nothing.

    Raises CatalogueProblem when something cannot be taken, or is pointed at by spoilers and only a merge may touch it;
    Conflict when somebody posted about just that at the same moment.
    """
    mode = Mode.MERGE if merge else Mode.ADD
    return (await (_plan if dry_run else _change)(rt, catalogue, mode)).diff


async def save_work(
    rt: Parts,
    draft: DraftWork,
    *,
    seen: Callable[[Work], bool] | None,
    franchises: Mapping[str, str] = NOTHING,
    dry_run: bool = False,
) -> tuple[Work, Diff]:
    """Store a work exactly as an editor has written it: what the draft does not say goes, unless spoilers point at it.

    `seen` says whether the work is still as the editor saw it; None for a new one. `franchises`: new ones, or new
    titles. A unit that is renamed is told by its `id`. Raises as `import_works`; `id_taken` when a new work is none;
    NotFound; Conflict when the work was changed in the meantime.
    """

    async def require(tx: Tx) -> None:
        found = await queries.find_works(tx, [draft.id])
        if seen is None and found:
            raise CatalogueProblem("id_taken", "id", found=draft.id)
        if seen is not None and not found:
            raise NotFound("unknown_work", N_("There is no such work in the catalogue."))
        if seen is not None and not seen(found[0]):
            raise Conflict("work_changed", N_("Somebody else has changed this work in the meantime."))

    plan = await (_plan if dry_run else _change)(rt, Catalogue((draft,), franchises), Mode.EXACT, require)
    return plan.after[0], plan.diff


async def _plan(rt: Parts, catalogue: Catalogue, mode: Mode, require: Requirement | None = None) -> Plan:
    """What a change would do."""
    checked = check(catalogue)
    async with rt.db.read(fresh=True) as tx:
        if require is not None:
            await require(tx)
        known = await _look_up(tx, checked)
    return plan_import(known, checked, mode, rt.ids.next)


async def _change(rt: Parts, catalogue: Catalogue, mode: Mode, require: Requirement | None = None) -> Plan:
    checked = check(catalogue)

    async def write(tx: Tx) -> Plan:
        await queries_catalogue.lock_catalogue(tx)
        if require is not None:
            await require(tx)
        known = await _look_up(tx, checked)
        plan = plan_import(known, checked, mode, rt.ids.next)
        if plan.diff:
            await _store(tx, known, plan)
            await _announce(tx, rt.ids.next())
        return plan

    try:
        return await rt.db.write(write)
    except ConstraintViolated as error:
        detail = N_("Somebody has just written about a part that this would take away. Try again.")
        raise Conflict("catalogue_in_use", detail) from error


async def _announce(tx: Tx, job_id: int) -> None:
    """What was said of whole discussions and could not be understood is looked up again, by the worker."""
    await insert_job(tx, site_id=0, job_id=job_id, kind=CATALOGUE_CHANGED, payload={}, now=time_of(job_id))


async def _store(tx: Tx, known: Known, plan: Plan) -> None:
    await queries_catalogue.store_franchises(tx, known.franchises, plan.franchises)
    await queries_catalogue.repoint(tx, plan.diff.merges)
    for work in plan.differing:
        await queries_catalogue.store_work(tx, known.works.get(work.id), work)
    await queries_catalogue.pin(tx, plan.diff.pins)
    await queries_catalogue.bump_revision(tx)


async def _look_up(tx: Tx, catalogue: Catalogue) -> Known:
    """What the catalogue says about all this; raises CatalogueProblem when a work cannot be told from another."""
    entries = await queries_catalogue.list_origins(tx)
    matched: dict[str, str] = {}
    for draft in catalogue.works:
        found = match_work(draft, entries)
        if found is not None:
            if found in matched.values():
                raise CatalogueProblem("id_twice", draft.place, found=found)
            matched[draft.id] = found
    ids = matched.values()
    titles = [name for draft in catalogue.works for name in (draft.title, *draft.aliases) if name]
    return Known(
        works={work.id: work for work in await queries.find_works(tx, ids)},
        matched=matched,
        names=await queries_catalogue.works_called(tx, (normalise(title) for title in titles)),
        franchises=dict(await queries_works.list_franchises(tx)),
        referenced=await queries_catalogue.list_referenced(tx, ids),
        open_points=await queries_catalogue.list_open_points(tx, ids),
    )
