"""Cover while others write: no answer shows more than it should, and nothing that somebody wrote gets lost."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from forum.comments.tables import comment
from tests.support.app import ARTICLE, House, problem
from tests.support.spoilers import COMIC, JJ4, JJ13, covered, is_consistent, moderate, shown_on, view

pytestmark = pytest.mark.anyio


def quote(source: dict[str, Any], words: str, name: str = "Ada") -> str:
    """A comment that quotes words of another and agrees."""
    lines = "\n".join(f"> {line}" for line in words.split("\n"))
    return f"> @{name}#c{source['id']}\n{lines}\n\nI agree."


async def needs(house: House, posted: dict[str, Any]) -> list[list[str]]:
    """What the covered places of a comment need."""
    return [p["scope"] for p in (await view(house, posted))["passages"]]


async def test_posting_against_covering_what_is_answered(fans: House) -> None:
    for number in range(6):
        root = await fans.author.post(f"Root {number}.")
        replies = (fans.replier.post(f"Reply {number} {n}.", parent_id=root["id"]) for n in range(4))
        await asyncio.gather(covered(fans, root, JJ13), *replies)
        seen = (await fans.attacker.read(f"/api/v1/comments/{root['id']}/replies"))["comments"]
        assert [one["scope"] for one in seen] == [[JJ13]] * 4
    await is_consistent(fans)


async def test_posting_against_covering_what_is_quoted(fans: House) -> None:
    for number in range(6):
        root = await fans.author.post(f"Root number {number} of this.")
        quote = f"> @Ada#c{root['id']}\n> Root number {number} of this.\n\nSo."
        posted = await asyncio.gather(covered(fans, root, JJ13), *(fans.replier.post(quote) for _ in range(4)))
        for one in posted[1:]:
            assert [p["scope"] for p in (await view(fans, one))["passages"]] == [[JJ13]]
    await is_consistent(fans)


async def test_covering_against_editing_the_quote(fans: House) -> None:
    for number in range(6):
        source = await fans.author.post(f"Secret number {number} of this.")
        posted = await fans.replier.post("Nothing yet.")
        words = quote(source, f"Secret number {number} of this.")
        await asyncio.gather(covered(fans, source, JJ13), fans.replier.edit(posted["id"], words))
        seen = await view(fans, posted)
        assert seen["text"] == "Nothing yet." or [p["scope"] for p in seen["passages"]] == [[JJ13]]
    await is_consistent(fans)


async def test_covering_two_sources_of_one_quote_at_once(fans: House) -> None:
    for number in range(6):
        one = await fans.author.post(f"One number {number} of this.")
        two = await fans.author.post(f"Two number {number} of this.")
        body = f"{quote(one, f'One number {number} of this.')}\n\n{quote(two, f'Two number {number} of this.')}"
        posted = await fans.replier.post(body)
        reply = await fans.attacker.reply(posted, "Yes.")
        await asyncio.gather(covered(fans, one, JJ13), covered(fans, two, COMIC))
        assert await needs(fans, posted) == [[JJ13], [COMIC]]
        assert (await view(fans, reply))["scope"] == [COMIC, JJ13]
    await is_consistent(fans)


async def test_covering_against_editing(fans: House) -> None:
    for number in range(8):
        posted = await fans.author.post(f"Secret {number}.")
        said, edited = await asyncio.gather(
            moderate(fans, posted, JJ13), fans.author.edit(posted["id"], f"Secret {number}, edited.")
        )
        assert said.status_code == 200
        assert edited.status_code == 200 or problem(edited) == (409, "revision_conflict")
        assert (await view(fans, posted))["scope"] == [JJ13]
    assert await shown_on(fans, "Secret") == []
    await is_consistent(fans)


async def test_covering_a_stretch_against_editing(fans: House) -> None:
    for number in range(8):
        posted = await fans.author.post(f"Beginning. Secret {number}.")
        said, edited = await asyncio.gather(
            moderate(fans, posted, JJ13, start=11, end=20, revision=1),
            fans.author.edit(posted["id"], f"Hm. Secret {number}."),
        )
        assert said.status_code == 200 or problem(said) == (409, "revision_conflict")
        assert edited.status_code == 200 or problem(edited) == (409, "revision_conflict")
        assert {said.status_code, edited.status_code} != {409}
        if said.status_code == 200:
            assert (await view(fans, posted))["text"] == "Beginning. [spoiler: Jessica Jones S1E13]"
    await is_consistent(fans)


async def test_two_moderators_at_once(fans: House) -> None:
    for number in range(6):
        posted = await fans.author.post(f"Secret {number} here.")
        reply = await fans.replier.reply(posted, "Yes.")
        answers = await asyncio.gather(
            moderate(fans, posted, JJ13), moderate(fans, posted, COMIC), moderate(fans, reply, JJ4)
        )
        assert [answer.status_code for answer in answers] == [200] * 3
        above, below = (await view(fans, posted))["scope"], (await view(fans, reply))["scope"]
        assert above in ([JJ13], [COMIC])
        assert below == ([JJ13] if above == [JJ13] else [COMIC, JJ4])
    await is_consistent(fans)


async def test_stretches_at_once_get_lost_by_nobody(fans: House) -> None:
    posted = await fans.author.post("One two three four five six.")
    answers = await asyncio.gather(
        *(moderate(fans, posted, JJ13, start=start, end=start + 3) for start in (0, 4, 8, 14))
    )
    won = [answer for answer in answers if answer.status_code == 200]
    assert won
    assert all(problem(answer) == (409, "revision_conflict") for answer in answers if answer not in won)
    assert len((await view(fans, posted))["passages"]) == len(won)
    await is_consistent(fans)


async def test_covering_up_and_down_a_thread_while_people_reply(fans: House) -> None:
    root = await fans.author.post("Root.")
    chain = [root]
    for depth in range(6):
        chain.append(await fans.replier.reply(chain[-1], f"Depth {depth}."))
    people = [await fans.newcomer() for _ in range(6)]
    replies = [person.reply(chain[n], f"Reply {n}.") for n, person in enumerate(people)]
    edits = [fans.replier.edit(chain[4]["id"], "Edited.")]
    covers = [moderate(fans, chain[n], *scope) for n, scope in ((0, [JJ4]), (3, [COMIC]), (6, []), (5, [JJ13]))]
    answers = await asyncio.gather(*replies, *edits, *covers)
    assert [answer.status_code for answer in answers[-4:]] == [200] * 4
    seen = (await fans.attacker.read(f"/api/v1/comments/{root['id']}/replies"))["comments"]
    scopes = {one["id"]: one["scope"] for one in seen}
    parents = {one["id"]: one["parent_id"] for one in seen}
    rows = {str(row.id): row for row in await fans.rows(select(comment.c.id, comment.c.inherits))}
    for comment_id, parent_id in parents.items():
        if rows[comment_id].inherits and parent_id in scopes:
            assert set(scopes[parent_id]) <= set(scopes[comment_id]) or JJ13 in scopes[comment_id]
    assert (await view(fans, root))["scope"] == [JJ4]
    await is_consistent(fans)


async def test_deleting_against_covering(fans: House) -> None:
    for number in range(6):
        root = await fans.author.post(f"Secret {number} here.")
        reply = await fans.replier.reply(root, f"Secret {number} too.")
        deleted, said, _ = await asyncio.gather(
            fans.author.delete(root["id"]), moderate(fans, root, JJ13), fans.replier.delete(reply["id"])
        )
        assert deleted.status_code == 204
        assert said.status_code in (200, 404)
    seen = await fans.attacker.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE})
    assert "Secret" not in str(seen)
    await is_consistent(fans)
