"""Somebody with an account who has left something in every place where something can be left, each with a word of its
own, and others who had to do with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import httpx
from sqlalchemy import select

from forum.accounts import queries_flow, queries_identity, queries_passkey
from forum.accounts.flows import begin_flow
from forum.accounts.mail.post import Letter, LetterKind, send_later
from forum.accounts.model import Account, FlowKind, Identity, Passkey, Role
from forum.accounts.service_session import begin_main
from forum.db import Tx, metadata
from forum.people.model import Muted
from forum.people.queries import insert_mute
from tests.support.app import ARTICLE, NEWS, OURS, House, Person
from tests.support.canaries import found_in, nonce
from tests.support.people import account_of, embedded, signed_in
from tests.support.sanctions import lift, noted, person_of, sanctioned, verdict
from tests.support.spoilers import JJ4, JJ13, flag, moderate, rescope
from tests.support.threads import discussion_id

GONE: Final = "Deleted account"

# What a word is for; its number is its place.
_KINDS: Final = (
    *(
        "name",
        "email",
        "subject",
        "label",
        "passkey",
        "agent",
        "flow",
        "letter",
        "earlier",
        "held",
        "reason",
        "deleted",
    ),
    *("text", "passage", "whole", "stretch", "quoting", "theirs", "told", "noted"),
)
# What stands in comments that everybody sees, or can open: it stays where texts stay.
TEXTS: Final = ("text", "passage", "whole", "stretch", "quoting")
ELSEWHERE: Final = f"{NEWS}/elsewhere"


def word(kind: str) -> str:
    """The word for this kind of place."""
    return nonce(_KINDS.index(kind))


# All that can be in the database; what was deleted before is not.
ALL: Final = frozenset(word(kind) for kind in _KINDS if kind != "deleted")
# What stays in any case: others typed it.
THEIRS: Final = frozenset({word("theirs")})
KEPT: Final = THEIRS | {word(kind) for kind in TEXTS}


@dataclass(slots=True)
class Estate:
    """The person, their account, browsers of somebody else with an account and of an administrator, and comments by
    name."""

    house: House
    person: Person
    account: Account
    other: Person
    chief: Person
    comments: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def say(self, name: str, person: Person, body: str, **options: Any) -> dict[str, Any]:
        """Post a comment under a name of the script's."""
        self.house.clock.advance(timedelta(seconds=1))
        self.comments[name] = await person.post(body, **options)
        return self.comments[name]


async def furnish(house: House) -> Estate:
    """Let somebody live here for a while. The catalogue must know Jessica Jones."""
    person = await signed_in(house, word("name"), email=f"{word('email')}@mail.example", role=Role.MODERATOR)
    await house.publish(title="Gutterlight returns")
    others = await signed_in(house, "Otto"), await signed_in(house, "Chief", role=Role.ADMIN)
    estate = Estate(house, person, await account_of(house, person), *others)
    await _write(estate)
    await _be_quoted(estate)
    await _keep(estate)
    await _moderate(estate)
    await house.rt.db.write(lambda tx: _ways_in(tx, estate))
    _ = await embedded(house, person)
    return estate


async def _write(estate: Estate) -> None:
    house, person, say = estate.house, estate.person, estate.say
    opening = await say("of Ravi", house.replier, "Who did it?")
    await say("plain", person, f"It was {word('text')}, plainly.", parent_id=opening["id"], key="a key of some length")
    edited = await say("edited", person, f"First {word('earlier')}.")
    assert (await person.edit(edited["id"], f"Then {word('text')}.")).status_code == 200
    sung = f"{word('passage')} sang under seventeen purple lanterns while everybody quietly left"
    await say("passage", person, f"Then [JJ S1E13]||{sung}|| it ended.")
    whole = await say("whole", person, f"All of {word('whole')} was a dream.", scope=[JJ4])
    assert (await rescope(person, whole, JJ13, reason=f"Because {word('reason')}.")).status_code == 200
    await say("quoting", person, f"> @Ravi#c{opening['id']}\n> Who did it?\n\nNot {word('quoting')}.")
    gone = await say("deleted", person, f"Never mind {word('deleted')}.")
    await say("below deleted", house.replier, "Too late.", parent_id=gone["id"])
    assert (await person.delete(gone["id"])).status_code == 204
    await say("below plain", house.replier, "I see.", parent_id=estate.comments["plain"]["id"])
    await say("heir", house.replier, f"Indeed, {word('theirs')}.", parent_id=whole["id"])
    await say("elsewhere", person, f"Also {word('text')}.", url=ELSEWHERE)
    stretch = await say("stretch", person, f"He {word('stretch')} her.")
    assert (await moderate(house, stretch, JJ13, start=0, end=6, revision=1)).status_code == 200
    await sanctioned(house, estate.chief, estate.comments["plain"], "premoderate")
    await say("held", person, f"Hold {word('held')}.")
    await _lifted(estate, "premoderate")


async def _be_quoted(estate: Estate) -> None:
    """By a guest, by somebody with an account, in a text that was there before, and inside a cover."""
    ravi, name, say = estate.house.replier, estate.person.name, estate.say
    ids = {of: one["id"] for of, one in estate.comments.items()}
    await say("quote", ravi, f"> @{name}#c{ids['plain']}\n> plainly.\n\nRight.")
    await say("quote of the covered", ravi, f"> @{name}#c{ids['whole']}\n> was a dream.\n\nRight.")
    hidden = f"[spoiler]\n> > @{name}#c{ids['passage']}\n> > it ended.\n\nRight.\n[/spoiler]"
    await say("quote inside", estate.other, hidden)
    twice = f"> @{name}#c{ids['plain']}\n> plainly.\n\nIndeed,\n\n> @Ravi#c{ids['of Ravi']}\n> Who did it?\n\nRight."
    changed = await say("quote of two", estate.other, twice)
    assert (await estate.other.edit(changed["id"], f"{twice} And so on.")).status_code == 200


async def _keep(estate: Estate) -> None:
    house, person = estate.house, estate.person
    said = {"progress": {"jessica-jones": {"s": "at", "u": "S1E4"}}, "ticks": {"jessica-jones": ["special"]}}
    said["rules"] = {"mcu/comic": "dont_care"}
    answers = [await person.http.put("/api/v1/me/progress", json=said, headers=OURS)]
    here = await discussion_id(house, ARTICLE)
    for path in (f"discussions/{here}/follow", f"comments/{estate.comments['of Ravi']['id']}/mute"):
        answers.append(await person.http.put(f"/api/v1/{path}", headers=OURS))
    path = f"/api/v1/comments/{estate.comments['plain']['id']}/mute"
    answers.append(await estate.other.http.put(path, headers=OURS))
    answers.append(await flag(person, estate.comments["below plain"], JJ13))
    assert [answer.status_code // 100 for answer in answers] == [2] * len(answers), [a.text for a in answers]


async def _moderate(estate: Estate) -> None:
    """They are told something, and taken notes of; and as a moderator they do the same to others."""
    house, person = estate.house, estate.person
    chief, plain, other = estate.chief, estate.comments["plain"], estate.comments["heir"]
    said = {"words": f"Mind {word('told')}.", "comment_id": plain["id"]}
    for kind in ("mute", "warn"):
        await sanctioned(house, chief, plain, kind, **said)
    await _lifted(estate, "mute", words=f"Now {word('told')}.")
    taken = estate.comments["removed"] = await person.post(f"Take {word('held')} away.")
    await verdict(house, chief, taken, "remove", reason="abuse", words=f"Not {word('told')}.")
    await noted(house, chief, plain, f"Watch {word('noted')}.")
    await sanctioned(house, person, other, "warn")
    await noted(house, person, other, "Watch them.")
    await verdict(house, person, other, "approve")


async def _lifted(estate: Estate, kind: str, **said: str) -> None:
    """A sanction of theirs ends."""
    known = await person_of(estate.house, estate.chief, estate.comments["plain"])
    (one,) = [one for one in known["sanctions"] if one["sanction"] == kind]
    assert (await lift(estate.chief, one["id"], **said)).status_code == 200


async def _ways_in(tx: Tx, estate: Estate) -> None:
    rt, who = estate.house.rt, estate.account.id
    now = rt.clock.now()
    await begin_main(tx, rt, estate.account, now, agent=word("agent"))
    for kind, issuer in (("provider", "local"), ("sso", str(estate.house.site.id))):
        subject = f"{word('subject')}-{kind}"
        await queries_identity.insert_identity(tx, Identity(kind, issuer, subject, who, word("label"), now, now))
    key = Passkey(f"{word('passkey')}id", who, word("passkey"), 7, word("passkey"), "usb nfc", True, now, now)
    await queries_passkey.insert_passkey(tx, key)
    flow = begin_flow(rt, FlowKind.MAIL, timedelta(minutes=10), purpose="sign_in", data={"next": word("flow")})
    await queries_flow.put_flow(tx, flow._replace(email=estate.account.email))
    begun = begin_flow(rt, FlowKind.MAIL, timedelta(minutes=10), purpose="change", data={"new": word("flow")})
    await queries_flow.put_flow(tx, begun._replace(account_id=who, email=f"{word('flow')}@mail.example"))
    address = f"{word('letter')}@mail.example"
    await send_later(tx, rt, Letter(LetterKind.EMAIL_CHANGE_ASKED, address, who, "de", {"new": word("letter")}))
    await insert_mute(tx, who, Muted("account", 7, "Somebody"), now)


async def leave(person: Person, texts: str, name: str | None = None) -> httpx.Response:
    """Ask for the end of one's account; "keep" or "remove" what one wrote."""
    return await person.submit("/settings/delete", texts=texts, name=person.name if name is None else name)


async def erased(house: House, person: Person, texts: str) -> None:
    """The same, which must be accepted, with what the worker does after it."""
    answer = await leave(person, texts)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/deleted")
    while await house.run_jobs():
        pass


async def stored_words(house: House) -> dict[str, frozenset[str]]:
    """The words in the database, by the column they are in."""
    places: dict[str, set[str]] = {}
    for table in metadata.sorted_tables:
        for row in await house.rows(select(table)):
            for column in table.c:
                value = getattr(row, column.name)
                if found := found_in(value if isinstance(value, bytes) else str(value)):
                    places.setdefault(f"{table.name}.{column.name}", set()).update(found)
    return {place: frozenset(found) for place, found in places.items()}
