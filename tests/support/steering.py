"""Moderators who set things for discussions, in tests."""

from __future__ import annotations

from typing import Any, Final

import httpx
from sqlalchemy import select

from forum.comments.review.model import Decision
from forum.comments.review.queries import DECISION_COLUMNS, decision_of
from forum.comments.review.tables import decision
from tests.support.app import OURS, House, Person
from tests.support.threads import discussion_id

VERDICTS: Final = "/api/v1/mod/discussions"


async def ask(
    house: House, moderator: Person, verdict: str, *, where: int | None = None, **sent: Any
) -> httpx.Response:
    """Give a verdict about a discussion (that of ARTICLE)."""
    where = where if where is not None else await discussion_id(house)
    path = f"{VERDICTS}/{where}/verdict"
    return await moderator.http.post(path, json={"verdict": verdict, **sent}, headers=OURS)


async def steer(house: House, moderator: Person, verdict: str, *, where: int | None = None, **sent: Any) -> str:
    """The same; it must be taken, and change something. Returns the decision's id."""
    answer = await ask(house, moderator, verdict, where=where, **sent)
    assert answer.status_code == 200, answer.text
    found = answer.json()["decision_id"]
    assert isinstance(found, str)
    return found


async def feature(house: House, moderator: Person, posted: dict[str, Any]) -> str:
    """Put a comment on top of its discussion."""
    now = await moderator.read(f"/api/v1/comments/{posted['id']}")
    return await steer(house, moderator, "feature", comment_id=posted["id"], revision=now["revision"])


async def take_back(house: House, moderator: Person, line: str, *, where: int | None = None) -> httpx.Response:
    """Undo a decision about a discussion."""
    where = where if where is not None else await discussion_id(house)
    return await moderator.http.post(f"{VERDICTS}/{where}/undo", json={"decision_id": line}, headers=OURS)


async def head(house: House, *, where: int | None = None) -> dict[str, Any]:
    """The public head of a discussion, for somebody who is nobody."""
    where = where if where is not None else await discussion_id(house)
    found: dict[str, Any] = (await house.attacker.read(f"/api/v1/discussions/{where}"))["discussion"]
    return found


async def decisions(house: House) -> list[Decision]:
    """The log, the earliest first."""
    rows = await house.rows(select(*DECISION_COLUMNS).order_by(decision.c.id))
    return [decision_of(row) for row in rows]
