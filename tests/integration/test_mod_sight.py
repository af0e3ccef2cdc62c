"""Moderators are fans too: what they have not got far enough for is covered for them, until they ask to see it."""

from typing import Any

import pytest

from forum.accounts.model import Role
from forum.comments.review.model import Queue
from tests.support.app import OURS, House
from tests.support.flags import regulars, report
from tests.support.items import QUEUE, a_moderator, finding, item, revealed, says, waiting
from tests.support.moderating import REMOVE
from tests.support.moderating import a_moderator as a_chair
from tests.support.people import signed_in
from tests.support.spoilers import JJ, JJ4, JJ13, SECRET, UNSPEC, covered, warn

pytestmark = pytest.mark.anyio


async def test_a_moderator_is_spoiled_by_nothing(fans: House) -> None:
    moderator = await a_moderator(fans)
    posted = await fans.author.post(f"Open words. [JJ S1E13]||{SECRET}||")
    evidence = finding("kilgrave", (24, 32), (0, 4))
    await waiting(fans, posted, evidence=evidence)
    for path in (f"{QUEUE}pending", f"/api/v1/mod/items/{posted['id']}"):
        assert "kilgrave" not in (await moderator.get(path)).text
    seen = await item(moderator, posted)
    assert (seen["comment"]["covered"], seen["comment"]["whole"]) == (True, False)
    assert seen["comment"]["label"] == "Jessica Jones S1E13"
    assert seen["findings"][0]["words"] == ["Open"]
    assert seen["findings"][0]["hidden"] == 1
    shown = await revealed(moderator, posted)
    assert shown.headers["cache-control"] == "private, no-store"
    assert SECRET in shown.json()["text"]
    assert shown.json()["source"] == f"Open words. [JJ S1E13]||{SECRET}||"
    assert shown.json()["findings"][0]["words"] == ["kilgrave", "Open"]
    await says(moderator, s="at", u="S1E13")
    assert SECRET in (await item(moderator, posted))["comment"]["text"]
    await says(moderator, s="at", u="S1E4")
    assert "kilgrave" not in (await moderator.get(f"/api/v1/mod/items/{posted['id']}")).text


async def test_whoever_minds_no_series_of_a_franchise_sees_all_of_them(fans: House) -> None:
    moderator = await a_moderator(fans)
    posted = await fans.author.post(f"[JJ S1E13]||{SECRET}||")
    work = await moderator.read(f"/api/v1/works/{JJ}")
    rule = f"{work['franchise']}/{work['kind']}"
    answer = await moderator.http.put("/api/v1/me/progress", json={"rules": {rule: "dont_care"}}, headers=OURS)
    assert answer.status_code == 200, answer.text
    assert SECRET in (await item(moderator, posted))["comment"]["text"]
    await says(moderator, s="none")
    assert "kilgrave" not in (await item(moderator, posted))["comment"]["text"]


async def test_what_is_covered_changes_nothing_that_they_see(fans: House) -> None:
    moderator = await a_moderator(fans)
    seen: list[Any] = []
    for word in (SECRET, "ketchup"):
        posted = await fans.author.post(f"Open words. [JJ S1E13]||{word}||")
        await waiting(fans, posted, evidence=finding(word[:7], (24, 31)))
        found = await item(moderator, posted)
        row = {key: value for key, value in found["row"].items() if key != "id"}
        comment = {key: value for key, value in found["comment"].items() if key != "id"}
        seen.append((row, comment, found["findings"], found["effects"]))
    assert seen[0] == seen[1]


async def test_a_comment_that_is_covered_as_a_whole(fans: House) -> None:
    moderator = await a_moderator(fans)
    posted = await fans.author.post(SECRET)
    await fans.replier.reply(posted, "A reply that inherits the cover.")
    await covered(fans, posted, JJ13)
    await waiting(fans, posted, Queue.SPOILERS)
    (row,) = (await moderator.read(f"{QUEUE}spoilers"))["items"]
    assert (row["covered"], row["reached"], row["label"], row["excerpt"]) == (True, False, "Jessica Jones S1E13", "")
    seen = await item(moderator, posted)
    assert (seen["comment"]["whole"], seen["comment"]["html"], seen["comment"]["text"]) == (True, "", "")
    assert seen["replies"][0]["whole"] is True
    assert SECRET in (await revealed(moderator, posted)).json()["html"]
    await says(moderator, s="dont_care")
    seen = await item(moderator, posted)
    assert (seen["comment"]["whole"], seen["comment"]["covered"]) == (False, False)
    assert SECRET in seen["comment"]["text"]
    assert "inherits" in seen["replies"][0]["text"]


async def test_what_readers_say_it_gives_away_is_believed_until_somebody_has_decided(fans: House) -> None:
    moderator = await a_moderator(fans)
    posted = await fans.author.post(SECRET)
    (reader,) = await regulars(fans, 1)
    note = "He dies, as the lanterns say."
    answer = await report(reader, posted, "spoiler", scope=[JJ13], note=note)
    if answer.status_code == 422:
        answer = await report(reader, posted, "untagged_spoiler", scope=[JJ13], note=note)
    assert answer.status_code == 200, answer.text
    for path in (f"{QUEUE}spoilers", f"/api/v1/mod/items/{posted['id']}"):
        text = (await moderator.get(path)).text
        assert "kilgrave" not in text
        assert "lanterns" not in text
    seen = await item(moderator, posted)
    assert seen["row"]["label"] == "Jessica Jones S1E13"
    assert seen["suggested"] == [{"tokens": [JJ13], "label": "Jessica Jones S1E13"}]
    assert (seen["flags"][0]["note"], seen["flags"][0]["note_hidden"]) == ("", True)
    assert (await revealed(moderator, posted)).json()["notes"] == [note]
    await says(moderator, s="at", u="S1E13")
    seen = await item(moderator, posted)
    assert SECRET in seen["comment"]["text"]
    assert seen["flags"][0]["note"] == note


async def test_a_spoiler_of_nobody_knows_what_is_read(fans: House) -> None:
    moderator = await a_moderator(fans)
    posted = await fans.author.post("A remark.")
    (reader,) = await regulars(fans, 1)
    await report(reader, posted, "untagged_spoiler", scope=[UNSPEC])
    assert (await item(moderator, posted))["comment"]["text"] == "A remark."


async def test_the_discussion_itself_may_give_something_away(fans: House) -> None:
    moderator = await a_moderator(fans)
    await warn(fans, JJ4, works=[JJ])
    posted = await fans.author.post(SECRET)
    (row,) = (await moderator.read(f"{QUEUE}unmoderated"))["items"]
    assert (row["excerpt"], row["label"], row["reached"]) == ("", "Jessica Jones S1E4", False)
    assert (await item(moderator, posted))["comment"]["whole"] is True
    await says(moderator, s="at", u="S1E4")
    (row,) = (await moderator.read(f"{QUEUE}unmoderated"))["items"]
    assert (row["excerpt"], row["reached"]) == (SECRET, True)
    assert (await item(moderator, posted))["comment"]["text"] == SECRET


async def test_whom_a_site_trusts_reads_nothing_that_is_not_public(fans: House) -> None:
    """They say what gives something away: they have no say about what was removed or is held, nor a way to read it."""
    chair, trusted = await a_chair(fans), await signed_in(fans, "Tara", role=Role.TRUSTED)
    path = "/api/v1/mod/comments/{}/scope"
    posted = await fans.author.post("The ferryman did it.")
    assert "ferryman" in (await trusted.get(path.format(posted["id"]))).text
    await fans.replier.reply(posted, "Never!")
    await chair.say(REMOVE, posted)
    await fans.change_site(hold=True)
    held = await fans.author.post("The ferryman did it again.")
    for one in (posted, held):
        assert (await trusted.get(path.format(one["id"]))).status_code == 404
        assert "ferryman" in (await chair.person.get(path.format(one["id"]))).text


async def test_what_readers_call_a_spoiler_is_covered_wherever_it_is_repeated(fans: House) -> None:
    """In the replies that quote it, above what answers it, and in lists."""
    moderator = await a_moderator(fans)
    told = await fans.author.post(SECRET)
    answer = await fans.replier.reply(told, f"> {SECRET}\n\nReally?")
    linked = await fans.replier.post(f"> @Ada#c{told['id']}\n> {SECRET}\n\nI agree.", scope=[])
    (reader,) = await regulars(fans, 1)
    assert (await report(reader, told, "untagged_spoiler", scope=[JJ13])).status_code == 200
    assert (await report(reader, answer, "abuse")).status_code == 200
    assert (await report(reader, linked, "off_topic")).status_code == 200
    for posted in (told, answer, linked):
        assert "lanterns" not in (await moderator.get(f"/api/v1/mod/items/{posted['id']}")).text
        assert "lanterns" not in (await moderator.get(f"/mod/c/{posted['id']}")).text
    for queue in ("reported", "spoilers", "unmoderated"):
        listed = await moderator.get("/api/v1/mod/items", params={"site": "newsroom", "queue": queue})
        assert listed.status_code == 200
        assert listed.json()["items"]
        assert "lanterns" not in listed.text
