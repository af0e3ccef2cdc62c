"""Reply to a comment: its place in the thread, the counters above it, and the parents that take no reply."""

import pytest

from tests.support.app import ARTICLE, NEWS, House, problem

pytestmark = pytest.mark.anyio


async def test_a_reply_takes_its_place_and_is_counted(house: House) -> None:
    root = await house.author.post("Who lit the lantern?")
    first = await house.replier.reply(root, "The ferryman.")
    second = await house.author.reply(first, "Impossible.")
    third = await house.replier.reply(root, "Or his sister.")
    assert (first["parent_id"], first["depth"], second["depth"]) == (root["id"], 1, 2)
    seen = await house.attacker.read("/api/v1/sites/newsroom/discussion", params={"url": ARTICLE})
    assert [c["id"] for c in seen["comments"]] == [root["id"], first["id"], second["id"], third["id"]]
    assert [c["reply_count"] for c in seen["comments"]] == [2, 1, 0, 0]
    assert seen["discussion"]["comment_count"] == 4
    assert await house.recount() == 4


async def test_a_reply_may_go_to_ones_own_comment(house: House) -> None:
    root = await house.author.post("One more thing:")
    assert (await house.author.reply(root, "the lantern."))["parent_id"] == root["id"]


async def test_threads_grow_to_any_depth(house: House) -> None:
    last = await house.author.post("0")
    for depth in range(1, 15):
        last = await house.author.reply(last, str(depth))
        assert last["depth"] == depth
    assert await house.recount() == 15


async def test_replies_of_a_comment_are_listed(house: House) -> None:
    root = await house.author.post("Root.")
    first = await house.replier.reply(root, "First.")
    below = await house.author.reply(first, "Below.")
    second = await house.replier.reply(root, "Second.")
    seen = await house.attacker.read(f"/api/v1/comments/{root['id']}/replies")
    assert [c["id"] for c in seen["comments"]] == [first["id"], below["id"], second["id"]]
    assert seen["next_cursor"] is None


async def test_a_parent_of_another_discussion_is_refused(house: House) -> None:
    elsewhere = await house.author.post("Elsewhere.", url=f"{NEWS}/other")
    await house.author.post("Here.")
    answer = await house.replier.send("Hello.", parent_id=elsewhere["id"])
    assert problem(answer) == (404, "parent_gone")
    assert await house.recount() == 2


async def test_a_parent_of_another_site_is_refused(house: House) -> None:
    await house.add_site("gazette", origins=(NEWS,))
    path = "/api/v1/sites/gazette/comments"
    elsewhere = await house.author.post("The same article below another site.", path=path)
    assert problem(await house.replier.send("Hello.", parent_id=elsewhere["id"])) == (404, "parent_gone")


async def test_a_deleted_parent_takes_no_reply(house: House) -> None:
    root = await house.author.post("Forget it.")
    await house.author.delete(root["id"])
    assert problem(await house.replier.send("What?", parent_id=root["id"])) == (403, "parent_gone")
    assert await house.recount() == 1


async def test_a_held_parent_takes_no_reply_from_anybody(house: House) -> None:
    await house.change_site(hold=True)
    held = await house.author.post("Waiting.")
    await house.change_site(hold=False)
    for person in (house.replier, house.author):
        assert problem(await person.send("Hello.", parent_id=held["id"])) == (404, "parent_gone")
    assert await house.recount() == 1


async def test_a_closed_discussion_takes_no_reply(house: House) -> None:
    root = await house.author.post("Last words?")
    await house.publish(state="closed")
    assert problem(await house.replier.send("No.", parent_id=root["id"])) == (403, "discussion_closed")
    assert await house.recount() == 1
