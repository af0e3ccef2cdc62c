"""The page of the ways to sign in: what there is, what can be done about it, and that the last way stays."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest

from forum.accounts.model import Identity
from forum.accounts.passkeys.service_passkey import MOST_NAME, add_passkey, ask_for_new, list_passkeys
from forum.accounts.queries_identity import PROVIDER, SSO, insert_identity
from forum.accounts.service_session import require_account
from tests.support.app import PUBLIC_URL, House, Person, open_house
from tests.support.authenticator import Browser
from tests.support.people import account_of, sign_in, signed_in, visitor

pytestmark = pytest.mark.anyio
PAGE: Final = "/settings/sign-in"


async def add(house: House, person: Person, name: str = "Laptop") -> str:
    """A passkey for somebody; returns the path of its forms."""
    account, session = await require_account(house.rt, visitor(house, person))
    asked = await ask_for_new(house.rt, account, session)
    credential = {**(made := Browser(PUBLIC_URL).make(dict(asked.options))), "rawId": made["id"]}
    passkey = await add_passkey(house.rt, session, asked.handle, credential, name=name)
    return f"/settings/passkeys/{passkey.id}"


async def names(house: House, person: Person) -> list[str]:
    return sorted(passkey.name for passkey in await list_passkeys(house.rt, await account_of(house, person)))


async def connect(house: House, person: Person, kind: str) -> None:
    account = await account_of(house, person)
    new = Identity(kind, str(house.site.id), f"sub-{account.id}", account.id, "", house.clock.now(), None)
    await house.rt.db.write(lambda tx: insert_identity(tx, new))


async def test_it_is_for_who_is_signed_in(house: House) -> None:
    stranger = await house.newcomer()
    edda = await signed_in(house)
    path = await add(house, edda)
    requests = (stranger.get(PAGE), stranger.submit(f"{path}/rename", name="Mine"), stranger.submit(f"{path}/remove"))
    for request in requests:
        answer = await request
        assert (answer.status_code, answer.headers["location"]) == (303, "/auth?next=/settings/sign-in")
    assert await names(house, edda) == ["Laptop"]


async def test_it_lists_and_renames(house: House) -> None:
    edda = await signed_in(house, fresh=False)
    page = await edda.get(PAGE)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-store"
    assert "You have none yet." in page.text
    path = await add(house, edda, "<b>Laptop</b>")
    assert "&lt;b&gt;Laptop&lt;/b&gt;" in (await edda.get(PAGE)).text
    saved = await edda.submit(f"{path}/rename", name="  My   phone ")
    assert (saved.status_code, saved.headers["location"]) == (303, f"{PAGE}?done=renamed")
    assert "The new name is saved." in (await edda.get(saved.headers["location"])).text
    assert await names(house, edda) == ["My phone"]


@pytest.mark.parametrize("name", ["", "  ", "x" * (MOST_NAME + 1), "\u200b"])
async def test_a_name_can_be_seen_and_is_short(house: House, name: str) -> None:
    edda = await signed_in(house)
    path = await add(house, edda)
    answer = await edda.submit(f"{path}/rename", name=name)
    assert answer.status_code == 422
    assert "Please give the passkey a name of 1 to 60 characters." in answer.text
    assert await names(house, edda) == ["Laptop"]


async def test_removing_needs_a_fresh_sign_in(house: House) -> None:
    edda = await signed_in(house, email="edda@mail.example", fresh=False)
    first, second = await add(house, edda, "One"), await add(house, edda, "Two")
    stale = await edda.submit(f"{first}/remove")
    assert (stale.status_code, stale.headers["location"]) == (303, "/auth/again?next=/settings/sign-in")
    assert "Sign in once more to add a passkey" in (await edda.get(PAGE)).text
    assert await names(house, edda) == ["One", "Two"]
    await sign_in(house, edda, await account_of(house, edda))
    assert "data-add-passkey" in (await edda.get(PAGE)).text
    gone = await edda.submit(f"{second}/remove")
    assert gone.headers["location"] == f"{PAGE}?done=removed"
    assert await names(house, edda) == ["One"]
    assert (await edda.submit(f"{second}/remove")).status_code == 404
    assert (await edda.submit(f"{second}/rename", name="Two")).status_code == 404


async def test_the_last_way_to_sign_in_stays(house: House) -> None:
    # This server sends no mail, and what a publisher vouches for opens its own site's frames alone.
    edda = await signed_in(house, email="edda@mail.example")
    await connect(house, edda, SSO)
    first, second = await add(house, edda, "One"), await add(house, edda, "Two")
    assert (await edda.submit(f"{first}/remove")).status_code == 303
    refused = await edda.submit(f"{second}/remove")
    assert refused.status_code == 409
    assert "This is the only way you can sign in, so it stays." in refused.text
    assert await names(house, edda) == ["Two"]
    assert "<h2>Mail</h2>" not in refused.text
    await connect(house, edda, PROVIDER)
    assert "<h2>Elsewhere</h2>" in (await edda.get(PAGE)).text
    assert (await edda.submit(f"{second}/remove")).status_code == 303
    assert await names(house, edda) == []


async def test_of_the_last_two_ways_one_stays(house: House) -> None:
    edda = await signed_in(house)
    paths = [await add(house, edda, name) for name in ("One", "Two")]
    answers = await asyncio.gather(*(edda.submit(f"{path}/remove") for path in paths))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert len(await names(house, edda)) == 1


async def test_mail_is_a_way_where_it_is_sent_to_a_verified_address(engine_url: str, tmp_path: Path) -> None:
    async with open_house(engine_url, mail_url=f"file:{tmp_path}") as house:
        for email, status, sentence in (
            ("edda@mail.example", 303, "edda@mail.example"),
            (None, 409, "Mail does not let you in"),
        ):
            edda = await signed_in(house, f"Edda {status}", email=email)
            path = await add(house, edda)
            assert sentence in (await edda.get(PAGE)).text
            assert (await edda.submit(f"{path}/remove")).status_code == status
