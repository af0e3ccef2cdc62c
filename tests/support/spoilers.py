"""What tests of covered comments do again and again: cover, uncover, flag, and look everywhere."""

from __future__ import annotations

from typing import Any, Final

import httpx
import pytest
from sqlalchemy import select

from forum.comments.tables import comment, comment_revision
from forum.spoilers.service import book
from forum.spoilers.tables import passage, passage_words, scope_event
from tests.support.app import ARTICLE, OURS, House, Person
from tests.support.threads import discussion_id
from tests.support.works import bring

JJ: Final = "jessica-jones"
JJ1: Final = f"{JJ}:S1E1"
JJ4: Final = f"{JJ}:S1E4"
JJ13: Final = f"{JJ}:S1E13"
COMIC: Final = "civil-war-2006:#7"
UNSPEC: Final = "?:"
# More than eight words, none of which stands anywhere else.
SECRET: Final = "kilgrave sings opera under seventeen purple lanterns while everybody quietly leaves"


@pytest.fixture
async def fans(house: House) -> House:
    """An installation on each engine whose catalogue knows a series, a film and a comic."""
    await bring(house.rt)
    return house


async def moderate(house: House, posted: dict[str, Any], *scope: str, **more: Any) -> httpx.Response:
    """A moderator's word about a comment; no scope: it is no spoiler."""
    sent = {"scope": list(scope), "reason": "Said so.", **more}
    bearer = {"authorization": f"Bearer {house.secret}"}
    path = f"/api/v1/mod/comments/{posted['id']}/scope"
    return await (await house.newcomer()).http.post(path, json=sent, headers=bearer)


async def covered(house: House, posted: dict[str, Any], *scope: str, **more: Any) -> dict[str, Any]:
    """The same, which must be accepted: the comment as everybody sees it now."""
    answer = await moderate(house, posted, *scope, **more)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def rescope(person: Person, posted: dict[str, Any], *scope: str, **more: Any) -> httpx.Response:
    """An author's word about a comment."""
    sent = {"scope": list(scope), **more}
    return await person.http.post(f"/api/v1/comments/{posted['id']}/scope", json=sent, headers=OURS)


async def record(house: House, posted: dict[str, Any]) -> dict[str, Any]:
    """What moderators see of a comment."""
    bearer = {"authorization": f"Bearer {house.secret}"}
    seen = await house.attacker.read(f"/api/v1/mod/comments/{posted['id']}/scope", headers=bearer)
    assert isinstance(seen, dict)
    return seen


async def ask(person: Person, *ids: str, **said: Any) -> httpx.Response:
    """Ask for texts."""
    sent = {"ids": list(ids), "why": "explicit", **said}
    return await person.http.post("/api/v1/reveals", json=sent, headers=OURS)


async def revealed(person: Person, *ids: str, **said: Any) -> dict[str, Any]:
    """The texts, in an answer that must be 200."""
    answer = await ask(person, *ids, **said)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def flag(person: Person, posted: dict[str, Any], *scope: str) -> httpx.Response:
    """Say that a comment gives something away."""
    sent = {"kind": "untagged_spoiler", "scope": list(scope) or [JJ13]}
    return await person.http.post(f"/api/v1/comments/{posted['id']}/flags", json=sent, headers=OURS)


async def view(house: House, posted: dict[str, Any]) -> dict[str, Any]:
    """A comment as everybody sees it."""
    seen = await house.attacker.read(f"/api/v1/comments/{posted['id']}")
    assert isinstance(seen, dict)
    return seen


async def surfaces(house: House, *posted: dict[str, Any], url: str = ARTICLE) -> dict[str, str]:
    """Every public answer that shows a discussion, by address; of these comments also the pages of their own."""
    where = await discussion_id(house, url)
    paths = [f"/d/{where}", f"/d/{where}?sort=oldest", f"/embed/newsroom?url={url}", f"/api/v1/discussions/{where}"]
    paths += [f"/api/v1/sites/newsroom/discussion?url={url}", "/"]
    for one in posted:
        number = one["id"]
        paths += [f"/d/{where}?at={number}", f"/d/{where}/thread/{number}", f"/c/{number}/reply", f"/s/c{number}"]
        paths += [f"/api/v1/comments/{number}", f"/api/v1/comments/{number}/replies"]
    reader = await house.newcomer()
    found: dict[str, str] = {}
    for path in paths:
        answer = await reader.get(path)
        assert answer.status_code == 200, (path, answer.text)
        found[path] = answer.text
    return found


async def shown_on(house: House, words: str, *posted: dict[str, Any], url: str = ARTICLE) -> list[str]:
    """The public answers that hold these words."""
    return [path for path, text in (await surfaces(house, *posted, url=url)).items() if words in text]


async def row_of(house: House, posted: dict[str, Any]) -> Any:
    """A comment's row."""
    (row,) = await house.rows(select(comment).where(comment.c.id == int(posted["id"])))
    return row


async def passages_of(house: House, posted: dict[str, Any]) -> list[Any]:
    """The rows of a comment's passages, in order."""
    statement = select(passage).where(passage.c.comment_id == int(posted["id"])).order_by(passage.c.seq)
    return list(await house.rows(statement))


async def tokens(house: House, scope_id: int | None) -> tuple[str, ...]:
    """A stored scope as programs read it."""
    return (await book(house.rt)).scope(scope_id).tokens


async def events_of(house: House, posted: dict[str, Any]) -> list[Any]:
    """A comment's log."""
    statement = select(scope_event).where(scope_event.c.comment_id == int(posted["id"])).order_by(scope_event.c.id)
    return list(await house.rows(statement))


async def earlier_needs(house: House, posted: dict[str, Any]) -> set[tuple[str, ...]]:
    """What the earlier texts of a comment are covered by."""
    statement = select(comment_revision.c.scope_id).where(comment_revision.c.comment_id == int(posted["id"]))
    return {await tokens(house, row.scope_id) for row in await house.rows(statement)}


async def words_of(house: House, posted: dict[str, Any]) -> int:
    """How many runs of words of a comment are remembered as covered."""
    statement = select(passage_words.c.hash).where(passage_words.c.comment_id == int(posted["id"]))
    return len(await house.rows(statement))


async def is_consistent(house: House) -> None:
    """Check that every comment's row and its passages say the same."""
    rows = await house.rows(select(comment))
    hidden: dict[int, list[Any]] = {}
    for row in await house.rows(select(passage)):
        hidden.setdefault(row.comment_id, []).append(row)
    for row in rows:
        wholes = [p for p in hidden.get(row.id, []) if p.seq == 0]
        if row.status == "deleted":
            assert (row.html, row.text, row.covers, hidden.get(row.id)) == ("", "", "", None)
            continue
        assert (row.eff_scope_id is None) == (not wholes), row.id
        if wholes:
            assert len(wholes) == 1
            assert (row.html, row.text) == ("\ue0000\ue001", "\ue0000\ue001")
        skeleton = wholes[0].html if wholes else row.html
        for p in hidden.get(row.id, []):
            if p.parent_id is None and p.seq:
                put_in = f"\ue002{p.seq}\ue001" in skeleton
                assert put_in == (p.scope_id is None), (row.id, p.seq)
    await house.recount()


async def warn(house: House, *assumes: str, url: str = ARTICLE, **said: Any) -> None:
    """What the publisher says a discussion gives away as a whole."""
    sent = {"url": url, "assumes": list(assumes), **said}
    bearer = {"authorization": f"Bearer {house.secret}"}
    publisher = await house.newcomer()
    answer = await publisher.http.put("/api/v1/sites/newsroom/articles/spoilers", json=sent, headers=bearer)
    assert answer.status_code == 200, answer.text
