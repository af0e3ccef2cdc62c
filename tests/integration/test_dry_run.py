"""A dry run: what rules would have done with the comments that are there, and what moderators said about those."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.accounts.model import Role
from forum.comments.review.tables import decision, queue_item
from forum.comments.screening.model import Rule
from forum.comments.screening.rules import NO_RULES, Action, Check, CheckKind
from forum.comments.tables import comment
from forum.moderation.rules import service_dry_run
from forum.moderation.rules.dry_run import Found
from forum.moderation.rules.service_dry_run import try_rules
from tests.support.app import ARTICLE, OURS, House
from tests.support.moderating import APPROVE, REMOVE, SPAM, a_moderator
from tests.support.people import signed_in
from tests.support.spoilers import UNSPEC

pytestmark = pytest.mark.anyio


async def tried(house: House, **rules: Any) -> Found:
    return await try_rules(house.rt, house.site, replace(NO_RULES, **rules))


async def test_it_works(house: House) -> None:
    goat = await house.author.post("That goat ruined the finale.")
    await house.replier.post("The lighthouse saved it.")
    found = await tried(house, hold_words=("goat",))
    assert found.looked_at == 2
    assert (found.total.held, found.total.refused) == (1, 0)
    assert set(found.rules) == {Rule.WORDS}
    assert found.rules[Rule.WORDS].examples == (int(goat["id"]),)
    assert {entry: line.held for entry, line in found.entries.items()} == {"goat": 1}


async def test_a_site_without_comments(house: House) -> None:
    found = await tried(house, premoderate=True)
    assert (found.looked_at, found.total.held, found.rules) == (0, 0, {})


async def test_what_moderators_decided_is_counted(house: House) -> None:
    chair = await a_moderator(house)
    posted = [await house.author.post(f"Number {n}: the goat again.") for n in range(5)]
    for verdict, one in zip((APPROVE, REMOVE, SPAM, REMOVE), posted, strict=False):
        outcome = await chair.say(verdict, one)
        if one is posted[3]:
            await chair.undo(outcome.decision)
    line = (await tried(house, refuse_words=("goat",))).rules[Rule.WORDS]
    assert (line.refused, line.approved, line.removed) == (5, 1, 2)
    # What should not have been stopped is shown first.
    assert line.examples[0] == int(posted[0]["id"])


async def test_it_counts_by_what_stops_and_points_out(house: House) -> None:
    await house.author.post("A goat, a sheep and https://shop.example/x and https://other.example")
    found = await tried(
        house, hold_words=("goat",), flag_words=("sheep",), most_links=1, blocked_domains=("evil.example",)
    )
    assert {rule: (line.held, line.flagged) for rule, line in found.rules.items()} == {
        Rule.WORDS: (1, 0),
        Rule.LINKS: (1, 0),
    }
    assert found.total.held == 1
    pointed = await tried(house, flag_words=("sheep",))
    assert (pointed.total.held, pointed.rules[Rule.WORDS].flagged) == (0, 1)
    refused = await tried(house, blocked_domains=("shop.example",), hold_words=("goat",))
    assert (refused.total.refused, refused.total.held) == (1, 0)
    assert list(refused.entries) == ["shop.example"]


async def test_covered_words_are_looked_at_too(house: House) -> None:
    await house.author.post("Before >!the goat did it, see https://evil.example/x!< after")
    await house.author.post("A goat as a whole.", scope=[UNSPEC])
    found = await tried(house, hold_words=("goat",))
    assert found.total.held == 2
    assert (await tried(house, blocked_domains=("evil.example",))).total.refused == 1


async def test_people_are_as_new_as_they_were_then(house: House) -> None:
    for number in range(4):
        await house.author.post(f"Look at https://maps.example/{number} please, everybody.")
    await house.replier.post("Nothing to see.")
    found = await tried(house, first_comments=2)
    assert found.rules[Rule.NEW_PERSON].held == 3
    found = await tried(house, newcomer_links=Action.REFUSE, newcomer_comments=3)
    assert found.rules[Rule.LINKS].refused == 3


async def test_pace_and_repetition_are_as_they_were_then(house: House) -> None:
    text = "The very same words about the lighthouse and the goat, once more."
    await house.author.post(text)
    house.clock.advance(timedelta(minutes=1))
    await house.author.post(f"{text} Really.")
    await house.replier.post(f"{text} Really!")
    house.clock.advance(timedelta(hours=30))
    await house.author.post(f"{text} Really?")
    found = await tried(house, repeat_person=Action.REFUSE)
    assert found.rules[Rule.REPEAT].refused == 1
    found = await tried(house, repeat_site=Action.HOLD)
    assert found.rules[Rule.REPEAT].held == 1
    found = await tried(house, rate_comments=1, rate_minutes=10)
    assert found.rules[Rule.RATE].refused == 1


async def test_people_with_a_role_are_not_held(house: House) -> None:
    trusted = await signed_in(house, "Petra", role=Role.TRUSTED)
    await trusted.post("The goat, says somebody who is trusted.")
    assert (await tried(house, hold_words=("goat",))).total.held == 0
    assert (await tried(house, refuse_words=("goat",))).total.refused == 1


async def test_deleted_and_other_sites_are_left_out(house: House) -> None:
    posted = await house.author.post("A goat.")
    await house.replier.reply(posted, "A sheep.")
    await house.author.delete(posted["id"])
    await house.add_site("elsewhere", origins=("https://elsewhere.example",))
    path = "/api/v1/sites/elsewhere/comments"
    await house.author.post("A goat.", path=path, url="https://elsewhere.example/x")
    found = await tried(house, hold_words=("goat", "sheep"))
    assert (found.looked_at, found.total.held) == (1, 1)


async def test_only_the_last_ones_are_looked_at(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_dry_run, "MOST_COMMENTS", 7)
    monkeypatch.setattr(service_dry_run, "SLICE", 3)
    for number in range(10):
        await house.author.post(f"Goat number {number}.")
    found = await tried(house, hold_words=("goat",), first_comments=4)
    assert found.looked_at == 7
    assert found.rules[Rule.WORDS].held == 7
    # Of the three before them their number is known, and nothing else.
    assert found.rules[Rule.NEW_PERSON].held == 1


async def test_it_changes_nothing_and_asks_nobody(house: House) -> None:
    await house.author.post("A goat.")
    tables = (comment, decision, queue_item)
    before = [await house.rows(select(table)) for table in tables]
    check = Check(CheckKind.HOOK, "https://check.example", "k" * 20)
    found = await tried(house, hold_words=("goat",), check=check)
    assert Rule.CHECK not in found.rules
    assert [await house.rows(select(table)) for table in tables] == before


async def test_others_have_their_turn_while_it_runs(house: House) -> None:
    for number in range(30):
        await house.author.post(f"Goat number {number}.")
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await tried(house, hold_words=tuple(f"word{number}" for number in range(2_000)))
    task.cancel()
    assert turns > 10


async def test_the_page_and_the_api_say_the_same(house: House) -> None:
    for text in ("A goat.", "A sheep.", "Another goat."):
        await house.author.post(text)
    moderator = await signed_in(house, "Moritz", role=Role.MODERATOR)
    sent = {"site": "newsroom", "rules": {"hold_words": ["goat"]}}
    answer = await moderator.http.post("/api/v1/mod/rules/dry-run", json=sent, headers=OURS)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["looked_at"], said["total"]["held"], said["rules"]["words"]["held"]) == (3, 2, 2)
    page = await moderator.submit("/mod/rules", site="newsroom", seen="0", hold_words="goat", dry_run="1")
    assert page.status_code == 200
    assert "These rules would have held 2 and refused 0 of them" in page.text
    # The comments themselves are not on it.
    assert "Another goat" not in page.text + answer.text
    assert ARTICLE not in page.text
