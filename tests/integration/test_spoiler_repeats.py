"""Covered words that are repeated uncovered: held for a moderator; and what may be said all the same."""

import pytest

from tests.support.app import NEWS, House
from tests.support.spoilers import JJ13, SECRET, is_consistent, shown_on, words_of

pytestmark = pytest.mark.anyio


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
