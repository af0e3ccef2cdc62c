"""An account that is erased leaves no trace: in no table, on no page, in no cache and no log."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from forum.accounts.queries import update_account
from forum.accounts.tables import account, session
from forum.comments.review.tables import decision, note, queue_item, sanction
from forum.comments.review.tables import flag as flags
from forum.comments.tables import comment, comment_revision
from forum.core.text import skeleton
from forum.db import metadata
from forum.people import service_erase
from forum.people.service_erase import erase_some
from forum.people.service_quotes import without_names
from forum.spoilers.tables import passage, passage_words
from forum.web.answers import Answer
from tests.support.app import ARTICLE, OURS, House, open_house, problem
from tests.support.canaries import STEM, found_in
from tests.support.estate import ALL, ELSEWHERE, GONE, KEPT, THEIRS, Estate, erased, furnish, leave, stored_words, word
from tests.support.logs import logged
from tests.support.people import an_account, sign_in, signed_in
from tests.support.spoilers import fans, revealed
from tests.support.threads import discussion_id
from tests.support.works import bring

__all__ = ["fans"]
pytestmark = pytest.mark.anyio

CHOICES = {"keep": KEPT, "remove": THEIRS}
PRIVATE = "private, no-store"


def everything(places: dict[str, frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*places.values())


async def addresses(estate: Estate) -> list[str]:
    """Whatever can show something of this person or of what they wrote."""
    name, site = estate.person.name, "newsroom"
    paths = ["/", f"/u/{name}", f"/embed/{site}?url={ARTICLE}", f"/embed/{site}?url={ELSEWHERE}"]
    paths += [f"/api/v1/sites/{site}/{what}?url={ARTICLE}" for what in ("counts", "discussion")]
    for url in (ARTICLE, ELSEWHERE):
        here = await discussion_id(estate.house, url)
        paths += [f"/d/{here}{look}" for look in ("", "?sort=oldest", "?frame=1", "?lang=de", "/own", "/mine")]
        paths += [f"/api/v1/discussions/{here}"]
    for one in estate.comments.values():
        paths += [f"/c/{one['id']}{verb}" for verb in ("", "/reply", "/edit", "/delete")]
        paths += [f"/api/v1/comments/{one['id']}{more}" for more in ("", "/replies")]
    return paths


async def look(estate: Estate) -> dict[str, frozenset[str]]:
    """The words that a passer-by, a guest who was quoted and somebody signed in are told, by address."""
    house = estate.house
    seen: dict[str, frozenset[str]] = {}
    for path in await addresses(estate):
        for person in (await house.newcomer(), house.replier, estate.other, estate.person):
            answer = await person.get(path)
            assert answer.status_code < 500, path
            head = "".join(f"{name}: {value}\n" for name, value in answer.headers.multi_items())
            seen[path] = seen.get(path, frozenset()) | found_in(head.encode() + answer.content)
    return seen


def in_memory(house: House) -> frozenset[str]:
    """The words in what the process keeps to answer again."""
    cache, pieces = house.rt.cache, house.rt.pieces
    values = [made.value for made in cache._entries.values()]
    kept = b"\n".join(value.body + repr(value._headers).encode() for value in values if isinstance(value, Answer))
    others = [value for value in values if not isinstance(value, Answer)]
    named = repr([*cache._entries, *cache._tags_of, *pieces._pieces])
    return found_in(kept) | found_in(repr(others)) | found_in(repr(list(pieces._pieces.values()))) | found_in(named)


@pytest.mark.parametrize("texts", CHOICES)
async def test_nothing_is_left(fans: House, engine_url: str, texts: str) -> None:
    with logged(engine_url) as log:
        estate = await furnish(fans)
        before = await stored_words(fans)
        assert everything(before) == ALL
        hidden = [passage_["id"] for one in estate.comments.values() for passage_ in one["passages"]]
        shown = await look(estate)
        assert word("name") in shown["/"] | shown[f"/u/{estate.person.name}"] | in_memory(fans)
        await erased(fans, estate.person, texts)
        # Before anybody asks again: what was kept is gone, too.
        assert in_memory(fans) == frozenset()
        after = await stored_words(fans)
        assert everything(after) == CHOICES[texts], after
        for path, words in (await look(estate)).items():
            asked = found_in(path)
            assert words <= (KEPT if texts == "keep" else THEIRS) | asked, path
        opened = await revealed(estate.other, *hidden, show_all=True)
        assert found_in(str(opened)) <= CHOICES[texts]
        assert in_memory(fans) - found_in(f"/u/{estate.person.name}") <= CHOICES[texts]
    # The log of requests has no names either; that of the mail that was waiting has no address.
    assert found_in(log.getvalue()) == frozenset()
    await fans.recount()


@pytest.mark.parametrize("texts", CHOICES)
async def test_nothing_is_left_in_the_file(sqlite_url: str, texts: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    async with open_house(sqlite_url) as house:
        await bring(house.rt)
        estate = await furnish(house)
        await erased(house, estate.person, texts)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        written = await asyncio.to_thread(path.read_bytes)
    assert found_in(written) == CHOICES[texts]


@pytest.mark.parametrize("texts", CHOICES)
async def test_nobody_is_found_by_their_number(fans: House, texts: str) -> None:
    estate = await furnish(fans)
    number = str(estate.account.id)
    await erased(fans, estate.person, texts)
    for table in metadata.sorted_tables:
        for row in await fans.rows(select(table)):
            assert number not in str(tuple(row)), table.name


async def test_what_was_decided_is_about_nobody_and_by_nobody(fans: House) -> None:
    estate = await furnish(fans)
    (heir,) = await fans.rows(select(comment).where(comment.c.id == int(estate.comments["heir"]["id"])))
    await erased(fans, estate.person, "keep")
    lines = await fans.rows(select(decision).order_by(decision.c.id))
    about = [line for line in lines if line.author_kind == "gone"]
    verdicts = {line.verdict for line in about}
    assert {"premoderate", "hold", "mute", "lift", "remove", "warn"} <= verdicts
    assert {(line.author_id, line.words, line.evidence, line.before) for line in about} == {(0, "", "[]", "")}
    # What they decided as a moderator stays decided.
    by_nobody = [line.verdict for line in lines if (line.by_kind, line.by_id) == ("moderator", 0)]
    assert by_nobody == ["warn", "approve"]
    (sanctioned,) = await fans.rows(select(sanction))
    assert (sanctioned.author_id, sanctioned.by_id) == (heir.author_id, 0)
    (noted,) = await fans.rows(select(note))
    assert (noted.author_id, noted.by_id, noted.text) == (heir.author_id, 0, "Watch them.")
    # What others could not read is gone, and waits for nobody.
    gone = {int(estate.comments[name]["id"]) for name in ("held", "removed")}
    assert not [row for row in await fans.rows(select(comment)) if row.id in gone]
    assert not [row for row in await fans.rows(select(queue_item)) if row.comment_id in gone]


async def test_what_stays_stands_under_nobodys_name(fans: House) -> None:
    estate = await furnish(fans)
    await erased(fans, estate.person, "keep")
    rows = {str(row.id): row for row in await fans.rows(select(comment))}
    for name in ("plain", "edited", "passage", "whole", "quoting", "stretch", "elsewhere", "deleted"):
        row = rows[estate.comments[name]["id"]]
        assert (row.author_kind, row.author_id, row.author_name) == ("gone", 0, ""), name
        assert row.status == ("deleted" if name == "deleted" else "published")
    # Nobody but its author could see it.
    assert estate.comments["held"]["id"] not in rows
    page = (await estate.other.get(f"/d/{await discussion_id(fans)}")).text
    assert page.count(GONE) >= 6
    assert word("text") in page
    # What is covered stays covered, and earlier texts are gone but for what they needed.
    whole = rows[estate.comments["whole"]["id"]]
    assert whole.eff_scope_id is not None
    (earlier,) = [
        r for r in await fans.rows(select(comment_revision)) if r.comment_id == int(estate.comments["edited"]["id"])
    ]
    assert earlier.source == ""
    assert len(await fans.rows(select(passage_words))) > 0


async def test_what_goes_leaves_its_place(fans: House) -> None:
    estate = await furnish(fans)
    own = {
        name: int(estate.comments[name]["id"]) for name in ("plain", "edited", "passage", "whole", "quoting", "stretch")
    }
    await erased(fans, estate.person, "remove")
    rows = {row.id: row for row in await fans.rows(select(comment))}
    assert {rows[one].status for one in own.values()} == {"deleted"}
    assert {rows[one].author_kind for one in own.values()} == {"gone"}
    below = rows[int(estate.comments["below plain"]["id"])]
    assert (below.parent_id, below.status) == (own["plain"], "published")
    gone = set(own.values())
    assert not [row for row in await fans.rows(select(passage)) if row.comment_id in gone]
    assert not [row for row in await fans.rows(select(passage_words)) if row.comment_id in gone]
    # What answered something covered is covered all the same.
    assert rows[int(estate.comments["heir"]["id"])].eff_scope_id is not None
    await fans.recount()


@pytest.mark.parametrize("texts", CHOICES)
async def test_quotes_name_nobody_and_keep_their_words(fans: House, texts: str) -> None:
    estate = await furnish(fans)
    await erased(fans, estate.person, texts)
    path = f"/d/{await discussion_id(fans)}"
    page = (await estate.other.get(path)).text
    # The one that quotes something covered says so above its cover, the one inside of a cover does not.
    assert page.count(f"{GONE} wrote") == 3
    assert page.count("<bdi>Ravi</bdi> wrote") == (2 if texts == "keep" else 1)
    assert page.count("plainly.") >= 2
    two = await estate.other.read(f"/api/v1/comments/{estate.comments['quote of two']['id']}")
    # Also when they are changed afterwards.
    edit = (await estate.other.get(f"/c/{two['id']}/edit")).text
    assert f"@{'–' * len(estate.person.name)}#c" in edit
    source = (await fans.rows(select(comment.c.source).where(comment.c.id == int(two["id"]))))[0].source
    changed = await estate.other.edit(two["id"], f"{source} Yes.", revision=two["revision"])
    assert changed.status_code == 200, changed.text
    # Of what is not there any more, a text that is laid out anew does not say whose it was.
    assert (await estate.other.get(path)).text.count(f"{GONE} wrote") == (3 if texts == "keep" else 2)
    assert everything(await stored_words(fans)) == CHOICES[texts]


def test_a_source_stays_as_long_as_it_was() -> None:
    source = "> @Ada Lovelace#c12\n> So.\n\n> > @Ada#c13 \n> > @Eve#c14\n@Ada#c12 `> @Ada#c12`"
    bare = without_names(source, {12, 13})
    assert len(bare) == len(source)
    assert bare == f"> @{'–' * 12}#c12\n> So.\n\n> > @–––#c13 \n> > @Eve#c14\n@Ada#c12 `> @Ada#c12`"


async def test_their_name_is_free_at_once_and_their_row_goes(fans: House) -> None:
    estate = await furnish(fans)
    assert (await leave(estate.person, "keep")).status_code == 303
    assert not [row for row in await fans.rows(select(account)) if row.id == estate.account.id]
    again = await an_account(fans, estate.person.name, email=estate.account.email)
    assert again.skeleton == estate.account.skeleton
    assert not [row for row in await fans.rows(select(flags)) if row.author_id == estate.account.id]


async def test_every_session_ends_with_it(fans: House) -> None:
    estate = await furnish(fans)
    elsewhere = await sign_in(fans, await fans.newcomer(estate.person.name), estate.account)
    answer = await leave(estate.person, "remove")
    cleared = answer.headers.get_list("set-cookie")
    assert all("Max-Age=0" in cookie for cookie in cleared)
    assert {cookie.partition("=")[0] for cookie in cleared} == {"__Host-sid", "__Host-esid"}
    assert not [row for row in await fans.rows(select(session)) if row.account_id == estate.account.id]
    assert problem(await elsewhere.send("Still here?", author_name="")) == (401, "session_ended")
    gone = await estate.person.get("/settings/deleted")
    assert gone.status_code == 200
    assert gone.headers["cache-control"] == PRIVATE
    assert "data-signed-out" in gone.text


async def test_it_asks_for_a_fresh_sign_in_a_choice_and_the_name(house: House) -> None:
    old = await signed_in(house, "Edda", fresh=False)
    answer = await leave(old, "keep")
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth/again?next=/settings/data")
    page = (await old.get("/settings/data")).text
    assert "/auth/again?next=/settings/data" in page
    assert 'action="/settings/delete"' not in page
    fresh = await signed_in(house, "Otto")
    for texts, name in (("keep", "Edda"), ("", "Otto"), ("both", "Otto"), ("remove", "")):
        refused = await leave(fresh, texts, name)
        assert refused.status_code == 422
        assert "problem" in refused.text
    assert (await fresh.submit("/settings/delete", texts="keep", name="Otto", id="7")).status_code == 422
    foreign = {"origin": "https://news.example", "sec-fetch-site": "cross-site"}
    sent = {"texts": "keep", "name": "Otto"}
    assert (await fresh.http.post("/settings/delete", data=sent, headers=foreign)).status_code == 403
    nobody = await house.newcomer()
    assert (await leave(nobody, "keep")).headers["location"] == "/auth?next=/settings/data"
    assert {row.name for row in await house.rows(select(account))} == {"Edda", "Otto"}
    assert (await leave(fresh, "keep", "  otto ")).status_code == 303


@pytest.mark.parametrize("of", ["another article", "a deleted comment", "no comment"])
async def test_no_name_is_taken_from_a_quote_of_what_cannot_be_quoted(house: House, of: str) -> None:
    anna = await signed_in(house, "Annabel")
    where = {"url": ELSEWHERE} if of == "another article" else {}
    source = await anna.post("Something long enough.", **where)
    if of == "a deleted comment":
        assert (await anna.delete(source["id"])).status_code == 204
    quoted = "9" * 18 if of == "no comment" else source["id"]
    words = f"> @Annabel#c{quoted}\n> Something long enough.\n\nIndeed."
    posted = await house.replier.post(words)
    assert {row.src_name for row in await house.rows(select(passage))} == {""}
    page = (await house.attacker.get(f"/c/{posted['id']}", follow_redirects=True)).text
    assert "<figcaption>Quote</figcaption>" in page
    assert (await house.replier.edit(posted["id"], f"{words} Yes.")).status_code == 200
    await erased(house, anna, "keep")
    shown = (await house.attacker.get(f"/c/{posted['id']}", follow_redirects=True)).text
    rows = await house.rows(select(comment).where(comment.c.id == int(posted["id"])))
    assert "Annabel" not in shown + "".join(f"{row.covers} {row.html} {row.text}" for row in rows)


async def test_the_only_owner_stays(house: House) -> None:
    owner = await signed_in(house, "Olga", owner=True)
    refused = await leave(owner, "remove")
    assert refused.status_code == 409
    assert "only owner" in refused.text
    await an_account(house, "Second", owner=True)
    assert (await leave(owner, "remove")).status_code == 303


async def test_it_can_be_repeated(fans: House) -> None:
    estate = await furnish(fans)
    await erased(fans, estate.person, "keep")
    before = {table.name: await fans.rows(select(table)) for table in metadata.sorted_tables}
    assert await erase_some(fans.rt, estate.account.id, batches=5)
    assert {table.name: await fans.rows(select(table)) for table in metadata.sorted_tables} == before


async def test_a_placeholder_is_no_name_of_anybody(house: House) -> None:
    one = await an_account(house, "Ada")
    row = service_erase.retired(one)
    assert row.skeleton != skeleton(row.skeleton)
    await house.rt.db.write(lambda tx: update_account(tx, row))
    assert (await an_account(house, "Ada")).id != one.id


async def test_nothing_of_this_is_done_by_looking(fans: House) -> None:
    estate = await furnish(fans)
    for path in ("/settings/delete", "/settings/export"):
        assert (await estate.person.get(path)).status_code == 405
        assert (await estate.person.http.post(path, json={}, headers=OURS)).status_code == 415
    for _ in range(3):
        assert (await estate.person.get("/settings/data")).headers["cache-control"] == PRIVATE
    assert STEM in str(await fans.rows(select(account)))
