"""The catalogue and the scopes as the rest of the product asks for them: kept in memory until they change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime
from forum.spoilers import queries, recognise
from forum.spoilers.gazetteer import Gazetteer
from forum.spoilers.labels import parse_label
from forum.spoilers.model import (
    CATALOGUE_TAG,
    OPEN_CODE,
    SCOPES_TAG,
    UNSPEC,
    UNSPEC_SCOPE,
    UNSPEC_WORK,
    Point,
    Scope,
    Work,
)
from forum.spoilers.points import read_code_of, whole
from forum.spoilers.resolve import Around, Resolution, Unclear, resolve, works_needed
from forum.spoilers.scopes import Book
from forum.spoilers.spotting import Spotter
from forum.web.cache import Made

_NAMES = ("gazetteer",)
_BOOK = ("scopes",)
_SPOTTER = ("spotter",)
# About how many bytes a work's names, a scope, a work and one of its units take in memory.
_NAME_WEIGHT, _SCOPE_WEIGHT, _WORK_WEIGHT, _UNIT_WEIGHT = 900, 700, 1_000, 500


class Ambiguous(Invalid):
    """A `label` that means several works: `unclear` says which part of it, and what that may mean."""

    code = "ambiguous_scope"

    def __init__(self, unclear: Unclear, *, label: str = "", loc: str = "body") -> None:
        meant = tuple((candidate.label, candidate.token) for candidate in unclear.candidates)
        error = FieldError(loc, self.code, candidates=meant)
        super().__init__(detail=N_("That name can mean %(names)s here. Say which one."), errors=(error,))
        self.unclear = unclear
        self.label = label


async def gazetteer(rt: Runtime) -> Gazetteer:
    """Every name of the catalogue, kept in memory until the catalogue changes."""

    async def load() -> Made[Gazetteer]:
        async with rt.db.read(fresh=True) as tx:
            revision, named = await queries.list_names(tx)
        names = Gazetteer.of(revision, named)
        return Made(names, frozenset({CATALOGUE_TAG}), weight=_NAME_WEIGHT * (len(named) + 1))

    return await rt.cache.get(_NAMES, load)


async def _spotter(rt: Runtime) -> Spotter:
    async def load() -> Made[Spotter]:
        names = await gazetteer(rt)
        return Made(Spotter.of(names), frozenset({CATALOGUE_TAG}), weight=_NAME_WEIGHT * (len(names.works) + 1))

    return await rt.cache.get(_SPOTTER, load)


async def book(rt: Runtime) -> Book:
    """Every scope and what it is called, kept in memory until there is a new one or the catalogue changes."""

    async def load() -> Made[Book]:
        names = await gazetteer(rt)
        async with rt.db.read(fresh=True) as tx:
            scopes = await queries.list_scopes(tx)
        made = Book(names.revision, scopes, names.titles)
        return Made(made, frozenset({CATALOGUE_TAG, SCOPES_TAG}), weight=_SCOPE_WEIGHT * (len(scopes) + 1))

    return await rt.cache.get(_BOOK, load)


async def works_of(rt: Runtime, ids: Iterable[str]) -> dict[str, Work]:
    """The works with these ids that there are, whole; each is kept until the catalogue changes."""
    names = await gazetteer(rt)
    wanted = sorted({work_id for work_id in ids if names.has(work_id)})
    # With the revision in its key a work that was read is never older than what it is kept under.
    kept = {work_id: rt.cache.peek(_key(names, work_id)) for work_id in wanted}
    missing = [work_id for work_id in wanted if kept[work_id] is None]
    if missing:
        async with rt.db.read(fresh=True) as tx:
            found = await queries.find_works(tx, missing)
        for work in found:
            kept[work.id] = await _keep(rt, names, work)
    return {work_id: work for work_id, work in kept.items() if work is not None}


def _key(names: Gazetteer, work_id: str) -> tuple[str, int, str]:
    return ("work", names.revision, work_id)


async def _keep(rt: Runtime, names: Gazetteer, work: Work) -> Work:
    async def made() -> Made[Work]:
        return Made(work, frozenset({CATALOGUE_TAG}), weight=_WORK_WEIGHT + _UNIT_WEIGHT * len(work.units))

    return await rt.cache.get(_key(names, work.id), made)


async def understand(
    rt: Runtime, label_texts: Iterable[str], *, prefer: Sequence[str], at: datetime, strict: bool
) -> dict[str, Scope]:
    """What labels mean in a discussion of the works `prefer`, the main one first, when written at `at`.

    Raises Ambiguous when `strict` and a name means several works; else such a label asks for all of them. What names
    nothing is UNSPEC.
    """
    found: dict[str, Scope] = {}
    for text, resolution in (await explain(rt, label_texts, prefer=prefer, at=at)).items():
        if strict and resolution.unclear:
            raise Ambiguous(resolution.unclear[0], label=text)
        found[text] = resolution.scope
    return found


async def explain(
    rt: Runtime, label_texts: Iterable[str], *, prefer: Sequence[str], at: datetime
) -> dict[str, Resolution]:
    """What labels mean, with what is unclear or unknown in them."""
    names = await gazetteer(rt)
    parsed = {text: parse_label(text, names) for text in dict.fromkeys(label_texts)}
    needed = {key for label in parsed.values() if label is not None for key in works_needed(label, prefer)}
    works = await works_of(rt, needed)
    around = Around(prefer, at)
    return {
        text: Resolution(UNSPEC_SCOPE, unknown=(text,)) if label is None else resolve(label, names, works, around)
        for text, label in parsed.items()
    }


async def read_tokens(rt: Runtime, tokens: Iterable[str], *, at: datetime) -> tuple[Scope, list[str]]:
    """The scope that programs write as tokens, and those of them that nobody knows, which count as UNSPEC.

    `work:code` is a unit or (pinned, or open) a group, `work:*` the open end, `work` alone all of it as it stood at
    `at`, `?:` a spoiler for we don't know what.
    """
    given = [token.strip() for token in tokens]
    works = await works_of(rt, {token.partition(":")[0] for token in given})
    points: list[Point] = []
    unknown: list[str] = []
    for token in given:
        point = _read_token(token, works, at)
        if point is None:
            unknown.append(token)
        points.append(point or UNSPEC)
    return Scope.of(points), unknown


def _read_token(token: str, works: Mapping[str, Work], at: datetime) -> Point | None:
    work_id, colon, code = token.partition(":")
    if work_id == UNSPEC_WORK and not code:
        return UNSPEC
    work = works.get(work_id)
    if work is None:
        return None
    if not colon:
        return whole(work, at)
    return Point(work.id) if code == OPEN_CODE else read_code_of(work, code)


async def mentions(
    rt: Runtime, text: str, *, assumed: Scope, prefer: Sequence[str], at: datetime
) -> list[recognise.Mention]:
    """The works and units a text names that its discussion (of the works `prefer`) does not assume, at most 20."""
    names = await gazetteer(rt)
    clues = recognise.find_clues(text, await _spotter(rt), names, prefer)
    if not clues:
        return []
    works = await works_of(rt, recognise.works_needed(clues, prefer))
    return recognise.mentions_of(clues, names, works, recognise.Discussion(assumed, prefer, at))


async def intern(tx: Tx, rt: Runtime, scope: Scope) -> int | None:
    """The id under which a scope is stored, None when it is empty. Inside a writing transaction.

    What was stored under the same words may by now mean something else: an open end that has since been pinned. A
    new scope then gets words of its own.
    """
    if not scope:
        return None
    turn = 0
    while True:
        canon = scope.canon if turn == 0 else f"{scope.canon}~{turn}"
        found = await queries.find_scope(tx, canon)
        if found is None:
            scope_id = rt.ids.next()
            if await queries.insert_scope(tx, scope_id, canon, scope):
                return scope_id
            found = await queries.find_scope(tx, canon)
        if found is not None and found[1].canon == scope.canon:
            return found[0]
        turn += 1
