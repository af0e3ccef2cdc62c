"""The spam filter of a site learns from what its moderators decide, holds spam once it has earned trust, and forgets
what was taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.comments.model import Status
from forum.comments.review.model import Reason
from forum.comments.screening import service_spam, spam_record
from forum.comments.screening.queries_spam import Learned, find_learned, put_learned
from forum.comments.screening.service_spam import read_filter, spam_score
from forum.comments.screening.spam import Sample
from forum.comments.screening.spam_record import decode
from forum.comments.screening.tables import spam_model
from forum.moderation.rules import service_learn
from forum.moderation.rules.service_learn import learn_everywhere, learn_site
from tests.support.app import House
from tests.support.moderating import APPROVE, DISMISS, REMOVE, SPAM, Chair, a_moderator
from tests.support.screening import set_rules
from tests.support.spamming import written

pytestmark = pytest.mark.anyio
CASINO = Sample("Win a casino bonus today only, click here https://spin-city7.top/123", ("spin-city7.top",))


async def taught(house: House, chair: Chair, count: int, *, seed: int = 7) -> list[dict[str, Any]]:
    """Comments that a moderator has looked at, and that the filter has heard about."""
    posted = []
    for one in written(count, seed=seed):
        comment = await house.author.post(one.body)
        await chair.say(SPAM if one.is_spam else APPROVE, comment)
        posted.append(comment)
    house.clock.advance(timedelta(minutes=10))
    return posted


async def learned(house: House) -> Learned | None:
    async with house.rt.db.read(fresh=True) as tx:
        return await find_learned(tx, site_id=house.site.id)


async def test_it_works(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spam_record, "ENOUGH", 12)
    monkeypatch.setattr(spam_record, "ENOUGH_OF_A_KIND", 4)
    monkeypatch.setattr(spam_record, "ENOUGH_TAKEN", 2)
    chair = await a_moderator(house)
    assert await spam_score(house.rt, house.site.id, CASINO) is None
    await taught(house, chair, 150)
    assert await learn_everywhere(house.rt) == 150
    found = await spam_score(house.rt, house.site.id, CASINO)
    assert found is not None
    assert found.probability > 0.9
    held = await house.attacker.post("Win a casino bonus today only, click here https://spin-city7.top/123")
    assert held["status"] == "held"
    fine = await house.attacker.post("The lighthouse scene was lovely, and I am still not over it.")
    assert fine["status"] == "published"


async def test_it_is_mute_until_it_was_asked_enough(house: House) -> None:
    chair = await a_moderator(house)
    await taught(house, chair, 60)
    await learn_everywhere(house.rt)
    assert (await read_filter(house.rt, house.site.id)).score(CASINO).probability > 0.5
    assert await spam_score(house.rt, house.site.id, CASINO) is None
    posted = await house.attacker.post("Win a casino bonus today only, click here https://spin-city7.top/123")
    assert posted["status"] == "published"


async def test_it_hears_of_everything_once(house: House) -> None:
    chair = await a_moderator(house)
    await taught(house, chair, 10)
    assert await learn_site(house.rt, house.site.id) == 10
    first = await learned(house)
    assert await learn_site(house.rt, house.site.id) == 0
    assert await learned(house) == first
    await taught(house, chair, 5, seed=8)
    assert await learn_site(house.rt, house.site.id) == 5


async def test_what_is_only_just_decided_can_wait(house: House) -> None:
    chair = await a_moderator(house)
    await chair.say(APPROVE, await house.author.post("The lighthouse scene was lovely."))
    assert await learn_site(house.rt, house.site.id) == 0
    house.clock.advance(timedelta(minutes=6))
    assert await learn_site(house.rt, house.site.id) == 1


async def test_what_decisions_say_about_spam(house: House) -> None:
    chair = await a_moderator(house)
    texts = iter(one.body for one in written(50, spam=0.0))
    for verdict, more in (
        (SPAM, {}),
        (REMOVE, {"reason": Reason.SPAM}),
        (REMOVE, {"reason": Reason.ABUSE}),
        (APPROVE, {}),
    ):
        await chair.say(verdict, await house.author.post(next(texts)), **more)
    await house.author.post("Nobody has looked at this one.")
    house.clock.advance(timedelta(minutes=10))
    assert await learn_site(house.rt, house.site.id) == 3
    kept = await learned(house)
    assert kept is not None
    record = decode(kept.record)
    asked = [one.is_spam for one in record.asked]
    assert record.spam + asked.count(True) == 2
    assert record.other + asked.count(False) == 1


async def test_what_was_undone_is_taken_back(house: House) -> None:
    chair = await a_moderator(house)
    lines = [
        (await chair.say(SPAM, await house.author.post(f"Look at the goat, and at this: {text}"))).decision
        for text in ("the lantern", "the map", "the boat", "the letter", "the window", "the cellar")
    ]
    house.clock.advance(timedelta(minutes=10))
    await learn_site(house.rt, house.site.id)
    goat = Sample("Look at the goat, and at this: the lantern")
    believed = (await read_filter(house.rt, house.site.id)).score(goat).probability
    for line in lines:
        await chair.undo(line)
    house.clock.advance(timedelta(minutes=10))
    assert await learn_site(house.rt, house.site.id) == len(lines)
    assert believed > 0.6
    assert (await read_filter(house.rt, house.site.id)).score(goat).probability < believed - 0.1


async def thinks(house: House, text: str) -> float:
    return (await read_filter(house.rt, house.site.id)).score(Sample(text)).probability


async def test_what_was_undone_before_it_was_heard_is_nothing(house: House) -> None:
    chair = await a_moderator(house)
    await taught(house, chair, 60)
    await learn_site(house.rt, house.site.id)
    before, text = await learned(house), "The lighthouse scene saved the finale for me."
    posted = await house.author.post(text)
    for verdict in (SPAM, REMOVE):
        more = {"reason": Reason.SPAM} if verdict is REMOVE else {}
        await chair.undo((await chair.say(verdict, posted, **more)).decision)
        house.clock.advance(timedelta(minutes=1))
    house.clock.advance(timedelta(minutes=10))
    assert await learn_site(house.rt, house.site.id) == 0
    after = await learned(house)
    assert before is not None
    assert after is not None
    assert (after.weights, after.record) == (before.weights, before.record)
    assert after.learned_to > before.learned_to


async def test_what_was_undone_after_it_was_heard_is_as_before(house: House) -> None:
    chair = await a_moderator(house)
    await taught(house, chair, 60)
    await learn_site(house.rt, house.site.id)
    texts = [f"The lighthouse scene saved the finale for {who}." for who in ("me", "us", "him", "her", "Noor")]
    before = [await thinks(house, text) for text in texts]
    lines = [(await chair.say(SPAM, await house.author.post(text))).decision for text in texts]
    house.clock.advance(timedelta(minutes=10))
    await learn_site(house.rt, house.site.id)
    mistaken = [await thinks(house, text) for text in texts]
    for line in reversed(lines):
        await chair.undo(line)
    house.clock.advance(timedelta(minutes=10))
    await learn_site(house.rt, house.site.id)
    for was, wrong, text in zip(before, mistaken, texts, strict=True):
        assert wrong > was + 0.2
        assert abs(await thinks(house, text) - was) < 0.02


async def test_what_was_undone_is_nothing_where_it_is_not_heard_together(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair = await a_moderator(house)
    await taught(house, chair, 60)
    await learn_site(house.rt, house.site.id)
    texts = [f"The lighthouse scene saved the finale for {who}." for who in ("me", "us", "him", "her", "Noor")]
    before = [await thinks(house, text) for text in texts]
    for text in texts:
        await chair.undo((await chair.say(SPAM, await house.author.post(text))).decision)
    house.clock.advance(timedelta(minutes=10))
    monkeypatch.setattr(service_learn, "BATCH", 1)
    assert await learn_site(house.rt, house.site.id) == 2 * len(texts)
    for was, text in zip(before, texts, strict=True):
        assert abs(await thinks(house, text) - was) < 0.02


async def test_what_is_undone_of_an_earlier_text_is_not_unlearned(house: House) -> None:
    chair = await a_moderator(house)
    lines = []
    for number in range(6):
        posted = await house.author.post(f"The lighthouse scene, once more: {number} times.")
        outcome = await chair.say(APPROVE, posted)
        lines.append(outcome.decision)
        house.clock.advance(timedelta(seconds=1))
        edited = await house.author.edit(posted["id"], f"Casino bonus {number}.", outcome.comment.revision)
        assert edited.status_code == 200, edited.text
    house.clock.advance(timedelta(minutes=10))
    assert await learn_site(house.rt, house.site.id) == 0
    for line in lines:
        await chair.undo(line)
    house.clock.advance(timedelta(minutes=10))
    assert await learn_site(house.rt, house.site.id) == 0


async def test_reports_that_are_dismissed_say_nothing_of_what_stays_held(house: House) -> None:
    chair = await a_moderator(house)
    shown = await house.author.post("The lighthouse scene was lovely.")
    await set_rules(house, hold_words=("casino",))
    held = await house.author.post("Win a casino bonus today only.")
    for posted, status in ((shown, Status.PUBLISHED), (held, Status.HELD)):
        assert (await chair.say(DISMISS, posted)).comment.status is status
    house.clock.advance(timedelta(minutes=10))
    assert await learn_site(house.rt, house.site.id) == 1


async def test_texts_that_are_gone_or_changed_teach_nothing(house: House) -> None:
    chair = await a_moderator(house)
    gone, changed = await house.author.post("A text that goes."), await house.author.post("A text that changes.")
    await chair.say(APPROVE, gone)
    changed_now = await chair.say(APPROVE, changed)
    house.clock.advance(timedelta(minutes=1))
    await house.author.delete(gone["id"])
    edited = await house.author.edit(changed["id"], "Another text.", changed_now.comment.revision)
    assert edited.status_code == 200, edited.text
    house.clock.advance(timedelta(minutes=10))
    assert await learn_site(house.rt, house.site.id) == 0


async def test_sites_learn_for_themselves(house: House) -> None:
    other, _ = await house.add_site("elsewhere")
    await taught(house, await a_moderator(house), 20)
    await learn_everywhere(house.rt)
    assert [row.site_id for row in await house.rows(select(spam_model.c.site_id))] == [house.site.id]
    assert await read_filter(house.rt, other.id) is service_spam.UNTAUGHT


async def test_of_two_who_learn_the_same_one_is_too_late(house: House) -> None:
    await taught(house, await a_moderator(house), 10)
    await learn_site(house.rt, house.site.id)
    known = await learned(house)
    assert known is not None
    now = house.clock.now()
    new = known._replace(learned_to=known.learned_to + 1)

    async def put(seen: int) -> bool:
        return await house.rt.db.write(lambda tx: put_learned(tx, site_id=house.site.id, new=new, seen=seen, now=now))

    assert await put(known.learned_to)
    assert not await put(known.learned_to)


async def test_nothing_that_it_keeps_can_be_read(house: House) -> None:
    chair = await a_moderator(house)
    await taught(house, chair, 30)
    await learn_site(house.rt, house.site.id)
    kept = await learned(house)
    assert kept is not None
    assert not any(word in kept.record for word in ("casino", "lighthouse", "example"))
