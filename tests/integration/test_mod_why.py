"""Why a comment is in a queue, and what a verdict will do to it: as it is now, not as it was."""

from typing import Any

import pytest

from forum.comments.review.model import Queue
from tests.support.app import House, Person
from tests.support.flags import regulars, report, report_all
from tests.support.items import a_moderator, decide, finding, item, waiting
from tests.support.screening import set_rules
from tests.support.spoilers import JJ4, JJ13, SECRET, fans, row_of

pytestmark = pytest.mark.anyio
__all__ = ["fans"]
OPENED = "Everybody can read it without being asked, and with it the replies that it had covered."
COVER_OFF = "The cover that readers put on it comes off; what else covers it stays."
BACK = "Everybody can read it."
STAYS = "It stays as it is, and counts as looked at."


async def lines(moderator: Person, posted: dict[str, Any], verdict: str) -> list[str]:
    """What a verdict says that it will do, but for the reports and the way back."""
    effects = {one["verdict"]: one["lines"] for one in (await item(moderator, posted))["effects"]}
    return [line for line in effects[verdict] if not line.startswith(("Reports", "People who wrote", "You can undo"))]


async def edit(house: House, posted: dict[str, Any], body: str) -> None:
    """Its author changes it as it is now."""
    answer = await house.author.edit(posted["id"], body, (await row_of(house, posted)).revision)
    assert answer.status_code == 200, answer.text


async def covered_by_readers(fans: House, **more: Any) -> dict[str, Any]:
    """A comment that three readers have covered with more than its author did."""
    people = await regulars(fans, 3)
    posted = await fans.author.post(SECRET, **more)
    await report_all(people, posted, "untagged_spoiler", scope=[JJ13])
    assert (await row_of(fans, posted)).cover_state == "covered_pending"
    return posted


@pytest.mark.parametrize("verdict", ["approve", "dismiss"])
async def test_that_a_cover_comes_off_is_said_before(fans: House, verdict: str) -> None:
    moderator = await a_moderator(fans)
    posted = await covered_by_readers(fans)
    assert await lines(moderator, posted, verdict) == [OPENED]
    await decide(moderator, posted, verdict)
    assert SECRET in (await fans.attacker.get(f"/d/{(await row_of(fans, posted)).discussion_id}")).text
    assert await lines(moderator, posted, "approve") == [STAYS]


async def test_that_another_cover_stays_is_said_too(fans: House) -> None:
    moderator = await a_moderator(fans)
    posted = await covered_by_readers(fans, scope=[JJ4])
    for verdict in ("approve", "dismiss"):
        assert await lines(moderator, posted, verdict) == [COVER_OFF]
    await decide(moderator, posted, "dismiss")
    assert SECRET not in (await fans.attacker.get(f"/d/{(await row_of(fans, posted)).discussion_id}")).text


async def test_what_answers_something_covered_stays_covered_with_it(fans: House) -> None:
    moderator = await a_moderator(fans)
    told = await fans.author.post(SECRET, scope=[JJ4])
    answer = await fans.author.reply(told, "And then he dies.")
    await report_all(await regulars(fans, 3), answer, "untagged_spoiler", scope=[JJ13])
    assert await lines(moderator, answer, "dismiss") == [COVER_OFF]


async def test_what_was_hidden_and_covered_is_back_without_its_cover(fans: House) -> None:
    moderator = await a_moderator(fans)
    people = await regulars(fans, 6)
    open_one, own = await fans.author.post(SECRET), await fans.replier.post(SECRET, scope=[JJ4])
    for posted in (open_one, own):
        await report_all(people[:3], posted, "untagged_spoiler", scope=[JJ13])
        await report_all(people[3:], posted, "illegal")
        assert (await row_of(fans, posted)).status == "held"
    for verdict in ("approve", "dismiss"):
        assert await lines(moderator, open_one, verdict) == [OPENED]
        assert await lines(moderator, own, verdict) == [BACK, COVER_OFF]


async def test_what_a_rule_holds_stays_covered_when_reports_are_dismissed(fans: House) -> None:
    moderator = await a_moderator(fans)
    posted = await covered_by_readers(fans)
    await fans.change_site(hold=True)
    assert await lines(moderator, posted, "dismiss") == [OPENED]
    await edit(fans, posted, f"{SECRET}!")
    row = await row_of(fans, posted)
    assert (row.status, row.cover_state) == ("held", "covered_pending")
    assert await lines(moderator, posted, "dismiss") == [STAYS]
    assert await lines(moderator, posted, "approve") == [OPENED]
    await decide(moderator, posted, "dismiss")
    assert (await row_of(fans, posted)).cover_state == "covered_pending"


async def test_many_at_once_say_that_covers_come_off(fans: House) -> None:
    moderator = await a_moderator(fans)
    posted = await covered_by_readers(fans)
    picked = {
        "site": "newsroom",
        "queue": "spoilers",
        "pick": f"{posted['id']}:{(await row_of(fans, posted)).revision}",
    }
    shown = await moderator.submit("/mod/bulk/preview", **picked)
    assert "What readers had hidden or covered for now is back for everybody" in shown.text
    assert "Everybody can read them, also what readers had hidden or covered for now" in shown.text


async def test_what_waits_comes_before_what_was_decided(house: House) -> None:
    moderator = await a_moderator(house)
    posted = await house.author.post("The ferryman did it.")
    await waiting(house, posted, Queue.APPROVED, rule="", evidence="[]", priority=700.0)
    await waiting(house, posted, Queue.UNMODERATED, rule="", evidence="[]", priority=0.0)
    await waiting(house, posted, Queue.REPORTED, priority=-845.0)
    row = (await item(moderator, posted))["row"]
    assert (row["queue"], row["rule"], row["sentence"]) == ("reported", "words", "It says ferryman.")
    await waiting(house, posted, Queue.SPAM, rule="spam", evidence=finding("did"), priority=-1_000_800.0)
    assert (await item(moderator, posted))["row"]["queue"] == "reported"
    await waiting(house, posted, Queue.SPAM, rule="spam", evidence=finding("did"), priority=-840.0)
    row = (await item(moderator, posted))["row"]
    assert (row["queue"], row["rule"]) == ("spam", "spam")


async def test_what_an_entry_leaves_unsaid_another_one_says(house: House) -> None:
    moderator = await a_moderator(house)
    posted = await house.author.post("The ferryman did it.")
    await decide(moderator, posted, "approve")
    await waiting(house, posted, Queue.REPORTED, rule="", evidence="[]", priority=-845.0)
    assert (await item(moderator, posted))["findings"] == []
    await waiting(house, posted, Queue.SPAM, rule="spam", priority=-850.0)
    seen = await item(moderator, posted)
    assert seen["row"]["queue"] == "reported"
    assert [(one["sentence"], one["words"]) for one in seen["findings"]] == [("It says ferryman.", ["ferryman"])]
    assert seen["hits"]["rule"] == "spam"


async def test_an_edit_of_what_was_approved_says_what_was_found_in_it(house: House) -> None:
    moderator = await a_moderator(house)
    await set_rules(house, flag_words=("goat",))
    posted = await house.author.post("Fine.")
    await decide(moderator, posted, "approve")
    await edit(house, posted, "You goat.")
    seen = await item(moderator, posted)
    assert set(seen["queues"]) == {"approved", "reported"}
    assert seen["row"]["queue"] == "reported"
    assert [one["words"] for one in seen["findings"]] == [["goat"]]
    assert seen["hits"]["rule"] == "words"
    # Once it was looked at again, that is history.
    await decide(moderator, posted, "approve")
    assert (await item(moderator, posted))["findings"] == []


async def test_what_had_held_it_is_said_of_what_was_removed(house: House) -> None:
    moderator = await a_moderator(house)
    await set_rules(house, hold_words=("goat",))
    posted = await house.author.post("You goat.")
    sentence = (await item(moderator, posted))["findings"][0]["sentence"]
    await decide(moderator, posted, "remove", reason="abuse")
    seen = await item(moderator, posted)
    assert seen["row"]["queue"] == "removed"
    assert [one["sentence"] for one in seen["findings"]] == [sentence]
    assert sentence in (await moderator.get(f"/mod/c/{posted['id']}?site=newsroom&queue=removed")).text


async def test_what_waits_for_something_else_does_not_say_why_it_once_waited(house: House) -> None:
    moderator = await a_moderator(house)
    await set_rules(house, hold_words=("goat",))
    posted = await house.author.post("You goat.")
    await decide(moderator, posted, "approve")
    (reader,) = await regulars(house, 1)
    await report(reader, posted, "abuse")
    assert (await item(moderator, posted))["findings"] == []
