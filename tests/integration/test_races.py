"""Many at once: counters stay right, one edit wins, one key is one comment, one article has one discussion."""

import asyncio

import pytest
from sqlalchemy import func, select

from forum.articles.tables import article
from forum.comments.tables import comment, comment_revision
from forum.outbox.tables import outbox
from tests.support.app import ARTICLE, FORM, House, problem

pytestmark = pytest.mark.anyio

AT_ONCE = 16


async def test_replies_to_one_parent(house: House) -> None:
    root = await house.author.post("Root.")
    people = [await house.newcomer() for _ in range(AT_ONCE)]
    await asyncio.gather(*(person.reply(root, f"Reply {n}.") for n, person in enumerate(people)))
    assert await house.recount() == AT_ONCE + 1
    seen = await house.author.read(f"/api/v1/comments/{root['id']}/replies")
    assert len(seen["comments"]) == AT_ONCE
    assert (await house.author.read(f"/api/v1/comments/{root['id']}"))["reply_count"] == AT_ONCE


async def test_replies_all_over_one_conversation(house: House) -> None:
    parents = [await house.author.post("Root.")]
    for depth in range(5):
        parents.append(await house.replier.reply(parents[-1], f"Depth {depth}."))
    await asyncio.gather(*(house.author.reply(parents[n % 6], f"Reply {n}.") for n in range(24)))
    assert await house.recount() == 30


async def test_two_edits_from_one_revision(house: House) -> None:
    posted = await house.author.post("One.")
    answers = await asyncio.gather(*(house.author.edit(posted["id"], f"Edit {n}.") for n in range(AT_ONCE)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {problem(answer) for answer in answers if answer not in won} == {(409, "revision_conflict")}
    assert await house.author.read(f"/api/v1/comments/{posted['id']}") == won[0].json()
    assert [row.source for row in await house.rows(select(comment_revision.c.source))] == ["One."]


async def test_deleting_against_replying(house: House) -> None:
    for number in range(8):
        root = await house.author.post(f"Root {number}.")
        deleted, replied = await asyncio.gather(
            house.author.delete(root["id"]), house.replier.send("Reply.", parent_id=root["id"])
        )
        assert deleted.status_code == 204
        assert replied.status_code == 201 or problem(replied) == (403, "parent_gone")
    await house.recount()


async def test_deleting_against_editing(house: House) -> None:
    for number in range(8):
        root = await house.author.post(f"Root {number}.")
        deleted, edited = await asyncio.gather(
            house.author.delete(root["id"]), house.author.edit(root["id"], "Secret.")
        )
        assert deleted.status_code == 204
        assert edited.status_code == 200 or problem(edited) in {(409, "revision_conflict"), (403, "deleted")}
    await house.recount()
    assert await house.rows(select(comment.c.id).where(comment.c.source != "")) == []
    assert await house.rows(select(comment_revision.c.source)) == []


async def test_deleting_twice_at_once(house: House) -> None:
    root = await house.author.post("Root.")
    answers = await asyncio.gather(*(house.author.delete(root["id"]) for _ in range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {204}
    await house.recount()


@pytest.mark.parametrize("known", [True, False])
async def test_one_key_is_one_comment(house: House, known: bool) -> None:
    if known:
        await house.author.post("Ada has a cookie.")
    before = await house.recount()
    answers = await asyncio.gather(*(house.author.send("Once.", key="k1") for _ in range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await house.recount() == before + 1
    assert (await house.author.delete(answers[0].json()["id"])).status_code == 204


async def test_one_key_for_two_texts_is_one_comment(house: House) -> None:
    await house.author.post("Ada has a cookie.")
    answers = await asyncio.gather(*(house.author.send(f"Text {n % 2}.", key="k1") for n in range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {201, 409}
    assert await house.recount() == 2


async def test_a_form_sent_many_times_at_once_is_one_comment(house: House) -> None:
    fields = {"url": ARTICLE, "body": "Click, click, click.", "author_name": "Ada"}
    answers = await asyncio.gather(*(house.author.submit(FORM, **fields) for _ in range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await house.recount() == 1


async def test_first_comments_below_an_unknown_article(house: House) -> None:
    people = [await house.newcomer() for _ in range(AT_ONCE)]
    await asyncio.gather(*(person.post("First!") for person in people))
    assert [row.n for row in await house.rows(select(func.count().label("n")).select_from(article))] == [1]
    assert [row.n for row in await house.rows(select(func.count().label("n")).select_from(outbox))] == [1]
    assert await house.recount() == AT_ONCE


async def test_announcing_describing_and_posting_at_once(house: House) -> None:
    headers = {"origin": "https://talk.example"}
    announced = house.author.http.post("/api/v1/sites/newsroom/announce", json={"url": ARTICLE}, headers=headers)
    answers = await asyncio.gather(announced, house.publish(title="Gutterlight"), house.replier.send("First!"))
    assert [answer.status_code for answer in answers] == [200, 200, 201]
    assert [row.title for row in await house.rows(select(article.c.title))] == ["Gutterlight"]
    assert await house.recount() == 1


async def test_closing_against_posting(house: House) -> None:
    await house.author.post("Root.")
    answers = await asyncio.gather(house.publish(state="closed"), *(house.replier.send(f"Late {n}.") for n in range(8)))
    posted = sum(answer.status_code == 201 for answer in answers[1:])
    assert {answer.status_code for answer in answers[1:]} <= {201, 403}
    assert await house.recount() == posted + 1
    assert problem(await house.replier.send("Too late.")) == (403, "discussion_closed")


async def test_people_at_once_are_guests_of_their_own(house: House) -> None:
    people = [await house.newcomer(f"Guest number {n}") for n in range(AT_ONCE)]
    posted = await asyncio.gather(*(person.post("Hello.") for person in people))
    for person, own in zip(people, posted, strict=True):
        assert (await person.edit(own["id"], "Hello again.")).status_code == 200
    assert problem(await people[0].edit(posted[1]["id"], "Not mine.", 2)) == (403, "not_yours")
