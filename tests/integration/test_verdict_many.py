"""Claims, and one verdict about many comments: seen before, given together, taken back together."""

from datetime import timedelta
from typing import Any

import pytest

from forum.accounts.model import Role
from forum.accounts.service_ending import end_all
from forum.comments.model import Status
from forum.comments.review.model import Reason
from forum.errors import Conflict, NotFound, SignInNeeded
from forum.moderation.deciding.service_bulk import (
    CHANGED,
    CLAIMED,
    GONE,
    OUT,
    SAME,
    Selection,
    decide_bulk,
    preview_bulk,
    undo_batch,
)
from forum.moderation.deciding.service_claim import claim
from forum.moderation.deciding.service_verdict import decide
from forum.moderation.verdicts import Ask, Outcome
from tests.support.app import NEWS, House
from tests.support.flags import report
from tests.support.moderating import APPROVE, REMOVE, SPAM, a_moderator, is_whole, queues_of, row_of, snapshot

pytestmark = pytest.mark.anyio


async def test_a_claim_keeps_others_off_for_a_while(house: House) -> None:
    mo, ma = await a_moderator(house), await a_moderator(house, "Ma")
    await house.change_site(hold=True)
    held = await house.author.post("Held.")
    number, rt = int(held["id"]), house.rt
    first = await claim(rt, await mo.mod(), number)
    assert (first.by, first.mine, first.until) == ("Mo", True, house.clock.now() + timedelta(minutes=5))
    second = await claim(rt, await ma.mod(), number)
    assert (second.by, second.mine) == ("Mo", False)
    with pytest.raises(Conflict) as refused:
        await ma.say(APPROVE, held)
    assert refused.value.code == "claimed"
    assert await queues_of(house, held) == {"pending"}
    await claim(rt, await mo.mod(), number, release=True)
    assert (await claim(rt, await ma.mod(), number)).mine
    house.clock.advance(timedelta(minutes=5))
    assert (await claim(rt, await mo.mod(), number)).mine
    await ma.say(APPROVE, held, anyway=True)
    await is_whole(house)


async def test_what_nobody_has_seen_can_be_claimed_too(house: House) -> None:
    mo, ma = await a_moderator(house), await a_moderator(house, "Ma")
    posted = await house.author.post("Public.")
    number, rt = int(posted["id"]), house.rt
    assert (await claim(rt, await mo.mod(), number)).mine
    assert not (await claim(rt, await ma.mod(), number)).mine
    with pytest.raises(Conflict):
        await ma.say(REMOVE, posted)
    await claim(rt, await mo.mod(), number, release=True)
    assert await queues_of(house, posted) == set()
    await claim(rt, await mo.mod(), number)
    await mo.say(APPROVE, posted)
    assert await queues_of(house, posted) == {"approved"}


async def test_nobody_claims_elsewhere(house: House) -> None:
    posted = await house.author.post("Public.")
    reader = await a_moderator(house, "Rea", Role.READER)
    with pytest.raises(NotFound):
        await claim(house.rt, await reader.mod(), int(posted["id"]))


async def test_a_selection(house: House) -> None:
    mo, ma = await a_moderator(house), await a_moderator(house, "Ma")
    one, two, edited, claimed, removed, gone = [await house.author.post(f"Text {n}.") for n in range(6)]
    await house.replier.reply(one, "Reply.")
    await report(house.replier, two, "spam")
    await mo.say(SPAM, removed)
    chosen = {}
    for posted in (one, two, edited, claimed, removed, gone):
        chosen[int(posted["id"])] = (await row_of(house, posted)).revision
    await house.author.edit(edited["id"], "Edited.")
    await claim(house.rt, await ma.mod(), int(claimed["id"]))
    await house.author.delete(gone["id"])
    before = await snapshot(house)
    ask = Ask(SPAM, 0, 0)
    mod = await mo.mod()
    preview = await preview_bulk(house.rt, mod, house.site, Selection(chosen), ask)
    left_out = {
        int(edited["id"]): CHANGED,
        int(claimed["id"]): CLAIMED,
        int(removed["id"]): SAME,
        int(gone["id"]): GONE,
    }
    assert (preview.count, preview.by_status, preview.skipped) == (2, {Status.PUBLISHED: 2}, left_out)
    assert await snapshot(house) == before
    batch = await decide_bulk(house.rt, mod, house.site, Selection(chosen), ask)
    assert (set(batch.done), batch.skipped) == ({int(one["id"]), int(two["id"])}, left_out)
    await is_whole(house)
    undone = await undo_batch(house.rt, mod, house.site, batch.batch_id)
    assert (set(undone.done), undone.skipped) == (set(batch.done), {})
    assert await snapshot(house) == before
    await is_whole(house)


async def test_what_is_done_when_a_session_ends_stays_one_batch(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    mo, ma = await a_moderator(house), await a_moderator(house, "Ma")
    all_of_them = [int((await house.author.post(f"Text {n}."))["id"]) for n in range(3)]
    chosen, ask = Selection(dict.fromkeys(all_of_them, 1)), Ask(SPAM, 0, 0)
    mod, account_id = await mo.mod(), (await mo.mod()).account.id

    async def and_sign_out(*given: Any, **named: Any) -> Outcome:
        outcome = await decide(*given, **named)
        await end_all(house.rt, account_id)
        return outcome

    monkeypatch.setattr("forum.moderation.deciding.service_bulk.decide", and_sign_out)
    batch = await decide_bulk(house.rt, mod, house.site, chosen, ask)
    assert (list(batch.done), batch.skipped) == (all_of_them[:1], dict.fromkeys(all_of_them[1:], OUT))
    with pytest.raises(SignInNeeded):
        await decide_bulk(house.rt, mod, house.site, chosen, ask)
    with pytest.raises(SignInNeeded):
        await undo_batch(house.rt, mod, house.site, batch.batch_id)
    undone = await undo_batch(house.rt, await ma.mod(), house.site, batch.batch_id)
    assert list(undone.done) == all_of_them[:1]
    await is_whole(house)


async def test_all_of_one_person_within_a_day(house: House) -> None:
    mo = await a_moderator(house)
    old = await house.author.post("Yesterday.")
    house.clock.advance(timedelta(hours=25))
    new = [await house.author.post(f"Today {n}.", url=f"{NEWS}/{n}") for n in range(3)]
    other = await house.replier.post("Somebody else.")
    row = await row_of(house, old)
    selection = Selection(author=(row.author_kind, row.author_id))
    mod, ask = await mo.mod(), Ask(REMOVE, 0, 0, Reason.SPAM)
    batch = await decide_bulk(house.rt, mod, house.site, selection, ask)
    assert set(batch.done) == {int(posted["id"]) for posted in new}
    assert [(await row_of(house, posted)).status for posted in (old, other)] == ["published"] * 2
    # One of them was decided about since: it stays.
    await mo.say(APPROVE, new[1])
    undone = await undo_batch(house.rt, mod, house.site, batch.batch_id)
    assert undone.skipped == {int(new[1]["id"]): CHANGED}
    assert {(await row_of(house, posted)).status for posted in new} == {"published"}
    await is_whole(house)


async def test_a_batch_belongs_to_its_site_and_its_roles(house: House) -> None:
    mo = await a_moderator(house)
    posted = await house.author.post("Text.")
    chosen = Selection({int(posted["id"]): 1})
    batch = await decide_bulk(house.rt, await mo.mod(), house.site, chosen, Ask(SPAM, 0, 0))
    other, _ = await house.add_site("gazette", origins=("https://gazette.example",))
    trusted = await a_moderator(house, "Tru", Role.TRUSTED)
    for chair, site in ((mo, other), (trusted, house.site)):
        with pytest.raises(NotFound):
            await decide_bulk(house.rt, await chair.mod(), site, chosen, Ask(APPROVE, 0, 0))
    with pytest.raises(NotFound):
        await undo_batch(house.rt, await mo.mod(), other, batch.batch_id)
    assert (await undo_batch(house.rt, await trusted.mod(), house.site, batch.batch_id)).done == []
    assert (await row_of(house, posted)).status == "spam"


async def test_deleting_what_moderators_have_decided_about(house: House) -> None:
    mo = await a_moderator(house)
    root = await house.author.post("Root.")
    marked = await house.author.reply(root, "Removed, with a reply.")
    await house.replier.reply(marked, "Reply.")
    leaf = await house.author.reply(root, "Removed.")
    above = await house.author.reply(root, "Removed, with a held reply.")
    await house.change_site(hold=True)
    held = await house.author.reply(root, "Held.")
    waiting = await house.replier.reply(above, "Waits.")
    for posted in (marked, leaf, above):
        await mo.say(REMOVE, posted)
    await is_whole(house)
    for posted in (marked, leaf, above, held):
        assert (await house.author.delete(posted["id"])).status_code == 204
        assert await queues_of(house, posted) == set()
        await is_whole(house)
    assert [(await row_of(house, p)).status for p in (marked, above)] == ["deleted"] * 2
    assert [await row_of(house, p) for p in (leaf, held)] == [None, None]
    await mo.say(APPROVE, waiting)
    await is_whole(house)
    with pytest.raises(NotFound):
        await decide(house.rt, await mo.mod(), Ask(APPROVE, int(held["id"]), 1))
