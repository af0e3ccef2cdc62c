"""Moderators who sanction people, through the API."""

from __future__ import annotations

from typing import Any, Final

import httpx
from sqlalchemy import select

from forum.accounts.model import Role
from forum.comments.tables import comment
from tests.support.app import OURS, House, Person
from tests.support.people import signed_in

WHY: Final = "abuse"


async def a_moderator(house: House, name: str = "Mona", *, role: Role = Role.MODERATOR, fresh: bool = True) -> Person:
    """Somebody who moderates the newsroom, at a first-party page."""
    return await signed_in(house, name, role=role, fresh=fresh)


async def author_of(house: House, posted: dict[str, Any]) -> tuple[str, int]:
    """(kind, id) of who wrote a comment."""
    (row,) = await house.rows(select(comment).where(comment.c.id == int(posted["id"])))
    return row.author_kind, row.author_id


async def sanction(
    house: House, by: Person, posted: dict[str, Any], kind: str, *, site: str = "newsroom", **fields: Any
) -> httpx.Response:
    """Ask for a sanction of who wrote a comment."""
    author_kind, author_id = await author_of(house, posted)
    sent = {"sanction": kind, "reason": WHY, **fields}
    path = f"/api/v1/mod/people/{author_kind}/{author_id}/sanctions?site={site}"
    return await by.http.post(path, json=sent, headers=OURS)


async def sanctioned(house: House, by: Person, posted: dict[str, Any], kind: str, **fields: Any) -> str:
    """The same, which must be done; the id of its line in the log."""
    answer = await sanction(house, by, posted, kind, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["decision_id"])


async def person_of(house: House, by: Person, posted: dict[str, Any], *, site: str = "newsroom") -> dict[str, Any]:
    """What moderators are told about who wrote a comment."""
    kind, author_id = await author_of(house, posted)
    found: dict[str, Any] = await by.read(f"/api/v1/mod/people/{kind}/{author_id}?site={site}")
    return found


async def lift(by: Person, sanction_id: str, *, site: str = "newsroom", **fields: Any) -> httpx.Response:
    """Ask for the end of a sanction."""
    return await by.http.post(f"/api/v1/mod/sanctions/{sanction_id}/lift?site={site}", json=fields, headers=OURS)


async def verdict(house: House, by: Person, posted: dict[str, Any], said: str, **fields: Any) -> dict[str, Any]:
    """Decide about a comment as it is now, which must be done."""
    (row,) = await house.rows(select(comment).where(comment.c.id == int(posted["id"])))
    sent = {"verdict": said, "revision": row.revision, **fields}
    answer = await by.http.post(f"/api/v1/mod/items/{posted['id']}/verdict", json=sent, headers=OURS)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


async def undo(by: Person, decision_id: str, *, site: str = "newsroom") -> None:
    """Take a decision back, which must be done."""
    answer = await by.http.post("/api/v1/mod/undo", json={"site": site, "decision_id": decision_id}, headers=OURS)
    assert answer.status_code == 200, answer.text


async def noted(house: House, by: Person, posted: dict[str, Any], text: str) -> str:
    """Note something about who wrote a comment, which must be done; the note's id."""
    kind, author_id = await author_of(house, posted)
    path = f"/api/v1/mod/people/{kind}/{author_id}/notes?site=newsroom"
    answer = await by.http.post(path, json={"text": text}, headers=OURS)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
