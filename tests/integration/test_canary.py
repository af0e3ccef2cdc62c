"""Hidden words never come out: not on any surface, not in any spelling, for nobody who has not asked for them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from forum.accounts.model import Role as AccountRole
from forum.accounts.queries import set_role
from forum.db import Tx, metadata
from forum.people.service_erase import erase
from forum.runtime import Runtime
from forum.web.answers import Answer
from tests.support.app import OURS, House, Person, open_house
from tests.support.begun import an_author, begin
from tests.support.canaries import STEM, found_in
from tests.support.command import aftershow
from tests.support.hiding import GATED, SEEN_FIRST, Hidden, hide
from tests.support.logs import logged
from tests.support.people import account_of, embedded, signed_in
from tests.support.surfaces import SURFACES, Carries
from tests.support.sweep import TYPED, Ask, Role, endings, nonsense, reads, said, send, writes
from tests.support.taken import WAYS
from tests.support.truth import NOTHING, Truth, Words, truth_of

pytestmark = pytest.mark.anyio
# Where hidden text is kept; a discussion's own scope, and holding a comment back, leave it in the comment's row.
KEPT = {"comment.source", "comment_revision.source", "passage.html", "passage.text"}
# What moderators say, to each other and to those it is about, and what readers say to them.
AMONG_MODERATORS = {
    *("account.name", "account.name_key", "decision.words", "sanction.words", "note.text", "flag.note"),
    *("decision.before", "decision.evidence", "screening_rules.rules", "scope_event.reason"),
}
OPENLY = {"comment.html", "comment.text"}
# What gives back what was typed to nobody but the browser that has begun it.
OWN = {"/settings", "/auth/finish"}
OPEN_ROWS = {
    *("held", "gated", "gated passage", "gated reply", "assumed", "once on top"),
    *("held by a word", "reply held by a word", "held by an edit"),
    *(f"{part}{way}" for way in WAYS for part in ("", "lonely ", "below ")),
}


async def cast(hidden: Hidden) -> list[Role]:
    """Everybody who might look. A guest has written something of their own in each discussion; the one who reads only
    says in their account that they have seen everything, which counts for no page that others get as well. Those who
    moderate have seen nothing."""
    house = hidden.house
    guest = await house.newcomer("Guest")
    for url in ({}, {"url": GATED}):
        await guest.post("Nothing much.", **url)
    publisher = await house.newcomer("Publisher")
    stranger = await house.newcomer("Stranger")
    reader = await signed_in(house, "Rena")
    mod, elsewhere = await signed_in(house, "Mona", role=AccountRole.MODERATOR), await signed_in(house, "Ella")
    other, _ = await house.add_site("elsewhere", name="Elsewhere")
    await give_role(house, elsewhere, AccountRole.ADMIN, other.id)
    await has_seen_everything(hidden, reader)
    return [
        Role("anonymous", await house.newcomer("Nobody")),
        Role("author", house.author),
        Role("guest", guest, every=5),
        Role("publisher", publisher, hidden.bearer(), every=3),
        Role("wrong secret", stranger, {"authorization": f"Bearer {'x' * 43}"}, every=5),
        Role("reader", reader, every=2),
        Role("trusted", await signed_in(house, "Tess", role=AccountRole.TRUSTED), every=3),
        Role("author in a frame", await embedded(house, house.author), every=5),
        Role("reader in a frame", await embedded(house, reader), every=5),
        Role("moderator elsewhere", elsewhere, every=5),
        Role("moderator in a frame", await embedded(house, mod), every=7),
        Role("moderator", mod, every=2),
    ]


async def the_owner(hidden: Hidden) -> Role:
    """Who may moderate everywhere, and has seen everything. From here on there is one."""
    owner = await signed_in(hidden.house, "Olga", owner=True)
    await has_seen_everything(hidden, owner)
    return Role("owner", owner, every=5)


async def has_seen_everything(hidden: Hidden, person: Person) -> None:
    """So somebody says in their account."""
    seen = {"progress": {key: {"s": "dont_care", "u": ""} for key in ("jessica-jones", "civil-war-2006")}}
    await hidden.expect(200, person.http.put("/api/v1/me/progress", json=seen, headers=OURS))


async def give_role(house: House, person: Person, role: AccountRole, site_id: int) -> None:
    """What somebody is on a site from now on."""
    account = await account_of(house, person)

    async def work(tx: Tx) -> None:
        await set_role(tx, site_id=site_id, account_id=account.id, role=role, now=house.clock.now())

    await house.rt.db.write(work)


async def look(role: Role, asks: Iterable[Ask], truth: Truth, seen: Counter[str]) -> None:
    """Ask, and check every answer; counts answers and answers with hidden words by surface."""
    for ask in asks:
        answer = await send(ask, role)
        assert answer.status_code < 500, str(ask)
        found, may, must = found_in(said(answer)), truth.may(role, ask), truth.must(role, ask)
        assert found <= may, f"{role.name}: {ask} ({answer.status_code}) shows {found - may}"
        if answer.status_code == 200:
            assert must <= found, f"{role.name}: {ask} does not show {must - found}"
        name = f"{ask.surface.method} {ask.surface.pattern}"
        seen[name] += 1
        seen[f"{role.name} sees in {name}"] += bool(found - truth.warned)


@pytest.mark.slow
async def test_nothing_hidden_comes_out(engine_url: str, tmp_path: Path) -> None:
    words, seen = Words(), Counter[str]()
    with logged(engine_url) as log:
        async with open_house(engine_url, metrics=True, mail_url=f"file:{tmp_path}") as house:
            hidden = await hide(house, words, signed_in=True)
            truth = await truth_of(house, words)
            answers = [answer for name, answer in hidden.answers if name not in SEEN_FIRST]
            assert found_in(b"".join(said(answer) for answer in answers)) == NOTHING
            roles = await cast(hidden)
            for role in roles:
                await look(role, reads(hidden, role, truth.ids), truth, seen)
            assert kept_by(house.rt) <= truth.warned | words.of("rule")
            assert hidden.begun is not None
            hidden.begun.keep(house.author)  # who comes back from a provider carries its note no more
            for role in roles:
                await look(role, writes(hidden, role, truth.ids), truth, seen)
                await look(role, reads(hidden, Role(role.name, role.person, role.headers, 20), truth.ids), truth, seen)
            owner = await the_owner(hidden)
            for asks in (reads(hidden, owner, truth.ids), writes(hidden, owner, truth.ids)):
                await look(owner, asks, truth, seen)
            for method, path, options in nonsense():
                answer = await roles[0].person.http.request(method, path, **options)
                assert found_in(said(answer)) == NOTHING, (method, path, answer.status_code)
            assert kept_by(house.rt) <= truth.warned | words.of("rule")
            for role in roles:
                await look(role, endings(hidden), truth, seen)
            await house.run_jobs()
            assert_mail_says_nothing(tmp_path)
            await erase(house.rt, hidden.begun.account, texts=False)
            while await house.run_jobs():
                pass
            await look(roles[0], reads(hidden, Role("anonymous", roles[0].person, every=3), truth.ids), truth, seen)
            told = await asyncio.to_thread(aftershow, "doctor", "--verify", database_url=engine_url)
            assert "I5 threads" in told.output, told.output
            assert found_in(told.output) == NOTHING
    assert log.getvalue().count('"event":"answer"') > 1_000
    assert found_in(log.getvalue()) == NOTHING
    assert {f"{surface.method} {surface.pattern}" for surface in SURFACES} <= set(seen)
    assert_the_search_works(seen)


def assert_mail_says_nothing(folder: Path) -> None:
    """Letters are about accounts; no text of a comment comes near them."""
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")]
    assert letters
    for letter in letters:
        parts = [str(part.get_content()) for part in letter.walk() if part.get_content_maintype() == "text"]
        assert len(parts) == 2
        assert found_in("\n".join([*map(str, letter.items()), *parts])) == NOTHING


def assert_the_search_works(seen: Counter[str]) -> None:
    """Where something hidden may be seen, it was."""
    for role, surfaces in {
        "anonymous": [s for s in SURFACES if s.carries in (Carries.REVEAL, Carries.ECHO) and s.pattern not in OWN],
        "author": [s for s in SURFACES if s.carries in (Carries.OWN, Carries.ECHO)],
        "publisher": [s for s in SURFACES if s.carries is Carries.RECORD],
        "trusted": [s for s in SURFACES if s.carries is Carries.RECORD],
        "moderator": [s for s in SURFACES if s.carries in (Carries.RECORD, Carries.MODERATED, Carries.UNCOVERED)],
        "owner": [s for s in SURFACES if s.carries in (Carries.MODERATED, Carries.UNCOVERED)],
    }.items():
        for surface in surfaces:
            assert seen[f"{role} sees in {surface.method} {surface.pattern}"], (role, surface)


def kept_by(rt: Runtime) -> frozenset[str]:
    """Hidden words in what the process keeps in memory to answer again."""
    assert len(rt.cache) > 10
    values = [made.value for made in rt.cache._entries.values()]
    answers = [value for value in values if isinstance(value, Answer)]
    others = [value for value in values if not isinstance(value, Answer)]
    pieces = [piece for piece, _ in rt.pieces._pieces.values()]
    assert len(answers) > 10
    assert len(pieces) > 10
    kept = [answer.body + repr(answer._headers).encode() for answer in answers]
    named = repr([*rt.cache._entries, *rt.cache._tags_of, *rt.pieces._pieces])
    return found_in(b"\n".join(kept)) | found_in(repr(others)) | found_in(repr(pieces)) | found_in(named)


@pytest.fixture
def words() -> Words:
    return Words()


async def test_hidden_text_is_kept_in_its_own_places(house: House, words: Words) -> None:
    hidden = await hide(house, words)
    opened = {hidden.comments[name] for name in OPEN_ROWS}
    places: set[str] = set()
    for table in metadata.sorted_tables:
        for row in await house.rows(select(table)):
            for column in table.c:
                value = getattr(row, column.name)
                found = found_in(value if isinstance(value, bytes) else str(value))
                if not found:
                    continue
                place = f"{table.name}.{column.name}"
                if place in AMONG_MODERATORS and found <= words.of("name", "told", "note", "kept", "flag", "rule"):
                    continue
                assert place in KEPT or (place in OPENLY and str(row.id) in opened), (place, row)
                places.add(place)
    assert places == KEPT | OPENLY


async def test_what_nests_needs_more(house: House, words: Words) -> None:
    hidden = await hide(house, words)
    truth = await truth_of(house, words)
    for name, left in (("nested", 3), ("nested without labels", 0)):
        (outer,) = [
            p for p in truth.passages.values() if str(p.comment_id) == hidden.comments[name] and not p.parent_id
        ]
        sent = {"ids": [outer.id], "why": "explicit"}
        revealed = (await house.attacker.http.post("/api/v1/reveals", json=sent, headers=OURS)).json()
        assert len(truth.inside(outer.id) - found_in(json.dumps(revealed))) == left
        everything = {**sent, "show_all": True}
        revealed = (await house.attacker.http.post("/api/v1/reveals", json=everything, headers=OURS)).json()
        assert found_in(json.dumps(revealed)) == truth.inside(outer.id)


async def test_what_is_not_covered_is_found_wherever_comments_are_listed(house: House) -> None:
    hidden = Hidden(house, Words(), await begin(house.rt, await an_author(house.rt, "Ada")))
    assert hidden.begun is not None
    hidden.begun.keep(house.author)
    await hidden.say("root", house.author, f"In the open: {TYPED}.")
    await hidden.say("reply", house.author, f"And below: {TYPED}.", parent="root")
    for name in ("main", "gated", "assumed"):
        hidden.discussions[name] = (await house.publish(title="Gutterlight")).json()["id"]
    await hidden.moderate("reply", scope=[], reason="It gives nothing away.")
    mod = await signed_in(house, "Mo", role=AccountRole.MODERATOR)
    roles = (Role("author", house.author, hidden.bearer()), Role("moderator", mod))
    surfaces = {
        ask.surface for role in roles for ask in reads(hidden, role, ["x"]) if found_in(said(await send(ask, role)))
    }
    listing = {Carries.PUBLIC, Carries.OWN, Carries.RECORD, Carries.MODERATED}
    # The catalogue repeats what is looked for in it to whoever looks.
    shown = {surface for surface in surfaces if surface.pattern != "/catalogue"}
    assert shown == {surface for surface in SURFACES if surface.method == "GET" and surface.carries in listing}
    assert STEM in repr(house.rt.pieces._pieces)
