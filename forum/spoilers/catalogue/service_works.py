"""Find works of the catalogue, for lists, for the API and for editors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_line
from forum.errors import NotFound
from forum.runtime import Runtime
from forum.spoilers import queries
from forum.spoilers.catalogue import queries_works
from forum.spoilers.catalogue.queries_works import Entry
from forum.spoilers.model import Work
from forum.spoilers.service import works_of

PAGE: Final = 50
WORK_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
MOST_NAME: Final = 200
UNKNOWN_WORK: Final = N_("There is no such work in the catalogue.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of works by title; `more`: others come after them."""

    entries: Sequence[Entry]
    more: bool


async def get_work(rt: Runtime, work_id: str) -> Work:
    """The work with this id, whole; raises NotFound."""
    found = await works_by_id(rt, [work_id])
    if not found:
        raise NotFound("unknown_work", UNKNOWN_WORK)
    return found[0]


async def works_by_id(rt: Runtime, ids: Iterable[str]) -> list[Work]:
    """Those of these works that there are, in the order asked for, each once."""
    wanted = [key for key in dict.fromkeys(ids) if WORK_ID.fullmatch(key)]
    found = await works_of(rt, wanted)
    return [found[key] for key in wanted if key in found]


async def search(rt: Runtime, text: str, *, most: int) -> list[Work]:
    """Works with a name that contains the text, the best first; the first ones by title where there is no text."""
    async with rt.db.read(fresh=True) as tx:
        if text:
            return await queries.search_works(tx, _searched(text), most=most)
        entries = await queries_works.list_entries(tx, after=None, most=most)
    return await works_by_id(rt, [entry.id for entry in entries])


def _searched(text: str) -> str:
    """What can be looked for: "" where nothing of the text can be seen."""
    try:
        return clean_line(text, MOST_NAME)
    except TextProblem:
        return ""


async def list_works(rt: Runtime, *, after: str | None = None) -> Listed:
    """A page of all works by title, those behind the work `after`."""
    async with rt.db.read(fresh=True) as tx:
        entries = await queries_works.list_entries(tx, after=after, most=PAGE + 1)
    return Listed(entries[:PAGE], len(entries) > PAGE)


async def list_called(rt: Runtime, text: str) -> Listed:
    """The works with a name that contains the text, the best first: as many as a page holds, and no second page."""
    async with rt.db.read(fresh=True) as tx:
        found = await queries.search_works(tx, _searched(text), most=PAGE + 1)
        entries = await queries_works.find_entries(tx, [work.id for work in found])
    return Listed([entries[work.id] for work in found[:PAGE] if work.id in entries], len(found) > PAGE)


async def list_franchises(rt: Runtime) -> list[tuple[str, str]]:
    """Every franchise by title: (id, title)."""
    async with rt.db.read(fresh=True) as tx:
        return await queries_works.list_franchises(tx)


async def titles_of(rt: Runtime, ids: Iterable[str]) -> dict[str, str]:
    """The titles of those of these works that there are."""
    async with rt.db.read(fresh=True) as tx:
        return {key: entry.title for key, entry in (await queries_works.find_entries(tx, ids)).items()}
