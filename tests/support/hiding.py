"""A newsroom in which something is hidden in every way there is, written by the same script whatever is hidden.

`hide` asks its `Fill` for every piece of hidden text, so that two newsrooms can be alike but for these.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import httpx

from tests.support.app import NEWS, OURS, House, Person
from tests.support.begun import Begun, an_author, begin
from tests.support.people import sign_in
from tests.support.shelf import a_series, shelve
from tests.support.taken import PLAIN, READ_FIRST, SCOPE, take_away
from tests.support.works import bring

GATED: Final = f"{NEWS}/gated"
ASSUMED: Final = f"{NEWS}/assumed"
ELSEWHERE: Final = f"{NEWS}/elsewhere"
JJ: Final = SCOPE

# Everybody could read these before they were covered; the last is held because it repeats what is: its author sees it.
SEEN_FIRST: Final = {
    *("covered later", "quote of what was covered later", "heir of what was covered later"),
    *("stretch", "covered by its author", "flagged", "mended", "held"),
    *("held by a word", "reply held by a word", *READ_FIRST),
}

# What a hidden place is filled with: "word" (also part of an address), "text" (one line), "open" (one line, in a
# passage without a label), "deep" (one line, where readers of S1E13 are meant), "lines" (paragraphs); and "warned",
# which pages may show. What is no text of comments: "name" (of a moderator), "rule" (a word that a site holds), "told"
# (to who wrote something, alone), "flag" (from readers to moderators), "note" and "kept" (among moderators). Asked with
# the kind and the name of who writes it (of whom it is "told").
Fill = Callable[[str, str], str]

BODIES: Final[dict[str, str]] = {
    "pipes": "Then ||{open}|| happened.",
    "arrows": "Then >!{open}!< happened.",
    "arrows with spaces": "Then >! {open} !< happened.",
    "block": "Before.\n\n>! {open}\n>! and {word}\nlazily {word}\n\nAfter.",
    "brackets": "Then [spoiler]{open}[/spoiler] happened.",
    "brackets with a label": 'Then [spoiler="JJ S1E13"]{text}[/spoiler] happened.',
    "brackets around lines": "Then\n\n[spoiler=JJ S1E4]\n{lines}\n[/spoiler]\n\nAfter.",
    "fence": ":::spoiler JJ S1\n{lines}\n:::\n\nAfter.",
    "bare fence": "::: spoiler\n{lines}\n:::\n\nAfter.",
    "tag": "Then <spoiler>{open}</spoiler> happened.",
    "tag with a label": 'Then <spoiler for="JJ S1E4">{text}</spoiler> happened.',
    "tildes": "Then ~!{open}!~ happened.",
    "label": "Then [JJ S1E13]||{text}|| happened.",
    "label of two works": "Then [JJ S1E13 + Civil War comic #7] >!{text}!< happened.",
    "quiet label": "Then [? JJ S1E13]||{text}|| happened.",
    "label nobody knows": "Then [Nobody Knows This]||{open}|| happened.",
    "label of something open": "Then [The Long Run]||{text}|| happened.",
    "several": "||{open}|| and ||{open}|| and [JJ S1E4]||{text}|| and >!{open}!<.",
    "nested": 'A [spoiler="JJ S1E4"]{word} [spoiler="JJ S1E13"]{word} >!{word}!< {word}[/spoiler] {word}[/spoiler].',
    "nested without labels": "A [spoiler]{word} >!{word} ||{word}|| {word}!< {word}[/spoiler].",
    "deep": "Then [JJ S1E13]||{deep}|| happened.",
    "list": "- one\n- ||{open}||\n- three\n  - [JJ S1E13]||{text}||",
    "quote": "> somebody said ||{open}||\n>\n> and more\n\nIndeed.",
    "quote inside": "||> {word}\n>\n> {word}\n\n{word}||\n\nAfter.",
    "link text": "Look [here ||{word}||](https://news.example/{word}) now.",
    "link destination": "Look ||[here](https://news.example/{word}?{word})|| now.",
    "link title": 'Look [here](https://news.example/{word} "||{word}||") now.',
    "address": "Look ||https://news.example/{word}|| now.",
    "image": "Look ![||{word}||](https://news.example/{word}.png) now.",
    "heading": "# A ||{open}|| heading\n\nText.",
    "bold": "**bold ||{word}||** and ||**{word}**|| and *||~~{word}~~||*.",
    "code": "Then ||`{word}`|| happened.\n\n[spoiler]\n```\n{word}\n```\n[/spoiler]",
    "paragraphs": "||{lines}||\n\nAfter.",
    "entities": "Then ||&#119;{word}&amp;{word}<b>{word}</b>|| happened.",
    "torn signs": "Then |\u200b|{open}|\u200b| happened.",
}


@dataclass(slots=True)
class Hidden:
    """The newsroom: ids by name of what was written, and every answer its writers got, with the name of what was posted
    (empty: something else was done). `begun` is what its author has begun, where they have an account. `people` are the
    kind and the id of everybody about whom moderators have said something."""

    house: House
    fill: Fill
    begun: Begun | None = None
    discussions: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    people: list[tuple[str, str]] = field(default_factory=list)
    # A decision that can't be taken back any more.
    settled: str = "1"
    answers: list[tuple[str, httpx.Response]] = field(default_factory=list)

    def tick(self, by: timedelta = timedelta(seconds=1)) -> None:
        """Everything that happens has a moment of its own, and ids of its own."""
        self.house.clock.advance(by)

    def filled(self, body: str, writer: Person) -> str:
        """A body with its hidden places filled."""
        return re.sub(r"\{(\w+)\}", lambda place: self.fill(place[1], writer.name), body)

    async def say(self, name: str, writer: Person, body: str, *, parent: str | None = None, **fields: Any) -> str:
        """Post a comment under a name of the script's; `parent` is another name."""
        self.tick()
        if parent is not None:
            fields["parent_id"] = self.comments[parent]
        answer = await writer.send(body, **fields)
        assert answer.status_code == 201, (name, answer.text)
        self.answers.append((name, answer))
        self.comments[name] = answer.json()["id"]
        return self.comments[name]

    async def expect(self, status: int, answer: Any) -> httpx.Response:
        """Wait for an answer that must have this status."""
        self.tick()
        given: httpx.Response = await answer
        assert given.status_code == status, given.text
        self.answers.append(("", given))
        return given

    async def moderate(self, name: str, **verdict: Any) -> None:
        """Cover a comment as a moderator."""
        path = f"/api/v1/mod/comments/{self.comments[name]}/scope"
        sent = {"reason": "It gives something away.", **verdict}
        http = (await self.house.newcomer()).http
        await self.expect(200, http.post(path, json=sent, headers=self.bearer()))

    def bearer(self) -> dict[str, str]:
        """What the publisher and moderators of the site send."""
        return {"authorization": f"Bearer {self.house.secret}"}

    async def warn(self, name: str, url: str, **said: Any) -> None:
        """Say what a discussion gives away, and remember its id."""
        path = "/api/v1/sites/newsroom/articles/spoilers"
        http = (await self.house.newcomer()).http
        answer = await self.expect(200, http.put(path, json={"url": url, **said}, headers=self.bearer()))
        self.discussions[name] = answer.json()["discussion"]["id"]


async def hide(house: House, fill: Fill, *, signed_in: bool = False) -> Hidden:
    """Write it all. `signed_in`: the author has an account; who replies is a guest in any case."""
    hidden = Hidden(house, fill)
    account = await an_author(house.rt, house.author.name) if signed_in else None
    if account is not None:
        await sign_in(house, house.author, account)
    await bring(house.rt)
    await shelve(house.rt, a_series(house.rt, "the-long-run", seasons=()))
    readers = [await _seasoned(hidden, f"Reader {number}") for number in range(3)]
    hidden.tick(timedelta(hours=25))
    answer = await hidden.expect(200, house.publish(title="Gutterlight returns", prompt="Where will it go?"))
    hidden.discussions["main"] = answer.json()["id"]
    for name, body in BODIES.items():
        await hidden.say(name, house.author, hidden.filled(body, house.author))
    await hidden.say("plain", house.author, PLAIN)
    for step in (_whole, _quotes, _later, _flagged(readers), _rewritten, _repeated, _warned):
        await step(hidden)
    await take_away(hidden, readers)
    if account is not None:
        hidden.begun = await begin(house.rt, account)
        hidden.begun.keep(house.author)
    return hidden


async def _seasoned(hidden: Hidden, name: str) -> Person:
    """Somebody whose flags count."""
    reader = await hidden.house.newcomer(name)
    for number in range(3):
        await hidden.say(f"{name} {number}", reader, "Good.", url=ELSEWHERE)
    return reader


async def _whole(hidden: Hidden) -> None:
    """Whole comments that are covered, by their author or because of what they answer."""
    ada, ravi = hidden.house.author, hidden.house.replier
    say = hidden.say
    await say("whole", ada, hidden.filled("{deep}\n\n{lines}", ada), scope=[JJ])
    await say("whole with passages", ada, hidden.filled("{text} ||{open}|| [JJ S1E4]||{text}||", ada), scope=[JJ, "?:"])
    await say("heir", ravi, hidden.filled("{text} {word}", ravi), parent="whole")
    await say("heir of heir", ada, hidden.filled("{lines}", ada), parent="heir")
    await say("heir of a passage", ravi, hidden.filled("{text}", ravi), parent="label")
    await say("heir with a passage", ravi, hidden.filled("{text} ||{open}||", ravi), parent="pipes")
    await say("free reply", ravi, PLAIN, parent="whole", scope=[])


async def _quotes(hidden: Hidden) -> None:
    """Quotes of what is covered, of a passage and of a whole comment."""
    ada, ravi = hidden.house.author, hidden.house.replier
    for name, body, scope in (("quoted passage", "Well, [JJ S1E13]||{}|| indeed.", []), ("quoted whole", "{}", [JJ])):
        words = hidden.fill("text", "both")
        source = await hidden.say(name, ada, body.replace("{}", words), scope=scope)
        await hidden.say(f"quote of {name}", ravi, f"> @Ada#c{source}\n> {words}\n\nI agree.")
        await hidden.say(f"quote inside of {name}", ravi, f"||> @Ada#c{source}\n> {words}\n\nSo!||\n\nI agree.")


async def _later(hidden: Hidden) -> None:
    """Comments that everybody could read, until they were covered: with their quotes and the replies below them."""
    ada, ravi = hidden.house.author, hidden.house.replier
    words = hidden.fill("text", "both")
    source = await hidden.say("covered later", ada, words)
    await hidden.say("quote of what was covered later", ravi, f"> @Ada#c{source}\n> {words}\n\nI agree.")
    await hidden.say("heir of what was covered later", ravi, hidden.filled("{text}", ravi), parent="covered later")
    await hidden.moderate("covered later", scope=[JJ])
    stretch = hidden.fill("text", ada.name)
    before = "Everybody may read this. "
    await hidden.say("stretch", ada, f"{before}{stretch} And this.")
    await hidden.moderate("stretch", scope=[JJ], start=len(before), end=len(before) + len(stretch))
    owned = await hidden.say("covered by its author", ada, hidden.filled("{text}", ada))
    scope = {"scope": [JJ], "reason": "I did not think."}
    await hidden.expect(200, ada.http.post(f"/api/v1/comments/{owned}/scope", json=scope, headers=OURS))


def _flagged(readers: list[Person]) -> Any:
    async def step(hidden: Hidden) -> None:
        """A comment that readers have covered."""
        ada = hidden.house.author
        comment = await hidden.say("flagged", ada, hidden.filled("{text} {word}", ada))
        for reader in readers:
            sent = {"kind": "untagged_spoiler", "scope": [JJ]}
            await hidden.expect(200, reader.http.post(f"/api/v1/comments/{comment}/flags", json=sent, headers=OURS))

    return step


async def _rewritten(hidden: Hidden) -> None:
    """Comments whose earlier text held it, and comments that are gone."""
    ada, ravi = hidden.house.author, hidden.house.replier
    edited = await hidden.say("edited", ada, hidden.filled("Before. ||{open}||", ada))
    await hidden.expect(200, ada.edit(edited, "Nothing to see."))
    mended = await hidden.say("mended", ada, hidden.filled("Before. {text}", ada))
    await hidden.expect(200, ada.edit(mended, hidden.filled("Before. ||{open}||", ada)))
    words = hidden.fill("text", "both")
    changed = await hidden.say("edited after a quote", ada, f"Then ||{words}|| happened.")
    await hidden.say("quote of what was edited", ravi, f"> @Ada#c{changed}\n> {words}\n\nI agree.")
    await hidden.expect(200, ada.edit(changed, "Never mind."))
    for name, body, scope in (("deleted", "||{open}||", []), ("deleted whole", "{text}", [JJ])):
        gone = await hidden.say(name, ada, hidden.filled(body, ada), scope=scope)
        await hidden.say(f"reply to {name}", ravi, PLAIN, parent=name, scope=[])
        await hidden.expect(204, ada.delete(gone))


async def _repeated(hidden: Hidden) -> None:
    """A comment that waits for a moderator because it repeats what is covered."""
    words = f"the one of them who did it all was {hidden.fill('text', 'both')}"
    await hidden.say("long passage", hidden.house.author, f"So [JJ S1E13]||{words}|| it was.")
    await hidden.say("held", hidden.house.replier, f"Listen: {words}")
    assert hidden.answers[-1][1].json()["status"] == "held"


async def _warned(hidden: Hidden) -> None:
    """Discussions that give something away as a whole: one that asks first, one whose article has warned."""
    ada, ravi = hidden.house.author, hidden.house.replier
    await hidden.warn("gated", GATED, assumes=[JJ], works=["jessica-jones", "civil-war-2006"], gate="ask")
    await hidden.say("gated", ada, hidden.filled("{text} {word}", ada), url=GATED)
    await hidden.say("gated passage", ada, hidden.filled("{text} [Civil War comic #7]||{text}||", ada), url=GATED)
    await hidden.say("gated reply", ravi, hidden.filled("{lines}", ravi), parent="gated", url=GATED)
    await hidden.warn("assumed", ASSUMED, assumes=[JJ], gate="assume")
    await hidden.say("assumed", ada, hidden.filled("{warned}", ada), url=ASSUMED)
    await hidden.say("assumed passage", ada, hidden.filled("Then [Civil War comic #7]||{text}||.", ada), url=ASSUMED)
