"""P1 finished pages, P2 not modified, P3 the first read after a post, P5 counts."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bench.application import Application, counts_path, json_path, page_path
from bench.data import Thread
from bench.lab import Lab
from bench.load import Same
from bench.reference import reference_server
from bench.report import Row
from bench.stats import median, median_ratio
from bench.traffic import FirstReads, ReadAfterPost
from bench.wire import BadAnswer, Shot, build_request

P1_BUDGET = 0.75  # of a bare Starlette endpoint
P3_BUDGET = 3.0  # milliseconds
P5_BUDGET = 8_000  # answers per second
P5_URLS = 50


def expect_comments(app: Application, thread: Thread) -> None:
    """Make sure that page and JSON really carry all comments of a thread that fits on one page."""
    page, data = app.read(page_path(thread)), json.loads(app.read(json_path(thread)).body)
    found = sum(1 for comment in data["comments"] if f'id="c{comment["id"]}"' in page.text)
    if not found == len(data["comments"]) == thread.comments:
        raise BadAnswer(f"{page_path(thread)}: {found} comments, not {thread.comments}")


def finished_pages(lab: Lab, app: Application, thread: Thread) -> list[Row]:
    """P1: page and JSON, identity and gzip, beside the same bytes from bare Starlette and bare ASGI."""
    expect_comments(app, thread)
    kinds = [("page", page_path(thread)), ("discussion JSON", json_path(thread))]
    variants = [(name, path, packed) for name, path in kinds for packed in (False, True)]
    answers = [app.read(path, compressed=packed) for _, path, packed in variants]
    rows = []
    core, directory = lab.cores.server, lab.directory
    with (
        reference_server("starlette", answers, core=core, directory=directory) as plain,
        reference_server("asgi", answers, core=core, directory=directory) as bare,
    ):
        for number, (name, path, packed) in enumerate(variants):
            shot = app.shot(path, compressed=packed)
            same = Shot(build_request("GET", f"/{number}", host=app.host), length=shot.length, body=shot.body)
            sources = [Same((shot,)), Same((same,)), Same((same,))]
            rates = lab.rates([app, plain, bare], sources)
            form = "gzip" if packed else "identity"
            rows.append(_finished_row(f"{name}, {form}, {len(answers[number].body):,} bytes", rates))
    return rows


def _finished_row(work: str, rates: Sequence[Sequence[float]]) -> Row:
    mine, plain, bare = rates
    ratio = median_ratio(mine, plain)
    reference = f"Starlette {median(plain):,.0f}/s · ASGI {median(bare):,.0f}/s ({median_ratio(mine, bare):.2f})"
    return Row(
        "P1", work, f"{median(mine):,.0f}/s", reference, ratio, f"≥ {P1_BUDGET} of Starlette", ratio >= P1_BUDGET
    )


def not_modified(lab: Lab, app: Application, thread: Thread) -> list[Row]:
    """P2: the same pages when the reader has them already, beside sending them."""
    rows = []
    for name, path in (("page", page_path(thread)), ("discussion JSON", json_path(thread))):
        sources = [Same((app.not_modified(path),)), Same((app.shot(path),))]
        unchanged, whole = lab.rates([app, app], sources)
        ratio = median_ratio(unchanged, whole)
        reference = f"200: {median(whole):,.0f}/s"
        measured = f"{median(unchanged):,.0f}/s"
        rows.append(Row("P2", f"{name}, 304", measured, reference, ratio, "≥ P1", ratio >= 1))
    return rows


def counts(lab: Lab, app: Application, threads: Sequence[Thread]) -> list[Row]:
    """P5: the counts of fifty articles in one call, beside the same bytes from bare Starlette."""
    path = counts_path(threads[:P5_URLS])
    answer = app.read(path)
    expected = {thread.url: thread.comments for thread in threads[:P5_URLS]}
    if json.loads(answer.body)["counts"] != expected:
        raise BadAnswer(f"counts are not what is stored: {answer.body[:300]!r}")
    with reference_server("starlette", [answer], core=lab.cores.server, directory=lab.directory) as plain:
        shot = app.shot(path)
        same = Shot(build_request("GET", "/0", host=app.host), length=shot.length, body=shot.body)
        mine, reference = lab.rates([app, plain], [Same((shot,)), Same((same,))])
    rate = median(mine)
    return [
        Row(
            "P5",
            f"counts of {P5_URLS} URLs",
            f"{rate:,.0f}/s",
            f"Starlette {median(reference):,.0f}/s",
            median_ratio(mine, reference),
            f"≥ {P5_BUDGET:,}/s",
            rate >= P5_BUDGET,
        )
    ]


def read_after_post(
    lab: Lab, app: Application, threads: Sequence[Thread], *, as_json: bool = False, query: str = ""
) -> FirstReads:
    """One run of reads right after a post; what was wrong is in the report, what was created in the result."""
    path = json_path if as_json else page_path
    run, times = lab.next_run(), lab.profile.first_reads
    start = run * times % len(threads)
    turn = [*threads[start:], *threads[:start]][:times]
    pages = tuple(app.get(path(thread) + query) for thread in turn)
    seen = lab.generator.run(ReadAfterPost(app.port, pages, app.posts(turn, run), times))
    if seen.wrong:
        lab.report.wrong.append(f"{seen.wrong} pages after a post were stale, the first: {seen.first_wrong}")
    lab.acknowledge(app.database_url, seen.created)
    return seen


def first_reads(lab: Lab, app: Application, threads: Sequence[Thread]) -> list[Row]:
    """P3: the first read after a new comment, page and JSON, beside the next read of the same bytes."""
    rows = []
    for name, as_json in (("page", False), ("JSON", True)):
        runs = [read_after_post(lab, app, threads, as_json=as_json) for _ in range(lab.profile.rounds)]
        first = median([median(seen.first) for seen in runs])
        again = median([median(seen.again) for seen in runs])
        rows.append(
            Row(
                "P3",
                f"first read after a new comment, {threads[0].comments}-comment {name}",
                f"{first:.2f} ms",
                f"next read {again:.2f} ms",
                first / again,
                f"≤ {P3_BUDGET:.0f} ms",
                first <= P3_BUDGET,
            )
        )
    return rows
