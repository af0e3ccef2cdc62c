"""Whoever guesses at hidden text is answered the same, right or wrong; and what fails says nothing about it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import asyncpg
import httpx
import pytest

from forum.accounts.model import Role
from tests.support.app import ARTICLE, FORM, OURS, House, Person, open_house, problem
from tests.support.canaries import found_in, nonce
from tests.support.hiding import JJ
from tests.support.logs import logged
from tests.support.people import embedded, signed_in
from tests.support.threads import discussion_id
from tests.support.works import bring

pytestmark = pytest.mark.anyio
HIDDEN = "the butler did it, in the library, with a candlestick"
BODY = f"Then [JJ S1E13]||{HIDDEN}|| happened to everybody."
SECRET = nonce(7)


@pytest.fixture
async def shelved(house: House) -> House:
    await bring(house.rt)
    return house


async def rescope(person: Person, comment_id: str, **sent: Any) -> httpx.Response:
    path = f"/api/v1/comments/{comment_id}/scope"
    return await person.http.post(path, json={"scope": [JJ], **sent}, headers=OURS)


async def test_a_stretch_tells_a_stranger_nothing(shelved: House) -> None:
    comment = await shelved.author.post(BODY)
    answers = set()
    for stretch in ({}, {"start": 0, "end": 5}, {"start": 8, "end": 20}, {"start": 0, "end": 50_000}, {"revision": 7}):
        answer = await rescope(shelved.attacker, comment["id"], **stretch)
        assert problem(answer) == (403, "not_yours")
        answers.add(answer.content)
    assert len(answers) == 1
    assert (await rescope(shelved.author, comment["id"], start=0, end=50_000)).status_code == 422


async def test_what_is_held_is_unknown_to_strangers(shelved: House) -> None:
    await shelved.change_site(hold=True)
    held = await shelved.author.post(BODY)
    unknown = await rescope(shelved.attacker, "7")
    for stretch in ({}, {"start": 0, "end": 5}, {"start": 0, "end": 50_000}):
        assert (await rescope(shelved.attacker, held["id"], **stretch)).content == unknown.content
    for path in (f"/s/c{held['id']}", f"/c/{held['id']}", f"/api/v1/comments/{held['id']}", f"/c/{held['id']}/reply"):
        assert (await shelved.attacker.get(path)).status_code == 404, path
    sent = {"ids": [f"c{held['id']}", "c7", "nothing"], "why": "explicit", "show_all": True}
    assert (await shelved.attacker.http.post("/api/v1/reveals", json=sent, headers=OURS)).json() == {}


async def test_what_an_account_has_held_or_deleted_is_unknown_to_everybody_else(shelved: House) -> None:
    """Also to who is signed in: neither the profile nor what one can do to a comment tells that there is one."""
    edda, reader = await signed_in(shelved), await signed_in(shelved, "Rena", role=Role.READER)
    people = [shelved.attacker, reader, await embedded(shelved, reader)]
    gone = await edda.post(BODY)
    await edda.delete(gone["id"])
    before = [(await person.get("/u/Edda")).content for person in people]
    await shelved.change_site(hold=True)
    held = await edda.post(BODY)
    assert held["status"] == "held"
    assert [(await person.get("/u/Edda")).content for person in people] == before
    unknown = await reader.http.put("/api/v1/comments/7/mute", headers=OURS)
    for comment_id in (gone["id"], held["id"]):
        for method in ("PUT", "DELETE"):
            answer = await reader.http.request(method, f"/api/v1/comments/{comment_id}/mute", headers=OURS)
            assert answer.content == unknown.content, (comment_id, method)
        sent = {"ids": [f"c{comment_id}"], "why": "progress", "show_all": True}
        for person in people:
            assert (await person.http.post("/api/v1/reveals", json=sent, headers=OURS)).json() == {}


async def test_what_readers_say_of_themselves_changes_no_page(shelved: House) -> None:
    """Who has seen everything, and says so in their account, is sent the same pages as everybody."""
    edda, reader = await signed_in(shelved), await signed_in(shelved, "Rena")
    comment = await edda.post(BODY)
    where = await discussion_id(shelved)
    paths = (f"/d/{where}", f"/api/v1/comments/{comment['id']}", "/u/Edda", f"/embed/newsroom?url={ARTICLE}", "/")
    before = [(await reader.get(path)).content for path in paths]
    progress = {"progress": {"jessica-jones": {"s": "dont_care", "u": ""}}}
    assert (await reader.http.put("/api/v1/me/progress", json=progress, headers=OURS)).status_code == 200
    assert [(await reader.get(path)).content for path in paths] == before
    assert [(await shelved.attacker.get(path)).content for path in paths] == before


GUESSES = (HIDDEN, "the butler did it", "butler", "candlestick", "it was the gardener after all", "nobody", "🦆")


async def quoting(person: Person, where: int, source: str, words: str) -> str:
    """What a quote of a comment looks like to those who have seen nothing."""
    body = f"> @Ada#c{source}\n> {words}\n\nRight?"
    sent = {"site": "newsroom", "body": body, "discussion_id": str(where)}
    answer = await person.http.post("/api/v1/preview", json=sent, headers=OURS)
    text: str = answer.json()["text"]
    return text


async def test_a_quote_is_covered_whether_its_words_are_hidden_or_not(shelved: House) -> None:
    comment = await shelved.author.post(BODY)
    where = await discussion_id(shelved)
    seen = {await quoting(shelved.attacker, where, comment["id"], guess) for guess in GUESSES}
    assert seen == {"[spoiler: Jessica Jones S1E13]\n\nRight?"}
    assert "happened to" in await quoting(shelved.attacker, where, comment["id"], "happened to everybody")


async def test_a_quote_stays_covered_whatever_becomes_of_what_it_quotes(shelved: House) -> None:
    comment = await shelved.author.post(BODY)
    quote = await shelved.replier.post(f"> @Ada#c{comment['id']}\n> {HIDDEN}\n\nRight?")
    assert quote["text"] == "[spoiler: Jessica Jones S1E13]\n\nRight?"
    changes = ("Then [JJ S1E13]||nothing|| happened.", "Then [JJ S1E4]||nothing|| happened.", "Nothing happened.")
    for revision, body in enumerate(changes, 1):
        assert (await shelved.author.edit(comment["id"], body, revision)).status_code == 200
        seen = await shelved.attacker.read(f"/api/v1/comments/{quote['id']}")
        assert (seen["text"].startswith("[spoiler: Jessica Jones S1E"), HIDDEN in seen["text"]) == (True, False), body
    await shelved.author.delete(comment["id"])
    assert HIDDEN not in (await shelved.attacker.read(f"/api/v1/comments/{quote['id']}"))["text"]


async def test_words_that_are_covered_later_are_covered_in_quotes(shelved: House) -> None:
    """Also when the comment needs no more than it did."""
    comment = await shelved.author.post(f"Then [JJ S1E13]||nothing|| happened, or {HIDDEN}.")
    quote = await shelved.replier.post(f"> @Ada#c{comment['id']}\n> {HIDDEN}\n\nRight?")
    assert HIDDEN in quote["text"]
    body = f"Then [JJ S1E13]||nothing|| happened, or [JJ S1E13]||{HIDDEN}||."
    assert (await shelved.author.edit(comment["id"], body)).status_code == 200
    assert HIDDEN not in (await shelved.attacker.read(f"/api/v1/comments/{quote['id']}"))["text"]


async def refuse_passages(url: str) -> None:
    """From now on the database refuses every passage, and says (PostgreSQL does) what it refused."""
    if not url.startswith("sqlite:"):
        connection = await asyncpg.connect(url)
        await connection.execute("ALTER TABLE passage ADD CONSTRAINT never CHECK (length(html) < 0) NOT VALID")
        await connection.close()
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        refusal = "SELECT RAISE(ABORT, 'never')"
        connection.execute(f"CREATE TRIGGER never BEFORE INSERT ON passage BEGIN {refusal}; END")


async def lose_passages(url: str) -> None:
    """From now on there is no place for passages."""
    statement = "ALTER TABLE passage RENAME TO elsewhere"
    if not url.startswith("sqlite:"):
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()
        return
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("fault", [refuse_passages, lose_passages])
async def test_what_fails_says_nothing_about_what_was_hidden(engine_url: str, fault: Any) -> None:
    with logged(engine_url) as log:
        async with open_house(engine_url) as house:
            await house.author.post("Nothing.")
            await fault(engine_url)
            bodies = (f"Then ||{SECRET} did it|| happened.", f"> Then\n\n:::spoiler\n{SECRET}\n:::")
            for body in bodies:
                answer = await house.author.send(body)
                assert answer.status_code >= 500
                assert found_in(answer.content) == frozenset()
                form = {"url": ARTICLE, "body": body, "author_name": "Ada"}
                assert (await house.author.submit(FORM, **form)).status_code >= 500
    assert "Traceback" in log.getvalue()
    assert found_in(log.getvalue()) == frozenset()
