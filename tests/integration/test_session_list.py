"""The list of sessions in the settings: where somebody is signed in, and how they end that."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from forum.accounts import tables
from tests.support.app import OURS, House, Person
from tests.support.forms import follow
from tests.support.people import account_of, embedded, sign_in, signed_in

pytestmark = pytest.mark.anyio

LIST = "/settings/sessions"
SESSION = "/api/v1/auth/session"
MAIN, EMBED = "__Host-sid", "__Host-esid"


async def who(person: Person, site: str = "newsroom") -> str | None:
    """As whom a browser is signed in."""
    account = (await person.read(f"/api/v1/me?site={site}"))["account"]
    return None if account is None else str(account["name"])


async def kinds(house: House) -> list[str]:
    return sorted(row.kind for row in await house.rows(select(tables.session.c.kind)))


async def leave(person: Person, **sent: bool) -> None:
    answer = await person.http.request("DELETE", SESSION, json=sent, headers=OURS)
    assert answer.status_code == 204, answer.text


def rows_of(page: str) -> list[tuple[str, bool]]:
    """(id, whether it is this one) of the sessions in the list."""
    items = re.findall(r"<li>(.*?)</li>", page.partition('class="rows"')[2], re.DOTALL)
    return [(re.findall(r'name="session" value="(\d+)"', item)[0], "This one" in item) for item in items]


async def test_the_list_names_every_session(house: House) -> None:
    person = await signed_in(house, "Edda")
    await embedded(house, person)
    phone = await sign_in(house, await house.newcomer(), await account_of(house, person))
    await signed_in(house, "Ravi")
    page = await person.get(LIST)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-store"
    assert [this for _, this in rows_of(page.text)] == [True, False, False]
    for said in ("Firefox, Linux", "The Newsroom", "news.example", "Where you are signed in"):
        assert said in page.text
    assert rows_of((await phone.get(LIST)).text)[0] != rows_of(page.text)[0]


async def test_ending_one(house: House) -> None:
    person = await signed_in(house, "Edda")
    frame = await embedded(house, person)
    page = (await person.get(LIST)).text
    answer = await person.submit(LIST, session=rows_of(page)[1][0])
    assert "That one is signed out." in await follow(person, answer)
    assert (await who(person), await who(frame)) == ("Edda", None)
    # Somebody else's is not theirs to end, and they are told nothing about it.
    other = await signed_in(house, "Ravi")
    theirs = rows_of((await other.get(LIST)).text)[0][0]
    assert (await person.submit(LIST, session=theirs)).status_code == 303
    assert await who(other) == "Ravi"
    for wrong in ({"session": "x"}, {"session": ""}, {"act": "all"}, {"account": "7"}):
        assert (await person.submit(LIST, **wrong)).status_code == 422


async def test_ending_this_one(house: House) -> None:
    person = await signed_in(house, "Edda")
    answer = await person.submit(LIST, session=rows_of((await person.get(LIST)).text)[0][0])
    assert answer.status_code == 303
    assert answer.headers.get_list("set-cookie")[0].startswith(f"{MAIN}=; Path=/; HttpOnly; Max-Age=0")
    assert await who(person) is None


async def test_ending_all_others(house: House) -> None:
    person = await signed_in(house, "Edda")
    frame = await embedded(house, person)
    phone = await sign_in(house, await house.newcomer(), await account_of(house, person))
    assert "only here now" in await follow(person, await person.submit(LIST, act="others"))
    assert [await who(each) for each in (person, frame, phone)] == ["Edda", None, None]


async def test_ending_all(house: House) -> None:
    person = await signed_in(house, "Edda")
    phone = await sign_in(house, await house.newcomer(), await account_of(house, person))
    other = await signed_in(house, "Ravi")
    assert (await person.submit(LIST, act="everywhere")).status_code == 303
    assert [await who(each) for each in (person, phone, other)] == [None, None, "Ravi"]


async def test_looking_ends_nothing(house: House) -> None:
    person = await signed_in(house, "Edda")
    session = rows_of((await person.get(LIST)).text)[0][0]
    for query in (f"?session={session}", "?act=everywhere", "?act=others"):
        assert (await person.get(f"{LIST}{query}")).status_code == 200
    assert (await person.get(SESSION)).status_code == 405
    assert await kinds(house) == ["main"]


async def test_times_are_those_of_the_chosen_zone(house: House) -> None:
    edda = await signed_in(house)
    assert "12:00" in (page := (await edda.get("/settings/sessions")).text)
    assert "UTC" in page
    chosen = {"act": "looks", "locale": "", "time_zone": "Asia/Kathmandu", "theme": "auto"}
    assert (await edda.submit("/settings", **chosen)).status_code == 303
    page = (await edda.get("/settings/sessions")).text
    assert "5:45" in page
    assert "UTC" not in page
    assert 'datetime="2026-03-01T12:00:00Z"' in page
