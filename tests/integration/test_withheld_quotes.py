"""What nobody may read any more is not read in quotes of it either; and comes back with it, as it was."""

from typing import Any

import pytest

from forum.comments.desk import Desk
from forum.comments.model import Status
from forum.comments.requoting import follow
from forum.comments.status import hold_place, move
from forum.db import Tx
from forum.spoilers.service import book
from tests.integration.test_spoiler_quotes import quote
from tests.support.app import House
from tests.support.spoilers import JJ13, SECRET, is_consistent, moderate, passages_of, revealed, surfaces, view

pytestmark = pytest.mark.anyio

WORDS = "The ferryman did it with a lantern."
AWAY = (Status.REMOVED, Status.SPAM, Status.HELD)


async def give(house: House, posted: dict[str, Any], status: Status) -> None:
    """Another status, with all that follows from it."""
    rt = house.rt
    known = await book(rt)

    async def work(tx: Tx) -> None:
        found = await hold_place(tx, site_id=house.site.id, comment_id=int(posted["id"]))
        assert found is not None
        await follow(Desk(tx, rt, known), await move(tx, found, status, rt.clock.now()))

    await rt.db.write(work)


async def everything(house: House, *posted: dict[str, Any]) -> str:
    """All that anybody gets to see."""
    return "\n".join((await surfaces(house, *posted)).values())


@pytest.mark.parametrize("status", AWAY)
async def test_a_quote_of_what_was_withdrawn_says_nothing(fans: House, status: Status) -> None:
    source = await fans.author.post(WORDS)
    posted = await fans.replier.post(quote(source, WORDS, name="Ada"))
    before = await view(fans, posted)
    assert "lantern" in before["text"]
    await give(fans, source, status)
    now = await view(fans, posted)
    assert now["text"].split() == ["»", "[…]", "I", "agree."]
    assert now["revision"] > before["revision"]
    shown = await everything(fans, posted)
    assert "lantern" not in shown
    assert f"/c/{source['id']}" not in shown
    await is_consistent(fans)

    await give(fans, source, Status.PUBLISHED)
    again = await view(fans, posted)
    assert (again["text"], again["html"]) == (before["text"], before["html"])
    await is_consistent(fans)


async def test_the_cover_of_a_withdrawn_quote_opens_to_nothing(fans: House) -> None:
    source = await fans.author.post(SECRET, scope=[JJ13])
    posted = await fans.replier.post(quote(source, SECRET))
    (only,) = posted["passages"]
    await give(fans, source, Status.REMOVED)
    (still,) = (await view(fans, posted))["passages"]
    assert (still["id"], still["scope"]) == (only["id"], [JJ13])
    assert (await revealed(fans.attacker, only["id"]))[only["id"]]["text"] == "» […]"
    await give(fans, source, Status.PUBLISHED)
    assert "lanterns" in (await revealed(fans.attacker, only["id"]))[only["id"]]["text"]
    await is_consistent(fans)


async def test_what_nests_in_a_withdrawn_quote_is_gone_too(fans: House) -> None:
    source = await fans.author.post(f"Look: [JJ S1E13]||{SECRET}||.")
    posted = await fans.replier.post(quote(source, f"Look: [JJ S1E13]||{SECRET}||."))
    ids = [passage.id for passage in await passages_of(fans, posted)]
    assert len(ids) > 1
    await give(fans, source, Status.SPAM)
    told = await revealed(fans.attacker, *ids)
    assert not [text for text in told.values() if "lanterns" in text["text"] or "Look" in text["text"]]
    await give(fans, source, Status.PUBLISHED)
    told = await revealed(fans.attacker, *ids)
    assert [text for text in told.values() if "lanterns" in text["text"]]
    await is_consistent(fans)


async def test_within_a_comment_that_is_covered_as_a_whole(fans: House) -> None:
    source = await fans.author.post(WORDS)
    posted = await fans.replier.post(quote(source, WORDS), scope=[JJ13])
    whole = f"c{posted['id']}"
    await give(fans, source, Status.REMOVED)
    assert "lantern" not in (await revealed(fans.attacker, whole))[whole]["text"]
    # Uncovered meanwhile, it still says nothing; afterwards it does.
    assert (await moderate(fans, posted)).status_code == 200
    assert "lantern" not in await everything(fans, posted)
    await give(fans, source, Status.PUBLISHED)
    assert "lantern" in (await view(fans, posted))["text"]
    await is_consistent(fans)


async def test_a_quote_of_a_quote(fans: House) -> None:
    source = await fans.author.post(WORDS)
    first = await fans.replier.post(quote(source, WORDS))
    words = f"> @Ada#c{source['id']}\n> {WORDS}\n\nI agree."
    second = await fans.attacker.post(quote(first, words, name="Ravi"))
    assert "lantern" in (await view(fans, second))["text"]
    await give(fans, source, Status.REMOVED)
    for one in (first, second):
        assert "lantern" not in (await view(fans, one))["text"]
    await give(fans, first, Status.REMOVED)
    await give(fans, source, Status.PUBLISHED)
    # The one in the middle is gone, and with it all that it was quoted for.
    assert "lantern" not in (await view(fans, second))["text"]
    await give(fans, first, Status.PUBLISHED)
    assert "lantern" in (await view(fans, second))["text"]
    await is_consistent(fans)


async def test_quoting_what_has_gone_in_the_meantime(fans: House) -> None:
    source = await fans.author.post(WORDS)
    await give(fans, source, Status.REMOVED)
    posted = await fans.replier.post(quote(source, WORDS))
    assert "lantern" not in posted["text"]
    edited = await fans.replier.edit(posted["id"], quote(source, WORDS) + " Really.", 1)
    assert edited.status_code == 200
    assert "lantern" not in await everything(fans, posted)
    # What was typed is kept: it comes back with what it quotes.
    await give(fans, source, Status.PUBLISHED)
    assert "lantern" in (await view(fans, posted))["text"]
    await is_consistent(fans)


async def test_what_its_author_deleted_stays_withdrawn(fans: House) -> None:
    source = await fans.author.post(WORDS)
    posted = await fans.replier.post(quote(source, WORDS))
    await fans.replier.reply(source, "It has a reply.")
    await give(fans, source, Status.REMOVED)
    assert (await fans.author.delete(source["id"])).status_code == 204
    assert "lantern" not in await everything(fans, posted)
    await is_consistent(fans)
