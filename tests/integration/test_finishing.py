"""Somebody new has proved who they are and has no name yet: in which browser that counts, and for which ways."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from forum.accounts.tables import account, auth_flow
from tests.support.app import OURS, House, Person, problem
from tests.support.mailing import PostOffice, ask
from tests.support.people import account_of

pytestmark = pytest.mark.anyio


async def arrive(post: PostOffice, person: Person, address: str) -> str:
    """Type the code of a mail; returns the page that asks for a name."""
    handle = await ask(person, address, next="/settings")
    answer = await person.submit("/auth/code", flow=handle, code=await post.code(address))
    location = str(answer.headers["location"])
    assert location.startswith("/auth/finish?flow=")
    return location


def flow_in(location: str) -> str:
    return location.partition("flow=")[2]


async def count(house: House) -> int:
    return len(await house.rows(select(account)))


async def test_two_tabs_of_one_browser_finish_alike(post: PostOffice) -> None:
    person = post.house.author
    first = await arrive(post, person, "one@mail.example")
    second = await arrive(post, person, "two@mail.example")
    for page in (first, second):
        assert (await person.get(page)).status_code == 200
        assert (await post.house.attacker.get(page)).status_code == 404
    assert (await person.submit("/auth/finish", flow=flow_in(first), name="One")).status_code == 303
    assert (await person.get(first)).status_code == 404
    assert (await person.get(second)).status_code == 200
    assert (await person.submit("/auth/finish", flow=flow_in(second), name="Two")).status_code == 303
    assert (await account_of(post.house, person)).email == "two@mail.example"
    assert "__Host-finish" not in person.http.cookies


async def test_a_browser_keeps_no_more_than_two(post: PostOffice) -> None:
    pages = [await arrive(post, post.house.author, f"n{number}@mail.example") for number in range(3)]
    assert [(await post.house.author.get(page)).status_code for page in pages] == [404, 200, 200]


async def test_nobody_finishes_in_another_browser(post: PostOffice) -> None:
    """Not even one that finishes something of its own, or that brings the handle in pieces."""
    house = post.house
    page = await arrive(post, house.author, "ada@mail.example")
    await arrive(post, house.attacker, "eve@mail.example")
    handle = flow_in(page)
    for other in (house.attacker, house.replier):
        assert (await other.submit("/auth/finish", flow=handle, name="Eve")).status_code == 404
    assert (await house.attacker.submit("/auth/finish", flow="", name="Eve")).status_code == 404
    assert await count(house) == 0


async def test_a_way_to_sign_in_leaves_what_was_begun_for_another(post: PostOffice) -> None:
    house = post.house
    handle = await ask(house.author, "ada@mail.example")
    data = {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "AAAA"}
    sent = {"handle": handle, "credential": {"id": "AAAA", "type": "public-key", "response": data}}
    answer = await house.attacker.http.post("/api/v1/auth/passkey", headers=OURS, json=sent)
    assert problem(answer) == (403, "passkey_refused")
    (flow,) = await house.rows(select(auth_flow))
    page = await arrive(post, house.author, "two@mail.example")
    assert (await house.attacker.submit("/auth/code", flow=flow_in(page), code="ABCD-EFGH")).status_code == 422
    assert {row.attempts for row in await house.rows(select(auth_flow))} == {flow.attempts} == {0}
