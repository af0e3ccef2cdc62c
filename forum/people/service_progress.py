"""How far people are, kept with their account so that every browser of theirs knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forum.core.visitor import Visitor
from forum.db import Tx
from forum.people import queries
from forum.people.model import NOWHERE, Known
from forum.people.service import get_person, hold_account
from forum.runtime import Runtime
from forum.spoilers.model import Kind, Seen, Work
from forum.spoilers.service import gazetteer, works_of


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody says anew: how far they are ((state, unit's code)) and what they have ticked by work id, and rules.
    None takes back what was said; what is not named stays."""

    progress: Mapping[str, tuple[str, str] | None] = field(default_factory=dict)
    ticks: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    rules: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A change with what the catalogue does not know left out, and listed."""

    change: Change
    unknown: tuple[str, ...]


async def set_progress(rt: Runtime, visitor: Visitor, change: Change) -> tuple[str, ...]:
    """Store what somebody says; returns what of it the catalogue does not know, and was left out: "work" or
    "work:code" (or a rule). Raises SignInNeeded."""
    checked = await _check(rt, change)

    async def work(tx: Tx) -> None:
        person = await get_person(tx, rt, visitor)
        await _store(tx, rt, person.id, checked.change)

    await rt.db.write(work)
    return checked.unknown


async def set_own_progress(rt: Runtime, account_id: int, change: Change) -> None:
    """The same from the settings, whose owner is known already."""
    checked = await _check(rt, change)

    async def work(tx: Tx) -> None:
        person = await hold_account(tx, account_id)
        await _store(tx, rt, person.id, checked.change)

    await rt.db.write(work)


async def read_known(rt: Runtime, account_id: int) -> Known:
    """All that somebody has said about works."""
    async with rt.db.read(fresh=True) as tx:
        return await queries.find_known(tx, account_id)


async def _store(tx: Tx, rt: Runtime, account_id: int, change: Change) -> None:
    known, now = await queries.find_known(tx, account_id), rt.clock.now()
    for work_id in sorted({*change.progress, *change.ticks}):
        old = known.stands.get(work_id, NOWHERE)._replace(work_id=work_id)
        new = old
        if work_id in change.progress:
            state, unit = change.progress[work_id] or ("", "")
            new = new._replace(state=state, unit=unit)
        if work_id in change.ticks:
            new = new._replace(ticks=tuple(change.ticks[work_id] or ()))
        if new != old:
            await queries.keep_stand(tx, account_id, new, now)
    for rule, said in sorted(change.rules.items()):
        if known.rules.get(rule) != said:
            await queries.keep_rule(tx, account_id, rule, said)


async def _check(rt: Runtime, change: Change) -> _Checked:
    said = {key for key, value in change.progress.items() if value} | {k for k, v in change.ticks.items() if v}
    works = await works_of(rt, said)
    unknown = dict.fromkeys(sorted(said - set(works)))
    progress: dict[str, tuple[str, str] | None] = {}
    for key, value in change.progress.items():
        if value is None:
            progress[key] = None
        elif key in works:
            progress[key] = _stand(works[key], *value)
            if progress[key] is None:
                del progress[key]
                unknown[f"{key}:{value[1]}"] = None
    ticks: dict[str, Sequence[str] | None] = {}
    for key, codes in change.ticks.items():
        if not codes or key in works:
            ticks[key] = _ticks(works[key], codes) if codes else None
            unknown |= {f"{key}:{code}": None for code in codes or () if code not in (ticks[key] or ())}
    rules, strange = await _rules(rt, change.rules)
    return _Checked(Change(progress, ticks, rules), (*unknown, *strange))


def _stand(work: Work, state: str, code: str) -> tuple[str, str] | None:
    if state != Seen.AT:
        return state, ""
    unit = work.unit(code)
    return None if unit is None or unit.branch else (state, code)


def _ticks(work: Work, codes: Sequence[str]) -> tuple[str, ...]:
    branch = [unit.code for unit in work.units if unit.branch]
    return tuple(code for code in branch if code in codes)


async def _rules(rt: Runtime, rules: Mapping[str, str | None]) -> tuple[dict[str, str | None], list[str]]:
    if not rules:
        return {}, []
    names = await gazetteer(rt)
    franchises = names.franchises(names.works)
    known = {f"{franchise}/{kind.value}" for franchise in franchises for kind in Kind}
    kept = {rule: said for rule, said in rules.items() if said is None or rule in known}
    return kept, sorted(set(rules) - set(kept))
