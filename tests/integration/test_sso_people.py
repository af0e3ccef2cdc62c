"""Publishers sign their readers in: whom a token names, how they are called, and which roles it can give."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert, select

from forum.accounts import queries, tables
from forum.accounts.model import Account, Role, State
from forum.db import Prepared, Tx
from tests.support.app import START, House, open_house, problem
from tests.support.people import an_account
from tests.support.publisher import a_publisher, reason

pytestmark = pytest.mark.anyio

NOW = int(START.timestamp())
_IDENTITY = Prepared(insert(tables.identity))


async def accounts(house: House) -> list[str]:
    return [row.name for row in await house.rows(select(tables.account.c.name).order_by(tables.account.c.id))]


async def account_named(house: House, name: str) -> Account:
    (found,) = [a for a in await house.rt.db.write(queries.list_accounts) if a.name == name]
    return found


async def roles(house: House, name: str) -> dict[int, Role]:
    account = await account_named(house, name)
    return await house.rt.db.write(lambda tx: queries.list_roles(tx, account.id))


async def test_an_email_in_a_token_is_nobodys(house: House) -> None:
    """A publisher could write anybody's address; no account is found by it and none gets it."""
    await an_account(house, "Ada Lovelace", email="ada@mail.example", owner=True)
    publisher = await a_publisher(house)
    token = publisher.token(email="ada@mail.example", email_verified=True, name="Ada Lovelace")
    answer = await publisher.enter(house.attacker, token)
    assert answer.json()["account"]["name"] == "Ada Lovelace 2"
    found = await account_named(house, "Ada Lovelace 2")
    assert (found.email, found.email_key, found.email_verified_at, found.is_owner) == (None, None, None, False)


async def test_a_subject_is_no_provider_s(house: House) -> None:
    """The same subject at an identity provider whose key looks like the site's id is somebody else."""
    ada = await an_account(house, "Ada")

    async def work(tx: Tx) -> None:
        values = {"kind": "provider", "issuer": str(house.site.id), "subject": "reader-7", "account_id": ada.id}
        await tx.execute(_IDENTITY, {**values, "label": "", "created_at": START, "used_at": None})

    await house.rt.db.write(work)
    publisher = await a_publisher(house)
    assert (await publisher.enter(house.author)).json()["account"]["id"] != str(ada.id)


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("Ada", "Ada 2"),
        ("ADA", "ADA 2"),
        ("\u0410da", "\u0410da 2"),  # a Cyrillic letter
        ("A\u200bda", "Ada 2"),
        ("  Grace   Hopper ", "Grace Hopper"),
        ("admin", "Viewer"),
        ("Site Moderator", "Viewer"),
        ("x/../y", "Viewer"),
        ("\u202eevil", "evil"),
        ("<b>Bold</b>", "Viewer"),
    ],
)
async def test_names_are_made_fit(sqlite_url: str, wanted: str, given: str) -> None:
    async with open_house(sqlite_url) as house:
        await an_account(house, "Ada")
        publisher = await a_publisher(house)
        answer = await publisher.enter(house.author, publisher.token(name=wanted))
        assert answer.status_code == 200
        assert answer.json()["account"]["name"] == given


async def test_newcomers_of_one_name_at_once(house: House) -> None:
    publisher = await a_publisher(house)
    tokens = [publisher.token(sub=f"reader-{number}") for number in range(4)]
    browsers = [await house.newcomer() for _ in tokens]
    answers = await asyncio.gather(
        *(publisher.enter(browser, token) for browser, token in zip(browsers, tokens, strict=True))
    )
    assert sorted(answer.json()["account"]["name"] for answer in answers) == ["Edda", "Edda 2", "Edda 3", "Edda 4"]


async def test_one_newcomer_twice_at_once_is_one_person(house: House) -> None:
    publisher = await a_publisher(house)
    browsers = [await house.newcomer() for _ in range(4)]
    answers = await asyncio.gather(*(publisher.enter(browser) for browser in browsers))
    assert len({answer.json()["account"]["id"] for answer in answers}) == 1
    assert await accounts(house) == ["Edda"]


async def test_another_name_in_a_later_token_renames_nobody(house: House) -> None:
    publisher = await a_publisher(house)
    await publisher.enter(house.author)
    answer = await publisher.enter(house.author, publisher.token(name="Somebody Else"))
    assert answer.json()["account"]["name"] == "Edda"


async def test_a_disabled_account_stays_outside(house: House) -> None:
    publisher = await a_publisher(house)
    await publisher.enter(house.author)
    account = await account_named(house, "Edda")
    for state in (State.DISABLED, State.ERASING):
        changed = account._replace(state=state)

        async def work(tx: Tx, changed: Account = changed) -> None:
            await queries.update_account(tx, changed)

        await house.rt.db.write(work)
        assert problem(await publisher.enter(await house.newcomer())) == (403, "account_disabled")
        assert (await house.author.read("/api/v1/me?site=newsroom"))["account"] is None


# Roles.


async def test_roles_up_to_what_the_key_may_grant(house: House) -> None:
    publisher = await a_publisher(house, sso_role="moderator")
    for role in ("trusted", "moderator", "reader"):
        answer = await publisher.enter(house.author, publisher.token(role=role))
        assert answer.json()["account"]["role"] == role
        expected = {} if role == "reader" else {house.site.id: Role(role)}
        assert await roles(house, "Edda") == expected
    refused: tuple[object, ...] = ("editor", "admin", "owner", "MODERATOR", "", 1, ["moderator"], {})
    for wrong in refused:
        assert reason(await publisher.enter(house.author, publisher.token(role=wrong))) == "role_not_allowed"
    assert await roles(house, "Edda") == {}
    assert not (await account_named(house, "Edda")).is_owner


async def test_a_token_without_a_role_takes_none_away(house: House) -> None:
    publisher = await a_publisher(house, sso_role="trusted")
    await publisher.enter(house.author, publisher.token(role="trusted"))
    assert (await publisher.enter(house.author)).json()["account"]["role"] == "trusted"


async def test_a_token_does_not_reach_whom_an_operator_put_above(house: House) -> None:
    publisher = await a_publisher(house, sso_role="trusted")
    await publisher.enter(house.author)
    account = await account_named(house, "Edda")
    where, who = house.site.id, account.id
    await house.rt.db.write(lambda tx: queries.set_role(tx, site_id=where, account_id=who, role=Role.ADMIN, now=START))
    answer = await publisher.enter(house.author, publisher.token(role="reader"))
    assert answer.json()["account"]["role"] == "admin"
    assert await roles(house, "Edda") == {house.site.id: Role.ADMIN}


async def test_a_role_counts_on_its_own_site_alone(house: House) -> None:
    publisher = await a_publisher(house, sso_role="admin")
    await publisher.enter(house.author, publisher.token(role="admin"))
    other, _ = await house.add_site("other", origins=("https://other.example",))
    assert await roles(house, "Edda") == {house.site.id: Role.ADMIN}
    assert (await house.author.read("/api/v1/me?site=other"))["account"] is None
    assert other.id not in await roles(house, "Edda")
