"""P4 posting, P6 reads mixed with posts, and the memory that is left with after it (P8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.application import Application, page_path
from bench.data import Thread
from bench.lab import READERS, Lab
from bench.load import Outcome, Same
from bench.reference import reference_server
from bench.report import Row
from bench.stats import median, median_ratio
from bench.traffic import Mixed
from bench.wire import Shot, build_request
from bench.writes import BATCH, SqliteInserts

WRITERS = 32
P4_BUDGET = 1_000  # posts per second
P4_P99_BUDGET = 100.0  # milliseconds
P4_ALONE_BUDGET = 350  # posts per second, one after the other
P6_BUDGET = 4_000  # answers per second
MEMORY_IDLE_BUDGET = 110  # megabytes
MEMORY_AFTER_BUDGET = 200  # megabytes


@dataclass(slots=True)
class Posting:
    """Runs of posts: how many per second in each, and every latency in milliseconds."""

    rates: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)


def post(lab: Lab, app: Application, threads: Sequence[Thread], *, connections: int) -> Outcome:
    """One run of posts by distinct people; what was acknowledged is checked at the end."""
    source = app.posts(threads, lab.next_run())
    outcome = lab.load(app, source, connections=connections, seconds=lab.profile.write_seconds)
    lab.acknowledge(app.database_url, outcome.created)
    return outcome


def _plain(lab: Lab, batch: int) -> float:
    return lab.generator.run(SqliteInserts(str(lab.directory), lab.profile.write_seconds / 2, batch))


def posting(lab: Lab, app: Application, threads: Sequence[Thread]) -> list[Row]:
    """P4: many people at once and one after the other, beside plain durable inserts."""
    together, alone = Posting(), Posting()
    single, batched = [], []
    for _ in range(lab.profile.rounds):
        for runs, connections in ((together, WRITERS), (alone, 1)):
            outcome = post(lab, app, threads, connections=connections)
            runs.rates.append(outcome.rate())
            runs.p99.append(outcome.p(0.99, "post"))
        single.append(_plain(lab, 1))
        batched.append(_plain(lab, BATCH))
    rate, p99, one = median(together.rates), median(together.p99), median(alone.rates)
    reference = f"sqlite3 {median(single):,.0f} commits/s · {median(batched):,.0f} rows/s {BATCH} per commit"
    budget = f"≥ {P4_BUDGET:,}/s, p99 < {P4_P99_BUDGET:.0f} ms"
    return [
        Row(
            "P4",
            f"posting, {WRITERS} connections",
            f"{rate:,.0f}/s, p99 {p99:.1f} ms",
            reference,
            median_ratio(together.rates, single),
            budget,
            rate >= P4_BUDGET and p99 < P4_P99_BUDGET,
        ),
        Row(
            "P4",
            "posting, one by one",
            f"{one:,.0f}/s, p99 {median(alone.p99):.1f} ms",
            f"sqlite3 {median(single):,.0f} commits/s",
            median_ratio(alone.rates, single),
            f"≥ {P4_ALONE_BUDGET}/s",
            one >= P4_ALONE_BUDGET,
        ),
    ]


def mixed(lab: Lab, app: Application, threads: Sequence[Thread]) -> list[Row]:
    """P6: pages of all threads with one post in twenty, beside finished bytes from bare Starlette."""
    return [_mix(lab, app, threads, compressed=compressed) for compressed in (False, True)]


def _mix(lab: Lab, app: Application, threads: Sequence[Thread], *, compressed: bool) -> Row:
    # Every page once before it counts: the budget is about pages that are kept, not about a server's first minute.
    answer, *_ = [app.read(page_path(thread), compressed=compressed) for thread in threads]
    pages = tuple(Shot(app.get(page_path(thread), compressed=compressed)) for thread in threads)
    rates: list[float] = []
    reads: list[float] = []
    posts: list[float] = []
    bare: list[float] = []
    with reference_server("starlette", [answer], core=lab.cores.server, directory=lab.directory) as plain:
        same = Same((Shot(build_request("GET", "/0", host=app.host), length=len(answer.body)),))
        for _ in range(lab.profile.rounds):
            source = Mixed(pages, app.posts(threads, lab.next_run()))
            outcome = lab.load(app, source)
            lab.acknowledge(app.database_url, outcome.created)
            rates.append(outcome.rate())
            reads.append(outcome.p(0.99))
            posts.append(outcome.p(0.99, "post"))
            bare.append(lab.load(plain, same).rate())
    rate, form = median(rates), "gzip" if compressed else "identity"
    return Row(
        "P6",
        f"95 % pages of {len(threads)} threads ({form}), 5 % posts into them, {READERS} connections",
        f"{rate:,.0f}/s, p99 read {median(reads):.1f}, post {median(posts):.1f} ms",
        f"Starlette, reads only {median(bare):,.0f}/s",
        median_ratio(rates, bare),
        f"≥ {P6_BUDGET:,}/s",
        rate >= P6_BUDGET,
    )


def memory(idle: float, after: float) -> list[Row]:
    """P8, as far as it exists: megabytes right after the start and after the mixed load."""
    return [
        Row(
            "P8", "memory, idle", f"{idle:.0f} MB", budget=f"≤ {MEMORY_IDLE_BUDGET} MB", met=idle <= MEMORY_IDLE_BUDGET
        ),
        Row(
            "P8",
            "memory, after P6",
            f"{after:.0f} MB",
            budget=f"≤ {MEMORY_AFTER_BUDGET} MB",
            met=after <= MEMORY_AFTER_BUDGET,
        ),
    ]
