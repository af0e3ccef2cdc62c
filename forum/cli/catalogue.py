"""`aftershow catalogue`: import, list and show the works that spoilers are about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
from rich.table import Table

from forum.cli.catalogue_lines import lines_of, work_table
from forum.cli.options import taking
from forum.cli.output import PROBLEM, complain, explaining, read_settings, say, show
from forum.core.clock import SystemClock
from forum.core.ids import IdMaker
from forum.db import open_database
from forum.serving.schema import require_schema
from forum.spoilers import queries
from forum.spoilers.catalogue import queries_works
from forum.spoilers.catalogue.differences import Diff
from forum.spoilers.catalogue.drafts import Catalogue, CatalogueProblem
from forum.spoilers.catalogue.importing import Source, read
from forum.spoilers.catalogue.queries_works import Entry
from forum.spoilers.catalogue.service_catalogue import Tools, import_works
from forum.spoilers.model import Kind, Work
from forum.web.languages import choose

T = TypeVar("T")
# More works than anybody reads through.
MOST_LISTED: Final = 10_000

app = typer.Typer(help="Import, list and show the catalogue: the works that spoilers are about.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The options of `catalogue import`."""

    source: Annotated[
        Source | None, typer.Option("--from", help="Whose file it is. fan-catalog, csv and json-ld are recognised.")
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False
    merge: Annotated[
        bool, typer.Option("--merge", help="Remove units the file does not have, and reorder those spoilers point at.")
    ] = False
    series: Annotated[
        str | None, typer.Option(metavar="TT…", help="Which series of IMDb's tables, by its id there.")
    ] = None
    id: Annotated[str | None, typer.Option(metavar="ID", help="The id of the work in this catalogue.")] = None
    title: Annotated[str | None, typer.Option(metavar="TITLE", help="What the work is called in labels.")] = None
    kind: Annotated[Kind | None, typer.Option(help="What sort of work it is.")] = None
    franchise: Annotated[
        str | None,
        typer.Option(metavar="ID[=TITLE]", help="The franchise of works that have none; a new one by ID=TITLE."),
    ] = None

    def apply(self, catalogue: Catalogue) -> Catalogue:
        """The catalogue with what was said here instead of what was guessed; raises CatalogueProblem."""
        said = {"id": self.id, "title": self.title, "kind": self.kind}
        changes = {name: value for name, value in said.items() if value is not None}
        works, franchises = catalogue.works, dict(catalogue.franchises)
        if changes and len(works) > 1:
            raise CatalogueProblem("several_works", found=", ".join(work.id for work in works[:10]))
        works = tuple(
            replace(work, **changes, guessed=work.guessed - changes.keys())  # type: ignore[arg-type]
            for work in works
        )
        if self.franchise is not None:
            key, _, title = (part.strip() for part in self.franchise.partition("="))
            works = tuple(replace(work, franchise=work.franchise or key) for work in works)
            franchises |= {key: title} if title else {}
        return Catalogue(works, franchises)


@app.command("import")
@taking(Wanted)
def import_(
    key: Annotated[str, typer.Argument(metavar="FILE", help="What was downloaded or written; gzip is unpacked.")],
    wanted: Wanted,
) -> None:
    """Bring works into the catalogue from a file. Doing it again changes nothing; nothing is downloaded."""
    path = Path(key)
    with explaining():
        try:
            catalogue = wanted.apply(read(path, wanted.source, series=wanted.series))
            diff = _run(lambda tools: import_works(tools, catalogue, merge=wanted.merge, dry_run=wanted.dry_run))
        except CatalogueProblem as problem:
            _explain(path, problem)
            raise typer.Exit(PROBLEM) from problem
    _tell(diff, dry_run=wanted.dry_run)


@app.command("list")
def list_all(
    text: Annotated[str, typer.Argument(help="Only works with a name that contains this.")] = "",
    franchise: Annotated[str | None, typer.Option(metavar="ID", help="Only works of this franchise.")] = None,
) -> None:
    """Show the works there are."""

    async def work(tools: Tools) -> list[Entry]:
        async with tools.db.read(fresh=True) as tx:
            titles = dict(await queries_works.list_franchises(tx))
            if not text:
                entries = await queries_works.list_entries(tx, after=None, most=MOST_LISTED)
            else:
                ids = [found.id for found in await queries.search_works(tx, text, most=500)]
                known = await queries_works.find_entries(tx, ids)
                entries = [known[found] for found in ids if found in known]
        if franchise is None:
            return entries
        return [entry for entry in entries if entry.franchise == titles.get(franchise, franchise)]

    with explaining():
        entries = _run(work)
    if not entries:
        say("No work of the catalogue is like that." if text or franchise else "The catalogue is empty.")
        return
    table = Table("Id", "Title", "Kind", "Franchise", "Units")
    for entry in entries:
        table.add_row(entry.id, entry.title, entry.kind, entry.franchise or "", str(entry.units))
    show(table)


@app.command("show")
def show_one(work_id: Annotated[str, typer.Argument(metavar="WORK", help="The id of a work.")]) -> None:
    """Show a work: its names, groups, units and releases. Titles of units are left out: they may be spoilers."""

    async def work(tools: Tools) -> list[Work]:
        async with tools.db.read(fresh=True) as tx:
            return await queries.find_works(tx, [work_id])

    with explaining():
        found = _run(work)
    if not found:
        complain(f"There is no work {work_id!r} here. `aftershow catalogue list` shows those there are.")
        raise typer.Exit(PROBLEM)
    show(work_table(found[0]))


def _run(work: Callable[[Tools], Awaitable[T]]) -> T:
    """Do something with the database of the settings."""

    async def run() -> T:
        async with open_database(settings.database_url) as db:
            return await work(Tools(db, IdMaker(SystemClock())))

    settings = read_settings()
    require_schema(settings, say)
    return asyncio.run(run())


def _explain(path: Path, problem: CatalogueProblem) -> None:
    text = choose("en").text(problem.detail, problem.params)
    complain(": ".join(part for part in (str(path), problem.place, text) if part))


def _tell(diff: Diff, *, dry_run: bool) -> None:
    for line in lines_of(diff):
        say(line)
    if not diff:
        say("Nothing to change.")
    elif dry_run:
        say("Nothing was changed: this was a dry run.")
    else:
        say("Done. Running servers follow within a second.")
