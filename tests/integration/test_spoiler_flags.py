"""Readers flag what is not covered: enough of them cover it, until a moderator has looked or a day has gone by."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.comments.review.tables import flag as flags
from forum.moderation.flags.flag_policy import LAPSE
from forum.moderation.flags.service_provisional import COVER_LAPSES
from forum.outbox.tables import outbox
from tests.support.app import House, Person, problem, wrong_fields
from tests.support.flags import let_jobs_run, regulars
from tests.support.people import account_of, sign_in, signed_in
from tests.support.spoilers import (
    COMIC,
    JJ4,
    JJ13,
    SECRET,
    covered,
    events_of,
    flag,
    is_consistent,
    record,
    rescope,
    row_of,
    shown_on,
    tokens,
    view,
)

pytestmark = pytest.mark.anyio


async def flag_all(people: list[Person], posted: dict[str, Any], *scope: str) -> list[bool]:
    """Everybody flags, one after the other; whether each counted."""
    counted = []
    for person in people:
        answer = await flag(person, posted, *scope)
        assert answer.status_code == 200, answer.text
        counted.append(answer.json()["counted"])
    return counted


async def state_of(house: House, posted: dict[str, Any]) -> str:
    """How a comment came to its cover."""
    return str((await row_of(house, posted)).cover_state)


async def test_three_regulars_cover_a_comment(fans: House) -> None:
    people = await regulars(fans, 3)
    posted = await fans.author.post(f"So: {SECRET}.")
    reply = await fans.replier.reply(posted, "Under the lanterns?")
    await flag_all(people[:2], posted)
    assert await state_of(fans, posted) == "flagged"
    assert await view(fans, posted) == {**posted, "reply_count": 1}
    await flag_all(people[2:], posted)
    assert await state_of(fans, posted) == "covered_pending"
    seen = await view(fans, posted)
    assert (seen["covered"], seen["scope"]) == (True, [JJ13])
    assert (await view(fans, reply))["scope"] == [JJ13]
    assert await shown_on(fans, "lanterns", posted, reply) == []
    (event,) = await events_of(fans, posted)
    assert (event.actor, event.state, await tokens(fans, event.new_scope_id)) == ("readers", "covered_pending", (JJ13,))
    await is_consistent(fans)


async def test_new_people_do_not_cover(fans: House) -> None:
    posted = await fans.author.post(f"So: {SECRET}.")
    for _ in range(12):
        assert await flag_all([await fans.newcomer()], posted) == [True]
        fans.clock.advance(timedelta(minutes=1))
    seen = await record(fans, posted)
    assert (seen["state"], seen["flags"], seen["flag_weight"]) == ("flagged", 12, 0.5)
    await flag_all(await regulars(fans, 2), posted)
    assert (await record(fans, posted))["flag_weight"] == 2.5
    assert await state_of(fans, posted) == "flagged"


async def test_the_most_voted_scope_wins_and_a_tie_is_all_of_them(fans: House) -> None:
    people = await regulars(fans, 4)
    first = await fans.author.post("One thing.")
    for person, token in zip(people, (JJ4, COMIC, COMIC), strict=False):
        await flag(person, first, token)
    assert (await view(fans, first))["scope"] == [COMIC]
    second = await fans.author.post("Another thing.")
    for person, token in zip(people, (JJ4, COMIC, f"{COMIC[:-1]}1"), strict=False):
        await flag(person, second, token)
    assert (await view(fans, second))["scope"] == [COMIC, JJ4]


async def test_a_flag_adds_to_what_is_covered(fans: House) -> None:
    posted = await fans.author.post("One thing.", scope=[COMIC])
    await flag_all(await regulars(fans, 3), posted, JJ4)
    assert (await view(fans, posted))["scope"] == [COMIC, JJ4]


async def test_each_person_counts_once(fans: House) -> None:
    posted = await fans.author.post("One thing.")
    (person,) = await regulars(fans, 1)
    assert await flag_all([person] * 4, posted) == [True, False, False, False]
    assert [row.weight for row in await fans.rows(select(flags.c.weight))] == [1.0]
    newcomer = await fans.newcomer()
    answers = [await flag(newcomer, posted) for _ in range(2)]
    assert "set-cookie" in answers[0].headers
    assert "set-cookie" not in answers[1].headers
    assert [answer.json()["counted"] for answer in answers] == [True, False]
    assert answers[0].headers["cache-control"] == "private, no-store"


async def test_who_signs_in_stays_the_person_they_were(fans: House) -> None:
    """A browser that is a guest and an account at once is one person: with one flag, and none for its own comments."""
    own = await fans.replier.post("I wrote this as a guest.")
    posted = await fans.author.post("One thing.")
    assert await flag_all([fans.replier], posted) == [True]
    edda = await signed_in(fans, "Edda")
    await sign_in(fans, fans.replier, await account_of(fans, edda))
    assert await flag_all([fans.replier], posted) == [False]
    assert problem(await flag(fans.replier, own)) == (403, "own_comment")
    mine = await edda.post("And this with my account.")
    assert problem(await flag(fans.replier, mine)) == (403, "own_comment")
    assert len(await fans.rows(select(flags))) == 1
    # The other way round as well: flagged as an account, then signed out.
    other = await fans.author.post("Another thing.")
    assert await flag_all([fans.replier], other) == [True]
    assert await flag_all([edda], other) == [False]


async def test_refusals(fans: House) -> None:
    posted = await fans.author.post("One thing.")
    assert problem(await flag(fans.author, posted)) == (403, "own_comment")
    assert problem(await flag(fans.replier, {"id": "1"})) == (404, "not_found")
    assert problem(await flag(fans.replier, {"id": "x"})) == (404, "not_found")
    assert wrong_fields(await flag(fans.replier, posted, "nobody:S1E1")) == {"scope": "unknown_scope"}
    path = f"/api/v1/comments/{posted['id']}/flags"
    for sent in ({"kind": "untagged_spoiler", "scope": []}, {"kind": "rude", "scope": [JJ13]}, {"scope": [JJ13]}):
        answer = await fans.replier.http.post(path, json=sent, headers={"origin": "https://talk.example"})
        assert problem(answer)[0] == 422
    await fans.author.delete(posted["id"])
    assert problem(await flag(fans.replier, posted)) == (404, "not_found")
    await fans.change_site(hold=True)
    held = await fans.author.post("Another thing.")
    assert problem(await flag(fans.replier, held)) == (404, "not_found")
    assert await fans.rows(select(flags.c.comment_id)) == []


async def test_a_restored_comment_is_not_covered_by_the_same_people(fans: House) -> None:
    people = await regulars(fans, 6)
    posted = await fans.author.post("One thing.")
    await flag_all(people[:3], posted)
    await covered(fans, posted)
    assert (await view(fans, posted))["covered"] is False
    assert await state_of(fans, posted) == "restored"
    assert await flag_all(people[:3], posted) == [False] * 3
    assert await state_of(fans, posted) == "restored"
    assert (await record(fans, posted))["flags"] == 0
    # Whose flags were rejected weighs less elsewhere.
    other = await fans.author.post("Another thing.")
    await flag_all(people[:3], other)
    assert (await record(fans, other))["flag_weight"] == 1.5
    assert await state_of(fans, other) == "flagged"
    # Others may say it again.
    await flag_all(people[3:], posted)
    assert await state_of(fans, posted) == "covered_pending"


async def test_flags_that_a_moderator_upholds_cost_nothing(fans: House) -> None:
    people = await regulars(fans, 3)
    posted = await fans.author.post("One thing.")
    await flag_all(people, posted)
    await covered(fans, posted, JJ4)
    assert await state_of(fans, posted) == "covered_confirmed"
    assert (await view(fans, posted))["scope"] == [JJ4]
    assert {row.outcome for row in await fans.rows(select(flags.c.outcome))} == {"upheld"}
    other = await fans.author.post("Another thing.")
    await flag_all(people, other)
    assert await state_of(fans, other) == "covered_pending"


async def test_flags_change_nothing_that_a_moderator_has_covered(fans: House) -> None:
    people = await regulars(fans, 3)
    posted = await fans.author.post("One thing.")
    await covered(fans, posted, JJ4)
    await flag_all(people, posted, COMIC)
    assert (await view(fans, posted))["scope"] == [JJ4]
    assert await state_of(fans, posted) == "covered_confirmed"


async def test_a_provisional_cover_ends_after_a_day(fans: House) -> None:
    people = await regulars(fans, 4)
    posted = await fans.author.post(f"So: {SECRET}.")
    reply = await fans.replier.reply(posted, "Under the lanterns?")
    await flag_all(people[:3], posted)
    await let_jobs_run(fans)
    fans.clock.advance(LAPSE - timedelta(seconds=1))
    await let_jobs_run(fans)
    assert (await view(fans, posted))["covered"] is True
    fans.clock.advance(timedelta(seconds=1))
    await let_jobs_run(fans)
    assert {**(await view(fans, posted)), "revision": 1} == {**posted, "reply_count": 1}
    assert {**(await view(fans, reply)), "revision": 1} == reply
    assert await state_of(fans, posted) == "flagged"
    assert [(e.actor, e.state) for e in await events_of(fans, posted)] == [
        ("readers", "covered_pending"),
        ("time", "flagged"),
    ]
    assert (await fans.attacker.post(f"Again: {SECRET}"))["status"] == "published"
    await flag_all(people[3:], posted)
    assert await state_of(fans, posted) == "covered_pending"
    await is_consistent(fans)


@pytest.mark.parametrize("scope", [(), (JJ4,)])
async def test_nothing_ends_after_a_moderator_has_looked(fans: House, scope: tuple[str, ...]) -> None:
    posted = await fans.author.post("One thing.")
    await flag_all(await regulars(fans, 3), posted)
    await covered(fans, posted, *scope)
    seen = await view(fans, posted)
    fans.clock.advance(LAPSE)
    await let_jobs_run(fans)
    assert await view(fans, posted) == seen
    assert len(await events_of(fans, posted)) == 2


async def test_an_earlier_job_does_not_end_a_later_cover(fans: House) -> None:
    people = await regulars(fans, 6)
    posted = await fans.author.post("One thing.")
    await flag_all(people[:3], posted)
    await covered(fans, posted)
    fans.clock.advance(LAPSE / 2)
    await flag_all(people[3:], posted)
    fans.clock.advance(LAPSE / 2)
    await let_jobs_run(fans)
    assert await state_of(fans, posted) == "covered_pending"
    fans.clock.advance(LAPSE / 2)
    await let_jobs_run(fans)
    assert await state_of(fans, posted) == "flagged"


async def test_the_end_takes_nothing_from_what_the_author_said(fans: House) -> None:
    posted = await fans.author.post(f"So: {SECRET}.")
    said = (await rescope(fans.author, posted, COMIC, start=4, end=9)).json()
    assert (await fans.author.edit(posted["id"], f"Well: {SECRET}.", said["revision"])).json()["scope"] == [COMIC]
    await flag_all(await regulars(fans, 3), posted, JJ4)
    assert (await view(fans, posted))["scope"] == [COMIC, JJ4]
    fans.clock.advance(LAPSE)
    await let_jobs_run(fans)
    assert (await view(fans, posted))["scope"] == [COMIC]


async def test_a_job_for_what_is_gone_does_nothing(fans: House) -> None:
    posted = await fans.author.post("One thing.")
    await flag_all(await regulars(fans, 3), posted)
    await fans.author.delete(posted["id"])
    fans.clock.advance(LAPSE)
    await let_jobs_run(fans)
    assert await fans.rows(select(outbox.c.id).where(outbox.c.kind == COVER_LAPSES)) == []
    assert (await view(fans, posted))["status"] == "deleted"


async def test_many_at_once(fans: House) -> None:
    people = await regulars(fans, 8)
    posted = await fans.author.post("One thing.")
    answers = await asyncio.gather(*(flag(person, posted) for person in people), *(flag(people[0], posted),))
    assert [answer.status_code for answer in answers] == [200] * 9
    assert sum(answer.json()["counted"] for answer in answers) == 8
    assert len(await events_of(fans, posted)) == 1
    assert (await record(fans, posted))["flags"] == 8
    await is_consistent(fans)


async def test_flags_against_a_moderator(fans: House) -> None:
    people = await regulars(fans, 3)
    posted = await fans.author.post("One thing.")
    await flag_all(people[:2], posted)
    await asyncio.gather(flag(people[2], posted), covered(fans, posted))
    state = await state_of(fans, posted)
    # Whoever came last: one flag alone does not cover what was restored.
    assert state in ("restored", "flagged")
    assert (await view(fans, posted))["covered"] is False
