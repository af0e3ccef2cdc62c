"""Proving oneself once more by a sign-in elsewhere: where that says that it was made now, or there is nothing else.

And what nobody can make endless: sign-ins of one account, and questions to a provider that does not answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from forum.accounts.model import FRESH, Identity, Passkey
from forum.accounts.providers.client import RETRY_SECONDS
from forum.accounts.providers.service_connection import connections
from forum.accounts.providers.trips import Details, ProviderKind
from forum.accounts.queries_identity import PROVIDER, insert_identity
from forum.accounts.queries_passkey import insert_passkey
from forum.accounts.service_ways import MOST_IDENTITIES
from forum.accounts.tables import identity, session
from tests.support.app import House, Person, open_house
from tests.support.fake_identity import DISCOVERY, FakeIdentity, Said, fake_identity, sign
from tests.support.identity import add_provider
from tests.support.people import account_of, an_account, sign_in

pytestmark = pytest.mark.anyio

DATED, PLAIN = "/auth/provider/example", "/auth/provider/plain"
AGAIN = {"purpose": "again", "next": "/settings/data"}


@pytest.fixture
async def fake() -> AsyncIterator[FakeIdentity]:
    async with fake_identity() as provider:
        yield provider


@pytest.fixture
async def here(sqlite_url: str, tmp_path: Path, fake: FakeIdentity) -> AsyncIterator[House]:
    """An installation with a provider that can say when somebody signed in there, and one that can't."""
    details = Details(f"{fake.issuer}/go", f"{fake.issuer}/token", f"{fake.issuer}/me", "id", "name", "")
    fake.says["/me"] = Said({"id": "edda", "name": "Edda"})
    async with open_house(sqlite_url, egress_local=True, mail_url=f"file:{tmp_path}") as house:
        await add_provider(house.rt, fake.issuer)
        await add_provider(house.rt, f"{fake.issuer}/me", "plain", kind=ProviderKind.OAUTH2, details=details)
        yield house


async def somebody(house: House, *issuers: str, email: str | None = None) -> Person:
    """Who signed in a while ago, and can do so with these providers."""
    now, account = house.clock.now(), await an_account(house, "Edda", email=email)
    for issuer in issuers:
        subject = "ada" if issuer == "example" else "edda"
        new = Identity(PROVIDER, issuer, subject, account.id, "Edda", now, now)
        await house.rt.db.write(partial(insert_identity, new=new))
    return await sign_in(house, await house.newcomer("Edda"), account, fresh=False)


async def there_and_back(house: House, fake: FakeIdentity, person: Person, path: str, **claims: Any) -> httpx.Response:
    """Prove oneself again with a provider whose token claims this."""
    start = await person.get(path, params=AGAIN)
    if start.status_code != 303 or fake.issuer not in start.headers["location"]:
        return start
    asked = {name: values[0] for name, values in parse_qs(urlsplit(start.headers["location"]).query).items()}
    fake.tokens["id_token"] = sign(fake.claims(asked.get("nonce", ""), house.clock.now(), **claims))
    return await person.get(f"{path}/callback", params={"code": "c", "state": asked["state"]})


async def is_fresh(house: House) -> bool:
    (row,) = await house.rows(select(session))
    return bool(row.fresh_at > house.clock.now() - FRESH)


async def test_a_token_that_says_when_counts(here: House, fake: FakeIdentity) -> None:
    edda = await somebody(here, "example")
    now = int(here.clock.now().timestamp())
    answer = await there_and_back(here, fake, edda, DATED, auth_time=now)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/data")
    assert await is_fresh(here)


@pytest.mark.parametrize("ago", [None, 3600])
async def test_one_that_does_not_say_or_says_long_ago_does_not(
    here: House, fake: FakeIdentity, ago: int | None
) -> None:
    edda = await somebody(here, "example")
    when = {} if ago is None else {"auth_time": int(here.clock.now().timestamp()) - ago}
    answer = await there_and_back(here, fake, edda, DATED, **when)
    assert answer.status_code == 502
    assert "did not say that you signed in there just now" in answer.text
    assert not await is_fresh(here)
    # To sign in it is enough.
    start = await here.author.get(DATED)
    asked = parse_qs(urlsplit(start.headers["location"]).query)
    fake.tokens["id_token"] = sign(fake.claims(asked["nonce"][0], here.clock.now()))
    back = await here.author.get(f"{DATED}/callback", params={"code": "c", "state": asked["state"][0]})
    assert back.status_code == 303


async def test_plain_oauth2_counts_where_there_is_nothing_better(here: House, fake: FakeIdentity) -> None:
    edda = await somebody(here, "plain")
    assert PLAIN in (await edda.get("/auth/again")).text
    answer = await there_and_back(here, fake, edda, PLAIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/data")
    assert await is_fresh(here)


@pytest.mark.parametrize("better", ["mail", "passkey", "provider"])
async def test_and_not_where_there_is(here: House, fake: FakeIdentity, better: str) -> None:
    issuers = ("plain", "example") if better == "provider" else ("plain",)
    edda = await somebody(here, *issuers, email="edda@mail.example" if better == "mail" else None)
    account = await account_of(here, edda)
    if better == "passkey":
        key = Passkey("eA", account.id, "a2V5", 0, "Key", "usb", False, here.clock.now(), None)
        await here.rt.db.write(lambda tx: insert_passkey(tx, key))
    offered = (await edda.get("/auth/again")).text
    assert PLAIN not in offered
    assert (DATED in offered) is (better == "provider")
    answer = await there_and_back(here, fake, edda, PLAIN)
    assert answer.status_code == 403
    assert "another of your ways" in answer.text
    assert not await is_fresh(here)


async def test_what_one_began_counts_for_no_other(here: House, fake: FakeIdentity) -> None:
    """The way is open to who has nothing better; whoever comes back has to be the same."""
    edda = await somebody(here, "plain")
    start = await edda.get(PLAIN, params=AGAIN)
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    await sign_in(here, edda, await an_account(here, "Otto", email="otto@mail.example"), fresh=False)
    answer = await edda.get(f"{PLAIN}/callback", params={"code": "c", "state": state})
    assert answer.status_code == 400
    assert fake.asked_for("/token") == []


async def test_an_account_connects_so_many_and_no_more(here: House, fake: FakeIdentity) -> None:
    edda = await somebody(here)
    account, now = await account_of(here, edda), here.clock.now()
    await sign_in(here, edda, account)

    async def connect() -> httpx.Response:
        href = next(
            v.connect_href for v in await connections(here.rt, account) if v.connect_href and v.name == "Example"
        )
        start = await edda.get(href)
        asked = parse_qs(urlsplit(start.headers["location"]).query)
        fake.tokens["id_token"] = sign(fake.claims(asked["nonce"][0], now))
        return await edda.get(f"{DATED}/callback", params={"code": "c", "state": asked["state"][0]})

    for number in range(MOST_IDENTITIES):
        new = Identity(PROVIDER, f"p{number}", "edda", account.id, "Edda", now, now)
        await here.rt.db.write(partial(insert_identity, new=new))
    refused = await connect()
    assert refused.status_code == 409
    assert "as many sign-ins elsewhere as it can have" in refused.text
    await edda.submit("/settings/sign-in/disconnect", kind=PROVIDER, issuer="p0", subject="edda")
    assert (await connect()).status_code == 303
    assert await here.rows(select(func.count()).select_from(identity)) == [(MOST_IDENTITIES,)]


@pytest.mark.parametrize("said", [Said(status="503 Down"), Said(b"no json"), Said({"issuer": "https://evil.example"})])
async def test_a_provider_that_does_not_answer_is_left_alone_for_a_while(
    here: House, fake: FakeIdentity, said: Said
) -> None:
    fake.says[DISCOVERY] = said
    for _ in range(3):
        assert (await here.author.get(DATED)).status_code == 502
    assert len(fake.asked_for(DISCOVERY)) == 1
    del fake.says[DISCOVERY]
    if said.status == "200 OK" and isinstance(said.body, dict):
        return  # it did answer: that is kept as any answer is
    here.clock.advance(timedelta(seconds=RETRY_SECONDS))
    assert (await here.author.get(DATED)).status_code == 303
    assert (await here.author.get(DATED)).status_code == 303
    assert len(fake.asked_for(DISCOVERY)) == 2
