"""Comments that nobody may read any more: those without replies take no place, the others keep it and say nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import update

from forum.comments.model import Status
from forum.comments.review.model import Verdict
from forum.comments.tables import comment
from forum.db import Prepared, Tx
from tests.support.app import ARTICLE, House, problem
from tests.support.moderating import APPROVE, REMOVE, SPAM, a_moderator
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

TEXT = "Nobody may read this any more"
EMBED = f"/embed/newsroom?url={ARTICLE}"
SAID = {
    Status.REMOVED: "Removed by a moderator",
    Status.SPAM: "Removed by a moderator",
    Status.HELD: "Not shown until a moderator has looked",
}


async def everywhere(house: House, *ids: str) -> dict[str, str]:
    """All that is public about a discussion, by address."""
    where = await discussion_id(house)
    paths = [f"/d/{where}", f"/d/{where}?sort=oldest", EMBED, f"/d/{where}/own", f"/d/{where}/mine", "/?lang=en"]
    paths += [f"/api/v1/discussions/{where}", f"/api/v1/sites/newsroom/discussion?url={ARTICLE}"]
    for one in ids:
        paths += [f"/d/{where}/thread/{one}", f"/api/v1/comments/{one}", f"/api/v1/comments/{one}/replies"]
    return {path: (await house.attacker.get(path)).text for path in paths}


async def take_away(house: House, posted: dict[str, Any], status: Status) -> None:
    """Give a public comment another status, by a moderator; held as readers' flags leave it."""
    chair = await a_moderator(house)
    await chair.say(SPAM if status is Status.SPAM else REMOVE, posted)
    if status is Status.HELD:
        held = Prepared(update(comment).where(comment.c.id == int(posted["id"])).values(status="held"))

        async def work(tx: Tx) -> None:
            await tx.execute(held)
            tx.touch("*")

        await house.rt.db.write(work)
        house.rt.pieces._pieces.clear()


@pytest.mark.parametrize("status", SAID)
async def test_with_replies_only_its_place_stays(house: House, status: Status) -> None:
    root = await house.author.post(f"{TEXT}: ||the tinker||.")
    reply = await house.replier.reply(root, "An answer.", scope=[])
    await take_away(house, root, status)
    where = await discussion_id(house)
    for path, text in (await everywhere(house, root["id"], reply["id"])).items():
        assert TEXT not in text, path
        assert "the tinker" not in text, path
        assert "Ada" not in text, path
        # Not even that something was covered.
        assert "data-sp=" not in text, path
    page = (await house.attacker.get(f"/d/{where}")).text
    assert SAID[status] in page
    assert "An answer." in page
    assert "1 comment<" in page
    (ld,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert "An answer." in ld
    assert root["id"] not in ld
    seen = await house.attacker.read(f"/api/v1/discussions/{where}")
    first, second = seen["comments"]
    assert (seen["discussion"]["comment_count"], first["status"], first["reply_count"]) == (1, status.value, 1)
    nobody = {"name": "", "kind": "nobody", "url": None, "hue": None}
    assert (first["author"], first["text"], first["html"], first["passages"]) == (nobody, "", "", [])
    assert (first["covered"], first["scope"], first["edited_at"]) == (False, [], None)
    assert second["id"] == reply["id"]
    # Its address leads to the place; one can't answer it, nor look at it on the page to answer at.
    assert (await house.attacker.get(f"/c/{root['id']}")).headers[
        "location"
    ] == f"/d/{where}?at={root['id']}#c{root['id']}"
    answer = await house.attacker.get(f"/c/{root['id']}/reply")
    assert answer.status_code == 403
    assert TEXT not in answer.text
    assert problem(await house.attacker.send("But why?", parent_id=root["id"]))[1] == "parent_gone"


@pytest.mark.parametrize("status", SAID)
async def test_without_replies_it_takes_no_place(house: House, status: Status) -> None:
    root = await house.author.post("Anybody may read this.")
    gone = await house.replier.reply(root, f"{TEXT}.")
    other = await house.author.reply(root, "An answer.")
    await take_away(house, gone, status)
    for path, text in (await everywhere(house, root["id"], other["id"])).items():
        assert TEXT not in text, path
        assert gone["id"] not in text, path
        assert SAID[status] not in text, path
    for path in (f"/c/{gone['id']}", f"/c/{gone['id']}/reply", f"/d/{await discussion_id(house)}/thread/{gone['id']}"):
        assert (await house.attacker.get(path)).status_code == 404, path
    for path in (f"/api/v1/comments/{gone['id']}", f"/api/v1/comments/{gone['id']}/replies"):
        assert problem(await house.attacker.get(path)) == (404, "not_found")
    seen = await house.attacker.read(f"/api/v1/comments/{root['id']}")
    assert seen["reply_count"] == 1
    counts = await house.attacker.read("/api/v1/sites/newsroom/counts", params={"url": ARTICLE})
    assert counts["counts"][ARTICLE] == 2


async def test_a_long_thread_is_continued_past_a_mark(house: House) -> None:
    """At the depth where a page ends stands a mark: the thread below it is one click away, as below any comment."""
    chain = [await house.author.post("Number 0.")]
    for number in range(1, 10):
        chain.append(await house.author.reply(chain[-1], f"Number {number}."))
    deepest = chain[house.rt.settings.thread_depth]
    chair = await a_moderator(house)
    await chair.say(REMOVE, deepest)
    where = await discussion_id(house)
    page = (await house.attacker.get(f"/d/{where}")).text
    assert "Removed by a moderator" in page
    assert f'href="/d/{where}/thread/{deepest["id"]}"' in page
    onward = (await house.attacker.get(f"/d/{where}/thread/{deepest['id']}")).text
    assert "Removed by a moderator" in onward
    assert "Number 7." in onward
    assert "Number 6." not in onward
    # The last one of a chain goes without a trace, and with it the way to it.
    await chair.say(REMOVE, chain[-1])
    assert "Continue this thread" in page
    last = (await house.attacker.get(f"/d/{where}/thread/{chain[-2]['id']}")).text
    assert "Number 9." not in last


async def test_brought_back_it_is_what_it_was(house: House) -> None:
    root = await house.author.post(f"{TEXT}, and then again.")
    await house.replier.reply(root, "An answer.")
    chair = await a_moderator(house)
    before = await house.attacker.read(f"/api/v1/discussions/{await discussion_id(house)}")
    await chair.say(Verdict.REMOVE, root)
    await chair.say(APPROVE, root)
    after = await house.attacker.read(f"/api/v1/discussions/{await discussion_id(house)}")
    for answer in (before, after):
        answer["comments"][0].pop("revision")
    assert after == before
