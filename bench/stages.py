"""The order of a run: which databases exist, which server runs on them, what is measured there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from rich.console import Console

from bench import postgres, reading, scale, screening, sizes, writing
from bench.application import Application
from bench.data import Filled, Shape, fill_postgres, fill_sqlite, stored_ids
from bench.generator import GeneratorFailed
from bench.lab import Lab
from bench.load import Same
from bench.machine import free_port
from bench.process import Server, ServerFailed
from bench.report import Row
from bench.stats import median
from bench.wire import BadAnswer, Shot, build_request

# A hundred threads of a hundred comments; eighty that stay within a page of 200 when a few are added.
BASE = (Shape(100, 25, 4), Shape(80, 39, 5))
PAIRS = Shape(1, 50, 2)  # a page of 100 comments, the first page of LONG being another
LONG = Shape(1, 16_500, 2)  # 33,000 comments
REST = Shape(9_669, 25, 4)  # makes a million together with PAIRS and LONG
CEILING_SIZES = (200, 50_000)


class Run:
    """One run of the benchmarks: says what it is doing, goes on after a measurement that failed."""

    def __init__(self, lab: Lab, console: Console, only: frozenset[str]) -> None:
        self.lab = lab
        self.console = console
        self.only = only
        self.filled: list[Filled] = []

    def wants(self, *numbers: str) -> bool:
        """Whether any of these rows was asked for."""
        return not self.only or not self.only.isdisjoint(numbers)

    def take(self, number: str, measure: Callable[[], list[Row]]) -> None:
        """Make one measurement; wrong answers and servers that fail become lines of the report."""
        if not self.wants(number):
            return
        began = time.perf_counter()
        try:
            self.lab.report.add(measure())
        except (BadAnswer, GeneratorFailed, ServerFailed) as error:
            self.lab.report.wrong.append(f"{number}: {error}")
        self.console.print(f"{number}: {time.perf_counter() - began:.1f} s", style="dim", highlight=False)

    def fill(self, name: str, shapes: Sequence[Shape]) -> Filled:
        """Make a SQLite database that is compared at the end with what was acknowledged."""
        comments = sum(shape.discussions * shape.comments for shape in shapes)
        self.console.print(f"filling {name} with {comments:,} comments …", style="dim")
        filled = fill_sqlite(self.lab.directory / f"{name}.db", shapes)
        self.filled.append(filled)
        return filled

    def serve(self, stack: ExitStack, filled: Filled) -> Application:
        """Start the product on a filled database until the stack is left."""
        return stack.enter_context(Application(filled.database_url, core=self.lab.cores.server))


def everything(run: Run) -> None:
    """All rows in the order that disturbs later ones least."""
    ceiling(run)
    run.take("P12", screening.word_lists)
    base = run.fill("base", BASE)
    on_base(run, base)
    if run.wants("P11"):
        run.take("P11", lambda: on_postgres(run, base))
    if run.wants("P7", "P10"):
        on_growth(run, base)
    verify(run)


def ceiling(run: Run) -> None:
    """How much the generator gets out of a responder that does nothing: no figure can be above it."""
    lab = run.lab
    reached = []
    for size in CEILING_SIZES:
        port = free_port()
        responder = Server(["-m", "bench.ceiling", str(port), str(size)], port=port, core=lab.cores.server, ready="/")
        with responder:
            source = Same((Shot(build_request("GET", "/", host="ceiling"), length=size),))
            (rates,) = lab.rates([responder], [source])
            reached.append(f"{median(rates):,.0f}/s of {size:,} bytes")
    lab.report.context.append("The load generator alone reaches " + ", ".join(reached))
    run.console.print(lab.report.context[-1], style="dim", highlight=False)


def on_base(run: Run, base: Filled) -> None:
    """P1–P6, P8 and P9 on one server."""
    lab = run.lab
    threads, pages = base.threads
    with ExitStack() as stack:
        try:
            app = run.serve(stack, base)
        except ServerFailed as error:
            lab.report.wrong.append(str(error))
            return
        idle = app.memory_mb()
        run.take("P9", lambda: sizes.sizes(app, threads[0]))
        run.take("P1", lambda: reading.finished_pages(lab, app, threads[0]))
        run.take("P2", lambda: reading.not_modified(lab, app, threads[0]))
        run.take("P5", lambda: reading.counts(lab, app, threads))
        run.take("P3", lambda: reading.first_reads(lab, app, pages))
        run.take("P6", lambda: writing.mixed(lab, app, threads))
        if run.wants("P6"):
            run.take("P8", lambda: writing.memory(idle, app.memory_mb()))
        run.take("P4", lambda: writing.posting(lab, app, threads))


def on_postgres(run: Run, base: Filled) -> list[Row]:
    """P11: the same filling in PostgreSQL and in SQLite, served side by side."""
    lab = run.lab
    with ExitStack() as stack:
        url = stack.enter_context(postgres.server(lab, lab.directory / "pgdata"))
        other = fill_postgres(url, BASE)
        apps = (run.serve(stack, base), run.serve(stack, other))
        groups = (base.threads, other.threads)
        rows = postgres.beside_sqlite(lab, apps, [group[1] for group in groups], [group[0] for group in groups])
        compare(lab, other)
    return rows


def on_growth(run: Run, base: Filled) -> None:
    """P7 and P10; the short run leaves the million out and keeps the long discussion."""
    lab = run.lab
    million = lab.profile.large
    large = run.fill("large", (PAIRS, LONG, REST) if million else (PAIRS, LONG))
    run.take("P10", lambda: scale.starting(lab, large.database_url, large.comments))
    if not run.wants("P7"):
        return
    small = run.fill("small", (PAIRS,))
    with ExitStack() as stack:
        try:
            first, second = run.serve(stack, small), run.serve(stack, large)
        except ServerFailed as error:
            lab.report.wrong.append(str(error))
            return
        among = scale.Place(f"100 of {large.comments:,} comments", second, large.threads[0][0])
        places = [
            scale.Place("100 of 100 comments", first, small.threads[0][0]),
            *([among] if million else []),
            scale.Place("33,000 in one discussion", second, large.threads[1][0]),
        ]
        run.take("P7", lambda: scale.growth(lab, places))


def verify(run: Run) -> None:
    """Compare every SQLite database with what its servers acknowledged."""
    for filled in run.filled:
        compare(run.lab, filled)
    total = sum(map(len, run.lab.acknowledged.values()))
    run.lab.report.context.append(f"{total:,} posts were acknowledged; each was looked up in its database")


def compare(lab: Lab, filled: Filled) -> None:
    """Every acknowledged comment must be stored, once, and nothing that was not acknowledged."""
    acknowledged = lab.acknowledged.get(filled.database_url, [])
    stored = stored_ids(filled.database_url)
    distinct = set(acknowledged)
    name = filled.database_url.rsplit("/", 1)[-1]
    if len(distinct) != len(acknowledged):
        lab.report.wrong.append(f"{name}: {len(acknowledged) - len(distinct)} ids were acknowledged twice")
    if missing := len(distinct - stored):
        lab.report.wrong.append(f"{name}: {missing} acknowledged comments are not stored")
    if len(stored) != filled.comments + len(distinct):
        extra = len(stored) - filled.comments - len(distinct)
        lab.report.wrong.append(f"{name}: {extra:+} comments that nobody was told about")
