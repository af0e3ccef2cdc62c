"""What waited for a moderator before there were queues waits in them afterwards, and goes back."""

from __future__ import annotations

import asyncio
import json

import pytest

from forum.core.clock import FixedClock
from forum.db.migrate import SchemaState, downgrade, state, upgrade
from forum.doctor.examine import examine
from forum.doctor.model import Verdict
from tests.integration.test_migrations import fetch
from tests.support.app import START, open_house, settings_for

FLAG = (
    "INSERT INTO spoiler_flag (site_id, comment_id, author_id, scope_id, weight, is_new, outcome, created_at)"
    " SELECT site_id, id, author_id + {who}, 0, 1.0, {no}, {outcome}, created_at FROM comment WHERE id = {id}"
)


async def written(url: str) -> list[int]:
    """Three comments: one to be held, one to be flagged, one whose flags were decided about."""
    async with open_house(url) as house:
        return [int((await house.author.post(f"Comment number {n}."))["id"]) for n in range(3)]


def without_i7_faults(url: str) -> bool:
    report = examine(settings_for(url), FixedClock(START), repair=False)
    found = {finding.name.split()[0]: finding.verdict for finding in report.findings}
    return found["I7"] is not Verdict.WRONG


@pytest.fixture
def before(engine_url: str) -> tuple[str, list[int]]:
    """A database of the version before, with something that waits."""
    ids = asyncio.run(written(engine_url))
    downgrade(engine_url, "0003")
    no = "0" if engine_url.startswith("sqlite:") else "FALSE"
    fetch(engine_url, f"UPDATE comment SET status = 'held' WHERE id = {ids[0]}")
    fetch(engine_url, "UPDATE discussion SET comment_count = comment_count - 1")
    for who, comment_id, outcome in ((1, ids[1], "NULL"), (2, ids[1], "NULL"), (1, ids[2], "'upheld'")):
        fetch(engine_url, FLAG.format(who=who, no=no, outcome=outcome, id=comment_id))
    return engine_url, ids


def test_what_waits_is_carried_over_and_back(before: tuple[str, list[int]]) -> None:
    url, (held, flagged, decided) = before
    upgrade(url)
    queued = fetch(url, "SELECT comment_id, queue, rule, evidence FROM queue_item ORDER BY comment_id")
    assert [(row[0], row[1], row[2], json.loads(row[3])) for row in queued] == [
        (held, "pending", "premoderated", []),
        (flagged, "spoilers", "", []),
    ]
    logged = fetch(url, "SELECT comment_id, verdict, status, by_kind, about_rule FROM decision ORDER BY id")
    assert [tuple(row) for row in logged] == [(held, "hold", "held", "rule", "premoderated")]
    flags = "SELECT comment_id, outcome FROM {table} ORDER BY comment_id, author_id"
    kept = [(flagged, None), (flagged, None), (decided, "upheld")]
    assert [tuple(row) for row in fetch(url, flags.format(table="flag"))] == kept
    assert {tuple(row) for row in fetch(url, "SELECT reason, note, network FROM flag")} == {("spoiler", "", "")}
    assert without_i7_faults(url)

    fetch(url, f"UPDATE comment SET status = 'removed' WHERE id = {decided}")
    downgrade(url, "0003")
    assert state(url) is SchemaState.OLDER
    assert [tuple(row) for row in fetch(url, flags.format(table="spoiler_flag"))] == kept
    statuses = dict(fetch(url, "SELECT id, status FROM comment"))
    assert statuses == {held: "held", flagged: "published", decided: "held"}
    upgrade(url)
    assert without_i7_faults(url)
    assert fetch(url, "SELECT count(*) FROM queue_item WHERE queue = 'pending'")[0][0] == 2
