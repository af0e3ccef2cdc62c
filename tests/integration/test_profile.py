"""The page about a person: what everybody sees of them, and nothing that is covered, held or gone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as Html
from sqlalchemy import update

from forum.accounts import queries
from forum.accounts.model import Account, Role, State
from forum.accounts.tables import account
from forum.core.clock import FixedClock
from forum.db import Prepared, Tx
from tests.support.app import NEWS, House, Person
from tests.support.canaries import found_in
from tests.support.hiding import GATED, hide
from tests.support.pages import one
from tests.support.people import account_of, an_account, sign_in, signed_in
from tests.support.spoilers import JJ13, SECRET, fans, moderate
from tests.support.threads import discussion_id
from tests.support.truth import Words

__all__ = ["fans"]
pytestmark = pytest.mark.anyio

PUBLIC: Final = "public, max-age=0, s-maxage=1, must-revalidate"
BUDGET: Final = 6


async def profile(house: House, name: str = "Edda", query: str = "") -> httpx.Response:
    """A person's page, as somebody who has seen nothing gets it."""
    return await house.attacker.get(f"/u/{quote(name, safe='')}{query}")


def texts(answer: httpx.Response) -> list[str]:
    """What is to be read of each comment, in the order of the page."""
    assert answer.status_code == 200, answer.text
    return [" ".join(node.text().split()) for node in Html(answer.text).css(".thread .body")]


async def set_state(house: House, who: Account, state: State) -> None:
    """What an operator, or leaving, does to an account."""
    await house.rt.db.write(lambda tx: queries.update_account(tx, who._replace(state=state)))


async def write(person: Person, body: str, **more: Any) -> dict[str, Any]:
    """A comment by whoever is signed in."""
    return await person.post(body, author_name="", **more)


async def test_it_works(house: House) -> None:
    edda = await signed_in(house)
    await house.publish(title="Gutterlight returns", prompt="Where will it go?")
    first = await write(edda, "The **first**.")
    reply = await write(edda, "A reply.", parent_id=(await house.author.post("By somebody else."))["id"])
    elsewhere = await write(edda, "Elsewhere.", url=f"{NEWS}/another")
    answer = await profile(house)
    assert texts(answer) == ["Elsewhere.", "A reply.", "The first."]
    assert "By somebody else." not in answer.text
    page = Html(answer.text)
    assert [node.attributes["id"] for node in page.css(".thread > li")] == [
        f"c{one['id']}" for one in (elsewhere, reply, first)
    ]
    assert [node.text(strip=True) for node in page.css(".where")] == [
        f"{NEWS}/another",
        "Gutterlight returns",
        "Gutterlight returns",
    ]
    here = await discussion_id(house)
    assert page.css(".where a")[2].attributes["href"] == f"/d/{here}"
    assert one(page, f"#c{first['id']} .when").attributes["href"] == first["permalink"]
    heading = one(page, "h1")
    assert heading.text(strip=True) == "Edda"
    assert "1 March 2026" in answer.text or "March 1, 2026" in answer.text
    assert one(page, ".avatar.big").text(strip=True) == "E"


async def test_it_is_the_same_for_everybody_and_no_search_engines(house: House) -> None:
    edda = await signed_in(house)
    await write(edda, "One.")
    alone, own = await profile(house), await edda.get("/u/Edda")
    assert alone.content == own.content
    assert alone.headers["cache-control"] == PUBLIC
    assert "set-cookie" not in alone.headers
    assert '<meta name="robots" content="noindex">' in alone.text
    assert "frame-ancestors 'none'" in alone.headers["content-security-policy"]


async def test_what_is_covered_is_not_there(fans: House) -> None:
    edda = await signed_in(fans)
    later = await write(edda, f"{SECRET} again")
    await moderate(fans, later, JJ13)
    whole = await write(edda, SECRET, scope=[JJ13])
    await write(edda, f"Well, [JJ S1E13]||{SECRET}|| it was.")
    answer = await profile(fans)
    assert "kilgrave" not in answer.text
    assert texts(answer)[0] == "Well, Show spoiler: Jessica Jones S1E13 it was."
    cover = one(Html(answer.text), f'[data-sp="c{whole["id"]}"]')
    assert cover.attributes["data-scope"] == JJ13
    button = one(Html(answer.text), f'button[formaction="/s/c{whole["id"]}"]')
    assert button.attributes["form"] == "uncover"


async def test_nothing_hidden_in_any_way_comes_out(house: House) -> None:
    """The newsroom in which everything is hidden in every way there is, written by one account."""
    edda = await an_account(house, "Ada")
    await sign_in(house, house.author, edda)
    await hide(house, Words())
    answer = await profile(house, "Ada")
    seen = 0
    while True:
        seen += len(texts(answer))
        assert found_in(answer.content) == frozenset()
        more = Html(answer.text).css_first("a[rel=next]")
        if more is None:
            break
        answer = await house.attacker.get(str(more.attributes["href"]))
    assert seen > 50
    assert "plainsight" in (await profile(house, "Ada", "?after=")).text + answer.text


@pytest.mark.parametrize(("gate", "is_covered"), [("ask", True), ("assume", True), ("off", False)])
async def test_what_a_discussion_gives_away_stays_behind_its_gate(fans: House, gate: str, is_covered: bool) -> None:
    """Away from its article nobody has read the warning, and each cover says all that it takes."""
    bearer = {"authorization": f"Bearer {fans.secret}"}
    said = {"url": GATED, "assumes": [JJ13], "gate": gate}
    http = (await fans.newcomer()).http
    answer = await http.put("/api/v1/sites/newsroom/articles/spoilers", json=said, headers=bearer)
    assert answer.status_code == 200
    edda = await signed_in(fans)
    plain = await write(edda, "Openly here.", url=GATED)
    more = await write(edda, "Well, [Civil War comic #7]||never mind|| it was.", url=GATED)
    page = await profile(fans)
    assert "never mind" not in page.text
    assert ("Openly here." not in page.text) is is_covered
    scopes = {
        str(node.attributes["data-sp"]): str(node.attributes["data-scope"]).split()
        for node in Html(page.text).css("[data-sp]")
    }
    if is_covered:
        assert scopes == {f"c{one['id']}": [JJ13] for one in (plain, more)}
        assert "Jessica Jones S1E13" in page.text
    else:
        assert list(scopes.values()) == [["civil-war-2006:#7"]]
    # The discussion's own page draws them as before.
    where = await discussion_id(fans, GATED)
    own = Html((await fans.attacker.get(f"/d/{where}")).text).css("[data-sp]")
    assert [str(node.attributes["data-scope"]) for node in own] == (["", ""] if is_covered else ["civil-war-2006:#7"])


async def test_what_is_held_or_deleted_is_not_there(house: House) -> None:
    edda = await signed_in(house)
    gone = await write(edda, "Gone words.")
    await write(edda, "Staying words.")
    await edda.delete(gone["id"])
    await house.change_site(hold=True)
    held = await write(edda, "Held words.")
    assert held["status"] == "held"
    answer = await profile(house)
    assert texts(answer) == ["Staying words."]
    for word in ("Gone words", "Held words", gone["id"], held["id"]):
        assert word not in answer.text
    own = await edda.get("/u/Edda")
    assert own.content == answer.content


async def test_it_changes_with_what_is_written_renamed_and_given(house: House) -> None:
    edda = await signed_in(house)
    who = await account_of(house, edda)
    assert texts(await profile(house)) == []
    posted = await write(edda, "One.")
    assert texts(await profile(house)) == ["One."]
    await edda.edit(posted["id"], "Two.")
    assert texts(await profile(house)) == ["Two."]
    assert "Moderator" not in (await profile(house)).text
    role: dict[str, Any] = {"site_id": house.site.id, "account_id": who.id, "now": house.clock.now()}
    await house.rt.db.write(lambda tx: queries.set_role(tx, role=Role.MODERATOR, **role))
    assert "Moderator on The Newsroom" in (await profile(house)).text
    await house.change_site(name="The Daily Newsroom")
    assert "Moderator on The Daily Newsroom" in (await profile(house)).text
    await house.publish(title="A new title")
    assert "A new title" in (await profile(house)).text
    await edda.delete(posted["id"])
    assert texts(await profile(house)) == []
    await house.rt.db.write(lambda tx: queries.update_account(tx, who._replace(name="Edna", skeleton="edna")))
    assert (await profile(house)).status_code == 404
    assert (await profile(house, "Edna")).status_code == 200


async def test_who_runs_the_server_is_said(house: House) -> None:
    await signed_in(house, owner=True)
    assert "Runs this server" in (await profile(house)).text


async def test_another_spelling_leads_to_the_one_it_is(house: House) -> None:
    await signed_in(house, "Edda Þór")
    for spelling in ("edda þór", "EDDA ÞÓR", "Edda  Þór"):
        answer = await profile(house, spelling, "?lang=de")
        assert answer.status_code == 301, spelling
        assert answer.headers["location"] == f"/u/{quote('Edda Þór')}?lang=de"
    assert (await profile(house, "Edda Þór")).status_code == 200


@pytest.mark.parametrize("name", ["Ada Lovelace", "ليلى منصور", "a∕b", "50% of?#&+", "a..", "名前", "O'Hara “Q”", "🦆"])
async def test_every_name_has_an_address(house: House, name: str) -> None:
    edda = await signed_in(house, name)
    posted = await write(edda, "Mine.")
    url = httpx.URL(str(posted["author"]["url"]))
    assert url.host == "talk.example"
    answer = await house.attacker.get(str(posted["author"]["url"]))
    assert texts(answer) == ["Mine."]
    heading = one(Html(answer.text), "h1")
    assert heading.text(strip=True) == name


async def test_who_is_not_there_cannot_be_told_apart(house: House) -> None:
    """Nobody, somebody switched off, somebody who is leaving: the same answer to the letter."""
    answers = [await profile(house, "Nobody")]
    for name, state in (("Dana", State.DISABLED), ("Erin", State.ERASING)):
        person = await signed_in(house, name)
        await write(person, "Mine.")
        await set_state(house, await account_of(house, person), state)
        answers.append(await profile(house, name))
        answers.append(await profile(house, name.upper()))
    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(r"/u/\w+|Nobody|Dana|Erin|DANA|ERIN", "", answer.text) for answer in answers}) == 1


async def test_it_goes_on_where_the_page_ended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forum.comments.history.PAGE", 2)
    edda = await signed_in(house)
    for number in range(5):
        tick(house.clock)
        await write(edda, f"Number {number}.")
    answer, seen = await profile(house), list[str]()
    for _ in range(3):
        seen += texts(answer)
        more = Html(answer.text).css_first("a[rel=next]")
        if more is None:
            break
        answer = await house.attacker.get(str(more.attributes["href"]))
    assert seen == [f"Number {number}." for number in (4, 3, 2, 1, 0)]
    assert one(Html(answer.text), ".pager.start a").attributes["href"] == "/u/Edda"
    for wrong in ("?after=x", "?after=newest.1", "?after=profile.99999999999999999999"):
        assert (await profile(house, query=wrong)).status_code == 422
    assert texts(await profile(house, query="?after=profile.1")) == []


def tick(clock: FixedClock) -> None:
    """Ids follow the clock."""
    clock.advance(timedelta(seconds=1))


async def test_it_speaks_the_language_that_was_asked_for(house: House) -> None:
    edda = await signed_in(house)
    await write(edda, "Mine.")
    german = await profile(house, query="?lang=de")
    assert '<html lang="de"' in german.text
    assert "?lang=de" in str(one(Html(german.text), ".where a").attributes["href"])
    assert '<html lang="en"' in (await profile(house, query="?lang=xx")).text
    await house.change_site(language="ar")
    assert '<html lang="ar" dir="rtl"' in (await profile(house)).text


@pytest.mark.parametrize("comments", [1, 40])
async def test_it_costs_the_same_whatever_was_written(house: House, comments: int) -> None:
    edda = await signed_in(house)
    for number in range(comments):
        await write(edda, f"Number {number}.", url=f"{NEWS}/article-{number % 20}")
    await house.attacker.get(f"/embed/newsroom?url={NEWS}/warm")
    house.rt.pieces._pieces.clear()
    with house.recorded() as statements:
        assert len(texts(await profile(house))) == comments
    assert len(statements) <= BUDGET
    with house.recorded() as statements:
        await profile(house)
    assert statements == []


async def test_a_name_given_in_the_meantime_is_not_somebody_elses(house: House) -> None:
    """What is kept under a name goes when its account changes."""
    edda = await signed_in(house)
    who = await account_of(house, edda)
    await profile(house)

    async def swap(tx: Tx) -> None:
        await tx.execute(Prepared(update(account).where(account.c.id == who.id).values(name="Old", skeleton="old")), {})
        tx.touch(f"a:{who.id}")

    await house.rt.db.write(swap)
    await signed_in(house, "Edda")
    assert texts(await profile(house)) == []
