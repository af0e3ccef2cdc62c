"""What tests of the queues do again and again: put a comment into one, look at it as one moderator, and decide."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx

from forum.accounts.model import Role
from forum.comments.review.model import Item, Queue
from forum.comments.review.queries import put_item
from tests.support.app import ARTICLE, OURS, House, Person
from tests.support.people import signed_in
from tests.support.spoilers import JJ
from tests.support.threads import discussion_id

QUEUE: Final = "/api/v1/mod/items?site=newsroom&queue="


def finding(word: str, *spans: tuple[int, int]) -> str:
    """What a rule keeps of what it found."""
    found = {
        "rule": "words",
        "sentence": "It says %(word)s.",
        "args": {"word": word},
        "spans": spans,
        "details": [word],
    }
    return json.dumps([found])


FINDING: Final = finding("ferryman", (4, 12))


async def a_moderator(house: House, role: Role = Role.MODERATOR) -> Person:
    """Somebody who moderates the newsroom."""
    return await signed_in(house, "Mo", role=role)


async def waiting(
    house: House, posted: dict[str, Any], queue: Queue = Queue.PENDING, *, rule: str = "words", **more: Any
) -> None:
    """Put a comment into a queue, as a rule of screening does."""
    where = await discussion_id(house, more.get("url", ARTICLE))
    now, evidence = house.clock.now(), more.get("evidence", FINDING)
    about = house.site.id, int(posted["id"]), queue, where, "guest", 1
    row = Item(*about, rule, evidence, more.get("priority", 1.0), now)
    await house.rt.db.write(lambda tx: put_item(tx, row))


async def says(person: Person, **at: str) -> None:
    """Say how far one is in Jessica Jones."""
    sent = {"progress": {JJ: at}}
    answer = await person.http.put("/api/v1/me/progress", json=sent, headers=OURS)
    assert answer.status_code == 200, answer.text


async def item(person: Person, posted: dict[str, Any]) -> dict[str, Any]:
    """A comment as one moderator sees it."""
    found: dict[str, Any] = await person.read(f"/api/v1/mod/items/{posted['id']}")
    return found


async def revealed(person: Person, posted: dict[str, Any], **sent: Any) -> httpx.Response:
    """Its text, asked for."""
    return await person.http.post(f"/api/v1/mod/items/{posted['id']}/reveal", json=sent, headers=OURS)


async def ids_of(person: Person, path: str) -> list[str]:
    """The comments of a page."""
    return [one["id"] for one in (await person.read(path))["items"]]


async def decide(person: Person, posted: dict[str, Any], verdict: str, **more: Any) -> dict[str, Any]:
    """Give a verdict about a comment as it is now."""
    revision = (await item(person, posted))["comment"]["revision"]
    sent = {"verdict": verdict, "revision": revision, **more}
    answer = await person.http.post(f"/api/v1/mod/items/{posted['id']}/verdict", json=sent, headers=OURS)
    assert answer.status_code == 200, answer.text
    decided: dict[str, Any] = answer.json()
    return decided
