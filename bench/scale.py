"""P7 the same work in a small database, a large one and a very long discussion; P10 from start to ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.application import Application, page_path
from bench.data import Thread
from bench.lab import Lab
from bench.load import Same
from bench.reading import read_after_post
from bench.report import Row
from bench.stats import median, median_ratio
from bench.writing import WRITERS, post

NEWEST = "?sort=newest"
P7_BUDGET = 1.3  # times slower
P10_BUDGET = 2.0  # seconds


@dataclass(slots=True)
class Place:
    """Where the same work is measured: a server and a discussion on it, whose first page has 100 comments."""

    name: str
    app: Application
    thread: Thread
    reads: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)


def growth(lab: Lab, places: Sequence[Place]) -> list[Row]:
    """P7: the first place is the small one, the others are compared with it."""
    for _ in range(lab.profile.rounds):
        for place in places:
            source = Same((place.app.shot(page_path(place.thread)),))
            place.reads.append(lab.load(place.app, source).rate())
    for _ in range(lab.profile.rounds):
        for place in places:
            place.first.append(median(read_after_post(lab, place.app, [place.thread], query=NEWEST).first))
    for _ in range(lab.profile.rounds):
        for place in places:
            place.posts.append(post(lab, place.app, [place.thread], connections=WRITERS).rate())
    small, *larger = places
    return [row for place in larger for row in _compare(small, place)]


def _compare(small: Place, place: Place) -> list[Row]:
    pairs = [
        ("P1 page", f"{median(place.reads):,.0f}/s", f"{median(small.reads):,.0f}/s", small.reads, place.reads),
        ("P3", f"{median(place.first):.2f} ms", f"{median(small.first):.2f} ms", place.first, small.first),
        ("P4", f"{median(place.posts):,.0f}/s", f"{median(small.posts):,.0f}/s", small.posts, place.posts),
    ]
    rows = []
    for work, measured, reference, slower, faster in pairs:
        times = median_ratio(slower, faster)
        budget, met = f"≤ {P7_BUDGET} × slower", times <= P7_BUDGET
        rows.append(Row("P7", f"{work}, {place.name}", measured, f"{small.name} {reference}", times, budget, met))
    return rows


def starting(lab: Lab, database_url: str, comments: int) -> list[Row]:
    """P10: from starting the process until /readyz says yes."""
    seconds = []
    for _ in range(lab.profile.rounds):
        app = Application(database_url, core=lab.cores.server)
        with app:
            seconds.append(app.start_seconds)
    taken = median(seconds)
    work = f"start to ready, {comments:,} comments"
    return [Row("P10", work, f"{taken:.2f} s", budget=f"≤ {P10_BUDGET:.0f} s", met=taken <= P10_BUDGET)]
