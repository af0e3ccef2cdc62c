"""Quotes of what is taken away, in every order: they never say more than what they quote, and the database adds up
after each."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from forum.comments.review.model import Verdict
from forum.db import Database
from forum.doctor import invariants
from forum.doctor.model import Verdict as Found
from forum.people.service_erase import erase
from tests.integration.test_spoiler_quotes import quote
from tests.support.app import OURS, House
from tests.support.flags import let_jobs_run, regulars, report_all
from tests.support.moderating import APPROVE, COVER, REMOVE, SPAM, UNCOVER, a_moderator, is_whole
from tests.support.people import account_of, signed_in
from tests.support.spoilers import JJ13, SECRET, fans, is_consistent, rescope, revealed, surfaces, view
from tests.support.threads import discussion_id

__all__ = ["fans"]
pytestmark = pytest.mark.anyio

WORDS = "The ferryman did it with a lantern."


async def is_sound(house: House) -> None:
    """What `aftershow doctor` finds in the threads, the covers, the counters and the log."""
    db: Database = house.rt.db
    for check in (invariants.check_threads, invariants.check_covers, invariants.check_decisions):
        finding = await check(db)
        assert finding.verdict is not Found.WRONG, finding
    await is_consistent(house)
    await is_whole(house)


async def says(house: House, *posted: dict[str, Any], word: str = "lantern") -> bool:
    """Whether anything that anybody gets to see holds a word of the quoted text."""
    seen = await surfaces(house, *posted)
    uncovered = await revealed(await house.newcomer(), *(f"c{one['id']}" for one in posted), show_all=True)
    return word in "\n".join([*seen.values(), *map(str, uncovered.values())])


async def nested(house: House, depth: int) -> list[dict[str, Any]]:
    """A comment, a quote of it, a quote of that quote, and so on: each by the one who did not write the last."""
    listed = [await house.author.post(WORDS)]
    body = WORDS
    for level in range(depth):
        writer, quoted = ((house.replier, "Ada"), (house.author, "Ravi"))[level % 2]
        body = quote(listed[-1], body, name=quoted)
        listed.append(await writer.post(body))
    return listed


@pytest.mark.parametrize("order", list(permutations((COVER, REMOVE, SPAM))))
async def test_in_whatever_order_it_is_said(fans: House, order: tuple[Verdict, ...]) -> None:
    chair = await a_moderator(fans)
    source, *quotes = await nested(fans, 2)
    for number, verdict in enumerate(order):
        more = {"tokens": [JJ13]} if verdict is COVER else {}
        before = [(await view(fans, one))["text"] for one in quotes]
        line = (await chair.say(verdict, source, **more)).decision
        assert await says(fans, *quotes) is (order[: number + 1] == (COVER,))
        await is_sound(fans)
        await chair.undo(line)
        assert [(await view(fans, one))["text"] for one in quotes] == before
        await is_sound(fans)
        await chair.say(verdict, source, **more)
    for verdict in (APPROVE, UNCOVER):
        await chair.say(verdict, source)
        await is_sound(fans)
    for one in quotes:
        assert "lantern" in (await view(fans, one))["text"]


async def test_covered_and_uncovered_while_it_is_away(fans: House) -> None:
    chair = await a_moderator(fans)
    source, *quotes = await nested(fans, 2)
    await chair.say(REMOVE, source)
    for verdict, more in ((COVER, {"tokens": [JJ13]}), (UNCOVER, {}), (COVER, {"tokens": [JJ13]})):
        await chair.say(verdict, source, **more)
        assert not await says(fans, *quotes)
        await is_sound(fans)
    await chair.say(APPROVE, source)
    for one in quotes:
        assert "lantern" not in (await view(fans, one))["text"]  # covered, as what it quotes is
    assert await says(fans, *quotes)
    await is_sound(fans)


async def test_every_level_of_quotes_can_go_and_come(fans: House) -> None:
    chair = await a_moderator(fans)
    listed = await nested(fans, 3)
    last = listed[-1]
    for middle in listed[:-1]:
        line = (await chair.say(REMOVE, middle)).decision
        assert "lantern" not in (await view(fans, last))["text"]
        await is_sound(fans)
        await chair.undo(line)
        assert "lantern" in (await view(fans, last))["text"]
        await is_sound(fans)


async def test_readers_hide_and_time_brings_back(fans: House) -> None:
    readers = await regulars(fans, 3)
    source, *quotes = await nested(fans, 2)
    assert all(await report_all(readers, source))
    assert not await says(fans, *quotes)
    await is_sound(fans)
    fans.clock.advance(timedelta(hours=25))
    await let_jobs_run(fans)
    assert await says(fans, *quotes)
    await is_sound(fans)


async def test_a_guess_at_what_is_not_public_is_answered_alike(fans: House) -> None:
    """Right or wrong: neither whether the words stand there nor what they would need can be told by quoting."""
    chair = await a_moderator(fans)
    open_words = "The ferryman rowed away"
    source = await fans.author.post(f"{open_words}. [JJ S1E13]||{SECRET}||")
    await fans.replier.reply(source, "Never!", scope=[])
    await chair.say(REMOVE, source)
    where = await discussion_id(fans)
    seen: set[str] = set()
    quotes: list[dict[str, Any]] = []
    for guess in (open_words, "The gardener rowed away", SECRET, "nothing of the kind"):
        body = quote(source, guess)
        sent = {"site": "newsroom", "body": body, "discussion_id": str(where)}
        looked = (await fans.attacker.http.post("/api/v1/preview", json=sent, headers=OURS)).json()
        posted = await fans.attacker.post(body)
        # Whatever else is quoted there and changes: nothing of it comes out.
        quotes.append(posted)
        other = await fans.attacker.post("Another one.")
        edited = await fans.attacker.edit(posted["id"], f"{body}\n\n{quote(other, 'Another one.', name='Mallory')}")
        assert edited.status_code == 200, edited.text
        assert (await rescope(fans.attacker, other, JJ13)).status_code == 200
        now = await view(fans, posted)
        seen.add(repr((looked["text"], posted["text"], now["text"], [p["scope"] for p in now["passages"]])))
    assert len(seen) == 1, seen
    assert "Jessica" not in next(iter(seen)).split("Another")[0].split("agree")[0]
    # Public again, all are what they would have been.
    await chair.say(APPROVE, source)
    texts = [(await view(fans, one))["text"] for one in quotes]
    assert ["rowed" in text for text in texts] == [True, False, False, False], texts
    assert not any("lanterns" in text or "nothing of" in text for text in texts)
    await is_sound(fans)


async def test_a_name_that_changed_in_the_meantime(fans: House) -> None:
    chair, edda = await a_moderator(fans), await signed_in(fans, "Edda")
    source = await edda.post(WORDS)
    posted = await fans.replier.post(quote(source, WORDS, name="Edda"))
    line = (await chair.say(REMOVE, source)).decision
    shown = "\n".join((await surfaces(fans, posted)).values())
    assert "Edda" not in shown
    assert (await edda.submit("/settings", act="name", name="Edna")).status_code == 303
    await let_jobs_run(fans)
    assert "Edna" not in "\n".join((await surfaces(fans, posted)).values())
    await is_sound(fans)
    await chair.undo(line)
    shown = "\n".join((await surfaces(fans, posted)).values())
    assert "Edna</bdi> wrote" in shown
    assert "Edda" not in shown
    assert await says(fans, posted)
    await is_sound(fans)


@pytest.mark.parametrize("texts", [True, False])
@pytest.mark.parametrize("taken", [Verdict.REMOVE, Verdict.SPAM, None])
async def test_whose_words_are_quoted_leaves(fans: House, texts: bool, taken: Verdict | None) -> None:
    chair, edda = await a_moderator(fans), await signed_in(fans, "Edda")
    source = await edda.post(WORDS)
    lonely = await edda.post(WORDS)
    posted = await fans.replier.reply(source, quote(source, WORDS, name="Edda"))
    second = await fans.replier.post(quote(lonely, WORDS, name="Edda"))
    if taken is not None:
        await chair.say(taken, source)
        await chair.say(taken, lonely)
    await erase(fans.rt, await account_of(fans, edda), texts=texts)
    await let_jobs_run(fans)
    shown = "\n".join((await surfaces(fans, posted, second)).values())
    assert "Edda" not in shown
    if taken is not None:
        assert not await says(fans, posted, second)
    await is_consistent(fans)
    finding = await invariants.check_decisions(fans.rt.db)
    assert finding.verdict is not Found.WRONG, finding


async def test_an_export_holds_what_its_person_typed(fans: House) -> None:
    """And of a quote that is withheld nothing that a moderator or the quoted author said since."""
    chair, edda, otto = await a_moderator(fans, "Mo"), await signed_in(fans, "Edda"), await signed_in(fans, "Otto")
    source = await edda.post(WORDS)
    posted = await otto.post("Before. " + WORDS)
    await chair.say(REMOVE, source, words="You know why.")
    await chair.say(REMOVE, posted, words="So do you.")
    answer = await otto.http.post(
        "/settings/export", headers={**OURS, "content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 200
    assert "So do you." in answer.text
    for unsaid in ("You know why.", "Edda", '"Mo"', source["id"]):
        assert unsaid not in answer.text, unsaid
