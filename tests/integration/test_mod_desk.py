"""What the console must never get wrong: many at once are those that were looked at, the log is what says what was
done, every way leads somewhere, and what a sanction does is said before."""

from __future__ import annotations

from typing import Any

import pytest

from forum.accounts.model import Role
from tests.support import sanctions
from tests.support.app import House
from tests.support.desk import decide, held, hidden, onward, page, undo
from tests.support.flags import regulars, report
from tests.support.items import waiting
from tests.support.moderating import APPROVE, row_of
from tests.support.moderating import a_moderator as chair
from tests.support.spoilers import JJ13, fans

pytestmark = pytest.mark.anyio
__all__ = ["fans"]


async def their_page(house: House, posted: dict[str, Any], verdict: str = "approve") -> str:
    """The address of all that whoever wrote this wrote today."""
    kind, author_id = await sanctions.author_of(house, posted)
    return f"/mod/bulk?site=newsroom&author={kind}:{author_id}&verdict={verdict}"


async def test_many_are_those_that_were_looked_at(house: House) -> None:
    seen, edited = await held(house, "Harmless."), await held(house, "Harmless, too.")
    mo = (await chair(house)).person
    preview = await page(mo, await their_page(house, seen))
    await house.author.edit(edited["id"], "Not harmless at all.")
    new = await house.author.post("Nobody has looked at this.")
    fields = {name: hidden(preview, name) for name in ("site", "author", "selection")}
    done = await onward(mo, await mo.submit("/mod/bulk", **fields, verdict="approve", reason="other", go="1"))
    assert [(await row_of(house, one)).status for one in (seen, edited, new)] == ["published", "held", "held"]
    assert "Left out, because they are new or have changed: 2" in done


async def test_many_are_not_decided_about_before_they_were_shown(house: House) -> None:
    posted = await held(house)
    mo = (await chair(house)).person
    kind, author_id = await sanctions.author_of(house, posted)
    sent = {"site": "newsroom", "author": f"{kind}:{author_id}", "verdict": "approve", "go": "1"}
    shown = await mo.submit("/mod/bulk", **sent)
    assert shown.status_code == 200
    assert hidden(shown.text, "selection") == f"{posted['id']}:1"
    assert (await row_of(house, posted)).status == "held"


async def test_counting_again_takes_what_is_new(house: House) -> None:
    posted = await held(house)
    mo = (await chair(house)).person
    preview = await page(mo, await their_page(house, posted))
    new = await held(house, "One more.")
    fields = {name: hidden(preview, name) for name in ("site", "author", "selection")}
    again = await mo.submit("/mod/bulk", **fields, verdict="approve", reason="other")
    assert f"{new['id']}:1" in hidden(again.text, "selection")
    assert "Decide about 2 comments" in again.text


async def test_the_log_takes_a_batch_back_long_after(house: House) -> None:
    posted = [await held(house, f"Number {number}.") for number in range(3)]
    mo = (await chair(house)).person
    preview = await page(mo, await their_page(house, posted[0]))
    fields = {name: hidden(preview, name) for name in ("site", "author", "selection")}
    await onward(mo, await mo.submit("/mod/bulk", **fields, verdict="approve", reason="other", go="1"))
    log = await page(mo, "/mod/log?site=newsroom")
    assert "3 decisions" in log
    assert "Undo all 3" in log
    await undo(mo, log)
    assert {(await row_of(house, one)).status for one in posted} == {"held"}
    after = await page(mo, "/mod/log?site=newsroom")
    assert "Undo all" not in after
    # What was taken back together is one thing, too.
    assert after.count('<b id="batch') == 2
    assert after.count("Each of them") == 2


async def test_a_part_of_a_batch_is_counted_as_what_is_left_of_it(house: House) -> None:
    posted = [await held(house, f"Number {number}.") for number in range(3)]
    mo = (await chair(house)).person
    preview = await page(mo, await their_page(house, posted[0]))
    fields = {name: hidden(preview, name) for name in ("site", "author", "selection")}
    await mo.submit("/mod/bulk", **fields, verdict="approve", reason="other", go="1")
    await decide(mo, posted[0], "remove", (await row_of(house, posted[0])).revision, reason="abuse")
    assert "Undo all 2" in await page(mo, "/mod/log?site=newsroom")


async def test_what_is_gone_leads_to_the_list_with_the_way_back(fans: House) -> None:
    trusted = await sanctions.a_moderator(fans, "Tru", role=Role.TRUSTED)
    mo = await chair(fans)
    (reader,) = await regulars(fans, 1)
    first, second = await fans.author.post("A text."), await fans.author.post("Another text.")
    for posted in (first, second):
        await report(reader, posted, "untagged_spoiler", scope=[JJ13])
    await mo.say(APPROVE, second)
    revision = (await row_of(fans, first)).revision
    fields = {"queue": "spoilers", "scope": JJ13, "next": str(second["id"])}
    answer = await decide(trusted, first, "cover", revision, **fields)
    gone = await trusted.get(answer.headers["location"])
    listed = await page(trusted, gone.headers["location"])
    assert "Covered." in listed
    assert "Nothing is waiting here." in listed
    await undo(trusted, listed)
    assert (await row_of(fans, first)).cover_state != "confirmed"
    assert (await trusted.get(f"/mod/c/{second['id']}?site=newsroom&queue=spoilers")).status_code == 404


async def test_nothing_is_done_on_a_site_that_is_not_there(house: House) -> None:
    posted = await held(house)
    mo = (await chair(house)).person
    fields = {"site": "nowhere", "queue": "pending", "revision": "1"}
    for form, said in (("verdict", {"verdict": "approve"}), ("sanction", {"sanction": "warn", "reason": "abuse"})):
        answer = await mo.submit(f"/mod/c/{posted['id']}/{form}", **fields, **said)
        assert answer.status_code == 404
    assert (await row_of(house, posted)).status == "held"
    assert "Warned" not in await page(mo, "/mod/log?site=newsroom")


@pytest.mark.parametrize("following", ["99999999999999999999", "x"])
async def test_a_way_on_that_cannot_be_read_leads_to_the_list(house: House, following: str) -> None:
    posted = await held(house)
    mo = (await chair(house)).person
    assert "Approved." in await onward(mo, await decide(mo, posted, "approve", next=following))
    assert (await row_of(house, posted)).status == "published"


async def test_the_notice_says_what_the_log_says(house: House) -> None:
    mo = await sanctions.a_moderator(house)
    other = await sanctions.a_moderator(house, "Other")
    posted = await house.author.post("Something.")
    line = await sanctions.sanctioned(house, mo, posted, "ban")
    address = f"/mod?site=newsroom&queue=unmoderated&done={line}&what=approve"
    shown = await page(mo, address)
    assert "Approved." not in shown
    assert "Banned." in shown
    assert f'value="{line}"' in shown
    # What somebody else has done is not offered as one's own.
    assert f'value="{line}"' not in await page(other, address)
    for number in ("1", "9999999999999999999"):
        for name in ("done", "batch"):
            assert "data-undo" not in await page(mo, f"/mod?site=newsroom&queue=unmoderated&{name}={number}")


async def test_a_rule_narrows_the_list_down(house: House) -> None:
    mo = await sanctions.a_moderator(house)
    posted, other = await house.author.post("The ferryman."), await house.author.post("Something else.")
    await waiting(house, posted)
    await waiting(house, other, rule="links")
    shown = await page(mo, f"/mod/c/{posted['id']}?site=newsroom&queue=pending")
    listed = await page(mo, "/mod?site=newsroom&queue=pending&screen=words")
    assert "/mod?site=newsroom&amp;queue=pending&amp;screen=words" in shown
    assert f'data-id="{posted["id"]}"' in listed
    assert f'data-id="{other["id"]}"' not in listed
    assert "Rule: <bdi>Words</bdi>" in listed
    unseen = await mo.read("/api/v1/mod/items?site=newsroom&queue=unmoderated&rule=words")
    assert unseen["items"] == []


async def test_what_a_sanction_does_is_said_before(house: House) -> None:
    mo = await sanctions.a_moderator(house)
    posted = await house.author.post("Something.")
    kind, author_id = await sanctions.author_of(house, posted)
    item = await page(mo, f"/mod/c/{posted['id']}?site=newsroom")
    person = await page(mo, f"/mod/person/{kind}/{author_id}?site=newsroom")
    for shown in (item, person):
        assert "No new comments on this site. They can read, edit, report and delete." in shown
        assert "They are signed out on the article pages of this site." in shown
        assert "They read: “You are banned here" in shown
        assert "1 day, until " in shown
        assert shown.count("You can undo it.") >= 5
    for verdict in ("warn", "mute", "suspend", "ban", "premoderate"):
        assert f'id="does-{verdict}"' in item
        assert f'aria-describedby="does-{verdict}"' in item


@pytest.mark.parametrize("verdict", ["approve", "remove", "spam", "dismiss"])
async def test_a_verdict_by_its_form_costs_ten_statements(house: House, verdict: str) -> None:
    """With the look at who is asking, on a reply that readers have reported."""
    root = await house.author.post("A root.")
    reported = await house.author.reply(root, "Reported.")
    for person in await regulars(house, 2):
        await report(person, reported, "abuse")
    mo = await sanctions.a_moderator(house)
    await page(mo, "/mod?site=newsroom&queue=reported")
    said = {"verdict": verdict, "reason": "abuse", "revision": str((await row_of(house, reported)).revision)}
    with house.recorded() as statements:
        answer = await mo.submit(f"/mod/c/{reported['id']}/verdict", site="newsroom", queue="reported", **said)
    assert answer.status_code == 303
    assert len(statements) <= 10
