"""What moderators, readers and rules take away in a newsroom: the part of the script of `tests.support.hiding` that
nobody may read afterwards, with everything that quotes it and hangs below it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from forum.accounts.model import Role as AccountRole
from forum.comments.tables import comment as comments
from tests.support.app import OURS, Person
from tests.support.people import signed_in
from tests.support.screening import set_rules

if TYPE_CHECKING:
    from tests.support.hiding import Hidden

SCOPE: Final = "jessica-jones:S1E13"
PLAIN: Final = "Everybody may read plainsight."
# What the newsroom's rules hold; what stands beside it in a comment is hidden.
HELD_WORD: Final = "gooseberry"
WAYS: Final = ("removed", "spam", "reported")
# Everybody could read these, or quotes of these, before they were taken away.
READ_FIRST: Final = {
    *(f"{part}{way}" for way in WAYS for part in ("", "lonely ", "quote of ", "quote of quote of ", "below ")),
    *("held by an edit", "quote of held by an edit", "once on top", "covered in the console"),
    *("quote of covered in the console", "stretched in the console", "covered and removed", "removed and deleted"),
    *("quote of removed and deleted", "flagged on the side"),
}
Step = Callable[["Hidden", Person], Awaitable[None]]


async def take_away(hidden: Hidden, readers: list[Person]) -> None:
    """All of it, by one moderator, whose name is hidden as well."""
    hidden.tick()
    mod = await signed_in(hidden.house, hidden.fill("name", "moderator"), role=AccountRole.MODERATOR)
    ways: dict[str, Callable[[str], Awaitable[Any]]] = {
        "removed": lambda name: _decide(hidden, mod, name, "remove", reason="abuse", words=_told(hidden, name)),
        "spam": lambda name: _decide(hidden, mod, name, "spam"),
        "reported": lambda name: _report(hidden, readers, name),
    }
    for way, take in ways.items():
        await _one_of_each(hidden, way, take)
    await _held(hidden)
    for step in (_on_top, _covered, _back_again, _sanctions):
        await step(hidden, mod)
    # One voice among the reports, with what it says to moderators alone.
    await hidden.say("flagged on the side", hidden.house.author, PLAIN)
    await _report(hidden, readers[:1], "flagged on the side")


def _told(hidden: Hidden, name: str) -> str:
    """What the author of a comment is told, and nobody else."""
    return hidden.fill("told", "Ada" if name != "below removed" else "Ravi")


async def _decide(hidden: Hidden, mod: Person, name: str, verdict: str, **said: Any) -> str:
    """A moderator's verdict about a comment as it is now; the id of its line in the log."""
    about = hidden.comments[name]
    (row,) = await hidden.house.rows(select(comments.c.revision).where(comments.c.id == int(about)))
    path = f"/api/v1/mod/items/{about}/verdict"
    sent = {"verdict": verdict, "revision": row.revision, **said}
    hidden.tick()
    answer = await mod.http.post(path, json=sent, headers=OURS)
    assert answer.status_code == 200, (name, answer.text)
    return str(answer.json()["decision_id"])


async def _report(hidden: Hidden, readers: list[Person], name: str) -> None:
    """Readers say that it is abuse, each with something to say to moderators."""
    for reader in readers:
        sent = {"kind": "abuse", "note": hidden.fill("flag", reader.name)}
        path = f"/api/v1/comments/{hidden.comments[name]}/flags"
        await hidden.expect(200, reader.http.post(path, json=sent, headers=OURS))


async def _one_of_each(hidden: Hidden, way: str, take: Callable[[str], Awaitable[Any]]) -> None:
    """Without replies; with a reply, a quote and a quote of that; and below what was taken away."""
    ada, ravi, say = hidden.house.author, hidden.house.replier, hidden.say
    await say(f"lonely {way}", ada, hidden.filled("{text} ||{open}||", ada))
    words = hidden.fill("text", "both")
    source = await say(way, ada, f"{words} ||{hidden.fill('open', 'Ada')}||")
    quote = f"> @Ada#c{source}\n> {words}\n\nI agree."
    first = await say(f"quote of {way}", ravi, quote, parent=way, scope=[])
    nested = "\n".join(f"> {line}".rstrip() for line in quote.splitlines())
    await say(f"quote of quote of {way}", ada, f"> @Ravi#c{first}\n{nested}\n\nBoth of you.")
    await say(f"quote inside of {way}", ravi, f"||> @Ada#c{source}\n> {words}\n\nSo!||\n\nI agree.")
    await say(f"below {way}", ravi, hidden.filled("{text}", ravi), parent=way, scope=[])
    await say(f"below below {way}", ada, PLAIN, parent=f"below {way}")
    for name in (f"lonely {way}", way, f"below {way}"):
        await take(name)
    await say(f"late quote of {way}", ravi, quote)
    gone = await hidden.house.replier.send("Too late.", parent_id=hidden.comments[f"lonely {way}"])
    assert gone.status_code >= 400, gone.text


async def _held(hidden: Hidden) -> None:
    """What a rule about words holds, from its beginning or since an edit."""
    ada, ravi, say = hidden.house.author, hidden.house.replier, hidden.say
    await set_rules(hidden.house, hold_words=(HELD_WORD, hidden.fill("rule", "rules")))
    await say("held by a word", ada, hidden.filled(f"A {HELD_WORD}: {{text}} ||{{open}}||", ada))
    await say("reply held by a word", ravi, hidden.filled(f"{HELD_WORD} {{text}}", ravi), parent="plain")
    words = hidden.fill("text", "both")
    source = await say("held by an edit", ada, words)
    await say("quote of held by an edit", ravi, f"> @Ada#c{source}\n> {words}\n\nI agree.", parent="held by an edit")
    edited = await hidden.expect(200, ada.edit(source, f"{words} {HELD_WORD} ||{hidden.fill('open', 'Ada')}||"))
    assert edited.json()["status"] == "held"
    hidden.answers.pop()  # its author sees it


async def _on_top(hidden: Hidden, mod: Person) -> None:
    """A comment that stood on top of its discussion when it was removed."""
    name, ada = "once on top", hidden.house.author
    about = await hidden.say(name, ada, hidden.filled("{text} {word}", ada))
    path = f"/api/v1/mod/discussions/{hidden.discussions['main']}/verdict"
    sent = {"verdict": "feature", "comment_id": about, "revision": 1, "words": hidden.fill("kept", "")}
    await hidden.expect(200, mod.http.post(path, json=sent, headers=OURS))
    hidden.answers.pop()
    await _decide(hidden, mod, name, "remove", reason="abuse", words=_told(hidden, name))


async def _covered(hidden: Hidden, mod: Person) -> None:
    """Covered in the console, whole and in part; covered and then removed; removed, and deleted by its author."""
    ada, ravi, say = hidden.house.author, hidden.house.replier, hidden.say
    words = hidden.fill("text", "both")
    source = await say("covered in the console", ada, words)
    await say("quote of covered in the console", ravi, f"> @Ada#c{source}\n> {words}\n\nI agree.")
    await _decide(hidden, mod, "covered in the console", "cover", scope=[SCOPE], words=_told(hidden, ""))
    before, stretch = "Everybody may read this. ", hidden.fill("text", "Ada")
    await say("stretched in the console", ada, f"{before}{stretch} And this.")
    part = {"start": len(before), "end": len(before) + len(stretch)}
    await _decide(hidden, mod, "stretched in the console", "cover", scope=[SCOPE], **part)
    await say("covered and removed", ada, hidden.filled("{text}", ada))
    hidden.settled = await _decide(hidden, mod, "covered and removed", "cover", scope=[SCOPE])
    await _decide(hidden, mod, "covered and removed", "spam")
    words = hidden.fill("text", "both")
    source = await say("removed and deleted", ada, words)
    await say("quote of removed and deleted", ravi, f"> @Ada#c{source}\n> {words}\n\nI agree.", parent="plain")
    await say("reply to removed and deleted", ravi, PLAIN, parent="removed and deleted")
    await _decide(hidden, mod, "removed and deleted", "remove", reason="other")
    await hidden.expect(204, ada.delete(source))


async def _back_again(hidden: Hidden, mod: Person) -> None:
    """Removed, and back by undo: it may be read again, and what is covered in it is covered again."""
    ada, ravi = hidden.house.author, hidden.house.replier
    source = await hidden.say("back again", ada, hidden.filled(f"{PLAIN} ||{{open}}||", ada))
    await hidden.say(
        "quote of back again", ravi, f"> @Ada#c{source}\n> {PLAIN}\n\nI agree.", parent="back again", scope=[]
    )
    line = await _decide(hidden, mod, "back again", "remove", reason="abuse", words=_told(hidden, ""))
    sent = {"site": "newsroom", "decision_id": line}
    await hidden.expect(200, mod.http.post("/api/v1/mod/undo", json=sent, headers=OURS))
    hidden.answers.pop()


async def _sanctions(hidden: Hidden, mod: Person) -> None:
    """What moderators note about people, and what people are told about themselves."""
    for kind, (name, comment) in {"warn": ("Ada", "plain"), "premoderate": ("Reader 2", "Reader 2 0")}.items():
        (row,) = await hidden.house.rows(select(comments).where(comments.c.id == int(hidden.comments[comment])))
        hidden.people.append((row.author_kind, str(row.author_id)))
        path = f"/api/v1/mod/people/{row.author_kind}/{row.author_id}"
        sent = {"sanction": kind, "reason": "abuse", "words": hidden.fill("told", name), "comment_id": str(row.id)}
        await hidden.expect(201, mod.http.post(f"{path}/sanctions?site=newsroom", json=sent, headers=OURS))
        sent = {"text": hidden.fill("note", "")}
        await hidden.expect(201, mod.http.post(f"{path}/notes?site=newsroom", json=sent, headers=OURS))
        del hidden.answers[-2:]
