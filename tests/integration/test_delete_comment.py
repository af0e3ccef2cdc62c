"""Delete a comment: text, name and revisions go, the thread keeps its shape."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.comments.tables import comment, comment_revision
from tests.support.app import ARTICLE, House, problem

pytestmark = pytest.mark.anyio


async def test_text_and_name_go_and_the_place_stays(house: House) -> None:
    root = await house.author.post("My *secret*.")
    reply = await house.replier.reply(root, "Oh!")
    await house.author.edit(root["id"], "My other *secret*.")
    answer = await house.author.delete(root["id"])
    assert answer.status_code == 204
    assert answer.content == b""
    seen = await house.attacker.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE})
    gone, kept = seen["comments"]
    assert (gone["id"], gone["status"], gone["reply_count"]) == (root["id"], "deleted", 1)
    assert gone["author"] == {"name": "", "kind": "nobody", "url": None, "hue": None}
    assert (gone["html"], gone["text"], gone["edited_at"]) == ("", "", None)
    assert (kept["id"], kept["parent_id"]) == (reply["id"], root["id"])
    assert seen["discussion"]["comment_count"] == 1
    row = next(r for r in await house.rows(select(comment)) if r.status == "deleted")
    assert (row.source, row.html, row.text, row.author_name) == ("", "", "", "")
    assert await house.rows(select(comment_revision.c.source)) == []
    await house.recount()


async def test_the_page_shows_that_something_was_there(house: House) -> None:
    root = await house.author.post("My secret.")
    path = f"/d/{(await house.rows(select(comment.c.discussion_id)))[0].discussion_id}"
    assert "My secret." in (await house.attacker.get(path)).text
    await house.author.delete(root["id"])
    page = (await house.attacker.get(path)).text
    assert "My secret." not in page
    assert "Ada" not in page
    assert "Deleted by its author" in page


async def test_deleting_twice_is_deleting_once(house: House) -> None:
    root = await house.author.post("Gone.")
    assert (await house.author.delete(root["id"])).status_code == 204
    assert (await house.author.delete(root["id"])).status_code == 204
    await house.recount()


async def test_deleting_has_no_window(house: House) -> None:
    root = await house.author.post("Old.")
    house.clock.advance(timedelta(days=365))
    assert (await house.author.delete(root["id"])).status_code == 204


async def test_a_closed_discussion_lets_authors_delete(house: House) -> None:
    root = await house.author.post("Mine.")
    await house.publish(state="closed")
    assert (await house.author.delete(root["id"])).status_code == 204


async def test_nobody_else_may_delete(house: House) -> None:
    root = await house.author.post("Mine.")
    await house.replier.post("Ravi has a cookie of his own.")
    for person in (house.replier, house.attacker):
        assert problem(await person.delete(root["id"])) == (403, "not_yours")
    await house.author.delete(root["id"])
    assert problem(await house.replier.delete(root["id"])) == (403, "not_yours")
    await house.recount()


async def test_a_key_answers_after_its_comment_is_gone(house: House) -> None:
    posted = await house.author.post("Once.", key="k1")
    await house.author.delete(posted["id"])
    again = await house.author.send("Once.", key="k1")
    assert again.status_code == 201
    assert (again.json()["id"], again.json()["status"], again.json()["text"]) == (posted["id"], "deleted", "")
    assert await house.recount() == 1


async def test_a_held_comment_leaves_no_trace(house: House) -> None:
    await house.change_site(hold=True)
    held = await house.author.post("Waiting.", key="k1")
    assert problem(await house.attacker.delete(held["id"])) == (404, "not_found")
    assert (await house.author.delete(held["id"])).status_code == 204
    assert await house.recount() == 0
    assert problem(await house.author.send("Waiting.", key="k1")) == (404, "not_found")
    assert problem(await house.author.delete(held["id"])) == (404, "not_found")
