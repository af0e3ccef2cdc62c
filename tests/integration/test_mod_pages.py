"""The console without scripts: pages and plain forms. Every verdict and its undo, what stands in the way, and that
nothing typed is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from forum.accounts.model import Role
from forum.comments.review.tables import sanction
from tests.support.app import OURS, House
from tests.support.desk import decide, held, hidden, onward, page, undo
from tests.support.moderating import a_moderator, lines_of, queues_of, row_of
from tests.support.people import signed_in

pytestmark = pytest.mark.anyio


async def test_it_works(house: House) -> None:
    posted = await held(house)
    mo = (await a_moderator(house)).person
    start = await mo.get("/mod")
    assert start.headers["location"] == "/mod?site=newsroom&queue=pending"
    listed = await page(mo, start.headers["location"])
    assert "A word too much." in listed
    assert f"/mod/c/{posted['id']}?site=newsroom&amp;queue=pending" in listed
    shown = await page(mo, f"/mod/c/{posted['id']}?site=newsroom&queue=pending")
    assert "Everybody can read it." in shown
    done = await onward(mo, await decide(mo, posted, "approve"))
    assert "Approved." in done
    assert "Nothing is waiting here." in done
    assert (await row_of(house, posted)).status == "published"
    back = await onward(mo, await undo(mo, done))
    assert "Undone." in back
    assert "A word too much." in back
    assert await queues_of(house, posted) == {"pending"}


async def test_strangers_sign_in_and_readers_find_nothing(house: House) -> None:
    posted = await held(house)
    for path in ("/mod", "/mod?site=newsroom&queue=pending", f"/mod/c/{posted['id']}", "/mod/log", "/mod/bulk"):
        sent = await house.attacker.get(path)
        assert sent.status_code == 303, path
        assert sent.headers["location"].startswith("/auth?next="), path
    reader = await signed_in(house, "Noor")
    for path in ("/mod", f"/mod/c/{posted['id']}", "/mod/log"):
        assert (await reader.get(path)).status_code == 404, path
    assert (await decide(reader, posted, "approve")).status_code == 404
    assert (await row_of(house, posted)).status == "held"


async def test_a_list_leads_on_to_what_comes_next(house: House) -> None:
    first, second = await held(house, "One."), await held(house, "Two.")
    mo = (await a_moderator(house)).person
    listed = await page(mo, "/mod?site=newsroom&queue=pending")
    ahead, after = sorted((first, second), key=lambda one: listed.index(f"/mod/c/{one['id']}"))
    shown = await page(mo, f"/mod/c/{ahead['id']}?site=newsroom&queue=pending")
    assert hidden(shown, "next") == after["id"]
    answer = await decide(mo, ahead, "spam", next=after["id"])
    assert answer.headers["location"].startswith(f"/mod/c/{after['id']}?site=newsroom&queue=pending&done=")
    assert "Marked as spam." in await onward(mo, answer)


async def test_removing_needs_a_reason_and_keeps_what_was_typed(house: House) -> None:
    posted = await held(house)
    mo = (await a_moderator(house)).person
    refused = await decide(mo, posted, "remove", words="Please be kind.", rule="No shouting", form="remove")
    assert refused.status_code == 422
    assert "Say why: pick one of the reasons." in refused.text
    assert "Please be kind." in refused.text
    assert 'value="No shouting"' in refused.text
    done = await decide(mo, posted, "remove", words="Please be kind.", rule="No shouting", reason="abuse")
    assert done.status_code == 303
    line = (await lines_of(house, posted))[-1]
    assert (line.reason, line.rule, line.words) == ("abuse", "No shouting", "Please be kind.")


async def test_a_newer_revision_is_shown_and_asked_about_again(house: House) -> None:
    posted = await held(house)
    mo = (await a_moderator(house)).person
    assert (await house.author.edit(posted["id"], "Another word.")).status_code == 200
    refused = await decide(mo, posted, "remove", reason="off_topic", words="Not here.", form="remove")
    assert refused.status_code == 409
    assert "This has changed while you looked at it." in refused.text
    assert "Another word." in refused.text
    assert "Not here." in refused.text
    assert hidden(refused.text, "revision") == "2"
    assert (await decide(mo, posted, "remove", 2, reason="off_topic", words="Not here.")).status_code == 303


async def test_two_moderators_on_one_comment(house: House) -> None:
    posted = await held(house)
    mo, ida = (await a_moderator(house)).person, (await a_moderator(house, "Ida")).person
    claimed = await ida.http.post(f"/api/v1/mod/items/{posted['id']}/claim", json={}, headers=OURS)
    assert claimed.status_code == 200, claimed.text
    assert "Ida looks at it" in await page(mo, "/mod?site=newsroom&queue=pending")
    assert "Ida is looking at this just now." in await page(mo, f"/mod/c/{posted['id']}")
    refused = await decide(mo, posted, "approve")
    assert refused.status_code == 409
    assert "Decide all the same" in refused.text
    assert (await decide(mo, posted, "approve", anyway="1")).status_code == 303
    late = await decide(ida, posted, "remove", reason="abuse")
    assert late.status_code == 409
    assert "This has changed while you looked at it." in late.text
    assert "Approved" in late.text


async def test_a_site_of_others_is_none(house: House) -> None:
    await house.add_site("elsewhere", origins=("https://other.example",))
    mo = (await a_moderator(house)).person
    assert (await mo.get("/mod?site=elsewhere&queue=pending")).status_code == 404
    assert "Elsewhere" not in await page(mo, "/mod?site=newsroom&queue=pending")
    owner = await signed_in(house, "Olga", owner=True)
    both = await page(owner, "/mod?site=elsewhere&queue=pending")
    assert "/mod?site=newsroom" in both


async def test_a_warning_goes_with_a_removal_and_comes_back_with_it(house: House) -> None:
    posted = await held(house)
    mo = (await a_moderator(house)).person
    fields = {"site": "newsroom", "queue": "pending", "revision": "1", "sanction": "warn", "reason": "abuse"}
    done = await onward(mo, await mo.submit(f"/mod/c/{posted['id']}/sanction", **fields, also="remove"))
    assert "Warned." in done
    assert (await row_of(house, posted)).status == "removed"
    (row,) = await house.rows(select(sanction))
    assert (row.kind, row.lifted_at) == ("warn", None)
    await onward(mo, await undo(mo, done))
    assert (await row_of(house, posted)).status == "held"
    (row,) = await house.rows(select(sanction))
    assert row.lifted_at is not None


async def test_a_ban_asks_who_one_is_and_keeps_what_was_typed(house: House) -> None:
    posted = await held(house)
    stale = await signed_in(house, "Mo", role=Role.MODERATOR, fresh=False)
    fields = {"site": "newsroom", "queue": "pending", "revision": "1", "sanction": "ban", "reason": "spam"}
    refused = await stale.submit(f"/mod/c/{posted['id']}/sanction", **fields, words="Enough.", form="person")
    assert refused.status_code == 403
    assert "/auth/again?next=/mod/c/" in refused.text
    assert "Enough." in refused.text
    assert await house.rows(select(sanction)) == []


async def test_many_at_once_and_one_undo(house: House) -> None:
    posted = [await held(house, f"Number {n}.") for n in range(3)]
    mo = (await a_moderator(house)).person
    picked = [("site", "newsroom"), ("queue", "pending"), *(("pick", f"{one['id']}:1") for one in posted)]
    body = "&".join(f"{name}={value}" for name, value in picked)
    headers = {**OURS, "content-type": "application/x-www-form-urlencoded"}
    preview = await mo.http.post("/mod/bulk/preview", content=body, headers=headers)
    assert preview.status_code == 200, preview.text
    assert "Decide about 3 comments" in preview.text
    fields = {name: hidden(preview.text, name) for name in ("site", "queue", "selection")}
    await house.author.edit(posted[0]["id"], "Number 0, mended.")
    done = await onward(mo, await mo.submit("/mod/bulk", **fields, verdict="approve", reason="spam", go="1"))
    assert "Approved. Comments: 2" in done
    assert [(await row_of(house, one)).status for one in posted] == ["held", "published", "published"]
    await onward(mo, await undo(mo, done))
    assert [(await row_of(house, one)).status for one in posted] == ["held", "held", "held"]


async def test_all_that_somebody_wrote_today(house: House) -> None:
    posted = [await house.author.post(f"Buy number {number}.") for number in range(3)]
    other = await house.replier.post("Not me.")
    mo = (await a_moderator(house)).person
    row = await row_of(house, posted[0])
    preview = await page(mo, f"/mod/bulk?site=newsroom&author={row.author_kind}:{row.author_id}")
    assert "Decide about 3 comments" in preview
    fields = {name: hidden(preview, name) for name in ("site", "author", "selection")}
    done = await onward(mo, await mo.submit("/mod/bulk", **fields, verdict="spam", reason="spam", go="1"))
    assert "Marked as spam. Comments: 3" in done
    assert {(await row_of(house, one)).status for one in posted} == {"spam"}
    assert (await row_of(house, other)).status == "published"


async def test_the_log_says_what_was_decided_and_takes_it_back(house: House) -> None:
    posted = await held(house)
    mo = (await a_moderator(house)).person
    await decide(mo, posted, "remove", reason="off_topic", words="Not here.")
    log = await page(mo, "/mod/log?site=newsroom")
    assert "Removed" in log
    assert "Not here." in log
    assert "A word too much." not in log
    undone = await undo(mo, log)
    assert undone.headers["location"] == "/mod/log?site=newsroom"
    assert (await row_of(house, posted)).status == "held"
    again = await undo(mo, log)
    assert again.status_code == 409
    assert "Something else has been decided since." in again.text
    assert 'href="/mod/log?site=newsroom"' in again.text


async def test_narrowing_down(house: House) -> None:
    mine = await held(house, "From Ada.")
    await held(house, "From Ravi.", house.replier)
    mo = (await a_moderator(house)).person
    author = (await row_of(house, mine)).author_id
    only = await page(mo, f"/mod?site=newsroom&queue=pending&person={author}")
    assert "From Ada." in only
    assert "From Ravi." not in only
    old = await page(mo, "/mod?site=newsroom&queue=pending&age=-24")
    assert "Nothing matches." in old


async def test_the_first_page_costs_five_statements(house: House) -> None:
    for number in range(5):
        await held(house, f"Number {number}.")
    mo = (await a_moderator(house)).person
    await page(mo, "/mod?site=newsroom&queue=pending")
    with house.recorded() as statements:
        await page(mo, "/mod?site=newsroom&queue=pending")
    assert len(statements) <= 5
