"""What everybody sees of what moderators have set: the list, the comment on top, the form to write in."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import update

from forum.accounts.model import Role
from forum.articles.tables import article
from forum.db import Prepared, Tx
from tests.support.app import ARTICLE, NEWS, OURS, House, Person, problem
from tests.support.moderating import APPROVE, COVER, REMOVE, Chair
from tests.support.people import signed_in
from tests.support.spoilers import JJ4
from tests.support.steering import ask, feature, steer, take_back
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

EMBED = f"/embed/newsroom?url={ARTICLE}"
TOP = re.compile(r'<section class="featured" data-featured="(\d+)".*?</section>', re.DOTALL)


async def a_moderator(house: House) -> Person:
    return await signed_in(house, "Mo", role=Role.MODERATOR)


def top_of(page: str) -> str:
    """The section with the comment on top, "" for none."""
    found = TOP.search(page)
    return found[0] if found else ""


async def seen_on_top(house: House) -> list[str]:
    """What stands on top for somebody who is nobody: on the page, in the frame, and for programs."""
    where = await discussion_id(house)
    pages = [
        top_of((await house.attacker.get(path)).text) for path in (f"/d/{where}", f"/d/{where}?sort=oldest", EMBED)
    ]
    asked = (f"/api/v1/discussions/{where}", f"/api/v1/sites/newsroom/discussion?url={ARTICLE}")
    for answer in [await house.attacker.read(path) for path in asked]:
        pages.append("" if answer["featured"] is None else answer["featured"]["text"])
    return pages


async def test_the_comment_on_top(house: House) -> None:
    moderator = await a_moderator(house)
    posted = await house.author.post("Worth **reading**.")
    await house.replier.post("Something else.")
    assert await seen_on_top(house) == [""] * 5
    line = await feature(house, moderator, posted)
    page, oldest, frame, by_id, by_url = await seen_on_top(house)
    for section in (page, oldest, frame):
        assert "Worth <strong>reading</strong>." in section
        assert "Ada" in section
        assert f'href="#c{posted["id"]}"' in section
        assert f'id="c{posted["id"]}"' not in section
    assert by_id == by_url == "Worth reading."
    assert (await take_back(house, moderator, line)).status_code == 200
    assert await seen_on_top(house) == [""] * 5


async def test_it_stands_on_the_first_page_alone(house: House) -> None:
    moderator = await a_moderator(house)
    first = await house.author.post("The first of many.")
    for number in range(51):
        await house.author.post(f"Number {number}.", key=f"key-of-the-browser-{number}")
    await feature(house, moderator, first)
    where = await discussion_id(house)
    page = (await house.attacker.get(f"/d/{where}")).text
    assert "The first of many." in top_of(page)
    # It is on another page: there is the way.
    assert f'href="/c/{first["id"]}"' in top_of(page)
    onward = re.search(r'href="([^"]+)"[^>]* data-next', page)
    assert onward is not None
    assert top_of((await house.attacker.get(unescape(onward[1]))).text) == ""
    answer = await house.attacker.read(f"/api/v1/discussions/{where}")
    assert answer["featured"]["id"] == first["id"]
    after = await house.attacker.read(f"/api/v1/discussions/{where}?cursor={answer['next_cursor']}")
    assert after["featured"] is None


async def test_what_is_not_public_any_more_is_not_on_top(house: House) -> None:
    moderator = await a_moderator(house)
    chair = Chair(house, moderator)
    posted = await house.author.post("Gone soon.")
    await house.replier.reply(posted, "So it keeps its place.")
    await feature(house, moderator, posted)
    await chair.say(REMOVE, posted)
    assert await seen_on_top(house) == [""] * 5
    assert "Gone soon" not in (await house.attacker.get(f"/d/{await discussion_id(house)}")).text
    shown = (await moderator.get(f"/mod/d/{await discussion_id(house)}")).text
    assert "The comment that was chosen can't be read by everybody any more" in shown
    assert "Gone soon" not in shown
    await chair.say(APPROVE, posted)
    assert "Gone soon." in (await seen_on_top(house))[0]
    await house.author.delete(posted["id"])
    assert await seen_on_top(house) == [""] * 5
    # One without replies leaves nothing at all, and breaks nothing.
    other = await house.author.post("Alone.")
    await feature(house, moderator, other)
    await chair.say(REMOVE, other)
    await house.author.delete(other["id"])
    assert await seen_on_top(house) == [""] * 5


async def test_what_is_covered_stays_covered_on_top(fans: House) -> None:
    moderator = await a_moderator(fans)
    posted = await fans.author.post("The neighbour: ||it was him||.")
    await feature(fans, moderator, posted)
    page, *_, text = await seen_on_top(fans)
    assert 'class="sp-show"' in page
    assert text == "The neighbour: [spoiler]."
    await Chair(fans, moderator).say(COVER, posted, tokens=(JJ4,))
    for shown in await seen_on_top(fans):
        assert shown
        assert "neighbour" not in shown
        assert "it was him" not in shown
    own = (await moderator.get(f"/mod/d/{await discussion_id(fans)}")).text
    assert "it was him" not in own
    assert "neighbour" not in own


async def test_a_page_with_a_comment_on_top_costs_no_more(house: House) -> None:
    moderator = await a_moderator(house)
    first = await house.author.post("The first.")
    await house.replier.reply(first, "A reply.")
    await feature(house, moderator, first)
    where = await discussion_id(house)
    for path in (f"/d/{where}", EMBED, f"/api/v1/discussions/{where}", "/"):
        house.rt.cache.invalidate({f"d:{where}", "home"})
        with house.recorded() as statements:
            assert (await house.attacker.get(path)).status_code == 200
        assert 0 < len(statements) <= 4, path
        with house.recorded() as statements:
            await house.attacker.get(path)
        assert statements == []


async def verified(house: House, *urls: str) -> None:
    """Let the home list show these articles."""
    verify = Prepared(update(article).values(verified_at=house.clock.now()))
    await house.rt.db.write(lambda tx: _run(tx, verify))
    for url in urls:
        await house.publish(url=url, title=url.rpartition("/")[2])


async def _run(tx: Tx, statement: Prepared) -> None:
    await tx.execute(statement)


async def titles(house: House) -> list[str]:
    """The list of recent discussions, as it stands."""
    page = (await house.attacker.get("/?lang=en")).text
    return re.findall(r'<h2 dir="auto"><a href="[^"]+">([^<]+)</a></h2>', page)


async def test_what_is_pinned_stands_first_and_says_so(house: House) -> None:
    moderator = await a_moderator(house)
    where: dict[str, int] = {}
    for name in ("one", "two", "three", "four"):
        house.clock.advance(timedelta(minutes=1))
        await house.author.post("Hello.", url=f"{NEWS}/{name}", key=f"key-of-the-browser-{name}")
        where[name] = await discussion_id(house, f"{NEWS}/{name}")
    await verified(house, *(f"{NEWS}/{name}" for name in where))
    assert await titles(house) == ["four", "three", "two", "one"]
    await steer(house, moderator, "pin", where=where["one"])
    house.clock.advance(timedelta(minutes=1))
    line = await steer(house, moderator, "pin", where=where["three"])
    assert await titles(house) == ["three", "one", "four", "two"]
    page = (await house.attacker.get("/?lang=en")).text
    assert page.count("pinned</span>") == 2
    # Another comment changes the order of the others alone.
    house.clock.advance(timedelta(minutes=1))
    await house.author.post("More.", url=f"{NEWS}/two", key="key-of-the-browser-more")
    assert await titles(house) == ["three", "one", "two", "four"]
    assert (await take_back(house, moderator, line, where=where["three"])).status_code == 200
    assert await titles(house) == ["one", "two", "four", "three"]
    await house.publish(url=f"{NEWS}/one", state="archived")
    assert await titles(house) == ["two", "four", "three"]


async def test_no_more_than_a_few_stand_first(house: House) -> None:
    moderator = await a_moderator(house)
    names = [f"piece-{number}" for number in range(8)]
    for name in names:
        house.clock.advance(timedelta(minutes=1))
        await house.author.post("Hello.", url=f"{NEWS}/{name}", key=f"key-of-the-browser-{name}")
    await verified(house, *(f"{NEWS}/{name}" for name in names))
    for name in names[:6]:
        house.clock.advance(timedelta(minutes=1))
        await steer(house, moderator, "pin", where=await discussion_id(house, f"{NEWS}/{name}"))
    assert await titles(house) == [f"piece-{n}" for n in (5, 4, 3, 2, 1, 7, 6, 0)]


async def test_the_form_says_how_fast_and_who_looks_first(house: House) -> None:
    moderator = await a_moderator(house)
    posted = await house.author.post("The first.")
    where = await discussion_id(house)
    paths = (f"/d/{where}", EMBED, f"/d/{where}/own", f"/c/{posted['id']}/reply")
    for path in paths:
        assert "data-slow" not in (await house.author.get(path)).text
    for seconds, said in (
        (30, "Slow mode: everybody can post once in 30 seconds here."),
        (60, "Slow mode: everybody can post once a minute here."),
        (300, "Slow mode: everybody can post once in 5 minutes here."),
        (7_200, "Slow mode: everybody can post once in 2 hours here."),
    ):
        await steer(house, moderator, "slow", seconds=seconds)
        for path in paths:
            assert said in (await house.author.get(path)).text, path
    await steer(house, moderator, "watch")
    for path in paths:
        assert (
            "A moderator looks at every comment here before others can read it." in (await house.author.get(path)).text
        )
    # An edit is not another comment.
    assert "data-slow" not in (await house.author.get(f"/c/{posted['id']}/edit")).text


async def test_the_rules_of_the_discussion_hold(house: House) -> None:
    moderator = await a_moderator(house)
    await house.author.post("The first.")
    await steer(house, moderator, "slow", seconds=60)
    assert (await house.author.send("At once.")).status_code == 429
    house.clock.advance(timedelta(seconds=61))
    assert (await house.author.send("A minute later.")).status_code == 201
    await steer(house, moderator, "watch")
    assert (await house.replier.post("Whoever looks first?"))["status"] == "held"
    await steer(house, moderator, "close")
    assert problem(await house.replier.send("Too late."))[0] == 403
    page = (await house.attacker.get(f"/d/{await discussion_id(house)}")).text
    assert "This discussion is closed. Everything can still be read; nothing new can be posted." in page
    assert "data-composer" not in page
    await steer(house, moderator, "open")
    assert "data-composer" in (await house.attacker.get(f"/d/{await discussion_id(house)}")).text


async def test_what_programs_are_told(house: House) -> None:
    moderator = await a_moderator(house)
    await house.author.post("The first.")
    await steer(house, moderator, "slow", seconds=60)
    await steer(house, moderator, "watch")
    await steer(house, moderator, "pin")
    for path in (
        f"/api/v1/discussions/{await discussion_id(house)}",
        f"/api/v1/sites/newsroom/discussion?url={ARTICLE}",
    ):
        head = (await house.attacker.read(path))["discussion"]
        assert (head["pinned"], head["slow_seconds"], head["watched"]) == (True, 60, True)
    assert (await ask(house, moderator, "slow", seconds=0)).json()["discussion"]["slow_seconds"] == 0


async def test_what_moderators_say_for_the_log_is_not_for_the_author(house: House) -> None:
    moderator, edda = await a_moderator(house), await signed_in(house, "Edda")
    posted = await edda.post("Wise words.")
    said = {"comment_id": posted["id"], "revision": posted["revision"], "words": "She writes for the rivals."}
    await steer(house, moderator, "feature", **said)
    await steer(house, moderator, "unfeature", words="Her rivals complained.")
    form = {**OURS, "content-type": "application/x-www-form-urlencoded"}
    export = await edda.http.post("/settings/export", headers=form)
    seen = [await edda.get("/settings/moderation"), export, await edda.get(f"/d/{await discussion_id(house)}/mine")]
    for answer in seen:
        assert answer.status_code == 200
        assert "rivals" not in answer.text
    assert '"feature"' in export.text
    assert "rivals" in (await moderator.get("/api/v1/mod/log?site=newsroom")).text
