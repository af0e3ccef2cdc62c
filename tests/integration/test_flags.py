"""Readers say what is wrong with a comment: enough of them hide it, until a moderator has looked or a day is over."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.accounts.model import Role
from forum.comments.review.model import By, Reason, Sanction, SanctionRow, Verdict
from forum.comments.review.queries_people import insert_sanction
from forum.comments.review.tables import flag as flags
from forum.moderation.flags.flag_policy import LAPSE, STALE
from forum.moderation.flags.service_flag import forget_networks
from forum.moderation.flags.service_provisional import HIDING_LAPSES, lapse_hiding
from forum.moderation.jobs import sweep
from forum.outbox.tables import outbox
from tests.support.app import House, problem, wrong_fields
from tests.support.flags import (
    decisions_of,
    judge,
    let_jobs_run,
    queues_of,
    regulars,
    report,
    report_all,
    status_of,
)
from tests.support.people import signed_in
from tests.support.spoilers import JJ13, is_consistent, row_of, shown_on, surfaces, view

pytestmark = pytest.mark.anyio
RUDE = "you are all wet sandbags and should be quiet"


async def kept(house: House) -> list[Any]:
    """The rows of all flags."""
    return await house.rows(select(flags).order_by(flags.c.created_at, flags.c.author_id))


async def public(house: House, posted: dict[str, Any]) -> dict[str, str]:
    """What everybody sees. A form has another key each time it is drawn."""
    return {path: text for path, text in (await surfaces(house, posted)).items() if not path.endswith("/reply")}


async def test_three_regulars_hide_a_comment(fans: House) -> None:
    people = await regulars(fans, 3)
    posted = await fans.author.post(f"So: {RUDE}.")
    await report_all(people[:2], posted)
    assert await status_of(fans, posted) == "published"
    assert await view(fans, posted) == posted
    assert await report_all(people[2:], posted) == [True]
    assert await status_of(fans, posted) == "held"
    assert problem(await fans.attacker.get(f"/api/v1/comments/{posted['id']}")) == (404, "not_found")
    assert set(await queues_of(fans, posted)) == {"reported"}
    (line,) = await decisions_of(fans, posted)
    assert (line.verdict, line.status, line.by_kind, line.reason) == ("hide", "held", By.READERS, Reason.ABUSE)
    assert line.revision == (await row_of(fans, posted)).revision == posted["revision"] + 1
    await is_consistent(fans)


async def test_what_has_replies_keeps_its_place(fans: House) -> None:
    people = await regulars(fans, 3)
    posted = await fans.author.post(f"So: {RUDE}.")
    reply = await fans.replier.reply(posted, "That was uncalled for.")
    await report_all(people, posted, "illegal")
    assert await shown_on(fans, "sandbags", reply) == []
    assert await shown_on(fans, "uncalled", reply) != []
    assert (await row_of(fans, posted)).marked
    fans.clock.advance(LAPSE)
    await let_jobs_run(fans)
    assert await shown_on(fans, "sandbags", reply) != []
    await is_consistent(fans)


async def test_what_comes_back_finds_its_place(fans: House) -> None:
    """Its parent went while there was nothing below it: it leaves a mark then."""
    people = await regulars(fans, 3)
    moderator = await signed_in(fans, "Mo", role=Role.MODERATOR)
    parent = await fans.author.post("An opinion.")
    reply = await fans.replier.reply(parent, "A wet sandbag says so.")
    await report_all(people, reply)
    await judge(fans, moderator, parent, Verdict.REMOVE)
    assert not (await row_of(fans, parent)).marked
    fans.clock.advance(LAPSE)
    await let_jobs_run(fans)
    assert (await row_of(fans, parent)).marked
    assert await shown_on(fans, "sandbag", reply) != []
    await is_consistent(fans)


async def test_its_author_is_told(fans: House) -> None:
    posted = await fans.author.post(f"So: {RUDE}.")
    people = await regulars(fans, 3)
    await report_all(people, posted)
    where = posted["discussion_id"] if "discussion_id" in posted else (await row_of(fans, posted)).discussion_id
    mine = (await fans.author.get(f"/d/{where}/mine")).text
    assert "Readers have reported this." in mine
    assert "insults or threatens" in mine
    assert "sandbags" in mine


@pytest.mark.parametrize("kind", ["abuse", "spam", "illegal", "other"])
async def test_a_brigade_of_new_people_hides_nothing(fans: House, kind: str) -> None:
    posted = await fans.author.post("An opinion.")
    brigade = [await signed_in(fans, f"Brigade {n}") for n in range(20)]
    note = {"note": "Bad."} if kind == "other" else {}
    for number, person in enumerate(brigade):
        assert await report_all([person], posted, kind, **note) == [True]
        if number % 2:
            fans.clock.advance(timedelta(minutes=1))
    assert await status_of(fans, posted) == "published"
    # Not even with two regular readers beside them.
    await report_all(await regulars(fans, 2), posted, kind, **note)
    assert await status_of(fans, posted) == "published"
    assert set(await queues_of(fans, posted)) == {"reported"}
    assert {row.weight for row in await kept(fans)} == {0.25, 1.0}


async def test_one_network_hides_nothing(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    await report_all(await regulars(fans, 8, network="203.0.113.250"), posted)
    assert await status_of(fans, posted) == "published"
    assert len({row.network for row in await kept(fans)}) == 1
    assert "203.0.113" not in {row.network for row in await kept(fans)}.pop()
    # It is one voice: two others make three.
    await report_all(await regulars(fans, 2), posted)
    assert await status_of(fans, posted) == "held"


async def test_where_a_flag_came_from_is_forgotten(fans: House) -> None:
    people = await regulars(fans, 4)
    posted = await fans.author.post("An opinion.")
    await report_all(people[:2], posted)
    fans.clock.advance(STALE)
    await report_all(people[2:3], posted)
    await sweep(fans.rt)
    assert [bool(row.network) for row in await kept(fans)] == [True] * 3
    fans.clock.advance(timedelta(seconds=1))
    assert await forget_networks(fans.rt) == 2
    assert [bool(row.network) for row in await kept(fans)] == [False, False, True]
    # What is that old waits for a moderator, and hides nothing any more.
    await report_all(people[3:], posted)
    assert await status_of(fans, posted) == "published"


async def test_what_is_beside_the_topic_stays(fans: House) -> None:
    posted = await fans.author.post("My cat is asleep.")
    await report_all(await regulars(fans, 5), posted, "off_topic")
    assert await status_of(fans, posted) == "published"
    assert await decisions_of(fans, posted) == []
    assert set(await queues_of(fans, posted)) == {"reported"}


async def test_reasons_that_harm_count_together(fans: House) -> None:
    people = await regulars(fans, 4)
    posted = await fans.author.post("Buy my sandbags.")
    await report_all(people[:1], posted, "untagged_spoiler", scope=[JJ13])
    await report_all(people[1:3], posted, "spam")
    assert await status_of(fans, posted) == "published"
    assert set(await queues_of(fans, posted)) == {"reported", "spoilers"}
    await report_all(people[3:], posted, "other", note="It is everywhere.")
    assert await status_of(fans, posted) == "held"
    assert (await decisions_of(fans, posted))[0].reason == "spam"


async def test_repeating_a_flag_changes_nothing(fans: House) -> None:
    people = await regulars(fans, 3)
    posted = await fans.author.post("An opinion.")
    before = await public(fans, posted)
    assert await report_all(people[:1] * 3, posted) == [True, False, False]
    assert await report_all(people[:1], posted, "illegal") == [False]
    assert await report_all(people[:1], posted, "untagged_spoiler", scope=[JJ13]) == [False]
    assert await public(fans, posted) == before
    assert [(row.reason, row.scope_id) for row in await kept(fans)] == [("abuse", None)]
    await report_all(people[1:], posted)
    # Whose flag has hidden it may say so again, and everybody else is told that there is nothing.
    assert await report_all(people, posted) == [False] * 3
    assert problem(await report(fans.replier, posted)) == (404, "not_found")


async def test_a_guest_who_signs_in_stays_one_person(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    answer = await report(fans.replier, posted)
    assert answer.json() == {"counted": True}
    assert ("set-cookie" in answer.headers, answer.headers["cache-control"]) == (True, "private, no-store")
    assert "set-cookie" not in (await report(fans.replier, posted)).headers


async def test_what_cannot_be_flagged(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    assert problem(await report(fans.author, posted)) == (403, "own_comment")
    assert problem(await report(fans.replier, {"id": "1"})) == (404, "not_found")
    assert wrong_fields(await report(fans.replier, posted, "other")) == {"note": "missing"}
    assert wrong_fields(await report(fans.replier, posted, "other", note=" \n ")) == {"note": "missing"}
    assert wrong_fields(await report(fans.replier, posted, "spam", note="x" * 501)) == {"note": "too_long"}
    assert wrong_fields(await report(fans.replier, posted, "untagged_spoiler")) == {"scope": "missing"}
    assert wrong_fields(await report(fans.replier, posted, "spam", scope=["nobody:1"])) == {"scope": "unknown_scope"}
    assert wrong_fields(await report(fans.replier, posted, "rude")) == {"kind": "wrong_value"}
    assert await kept(fans) == []


@pytest.mark.parametrize("kind", [Sanction.SUSPEND, Sanction.BAN])
async def test_who_is_suspended_cannot_flag(fans: House, kind: Sanction) -> None:
    posted = await fans.author.post("An opinion.")
    first = await fans.replier.post("Mine.")
    who = await row_of(fans, first)
    now = fans.clock.now()
    until = now + timedelta(hours=1) if kind is Sanction.SUSPEND else None
    row = SanctionRow(
        fans.site.id, fans.rt.ids.next(), "guest", who.author_id, kind.value, until, "abuse", "", "", 1, 1, now
    )
    await fans.rt.db.write(lambda tx: insert_sanction(tx, row))
    refused = await report(fans.replier, posted)
    assert problem(refused)[0] == 403
    assert "report" in refused.json()["detail"]
    assert await kept(fans) == []
    fans.clock.advance(timedelta(hours=2))
    assert (await report(fans.replier, posted)).status_code == (200 if until else 403)


async def test_what_readers_hid_comes_back_after_a_day(fans: House) -> None:
    people = await regulars(fans, 6)
    posted = await fans.author.post("An opinion.")
    await report_all(people[:3], posted)
    fans.clock.advance(LAPSE - timedelta(seconds=1))
    await let_jobs_run(fans)
    assert await status_of(fans, posted) == "held"
    fans.clock.advance(timedelta(seconds=1))
    await let_jobs_run(fans)
    assert await status_of(fans, posted) == "published"
    hidden, shown = await decisions_of(fans, posted)
    assert (shown.verdict, shown.status, shown.by_kind, shown.undoes) == ("undo", "published", By.TIME, hidden.id)
    assert set(await queues_of(fans, posted)) == {"reported"}
    assert await fans.rows(select(outbox.c.id).where(outbox.c.kind == HIDING_LAPSES)) == []
    await is_consistent(fans)
    # One more is not enough: it takes as many again, from others.
    assert await report_all(people[:4], posted) == [False, False, False, True]
    assert await status_of(fans, posted) == "published"
    await report_all(people[4:], posted)
    assert await status_of(fans, posted) == "held"
    assert not await lapse_hiding(fans.rt, fans.site.id, int(posted["id"]), hidden.id)


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.DISMISS])
async def test_once_approved_the_same_people_cannot_hide_it_again(fans: House, verdict: Verdict) -> None:
    people = await regulars(fans, 6)
    moderator = await signed_in(fans, "Mo", role=Role.MODERATOR)
    posted = await fans.author.post("An opinion.")
    await report_all(people[:3], posted)
    await judge(fans, moderator, posted, verdict)
    assert await status_of(fans, posted) == "published"
    assert {row.outcome for row in await kept(fans)} == {"rejected"}
    fans.clock.advance(timedelta(minutes=1))
    assert await report_all(people[:3], posted) == [False] * 3
    assert await status_of(fans, posted) == "published"
    # What they say elsewhere weighs half.
    other = await fans.author.post("Another opinion.")
    await report_all(people[:3], other)
    assert await status_of(fans, other) == "published"
    # Others may hide it; and then nothing of the approval is left but the log.
    await report_all(people[3:], posted)
    assert await status_of(fans, posted) == "held"
    assert set(await queues_of(fans, posted)) == {"reported"}
    fans.clock.advance(LAPSE)
    await let_jobs_run(fans)
    assert await status_of(fans, posted) == "published"
    assert set(await queues_of(fans, posted)) == {"reported", "approved"}
    await is_consistent(fans)


async def test_nothing_comes_back_after_a_moderator_has_looked(fans: House) -> None:
    moderator = await signed_in(fans, "Mo", role=Role.MODERATOR)
    posted = await fans.author.post("An opinion.")
    await report_all(await regulars(fans, 3), posted)
    await judge(fans, moderator, posted, Verdict.REMOVE)
    assert {row.outcome for row in await kept(fans)} == {"upheld"}
    fans.clock.advance(LAPSE)
    await let_jobs_run(fans)
    assert await status_of(fans, posted) == "removed"


async def test_nothing_comes_back_that_its_author_deleted(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    await report_all(await regulars(fans, 3), posted)
    assert (await fans.author.delete(posted["id"])).status_code == 204
    fans.clock.advance(LAPSE)
    await let_jobs_run(fans)
    assert await fans.rows(select(outbox.c.id).where(outbox.c.kind == HIDING_LAPSES)) == []


async def test_the_sites_own_people_weigh_more(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    for name, role in (("Tess", Role.TRUSTED), ("Mo", Role.MODERATOR)):
        assert (await report(await signed_in(fans, name, role=role), posted)).json() == {"counted": True}
    assert {(row.weight, row.is_new) for row in await kept(fans)} == {(1.5, False)}
    assert await status_of(fans, posted) == "published"
    # The third has to be somebody, anybody.
    await report(fans.replier, posted)
    assert await status_of(fans, posted) == "held"


async def test_urgent_things_stand_first(fans: House) -> None:
    people = await regulars(fans, 2)
    places: dict[str, float] = {}
    posted: dict[str, Any] = {}
    for kind in ("off_topic", "other", "spam", "abuse", "illegal"):
        posted = await fans.author.post(f"An opinion, {kind}.")
        await report(people[0], posted, kind, note="Look.")
        places[kind] = (await queues_of(fans, posted))["reported"]
    assert sorted(places, key=lambda kind: places[kind]) == list(places)
    # More people make it more urgent, and nobody makes it less.
    before = places["illegal"]
    await report(people[1], posted, "off_topic")
    assert (await queues_of(fans, posted))["reported"] > before


async def test_notes_are_kept_for_moderators(fans: House) -> None:
    posted = await fans.author.post("An opinion.")
    await report(fans.replier, posted, "illegal", note="  It quotes\r\na whole book.\u202e ")
    (row,) = await kept(fans)
    assert row.note.startswith("It quotes\na whole book.")
    assert await shown_on(fans, "whole book", posted) == []


async def test_many_at_once(fans: House) -> None:
    people = await regulars(fans, 6)
    posted = await fans.author.post("An opinion.")
    answers = await asyncio.gather(*(report(person, posted) for person in (*people, people[0])))
    # Whoever comes after the third finds nothing there, unless it was them before.
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert len(await kept(fans)) == 3
    assert len(await decisions_of(fans, posted)) == 1
    assert await status_of(fans, posted) == "held"
    await is_consistent(fans)


async def test_flags_against_a_moderator(fans: House) -> None:
    people = await regulars(fans, 3)
    moderator = await signed_in(fans, "Mo", role=Role.MODERATOR)
    posted = await fans.author.post("An opinion.")
    await report_all(people[:2], posted)
    found = await asyncio.gather(
        report(people[2], posted), judge(fans, moderator, posted, Verdict.APPROVE), return_exceptions=True
    )
    last = (await decisions_of(fans, posted))[-1]
    assert await status_of(fans, posted) == last.status
    # Who saw the revision before the flags hid it is asked again.
    assert (last.status == "held") is isinstance(found[1], Exception)
    await is_consistent(fans)
