"""Covered words that are repeated uncovered: held for a moderator; and what may be said all the same."""

from datetime import timedelta

import pytest

from forum.comments.queries_repeats import _REPEATED
from forum.comments.review.model import Verdict
from forum.db import Tx
from forum.spoilers.queries_passage import keep_words
from tests.support.app import NEWS, House
from tests.support.flags import let_jobs_run, regulars, report_all
from tests.support.moderating import APPROVE, REMOVE, SPAM, a_moderator
from tests.support.queues import explained, rows_visited
from tests.support.spoilers import JJ13, SECRET, is_consistent, row_of, shown_on, words_of
from tests.support.threads import discussion_id, plant

pytestmark = pytest.mark.anyio

MANY = 2_000


async def test_covered_words_are_noticed_when_they_are_repeated(fans: House) -> None:
    source = await fans.author.post(f"Well. [JJ S1E13]||Yes: {SECRET}!||")
    assert await words_of(fans, source) > 0
    key = "a-key-that-is-strong-2"
    answer = await fans.replier.send(f"Have you heard? {SECRET.upper()}!", key=key)
    held = answer.json()
    assert (answer.status_code, held["status"], held["notice"]) == (201, "held", "possible_untagged_spoiler")
    again = (await fans.replier.send(f"Have you heard? {SECRET.upper()}!", key=key)).json()
    assert again == held
    assert (await fans.attacker.get(f"/api/v1/comments/{held['id']}")).status_code == 404
    assert await shown_on(fans, "lanterns", source) == []
    seven = " ".join(SECRET.split()[:7])
    assert (await fans.replier.post(f"Have you heard? {seven}"))["status"] == "published"
    await is_consistent(fans)


@pytest.mark.parametrize(
    "body",
    [f"||{SECRET}||", f"[JJ S1E4]||So {SECRET}||", "> @Ada#cID\n> SECRET\n\nReally?", f"`a` ||{SECRET}|| b"],
)
async def test_what_is_covered_or_quoted_is_not_held(fans: House, body: str) -> None:
    source = await fans.author.post(f"Well. [JJ S1E13]||{SECRET}||")
    posted = await fans.replier.post(body.replace("ID", source["id"]).replace("SECRET", SECRET))
    assert (posted["status"], posted["notice"]) == ("published", None)
    assert await shown_on(fans, "lanterns", posted) == []


async def test_a_covered_reply_may_repeat(fans: House) -> None:
    source = await fans.author.post(f"Well. [JJ S1E13]||{SECRET}||")
    assert (await fans.replier.reply(source, SECRET))["status"] == "published"
    assert (await fans.replier.post(SECRET, scope=[JJ13]))["status"] == "published"
    assert (await fans.replier.reply(source, SECRET, scope=[]))["status"] == "held"


async def test_quotes_of_nothing_are_looked_at_too(fans: House) -> None:
    source = await fans.author.post(f"Well. [JJ S1E13]||{SECRET}||")
    gone = await fans.author.post("Something else.")
    await fans.author.delete(gone["id"])
    for number in ("1", gone["id"], "9" * 19, "9223372036854775807", str(int(source["id"]) + 1)):
        posted = await fans.replier.post(f"> @Ada#c{number}\n> {SECRET}\n\nSo.")
        assert posted["status"] == "held", number


async def test_words_that_everybody_sees_may_be_quoted(fans: House) -> None:
    open_ = await fans.author.post("These are nine words that everybody here can read.")
    # Somebody covers what stands there for all to see.
    await fans.attacker.post("||These are nine words that everybody here can read.||")
    quote = f"> @Ada#c{open_['id']}\n> These are nine words that everybody here can read.\n\nIndeed."
    assert (await fans.replier.post(quote))["status"] == "published"


async def test_what_a_visible_quote_says_is_nobodys_secret(fans: House) -> None:
    open_ = await fans.author.post(f"All of you: {SECRET}.")
    quote = f"> @Ada#c{open_['id']}\n> All of you: {SECRET}.\n\n||Well.||"
    assert (await fans.replier.post(quote))["status"] == "published"
    assert (await fans.replier.post(quote, scope=[JJ13]))["covered"]
    assert (await fans.attacker.post(f"Again: {SECRET}."))["status"] == "published"


async def test_all_of_a_covered_comment_is_remembered(fans: House) -> None:
    words = " ".join(reversed(SECRET.split()))
    await fans.author.post(f"{SECRET}. ||{words}||", scope=[JJ13])
    assert (await fans.replier.post(f"So {SECRET}"))["status"] == "held"
    assert (await fans.replier.post(f"So {words}"))["status"] == "held"


async def test_another_discussion_is_another_matter(fans: House) -> None:
    await fans.author.post(f"||{SECRET}||")
    assert (await fans.replier.post(SECRET, url=f"{NEWS}/another"))["status"] == "published"


async def says(house: House) -> str:
    """Where a stranger's comment stands that repeats the secret."""
    person = await house.newcomer()
    return str((await person.post(f"Have you heard? {SECRET}!"))["status"])


@pytest.mark.parametrize("verdict", [REMOVE, SPAM])
async def test_what_a_moderator_took_away_holds_nobody_back(fans: House, verdict: Verdict) -> None:
    mo = await a_moderator(fans)
    source = await fans.author.post(f"||{SECRET}||")
    assert await says(fans) == "held"
    gone = await mo.say(verdict, source)
    assert await says(fans) == "published"
    await mo.undo(gone.decision)
    assert await says(fans) == "held"
    await is_consistent(fans)


async def test_what_waits_holds_nobody_back_until_it_is_public(fans: House) -> None:
    await fans.change_site(hold=True)
    source = await fans.author.post(f"||{SECRET}||")
    await fans.change_site(hold=False)
    assert (source["status"], await says(fans)) == ("held", "published")
    await (await a_moderator(fans)).say(APPROVE, source)
    assert await says(fans) == "held"


async def test_what_readers_hid_holds_nobody_back(fans: House) -> None:
    people = await regulars(fans, 3)
    source = await fans.author.post(f"||{SECRET}||")
    await report_all(people, source)
    assert ((await row_of(fans, source)).status, await says(fans)) == ("held", "published")
    fans.clock.advance(timedelta(days=1, minutes=1))
    await let_jobs_run(fans)
    assert ((await row_of(fans, source)).status, await says(fans)) == ("published", "held")


async def test_one_that_is_public_is_enough(fans: House) -> None:
    gone = await fans.author.post(f"||{SECRET}||")
    await fans.replier.post(f"Me too: ||{SECRET}||")
    await (await a_moderator(fans)).say(REMOVE, gone)
    assert await says(fans) == "held"


async def test_looking_for_repeated_words_finds_its_way_along_indexes(house: House) -> None:
    ids = await plant(house, [None] * MANY)
    where = await discussion_id(house)

    async def remember(tx: Tx) -> None:
        place = {"site_id": house.site.id, "discussion_id": where}
        for number, comment_id in enumerate(ids):
            await keep_words(tx, **place, comment_id=comment_id, hashes=[number])

    await house.rt.db.write(remember)
    hashes = range(MANY // 2, MANY * 3)
    values = {"site": house.site.id, "discussion": where, "besides": 0, "hashes": list(hashes)}
    plan = await explained(house, _REPEATED, values)
    if house.rt.db.is_sqlite:
        assert [line for line in plan if line.startswith("SCAN")] == []
        assert plan[0].startswith("SEARCH passage_words")
        return
    assert rows_visited(plan) < 10, plan
