"""Where a site holds new comments: nobody but the author sees them, on no page and in no number."""

import re
from html import unescape

import pytest

from tests.support.app import ARTICLE, FORM, House, problem
from tests.support.threads import discussion_id

pytestmark = pytest.mark.anyio

HELD = "Nobody may read this yet."


async def held_below_a_public_comment(house: House) -> tuple[dict[str, str], dict[str, str], int]:
    """A public comment of the replier, a held reply of the author, and the discussion's id."""
    root = await house.replier.post("Anybody may read this.")
    await house.change_site(hold=True)
    held = await house.author.reply(root, HELD)
    return root, held, await discussion_id(house)


async def test_the_author_is_told(house: House) -> None:
    _, held, _ = await held_below_a_public_comment(house)
    assert held["status"] == "held"
    assert await house.recount() == 2


async def test_nothing_public_shows_it(house: House) -> None:
    root, held, where = await held_below_a_public_comment(house)
    embed = f"/embed/newsroom?url={ARTICLE}"
    paths = [f"/d/{where}", f"/d/{where}?sort=oldest", f"/d/{where}/thread/{root['id']}", embed, "/?lang=en"]
    paths += [f"/api/v1/discussions/{where}", f"/api/v1/comments/{root['id']}/replies"]
    paths += [f"/api/v1/comments/{root['id']}", f"/d/{where}/own", f"/d/{where}/mine"]
    paths += [f"/embed/newsroom/own?url={ARTICLE}"]
    for path in paths:
        answer = await house.attacker.get(path)
        assert answer.status_code == 200, path
        assert HELD not in answer.text, path
        assert held["id"] not in answer.text, path
    for path in (f"/d/{where}", embed, f"/api/v1/discussions/{where}"):  # the author's cookie changes nothing public
        assert HELD not in (await house.author.get(path)).text


async def test_numbers_do_not_give_it_away(house: House) -> None:
    root, _, where = await held_below_a_public_comment(house)
    seen = await house.attacker.read(f"/api/v1/discussions/{where}")
    assert seen["discussion"]["comment_count"] == 1
    assert [c["reply_count"] for c in seen["comments"]] == [0]
    counts = await house.attacker.read("/api/v1/sites/newsroom/counts", params={"url": ARTICLE})
    assert counts["counts"][ARTICLE] == 1
    page = (await house.attacker.get(f"/d/{where}")).text
    assert re.search(r'"userInteractionCount":\s*1\b', page)
    assert "more repl" not in page
    assert root["id"] in page


async def test_its_address_leads_nowhere(house: House) -> None:
    _, held, where = await held_below_a_public_comment(house)
    for path in (f"/api/v1/comments/{held['id']}", f"/api/v1/comments/{held['id']}/replies"):
        assert problem(await house.attacker.get(path)) == (404, "not_found")
    page = f"/c/{held['id']}"
    for path in (page, f"{page}/reply", f"{page}/edit", f"{page}/delete", f"/d/{where}/thread/{held['id']}"):
        assert (await house.attacker.get(path)).status_code == 404, path
    assert problem(await house.attacker.edit(held["id"], "Mine.")) == (404, "not_found")


async def test_its_author_sees_it_and_may_change_it(house: House) -> None:
    _, held, where = await held_below_a_public_comment(house)
    for path in (f"/d/{where}/own", f"/d/{where}/mine", f"/embed/newsroom/own?url={ARTICLE}"):
        answer = await house.author.get(path)
        assert HELD in answer.text, path
        assert "Only you can see this yet" in answer.text
        assert answer.headers["cache-control"] == "private, no-store"
    changed = await house.author.edit(held["id"], "Changed while it waits.")
    assert (changed.json()["status"], changed.json()["revision"]) == ("held", 2)
    assert "Changed while it waits." in (await house.author.get(f"/d/{where}/mine")).text
    assert (await house.author.delete(held["id"])).status_code == 204
    assert await house.recount() == 1


async def test_a_discussion_of_held_comments_is_empty(house: House) -> None:
    await house.change_site(hold=True)
    await house.author.post(HELD)
    where = await discussion_id(house)
    await house.publish(title="Gutterlight")
    page = (await house.attacker.get(f"/d/{where}")).text
    assert "Nobody has said anything yet." in page
    assert "DiscussionForumPosting" not in page
    assert "Gutterlight" not in (await house.attacker.get("/?lang=en")).text


async def test_a_held_comment_posted_by_form_is_on_the_next_page(house: House) -> None:
    await house.change_site(hold=True)
    answer = await house.author.submit(FORM, url=ARTICLE, body=HELD, author_name="Ada")
    assert answer.status_code == 303
    page = await house.author.get(answer.headers["location"].partition("#")[0])
    assert HELD in page.text
    assert "Only you can see this yet" in page.text


async def test_places_of_held_replies_do_not_disturb_the_others(house: House) -> None:
    root, held, where = await held_below_a_public_comment(house)
    await house.change_site(hold=False)
    reply = await house.replier.reply(root, "A public reply.")
    await house.author.delete(held["id"])
    later = await house.replier.reply(root, "Another one.")
    seen = await house.attacker.read(f"/api/v1/discussions/{where}")
    assert [c["id"] for c in seen["comments"]] == [root["id"], reply["id"], later["id"]]
    assert await house.recount() == 3


@pytest.mark.parametrize("frame", ["", "?frame=1"])
async def test_its_author_is_led_to_where_it_stands(house: House, frame: str) -> None:
    root, held, where = await held_below_a_public_comment(house)
    answer = await house.author.get(f"/c/{held['id']}{frame}")
    assert answer.status_code == 302
    assert answer.headers["cache-control"] == "private, no-store"
    place, _, target = answer.headers["location"].partition("#")
    assert place.startswith(f"/d/{where}/own?at={root['id']}")
    assert (target, "frame=1" in place) == (f"c{held['id']}", bool(frame))
    assert HELD in (await house.author.get(place)).text
    for verb in ("edit", "delete"):
        page = unescape((await house.author.get(f"/c/{held['id']}/{verb}{frame}")).text)
        assert f'href="{answer.headers["location"]}"' in page, verb
    # What leads to a comment for everybody stays public, whoever asks, and leads strangers nowhere.
    public = await house.author.get(f"/c/{root['id']}")
    assert public.headers["cache-control"].startswith("public")
    lost = await house.attacker.get(f"/c/{held['id']}{frame}")
    assert lost.status_code == 404
    assert "frame-ancestors 'none'" in lost.headers["content-security-policy"]


async def test_it_offers_no_link_that_others_could_not_follow(house: House) -> None:
    _, held, where = await held_below_a_public_comment(house)
    assert held["permalink"] not in (await house.author.get(f"/d/{where}/mine")).text
