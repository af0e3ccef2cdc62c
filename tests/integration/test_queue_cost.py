"""What a page of a queue costs: the same few statements, and the same few rows, however much waits."""

from typing import Any

import pytest

from forum.accounts.model import Role
from forum.comments.model import Status
from forum.comments.review.model import Queue
from forum.core.ids import id_at
from forum.moderation.queues import queries_counts, queries_queue
from tests.support.app import NEWS, START, House, Person
from tests.support.people import signed_in
from tests.support.queues import explained, plant_queue, rows_visited
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

BUDGET = 5
# Entries of a page with all that is read beside them, and a thousand for each of seven counts at most.
MOST_ROWS = 20_000
MANY = 50_000


async def cost(house: House, moderator: Person, path: str) -> int:
    """Statements of one reading; the list of sites and the names of works and scopes are known already."""
    assert (await moderator.get(path)).status_code == 200
    with house.recorded() as statements:
        answer = await moderator.get(path)
    assert answer.status_code == 200, answer.text
    return len(statements)


async def test_a_page_of_each_queue_costs_little(house: House) -> None:
    moderator = await signed_in(house, role=Role.MODERATOR)
    for queue in Queue:
        assert await cost(house, moderator, f"/api/v1/mod/items?site=newsroom&queue={queue}") <= BUDGET
    assert await cost(house, moderator, "/api/v1/mod/queues?site=newsroom") <= BUDGET
    assert await cost(house, moderator, "/api/v1/mod/log?site=newsroom") <= BUDGET


async def test_a_long_queue_costs_what_a_short_one_does(house: House) -> None:
    moderator = await signed_in(house, role=Role.MODERATOR)
    await plant_queue(house, 50, url=f"{NEWS}/short")
    short = await _costs(house, moderator, f"{NEWS}/short")
    await plant_queue(house, MANY, url=f"{NEWS}/long")
    assert await _costs(house, moderator, f"{NEWS}/long") == short
    assert max(short.values()) <= BUDGET
    counts = (await moderator.read("/api/v1/mod/queues?site=newsroom"))["queues"]
    assert counts[0] == {"queue": "pending", "count": 1000, "more": True}
    await _assert_bounded(house)


async def _costs(house: House, moderator: Person, url: str) -> dict[str, int]:
    where = await discussion_id(house, url)
    path = "/api/v1/mod/items?site=newsroom&queue=pending"
    first = await moderator.read(path)
    paths = {
        "first page": path,
        "next page": f"{path}&cursor={first['next']}",
        "of a discussion": f"{path}&discussion={where}",
        "of a person": f"{path}&person=7",
        "of a rule": f"{path}&rule=words",
        "older": f"{path}&older_than_hours=1",
        "everything": f"{path}&discussion={where}&person=7&rule=spam&newer_than_hours=1000",
        "counts": "/api/v1/mod/queues?site=newsroom",
        "the page for people": "/mod?site=newsroom&queue=pending",
    }
    return {name: await cost(house, moderator, each) for name, each in paths.items()}


async def _assert_bounded(house: House) -> None:
    """Every part of a page is found along an index, and no more is read than what is shown or counted."""
    where = await discussion_id(house, f"{NEWS}/long")
    base: dict[str, Any] = {"site": house.site.id, "queue": "pending", "most": 26}
    given = {"discussion_id": where, "author_id": 7, "rule": "words", "before": id_at(START)}
    given |= {"after": 1, "last": 2**62, "priority": 500.0}
    for filters in ((), ("discussion_id",), ("author_id",), ("rule",), ("last",), ("before", "after")):
        await _assert_plan(house, queries_queue._page(frozenset(filters)), base | given)
    await _assert_plan(house, queries_counts._COUNTS, base)


async def _assert_plan(house: House, prepared: Any, values: dict[str, Any]) -> None:
    plan = await explained(house, prepared, values)
    if house.rt.db.is_sqlite:
        scans = [line for line in plan if line.startswith(("SCAN queue_item", "SCAN comment", "SCAN discussion"))]
        assert scans == [], plan
        return
    assert rows_visited(plan) < MOST_ROWS, plan
    assert "Seq Scan" not in {name for name, table in _nodes(plan) if table in ("queue_item", "comment")}, plan


def _nodes(plan: dict[str, Any]) -> list[tuple[str, str]]:
    inner = [node for each in plan.get("Plans", ()) for node in _nodes(each)]
    return [(plan["Node Type"], plan.get("Relation Name", "")), *inner]


async def test_what_nobody_has_seen_costs_the_same(house: House) -> None:
    moderator = await signed_in(house, role=Role.MODERATOR)
    ids = await plant_queue(house, MANY, queue=Queue.UNMODERATED, status=Status.PUBLISHED)
    path = "/api/v1/mod/items?site=newsroom&queue=unmoderated"
    assert await cost(house, moderator, path) <= BUDGET
    first = await moderator.read(path)
    assert [item["id"] for item in first["items"]] == [str(comment_id) for comment_id in ids[:25]]
    assert {c["queue"]: (c["count"], c["more"]) for c in first["counts"]}["unmoderated"] == (1000, True)
    second = await moderator.read(f"{path}&cursor={first['next']}")
    assert [item["id"] for item in second["items"]] == [str(comment_id) for comment_id in ids[25:50]]
    values = {"site": house.site.id, "most": 26, "last": ids[100], "discussion_id": await discussion_id(house)}
    for filters in ((), ("last",), ("discussion_id",)):
        await _assert_plan(house, queries_queue._unseen_page(frozenset(filters)), values)


async def test_for_whom_a_site_trusts_it_costs_the_same(house: House) -> None:
    trusted = await signed_in(house, role=Role.TRUSTED)
    await plant_queue(house, 20_000, queue=Queue.SPOILERS, status=Status.PUBLISHED)
    for path in ("/api/v1/mod/items?site=newsroom&queue=spoilers", "/mod?site=newsroom&queue=spoilers"):
        assert await cost(house, trusted, path) <= BUDGET
    values = {"site": house.site.id, "queue": "spoilers", "most": 26, "last": 2**62, "priority": 500.0}
    for filters in (("public",), ("public", "last")):
        await _assert_plan(house, queries_queue._page(frozenset(filters)), values)
    await _assert_plan(house, queries_counts._COUNTS_PUBLIC, values)


async def test_the_page_for_people_costs_no_more(house: House) -> None:
    moderator = await signed_in(house, role=Role.MODERATOR)
    await plant_queue(house, 50)
    path = "/mod?site=newsroom&queue=pending"
    assert await cost(house, moderator, path) <= BUDGET
