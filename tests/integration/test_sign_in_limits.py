"""How much mail and how many sign-ins: nobody is flooded, and nobody is kept out by what strangers ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from forum.accounts.service_session import require_account
from forum.accounts.signin.service_mail import TOO_MUCH_MAIL, begin_again, begin_email_change
from forum.accounts.tables import mail
from forum.errors import TooManyRequests
from tests.support.app import House, Person, open_house
from tests.support.mailing import handle_in
from tests.support.people import signed_in, visitor

pytestmark = pytest.mark.anyio

ADA = "ada@mail.example"
NEW = "new@mail.example"


@pytest.fixture
async def limited(engine_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(engine_url, mail_url=f"file:{tmp_path}", rate_limits=True) as opened:
        yield opened


async def letters(house: House, to: str = ADA) -> int:
    """How much mail waits for an address, with or without something after a plus."""
    local, _, host = to.partition("@")
    waiting = [row.address.lower() for row in await house.rows(select(mail.c.address))]
    return sum(address.startswith(local) and address.endswith(host) for address in waiting)


async def ask_from(house: House, network: str, times: int, address: str = ADA) -> set[tuple[int, int, str]]:
    """Ask for mail as somebody new of a network each time; what they were told."""
    said = set()
    for number in range(times):
        stranger = await house.newcomer(network=network)
        local, _, host = address.partition("@")
        answer = await stranger.submit("/auth/email", email=f"{local}+{number}@{host}" if number % 2 else address)
        page = await stranger.get(answer.headers["location"])
        said.add((answer.status_code, page.status_code, page.text.replace(handle_in(answer), "HANDLE")))
    return said


async def flood(house: House, address: str = ADA) -> set[tuple[int, int, str]]:
    """Ask from more networks than an address gets mail for."""
    said: set[tuple[int, int, str]] = set()
    for number in range(5):
        said |= await ask_from(house, f"192.0.2.{number + 1}", 4, address)
    return said


async def test_a_stranger_uses_up_no_more_than_the_share_of_their_network(limited: House) -> None:
    strangers = await ask_from(limited, "192.0.2.1", 8)
    assert await letters(limited) == 3
    themselves = await ask_from(limited, "198.51.100.77", 1)
    assert await letters(limited) == 4
    assert len(strangers | themselves) == 1


async def test_nobody_is_flooded_from_many_networks_and_nobody_hears_of_it(limited: House) -> None:
    assert len(await flood(limited)) == 1
    assert await letters(limited) == 12
    await ask_from(limited, "192.0.2.9", 1, "eve@mail.example")
    assert await letters(limited, "eve@mail.example") == 1


async def test_who_is_signed_in_gets_their_mail_whatever_strangers_ask_for(limited: House) -> None:
    person = await signed_in(limited, "Ada", email=ADA)
    await flood(limited)
    await flood(limited, NEW)
    assert (await person.submit("/auth/again", next="/")).status_code == 303
    assert await letters(limited) == 13
    assert (await person.submit("/settings", act="email", email=NEW)).status_code == 303
    assert await letters(limited, NEW) == 13


async def test_who_is_signed_in_hears_that_nothing_was_sent(limited: House) -> None:
    person = await signed_in(limited, "Ada", email=ADA)
    account, session = await require_account(limited.rt, visitor(limited, person))
    for _ in range(5):
        await begin_again(limited.rt, account, session, next_path="/", locale="")
    for path, fields in (("/auth/again", {"next": "/"}), ("/settings", {"act": "email", "email": NEW})):
        answer = await person.submit(path, **fields)
        assert answer.status_code == 429, path
        assert int(answer.headers["retry-after"]) > 0
        assert TOO_MUCH_MAIL in answer.text
    assert (await letters(limited), await letters(limited, NEW)) == (5, 0)


async def test_many_accounts_do_not_flood_an_address_either(limited: House) -> None:
    refused = 0
    for number in range(4):
        person = await signed_in(limited, f"Somebody {number}")
        account, session = await require_account(limited.rt, visitor(limited, person))
        for _ in range(4):
            try:
                await begin_email_change(limited.rt, account, session, NEW)
            except TooManyRequests:
                refused += 1
    assert (await letters(limited, NEW), refused) == (12, 4)


async def test_every_address_that_sends_mail_is_limited(limited: House) -> None:
    person = await signed_in(limited, "Ada", email=ADA)
    for path, fields in (("/auth/email", {"email": NEW, "next": "/"}), ("/auth/again", {"next": "/"})):
        answers = [await person.submit(path, **fields) for _ in range(6)]
        assert 429 in [answer.status_code for answer in answers], path
        assert int(answers[-1].headers["retry-after"]) > 0
        assert "cross-origin-opener-policy" in answers[-1].headers
        if path == "/auth/email":
            assert f'value="{NEW}"' in answers[-1].text


async def test_a_network_can_not_send_to_everybody(limited: House) -> None:
    statuses = []
    for number in range(32):
        stranger = await limited.newcomer(network="203.0.113.200")
        answer = await stranger.submit("/auth/email", email=f"somebody{number}@mail.example")
        statuses.append(answer.status_code)
    assert statuses.count(303) <= 30
    assert statuses[-1] == 429


async def test_an_office_is_not_one_person(limited: House) -> None:
    """Nobody there has a capability yet: they share a network, and what one person may do is not for all of them."""
    for number in range(8):
        colleague = await limited.newcomer(network="203.0.113.200")
        answer = await colleague.submit("/auth/email", email=f"colleague{number}@office.example")
        assert answer.status_code == 303
    colleague = await limited.newcomer(network="203.0.113.200")
    assert await tried(colleague, 31) == {422}


async def tried(person: Person, times: int) -> set[int]:
    return {(await person.submit("/auth/code", flow="x", code="y")).status_code for _ in range(times)}


async def test_guessing_codes_is_limited(limited: House) -> None:
    guest = await limited.newcomer()
    await guest.post("Now I can be told from others.")
    assert await tried(guest, 30) == {422}
    assert await tried(guest, 1) == {429}
    assert (await guest.submit("/auth/finish", flow="x", name="y")).status_code == 429
    assert (await guest.submit("/auth/sign-out", lang="en")).status_code == 429


async def test_a_network_can_not_guess_forever(limited: House) -> None:
    stranger = await limited.newcomer()
    assert await tried(stranger, 301) == {422, 429}
